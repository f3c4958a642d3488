"""``import`` of CMX: a state dict with the authors' names gives the logits of the papers' formulas."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.commands.import_model import import_model
from engine.contract.errors import JobError
from engine.contract.file_jobs import ImportJob
from engine.foreign.cmx_names import read_cmx
from engine.models.mix_transformer import ENCODERS
from engine.models.model_file import load_model
from tests.engine.official_cmx import Reference, official_names, random_state

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLOUDS = ("0=background", "1=thick cloud", "2=thin cloud", "3=shadow")


def job_for(state: Any, folder: Path, **changes: Any) -> ImportJob:
    path = folder / "cmx_best.pt"
    torch.save(state, path)
    output = str(folder / "out" / "cmx.safetensors")
    fields = {"class_names": CLOUDS, "normalisation": "imagenet", "tile_size": 64}
    return ImportJob(weights=str(path), output=output, **{**fields, **changes})


def pictures(*bands: int) -> list[Tensor]:
    """Noise on fields of 16 px, so that the masks have more than one class."""
    torch.manual_seed(2)
    fields = [F.interpolate(torch.rand(2, count, 4, 6) * 200, scale_factor=16) for count in bands]
    return [(field + torch.rand_like(field) * 55).floor() for field in fields]


def scaled(values: Tensor, mean: Any = MEAN, std: Any = STD) -> Tensor:
    mean, std = (torch.tensor(each)[:, None, None] for each in (mean, std))
    return (values / 255 - mean) / std


def test_a_checkpoint_with_the_authors_names_gives_the_authors_logits(tmp_path, events) -> None:
    """As their script saves it: wrapped, with prefixes, and with scores that are no plain numbers."""
    state, (image, extra) = random_state(), pictures(3, 3)
    with torch.no_grad():  # a bias that leaves no class out
        logits = Reference(state)(scaled(image), scaled(extra))
        state["decode_head.linear_pred.bias"] -= logits.transpose(0, 1).flatten(1).median(1).values
    wrapped = {f"module.{name}": value for name, value in state.items()}
    others = {"mIOU": np.float64(0.7), "IoU": np.zeros(4), "args": Namespace(folder=tmp_path)}
    job = job_for({"model": wrapped, "epoch": 3, **others}, tmp_path)
    done = import_model(job, events)
    assert (done.outputs["bands"], done.outputs["auxiliary_bands"]) == (3, 3)
    model, card = load_model(job.output)
    assert (card.architecture, card.encoder, card.logits) == ("cmx-b0", "mit-b0", 4)
    assert (card.tile_size, card.auxiliary.tile_size, card.auxiliary.bands) == (64, 64, 3)
    assert [entry.name for entry in card.classes] == [text[2:] for text in CLOUDS]
    assert card.auxiliary.mean == pytest.approx([255 * value for value in MEAN])
    with torch.no_grad():
        expected = Reference(state)(scaled(image), scaled(extra))
        found = model(image, extra)["logits"]
    assert expected.std() > 0.1 and len(expected.argmax(1).unique()) == 4
    assert (found - expected).abs().max() < 2e-5
    assert torch.equal(found.argmax(1), expected.argmax(1))


def test_one_band_that_a_network_repeats_is_one_band(tmp_path, events) -> None:
    """The cloud network repeats near infrared, scaled by one mean, into three channels."""
    state = random_state()
    job = job_for(state, tmp_path, auxiliary_mean=(0.5,), auxiliary_std=(0.25,))
    assert import_model(job, events).outputs["auxiliary_bands"] == 1
    model, card = load_model(job.output)
    assert card.auxiliary.bands == 1 and card.auxiliary.std == (0.25 * 255,)
    image, nir = pictures(3, 1)
    with torch.no_grad():
        repeated = scaled(nir, (0.5,), (0.25,)).expand(-1, 3, -1, -1)
        expected = Reference(state)(scaled(image), repeated)
        assert (model(image, nir)["logits"] - expected).abs().max() < 2e-5


def test_other_bands_and_one_class_are_told_by_the_shapes(tmp_path, events) -> None:
    statistics = {"mean": (0.1,) * 4, "std": (0.2,) * 4, "normalisation": "given"}
    auxiliary = {"auxiliary_mean": (0.3, 0.4), "auxiliary_std": (0.5, 0.6)}
    state = random_state(bands=4, extra_bands=2, classes=1)
    classes = {"class_names": ("0=land", "1=cloud"), "maximum": 1000.0, "architecture": "cmx"}
    job = job_for(state, tmp_path, **statistics, **auxiliary, **classes)
    import_model(job, events)
    card = load_model(job.output)[1]
    assert (card.image.bands, card.auxiliary.bands, card.logits) == (4, 2, 1)
    assert card.image.high == (1000.0,) * 4
    assert card.auxiliary.mean == (300.0, 400.0)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_encoder_is_told_by_channels_and_blocks(encoder: str) -> None:
    channels, depths = ENCODERS[encoder]
    names = official_names(classes=40, channels=channels, depths=depths)
    state = {name: torch.zeros(()).expand(shape) for name, shape in names.items()}
    found = read_cmx("epoch-last.pth", state)
    assert found.architecture == f"cmx-{encoder.removeprefix('mit-')}" and found.logits == 40
    assert not found.class_names and found.scaling is None


def test_what_does_not_fit_is_named_by_the_authors_names(tmp_path, events) -> None:
    state = random_state()

    def refuse(words: str, saved: Any, **changes: Any) -> None:
        job = job_for(saved, tmp_path, **changes)
        with pytest.raises(JobError, match=words):
            import_model(job, events)
        assert not Path(job.output).exists()

    lost = [name for name in state if name.startswith("backbone.FRMs.0.")]
    less = {name: value for name, value in state.items() if name not in lost}
    refuse(r"8 missing: backbone\.FRMs\.0\.channel_weights\.mlp\.0\.weight, .*\)", less)
    more = {f"backbone.other{n}": torch.zeros(1) for n in range(13)}
    refuse(r"13 unexpected: backbone\.other0, .*backbone\.other9 and 3 more\)", state | more)
    head = "decode_head.linear_fuse.1.bias"
    refuse(r"fuse\.1\.bias has the shape \(7,\) instead of \(512,\)", state | {head: torch.ones(7)})
    key = "backbone.block1.0.attn.kv.weight"
    refuse(
        r"kv\.weight has the shape \(32, 32\) instead of \(64, 32\)", state | {key: state[key][:32]}
    )
    fewer = {name: value for name, value in state.items() if "block4.1." not in name}
    refuse(r"32 channels and 2 \+ 2 \+ 2 \+ 1 blocks, as no MiT", fewer)
    refuse("decoder.* contains NaN or infinity", state | {head: torch.full((512,), torch.inf)})
    refuse(
        "are those of the network cmx-b0, not unet-resnet50", state, architecture="unet-resnet50"
    )
    refuse("4 outputs per pixel.*but class_names has 0 names", state, class_names=())
    given = {"normalisation": "given", "mean": MEAN, "std": STD}
    refuse("give auxiliary_mean and auxiliary_std of each of the 3", state, **given)
    wrong = {"auxiliary_mean": (0.1, 0.2), "auxiliary_std": (0.1, 0.2)}
    refuse("3 bands, but auxiliary_mean has 2 values", state, **wrong)
