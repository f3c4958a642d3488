"""Model files: weights and a card that describes them, in one ``.safetensors`` file.

The card is JSON in the file's metadata, readable without this program (ARCHITECTURE.md documents it).
Nothing in a model file is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from .classes import ClassTable, from_records, to_records
from .errors import ModelFileError
from .models import build_model
from .outputs import published
from .paths import check_file
from .protocol import finite

#: The card's format; a file with a higher one is from a newer DualStream. 2 added threshold and ground.
FORMAT = 2

_KEY = "dualstream"


@dataclass(frozen=True)
class ImageCard:
    """The image stream as trained.

    Attributes:
        bands: Number of bands.
        band_names: Their names in the training data.
        dtype: The training pixels' type.
        low: Physical value of each band that becomes 0.
        high: Physical value of each band that becomes 1.
        pixel_size: Pixel width and height in units of ``crs``.
        crs: The training image's coordinate system, or "".
        chosen: Bands that were chosen from the training images, counted from 1; none: all.
        of: Out of how many bands (alpha counted too); 0 in files that do not say.
        ground: Metres of ground along a pixel's side; 0: unknown.
    """

    bands: int
    band_names: tuple[str, ...] = ()
    dtype: str = ""
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    pixel_size: tuple[float, ...] = ()
    crs: str = ""
    chosen: tuple[int, ...] = ()
    of: int = 0
    ground: float = 0.0


@dataclass(frozen=True)
class AuxiliaryCard:
    """The auxiliary stream as trained; no bands in an image-only model.

    Attributes:
        bands: Number of bands.
        tile_size: Side of a tile in auxiliary pixels.
        band_names: Their names in the training data.
        mean: Mean of each band in physical units.
        std: Standard deviation of each band.
        chosen: Bands that were chosen from the stack, counted from 1 through all files; none: all.
        of: Out of how many bands (alpha counted too); 0 in files that do not say.
    """

    bands: int = 0
    tile_size: int = 0
    band_names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    chosen: tuple[int, ...] = ()
    of: int = 0


@dataclass(frozen=True)
class Card:
    """What a model file says of itself.

    Attributes:
        architecture: The network's name.
        encoder: Its vision encoder.
        logits: Logits per pixel: 1 for two classes (sigmoid), else one a class (softmax).
        tile_size: Side of a tile in image pixels; segmenting uses no other.
        image: The image stream.
        auxiliary: The auxiliary stream.
        classes: The class table.
        threshold: Of two classes, the probability from which on a pixel is the second.
        metrics: Validation scores of these weights.
        provenance: Engine version, date, job, training data.
    """

    architecture: str
    encoder: str
    logits: int
    tile_size: int
    image: ImageCard
    auxiliary: AuxiliaryCard
    classes: ClassTable
    threshold: float = 0.5
    metrics: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    def build(self, pretrained: str = "") -> torch.nn.Module:
        """The network of this card, with random weights or a pretrained encoder."""
        return build_model(
            self.architecture,
            encoder=self.encoder,
            bands=self.image.bands,
            auxiliary_bands=self.auxiliary.bands,
            classes=self.logits,
            tile_size=self.tile_size,
            auxiliary_tile_size=self.auxiliary.tile_size,
            pretrained=pretrained,
        )


def logits_for(classes: int) -> int:
    """Logits per pixel that a number of classes needs: two classes need one."""
    return 1 if classes == 2 else classes


def save_model(path: str | Path, model: torch.nn.Module, card: Card) -> None:
    """Writes the model file; it appears whole or not at all."""
    record = {**asdict(card), "format": FORMAT, "classes": to_records(card.classes)}
    weights = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    with published(path) as part:
        # Not save_file: it makes files that only their owner can read.
        part.write_bytes(
            save(weights, metadata={_KEY: json.dumps(finite(record), ensure_ascii=False)})
        )


def read_card(path: str | Path) -> Card:
    """The card of a model file.

    Raises:
        ModelFileError: If the file is missing, is no model file, or is from a newer DualStream.
    """
    return _card(_metadata(path), path)


def load_model(path: str | Path) -> tuple[torch.nn.Module, Card]:
    """The network with its weights, in evaluation mode on the CPU, and its card.

    Raises:
        ModelFileError: As ``read_card``, or if weights are missing or of another shape.
    """
    card = read_card(path)
    model = card.build()
    with safe_open(path, framework="pt") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    try:
        model.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelFileError(
            f"The weights in {path} do not fit its card: it was changed, or written by another version "
            f"of DualStream ({reason})."
        ) from error
    return model.eval(), card


def identity(path: str | Path) -> tuple[str, int, int, int, int]:
    """What tells a file from others and from itself once it was changed: path, size, times, number.

    The time of writing alone does not: copying may keep it, and another file may come in its place.
    """
    status = Path(path).stat()
    times = status.st_mtime_ns, status.st_ctime_ns
    return os.path.abspath(path), status.st_size, *times, status.st_ino


def file_hash(path: str | Path) -> str:
    """The SHA-256 of a file, hexadecimal; computed once for a file that does not change."""
    return _hash(*identity(path))


@lru_cache(maxsize=256)
def _hash(path: str, *_: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _metadata(path: str | Path) -> dict[str, Any]:
    check_file(path, ModelFileError, is_for_gdal=True)
    if not Path(path).is_file():
        raise ModelFileError(f"There is no model file {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            record = json.loads((file.metadata() or {}).get(_KEY, "null"))
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(
            f"{path} is no model file: DualStream's are .safetensors files written by Train DualStream."
        ) from error
    if not isinstance(record, dict):
        raise ModelFileError(
            f"{path} holds weights but no DualStream card: only files written by Train DualStream can "
            "be used."
        )
    return record


def _card(record: dict[str, Any], path: str | Path) -> Card:
    version = record.pop("format", 0)
    if not isinstance(version, int) or version > FORMAT:
        raise ModelFileError(
            f"{path} has card format {version}; this DualStream knows up to {FORMAT}: update the plugin."
        )
    try:
        image = ImageCard(**_tuples(record.pop("image")))
        auxiliary = AuxiliaryCard(**_tuples(record.pop("auxiliary")))
        classes = from_records(record.pop("classes"))
        return Card(image=image, auxiliary=auxiliary, classes=classes, **record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(f"The card of {path} is damaged ({error!r}).") from error


def _tuples(record: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in record.items()}
