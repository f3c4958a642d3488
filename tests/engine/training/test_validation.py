"""Validation of networks with known predictions: scores at the threshold, loss, and smaller batches."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.compute.devices import choose_device
from engine.compute.rank_info import SINGLE_PROCESS, RankInfo
from engine.contract.class_table import IGNORE_INDEX, class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.losses.segmentation_loss import parse_loss
from engine.models.logits import predicted_classes
from engine.sampling.band_statistics import Scaling
from engine.training.validation import Validation, Validator
from tests.engine.ranked import scored_windows


class Echo(torch.nn.Module):
    """The logits are the image's first band."""

    def forward(self, image: Tensor, auxiliary: Tensor | None) -> dict[str, Tensor]:
        return {"logits": image[:, :1]}


class OutOfMemory(Echo):
    """Runs out of memory in the second batch of more than ``fitting`` windows."""

    def __init__(self, fitting: int = 1) -> None:
        super().__init__()
        self.fitting, self.calls = fitting, 0

    def forward(self, image: Tensor, auxiliary: Tensor | None) -> dict[str, Tensor]:
        self.calls += 1
        if self.calls > 1 and len(image) > self.fitting:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return super().forward(image, auxiliary)


def validate(
    tmp_path: Path, probabilities: np.ndarray, target: np.ndarray, **card: Any
) -> Validation:
    """Validates ``Echo`` on windows (N, H, W) of probabilities and labels."""
    return validator(tmp_path, probabilities, target, **card).validate(Echo(), 1)


def validator(
    tmp_path: Path,
    probabilities: np.ndarray,
    target: np.ndarray,
    emit: Any = id,
    ranks: RankInfo = SINGLE_PROCESS,
    **card: Any,
) -> Validator:
    """A validator of such windows, in batches of two."""
    logits = np.log(probabilities / (1 - probabilities)).astype(np.float32)
    windows = [
        {"image": one[None], "auxiliary": np.empty((0, 0, 0), np.float32), "target": label}
        for one, label in zip(logits, target)
    ]
    classes = class_table({0: "ground", 1: "building"})
    image = ImageCard(1, low=(-5.0,), high=(5.0,))
    model_card = Card(
        "dualstream-dformer", "mit-b0", 1, 32, image, AuxiliaryCard(), classes, **card
    )
    output, loss = str(tmp_path / "m.safetensors"), parse_loss("ce").build(1)
    device = choose_device("cpu")
    return Validator(windows, 2, output, model_card, loss, device, ranks, emit=emit)  # type: ignore[arg-type]


@pytest.fixture
def answers() -> tuple[np.ndarray, np.ndarray]:
    return scored_windows()


@pytest.mark.parametrize("threshold", [0.5, 0.35])
def test_scores_are_those_at_the_cards_threshold(
    tmp_path: Path, answers: tuple[np.ndarray, np.ndarray], threshold: float
) -> None:
    probabilities, target = answers
    found = validate(tmp_path, probabilities, target, threshold=threshold).scores
    known, predicted = target != IGNORE_INDEX, probabilities > threshold
    both = (predicted & (target == 1)).sum()
    either = (known & (predicted | (target == 1))).sum()
    assert found.iou[1] == pytest.approx(both / either) and found.pixels == known.sum()


def test_the_loss_is_the_mean_over_all_labelled_pixels(
    tmp_path: Path, answers: tuple[np.ndarray, np.ndarray]
) -> None:
    """Batches of two: the last, of one window with few labels, must not count as much as the first."""
    probabilities, target = answers
    found = validate(tmp_path, probabilities, target)
    right = np.where(target == 1, probabilities, 1 - probabilities)
    assert found.loss == pytest.approx(-np.log(right[target != IGNORE_INDEX]).mean(), rel=1e-5)
    nothing = validate(tmp_path, probabilities, np.full_like(target, IGNORE_INDEX))
    assert math.isnan(nothing.loss) and math.isnan(nothing.scores.miou)


def test_a_threshold_is_a_probability() -> None:
    probabilities = torch.tensor([0.0, 0.2, 0.349, 0.351, 0.5, 0.501, 1.0], dtype=torch.float64)
    logits = torch.logit(probabilities).float()[None, None, None]
    assert predicted_classes(logits)[0, 0].tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert predicted_classes(logits, 0.35)[0, 0].tolist() == [0, 0, 0, 1, 1, 1, 1]
    many = torch.tensor([0.1, 3.0, 0.2])[None, :, None, None]
    assert predicted_classes(many, 0.99).item() == 1, "of several classes the largest, always"


def test_three_bands_are_scaled_as_the_colours_of_imagenet() -> None:
    """8 bit: 255 times its means and deviations of red, green and blue; else their mean over these."""
    rgb = Scaling((0.0,) * 3, (255.0,) * 3, (), ())
    assert rgb.image_mean == pytest.approx([123.675, 116.28, 103.53])
    assert rgb.image_std == pytest.approx([58.395, 57.12, 57.375])
    four = Scaling((100.0,) * 4, (1100.0,) * 4, (), ())
    assert four.image_mean == pytest.approx([549.0] * 4)
    assert four.image_std == pytest.approx([226.0] * 4)


def test_batches_that_do_not_fit_are_halved_and_every_pixel_counts_once(
    tmp_path: Path, answers: tuple[np.ndarray, np.ndarray], events: Any
) -> None:
    probabilities, target = (np.concatenate([part, part]) for part in answers)
    expected = validate(tmp_path, probabilities, target)
    validating = validator(tmp_path, probabilities, target, emit=events)
    found = validating.validate(OutOfMemory(), 3)
    assert found.scores == expected.scores and found.scores.pixels == (target != IGNORE_INDEX).sum()
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert [event.message for event in events.heard] == [
        "Validation of epoch 3: batches of 2 do not fit into the memory, so it begins again with batches of 1."
    ]
    assert validating.size == 1
    assert validating.validate(OutOfMemory(), 4).scores == expected.scores


def test_validation_does_not_halve_a_window_nor_one_of_several_processes(
    tmp_path: Path, answers: tuple[np.ndarray, np.ndarray]
) -> None:
    alone = validator(tmp_path, *answers)
    with pytest.raises(torch.OutOfMemoryError):
        alone.validate(OutOfMemory(fitting=0), 1)
    assert alone.size == 1
    doubled = (np.concatenate([part, part]) for part in answers)
    first = validator(tmp_path, *doubled, ranks=RankInfo(0, 0, 2))
    with pytest.raises(torch.OutOfMemoryError):
        first.validate(OutOfMemory(), 1)
    assert first.size == 2
