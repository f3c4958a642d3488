"""Calibration of a network on its validation windows: overconfident networks, thresholds, refusals, resuming."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from engine.assessment.model_calibration import calibrate
from engine.commands.export_model import export_model
from engine.commands.info import info
from engine.compute.devices import choose_device
from engine.contract.card_reader import read_card
from engine.contract.class_table import IGNORE_INDEX, class_table
from engine.contract.file_jobs import ExportJob, InfoJob
from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, logits_for
from engine.contract.quantities import format_share
from engine.losses.segmentation_loss import parse_loss
from engine.models.factory import build_model
from engine.models.logits import probabilities
from engine.models.model_file import save_model
from engine.training.validation import Validator
from tests.engine.small_network import SmallNetwork

SIDE = 32

Windows = Sequence[dict[str, np.ndarray]]


class Overconfident(SmallNetwork):
    """Its logits are 5 times the values of its bands."""

    def __init__(self, classes: int) -> None:
        super().__init__(classes, classes)
        self.head = torch.nn.Conv2d(classes, classes, 1, bias=False)
        self.head.weight.data = 5 * torch.eye(classes)[:, :, None, None]

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        return {"logits": self.head(pixel_values).float()}


class Squashed(Overconfident):
    """Its last layer is followed by a function that is not linear."""

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        return {"logits": torch.tanh(super().forward(pixel_values)["logits"])}


def windows_of(logits: np.ndarray, target: np.ndarray) -> list[dict[str, np.ndarray]]:
    empty = np.empty((0, 0, 0), np.float32)
    return [{"image": x, "auxiliary": empty, "target": y} for x, y in zip(logits, target)]


def drawn(classes: int, count: int = 12, shift: float = 0.0) -> list[dict[str, np.ndarray]]:
    """Windows whose labels are drawn from the probabilities that their bands mean as logits."""
    noise = np.random.default_rng(0)
    bands = logits_for(classes)
    logits = (2 * noise.normal(size=(count, bands, SIDE, SIDE)) + shift).astype(np.float32)
    shares = probabilities(torch.from_numpy(logits)).movedim(1, -1)
    if bands == 1:
        shares = torch.cat([1 - shares, shares], dim=-1)
    chances = shares.numpy().cumsum(axis=-1)
    target = (noise.random((count, SIDE, SIDE, 1)) > chances).sum(axis=-1).clip(0, classes - 1)
    target[:, :3] = IGNORE_INDEX
    return windows_of(logits, target.astype(np.int64))


def validated(
    tmp_path: Path, network: SmallNetwork, windows: Windows, emit: Any = id, **fields: Any
) -> tuple[Card, Validator]:
    """The card with the scores of a validation, and its validator."""
    logits = windows[0]["image"].shape[0]
    classes = {value: f"class {value}" for value in range(max(logits, 2))}
    image = ImageCard(logits, low=(-9.0,) * logits, high=(9.0,) * logits)
    names = class_table(classes)
    card = Card("smp:Unet:resnet18", "", logits, SIDE, image, AuxiliaryCard(), names, **fields)
    job = TrainJob(output=str(tmp_path / "m.safetensors"), batch_size=5)
    loss, device = parse_loss("ce").build(logits), choose_device("cpu")
    validator = Validator(windows, job.batch_size, job.output, card, loss, device, emit=emit)  # type: ignore[arg-type]
    scores = validator.validate(network, 1).scores
    metrics = {"epoch": 1, **scores.as_dict([*classes.values()])}
    return Card(**{**vars(card), "metrics": metrics}), validator


@pytest.mark.parametrize("classes", [2, 4])
def test_an_overconfident_network_becomes_honest(classes: int, tmp_path: Path) -> None:
    network = Overconfident(logits_for(classes))
    card, validator = validated(tmp_path, network, drawn(classes))
    calibrated, text = calibrate(network, card, validator, 0)
    record = calibrated.metrics["calibration"]
    assert record["temperature"] == pytest.approx(5, rel=0.06)
    assert record["ece_after"] < 0.03 < 0.1 < record["ece_before"] and record["cross_fitted"]
    temperature = 1 / network.head.weight[0, 0].item()
    assert 5 * temperature == pytest.approx(record["temperature"], rel=1e-5)
    before, after = format_share(record["ece_before"]), format_share(record["ece_after"])
    assert (
        text == f"Probabilities calibrated: on average they were wrong by {before}, now by {after}."
    )
    assert calibrated.metrics["epoch"] == 1
    kept = {name: value for name, value in calibrated.metrics.items() if name != "calibration"}
    assert kept == card.metrics and calibrated.threshold == 0.5, "the argmax is the same"


def test_the_error_is_measured_on_windows_that_were_not_fitted(tmp_path: Path) -> None:
    """Half of the windows are overconfident, half are right: each half's temperature is wrong for the other."""
    windows = drawn(2, 2)
    windows[1]["image"] = windows[1]["image"] * 8
    network = Overconfident(1)
    network.head.weight.data.fill_(1.0)
    card, validator = validated(tmp_path, network, windows)
    record = calibrate(network, card, validator, 0)[0].metrics["calibration"]
    assert 1 < record["temperature"] < 8 and record["cross_fitted"]
    assert record["ece_after"] > 0.05


def test_a_recipes_threshold_chooses_the_same_pixels(tmp_path: Path) -> None:
    network = Overconfident(1)
    windows = drawn(2)
    card, validator = validated(tmp_path, network, windows, threshold=0.3)
    before = copy.deepcopy(network)
    calibrated, _ = calibrate(network, card, validator, 0)
    x = torch.from_numpy(windows[0]["image"])[None]
    chosen = network(x)["logits"].sigmoid() > calibrated.threshold
    assert 0.4 < calibrated.threshold < 0.5, (
        "0.30 is -0.85 as a logit, and -0.17 after division by 5"
    )
    assert ((before(x)["logits"].sigmoid() > 0.3) == chosen).double().mean() > 0.999
    assert {**calibrated.metrics, "calibration": 0} == {**card.metrics, "calibration": 0}


def one_class() -> list[dict[str, np.ndarray]]:
    windows = drawn(2, 4)
    for window in windows:
        window["target"][window["target"] == 1] = IGNORE_INDEX
    return windows


@pytest.mark.parametrize(
    ("network", "windows", "reason"),
    [
        (Overconfident(1), one_class(), "the validation part shows one class only"),
        (Squashed(1), drawn(2), "more than linear operations follow the network's last layer"),
    ],
)
def test_what_cannot_be_calibrated_stays(
    network: SmallNetwork, windows: Any, reason: str, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    card, validator = validated(tmp_path, network, windows)
    calibrated, text = calibrate(network, card, validator, 0)
    record = calibrated.metrics["calibration"]
    assert record["temperature"] == 1 and record["ece_after"] == record["ece_before"]
    assert record["reason"] == reason and reason in text
    assert all(torch.equal(value, before[n]) for n, value in network.state_dict().items())
    assert calibrated.threshold == 0.5


def test_a_single_window_is_measured_where_it_is_fitted(tmp_path: Path) -> None:
    network = Overconfident(1)
    card, validator = validated(tmp_path, network, drawn(2, 1))
    calibrated, text = calibrate(network, card, validator, 0)
    assert not calibrated.metrics["calibration"]["cross_fitted"]
    assert "on the pixels that calibrated them" in text


class OutOfMemory(Overconfident):
    """Runs out of memory with more than two windows."""

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        if len(pixel_values) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return super().forward(pixel_values)


@pytest.mark.parametrize("classes", [2, 3])
def test_batches_that_do_not_fit_are_halved(classes: int, tmp_path: Path, events: Any) -> None:
    windows, bands = drawn(classes), logits_for(classes)
    cards = []
    for kind in (Overconfident, OutOfMemory):
        card, validator = validated(tmp_path, Overconfident(bands), windows, events)
        cards.append(calibrate(kind(bands), card, validator, 0)[0])
    assert cards[0] == cards[1]
    assert [event.message for event in events.heard] == [
        "Calibration: batches of 5 do not fit into the memory, so it begins again with batches of 2."
    ]


def test_an_exported_model_is_calibrated_too(tmp_path: Path, events: Any) -> None:
    torch.manual_seed(0)
    network = build_model(
        "smp:Unet:resnet18", bands=1, auxiliary_bands=0, classes=1, tile_size=SIDE
    )
    network.last_layer.weight.data *= 30  # type: ignore[union-attr]
    windows = drawn(2)
    card, validator = validated(tmp_path, network, windows, threshold=0.3)  # type: ignore[arg-type]
    x = torch.from_numpy(windows[0]["image"])[None]
    with torch.no_grad():
        before = network.eval()(x, None)["logits"]
    calibrated, _ = calibrate(network, card, validator, 0)
    temperature = calibrated.metrics["calibration"]["temperature"]
    assert temperature > 2
    model, output = str(tmp_path / "m.safetensors"), str(tmp_path / "m.onnx")
    save_model(model, network, calibrated)
    assert read_card(model).threshold == calibrated.threshold
    told = info(InfoJob(model), events).message
    assert f"calibrated with temperature {temperature:.3g}, expected error 0." in told
    assert f"class 1 from a probability of {calibrated.threshold:.3g} on" in told
    export_model(ExportJob(model, output), events)
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    found = session.run(["probabilities"], {"image": x.numpy()})[0]
    assert np.abs(found - (before / temperature).sigmoid().numpy()).max() < 1e-4
