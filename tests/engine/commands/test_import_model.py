"""``import``: the model file gives the logits of the script that saved the weights, and runs no code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import segmentation_models_pytorch as smp
import torch
from torch import nn

from engine.commands.import_model import import_model
from engine.commands.info import info
from engine.contract.errors import JobError
from engine.contract.file_identity import file_hash
from engine.contract.file_jobs import ImportJob, InfoJob
from engine.contract.protocol import Warned
from engine.models.model_file import load_model
from tests.engine.foreign_classes import foreign_class

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def plain(kind: str = "Unet", encoder: str = "resnet18", bands: int = 3, classes: int = 1) -> Any:
    """A network as a script makes it, its batch norms as if trained."""
    torch.manual_seed(5)
    model = smp.create_model(kind, encoder, None, bands, classes).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
    return model


@pytest.fixture
def job(tmp_path) -> Any:
    """``job(weights, **changes)``: the import of what is saved as the weights."""

    def make(weights: Any, **changes: Any) -> ImportJob:
        path = tmp_path / "weights.ckpt"
        torch.save(weights, path)
        fields: dict[str, Any] = {
            "weights": str(path),
            "architecture": "smp:Unet:resnet18",
            "class_names": ("0=ground", "1=building=#ff0000"),
            "normalisation": "imagenet",
            "tile_size": 64,
            "output": str(tmp_path / "out" / "model.safetensors"),
        }
        return ImportJob(**{**fields, **changes})

    return make


def lightning(state: Any, prefix: str, settings: type) -> Any:
    """A checkpoint as Lightning writes it: the network in an attribute, the weights of the loss, what training needs."""
    names = {f"{prefix}{name}": value for name, value in state.items()}
    optimizer = {"state": {0: {"exp_avg": torch.zeros(3), "step": torch.tensor(5.0)}}}
    callback = {"best_model_score": torch.tensor(0.7), "best_model_path": "best.ckpt"}
    return {
        "epoch": 3,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": {
            **names,
            "criterion.weight": torch.ones(2),
            "val_metrics.total": torch.ones(1),
        },
        "optimizer_states": [{**optimizer, "param_groups": [{"lr": 1e-3, "params": [0]}]}],
        "lr_schedulers": [{"best": np.float64(0.7)}],
        "callbacks": {"ModelCheckpoint{'monitor': 'val_loss'}": callback},
        "hyper_parameters": settings(lr=1e-3, class_weights=torch.ones(2), root=Path("data")),
    }


WRAPPINGS: dict[str, Callable[[Any, type], Any]] = {
    "none": lambda state, _: state,
    "state_dict": lambda state, _: {"state_dict": state, "epoch": 7},
    "model_state_dict": lambda state, _: {"model_state_dict": state, "epoch": 7},
    "parallel": lambda state, _: {f"module.{name}": value for name, value in state.items()},
    "torchgeo": lambda state, settings: lightning(state, "model.", settings),
    "terratorch": lambda state, settings: lightning(state, "model.smp_model.", settings),
    "net": lambda state, settings: lightning(state, "net._orig_mod.", settings),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_the_logits_are_the_script_s(wrapping, job, events) -> None:
    model = plain()
    with foreign_class("lightning.fabric.utilities.data.AttributeDict", dict) as settings:
        asked = job(WRAPPINGS[wrapping](model.state_dict(), settings))
    import_model(asked, events)
    assert not events.of(Warned)
    imported, card = load_model(asked.output)
    pixels = torch.randint(0, 256, (2, 3, 64, 64)).float()
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    with torch.no_grad():
        expected = model((pixels / 255 - mean) / std)
        assert torch.allclose(imported(pixels)["logits"], expected, atol=1e-4)
    assert expected.std() > 0.01
    assert (card.logits, card.tile_size, card.threshold) == (1, 64, 0.5)
    assert [(c.value, c.name) for c in card.classes] == [(0, "ground"), (1, "building")]
    assert card.classes[1].colour == "#ff0000"
    assert card.image.bands == 3 and card.image.dtype == "uint8" and not card.auxiliary.bands
    assert card.image.low == (0.0,) * 3 and card.image.high == (255.0,) * 3
    assert card.image.pixel_size == () and card.image.ground == 0
    assert card.provenance["imported"] == "weights.ckpt"
    assert card.provenance["imported_sha256"] == file_hash(asked.weights)
    assert "imported from weights.ckpt" in info(InfoJob(asked.output), events).message


def test_other_bands_classes_and_values(job, events) -> None:
    model = plain("FPN", bands=4, classes=3)
    asked = job(
        model.state_dict(),
        architecture="smp:FPN:resnet18",
        class_names=("7=c", "0=a", "2=b"),
        normalisation="",
        mean=(0.1, 0.2, 0.3, 0.4),
        std=(0.2, 0.2, 0.1, 0.1),
        maximum=10000.0,
        pixel_size=0.5,
    )
    done = import_model(asked, events)
    assert (done.outputs["bands"], done.outputs["logits"]) == (4, 3)
    imported, card = load_model(asked.output)
    pixels = torch.rand(1, 4, 64, 64) * 8000
    mean, std = (torch.tensor(values)[:, None, None] for values in (asked.mean, asked.std))
    with torch.no_grad():
        expected = model((pixels / 10000 - mean) / std)
        assert torch.allclose(imported(pixels)["logits"], expected, atol=1e-4)
    assert [c.value for c in card.classes] == [0, 2, 7]
    assert card.image.dtype == "float32" and card.image.high == (10000.0,) * 4
    assert card.image.pixel_size == (0.5, 0.5) and card.image.ground == 0.5


def test_presets_bring_their_threshold_and_old_names(job, events) -> None:
    """Older versions of the library saved this encoder without the prefix ``model``."""
    state = plain("DeepLabV3Plus", "timm-mobilenetv3_large_100").state_dict()
    old = {name.replace("encoder.model.", "encoder."): value for name, value in state.items()}
    asked = job(old, architecture="deeplabv3plus-mobilenetv3")
    import_model(asked, events)
    imported, card = load_model(asked.output)
    assert card.threshold == 0.35
    assert all(torch.equal(value, state[n]) for n, value in imported.network.state_dict().items())
    assert "building from a probability of 0.35 on" in info(InfoJob(asked.output), events).message
    import_model(job(old, architecture="deeplabv3plus-mobilenetv3", threshold=0.6), events)
    assert load_model(asked.output)[1].threshold == 0.6


def test_what_is_beside_the_network_is_left_out_and_told(job, events) -> None:
    state = {f"net.{name}": value for name, value in plain().state_dict().items()}
    beside = {"scale.weight": torch.ones(1), "loss_fn.weight": torch.ones(2)}
    import_model(job({"state_dict": {**state, **beside}}), events)
    (warned,) = events.of(Warned)
    assert "left out: scale.weight." in warned.message
    both = {**state, **{name.replace("net", "ema"): value for name, value in state.items()}}
    with pytest.raises(JobError, match=r"hold several networks \(ema\., net\.\)"):
        import_model(job({"state_dict": both}), events)


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def test_code_in_a_pickle_is_refused_and_not_run(job, events, tmp_path) -> None:
    for weights in ({"a": Malicious(tmp_path / "ran")}, plain()):
        asked = job(weights)
        with pytest.raises(JobError, match="none of it was run: save only the weights, with"):
            import_model(asked, events)
        assert not (tmp_path / "ran").exists() and not Path(asked.output).parent.exists()
    torch.load(job({"a": Malicious(tmp_path / "ran")}).weights, weights_only=False)
    assert (tmp_path / "ran").exists(), "the trap works"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"normalisation": "unit"}, "must be automatic, imagenet, given or none, not unit"),
        ({"maximum": 0.0}, "maximum must be a number above 0, not 0"),
        ({"threshold": 1.5}, "threshold must be a number above 0 and below 1 .*, not 1.5"),
    ],
)
def test_impossible_options_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(JobError, match=words):
        ImportJob(**changes)


def test_what_does_not_fit_is_named(job, events, tmp_path) -> None:
    state = plain().state_dict()

    def refuse(words: str, saved: Any = state, **changes: Any) -> None:
        asked = job(saved, **changes)
        with pytest.raises(JobError, match=words):
            import_model(asked, events)
        assert not Path(asked.output).exists() and not (tmp_path / "out").exists()

    less = {n: v for n, v in state.items() if n not in ("encoder.bn1.bias", "encoder.bn1.weight")}
    both = r"2 missing: encoder\.bn1\.weight, encoder\.bn1\.bias; 1 unexpected: extra\)"
    refuse(both, less | {"extra": torch.zeros(1)})
    refuse("missing: encoder.conv1.weight, encoder.bn1", {"a": torch.zeros(1)})
    refuse("of Unet with the encoder resnet34 .*missing", architecture="smp:Unet:resnet34")
    wide = {**state, "encoder.bn1.bias": torch.zeros(3)}
    refuse(r"bn1\.bias has the shape \(3,\) instead of \(64,\)", wide)
    refuse("holds no state dict", {"state": 3})
    refuse("1 output per pixel, for 2 classes, but class_names has 0 names", class_names=())
    refuse("2 classes, but class_names has 3 names: give 2", class_names=("0=a", "1=b", "2=c"))
    refuse("how pixels were normalised: give the normalisation imagenet", normalisation="")
    refuse("either the normalisation imagenet or mean", mean=(0.1, 0.1, 0.1))
    refuse(
        "3 bands, but mean has 1 value: give one for each band",
        normalisation="",
        mean=(0.1,),
        std=(0.1,),
    )
    four = plain(bands=4).state_dict()
    refuse(r"4 bands, but mean has 3 values in the normalisation imagenet: give mean and std", four)
    refuse("not those of cmx-b0: their names are encoder.conv1.weight", architecture="cmx-b0")
    refuse("do not name their network: give the architecture", architecture="")
    refuse("multiple of 32, not 50", tile_size=50)
    refuse("must end in .safetensors", output=str(tmp_path / "x.pth"))


@pytest.mark.parametrize("name", ["smp:DPT:tu-vit_tiny_patch16_224", "smp:Unet:mit_b0"])
def test_networks_that_are_built_in_their_own_way(name, job, events) -> None:
    """DPT's head has two convolutions; MiT computes while it is built, so has no outline."""
    kind, encoder = name.split(":")[1:]
    model = smp.create_model(kind, encoder, encoder_weights=None, classes=1)
    side = 224 if kind == "DPT" else 64
    asked = job(model.state_dict(), architecture=name, tile_size=side)
    import_model(asked, events)
    imported, card = load_model(asked.output)
    assert card.logits == 1
    pixels = torch.randint(0, 256, (1, 3, side, side)).float()
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    with torch.no_grad():
        expected = model.eval()((pixels / 255 - mean) / std)
        found = imported(pixels)["logits"]
        # Sums over many tokens: rounding grows with the logits, of which random weights make tens.
        assert (found - expected).abs().max() < 1e-3 * expected.abs().max()
    assert info(InfoJob(asked.output), events).outputs["parameters"] > 1e6


def test_a_threshold_is_for_two_classes(job, events) -> None:
    names = ("0=ground", "1=building", "2=road")
    model = smp.Unet("resnet18", encoder_weights=None, classes=3)
    with pytest.raises(JobError, match="this network has 3, and the most probable wins"):
        import_model(job(model.state_dict(), class_names=names, threshold=0.3), events)
    asked = job(model.state_dict(), class_names=names)
    import_model(asked, events)
    assert "probability" not in info(InfoJob(asked.output), events).message
