"""Encoders of timm as pyramids: the same features as timm's own, any bands, stage by stage."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch

from engine.contract.errors import JobError
from engine.models.cmx import CMX
from engine.models.dualstream import DualStreamDFormer
from engine.models.image_encoders import build_encoder
from engine.models.imagenet_weights import read_encoder_weights
from engine.models.stems import adapt_stem
from engine.models.timm_pyramid import TimmPyramid

LITE = "tf_efficientnet_lite0"

#: Small members of the families that the dialogs offer.
FAMILIES = [
    LITE,
    "convnext_atto",
    "swin_s3_tiny_224",
    "pvt_v2_b0",
    "mobilenetv4_conv_small",
    "resnet18",
    "mobilenetv3_small_050",
]


@pytest.mark.parametrize("name", FAMILIES)
def test_features_are_timm_s_own(name: str) -> None:
    torch.manual_seed(1)
    whole = timm.create_model(name)
    sizes = {"strict_img_size": False} if name.startswith("swin") else {}
    theirs = timm.create_model(name, features_only=True, **sizes)
    ours = TimmPyramid(name, 3, whole.state_dict())
    TimmPyramid(name, 3)  # without weights
    renamed = {key.split(".", 1)[1]: value for key, value in ours.stages.state_dict().items()}
    theirs.load_state_dict(
        {
            key: next(v for k, v in renamed.items() if k == key or k.replace("_", ".", 1) == key)
            for key in theirs.state_dict()
            if any(k == key or k.replace("_", ".", 1) == key for k in renamed)
        },
        strict=False,
    )
    x = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        wanted = [
            f if f.shape[1] == channels else f.permute(0, 3, 1, 2)
            for f, channels in zip(theirs.eval()(x)[-4:], ours.channels, strict=True)
        ]
        found = ours.eval()(x)
    assert [tuple(f.shape[-2:]) for f in found] == [(16, 24), (8, 12), (4, 6), (2, 3)]
    for feature, own in zip(wanted, found, strict=True):
        assert torch.allclose(feature, own, atol=1e-5)


def test_the_stem_is_adapted_to_the_bands() -> None:
    weights = read_encoder_weights(LITE)
    stem = weights["conv_stem.weight"]
    for bands in (1, 3, 5):
        own = TimmPyramid(LITE, bands, weights).stages.state_dict()["0.conv_stem.weight"]
        assert torch.equal(own, adapt_stem(stem, bands))


@pytest.mark.parametrize("encoder", [LITE, "pvt_v2_b0", "swin_s3_tiny_224"])
@pytest.mark.parametrize("network", [DualStreamDFormer, CMX])
def test_two_streams_meet_after_every_stage(network: type, encoder: str) -> None:
    model = network(encoder, 4, 2, 3)
    image, auxiliary = torch.randn(2, 4, 64, 64), torch.randn(2, 2, 16, 16)
    logits = model(image, auxiliary)["logits"]
    logits.mean().backward()
    assert logits.shape == (2, 3, 64, 64)
    parts = ("air.", "auxiliary_encoder.")
    assert any(
        p.grad is not None and p.grad.abs().sum() > 0
        for n, p in model.named_parameters()
        if n.startswith(parts)
    )


def test_pretrained_batch_norms_stay_as_they_are_while_frozen() -> None:
    model = DualStreamDFormer(LITE, 3, 0, 1, pretrained="imagenet")
    before = {n: b.clone() for n, b in model.vision.named_buffers()}
    model.freeze_encoders(True)
    model.train()
    model(torch.randn(2, 3, 64, 64))
    assert all(torch.equal(b, before[n]) for n, b in model.vision.named_buffers())
    model.freeze_encoders(False)
    model(torch.randn(2, 3, 64, 64))
    assert not all(torch.equal(b, before[n]) for n, b in model.vision.named_buffers())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("convnext_tyni", "no encoder 'convnext_tyni'.*convnext_tiny"),
        ("vit_tiny_patch16_224", "strides 4, 8, 16 and 32"),
        ("hrnet_w18", "strides 4, 8, 16 and 32"),
        ("../weights", "no encoder"),
        ("hf-hub:somebody/network", "no encoder"),
    ],
)
def test_other_names_are_refused(name: str, words: str) -> None:
    with pytest.raises(JobError, match=words):
        TimmPyramid(name, 3)


def test_a_tile_that_the_encoder_cannot_take_is_refused() -> None:
    with pytest.raises(JobError, match="cannot take tiles of 64 px.*window"):
        TimmPyramid("maxvit_tiny_tf_224", 3).check_tile(64)


def test_weights_from_files_and_folders(tmp_path: Path) -> None:
    whole = timm.create_model("resnet18")
    torch.save(whole.state_dict(), tmp_path / "w.pth")
    own = build_encoder("resnet18", 3, str(tmp_path / "w.pth"))
    assert torch.equal(own.stages[0]["conv1"].weight, whole.conv1.weight)
    wrapped = {f"net.encoder.model.{name}": value for name, value in whole.state_dict().items()}
    torch.save({"state_dict": wrapped}, tmp_path / "w.ckpt")
    own = build_encoder("resnet18", 3, str(tmp_path / "w.ckpt"))
    assert torch.equal(own.stages[0]["conv1"].weight, whole.conv1.weight)
    with pytest.raises(JobError, match="neither imagenet, nor a file"):
        build_encoder("resnet18", 3, "coco")
    with pytest.raises(JobError, match="not those of the encoder resnet34"):
        build_encoder("resnet34", 3, str(tmp_path / "w.pth"))
    with pytest.raises(JobError, match="no file of weights"):
        build_encoder("resnet18", 3, str(tmp_path))
