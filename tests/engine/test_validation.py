"""What validation finds of networks whose answers are known: scores at the threshold, and the loss."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.classes import class_table
from engine.config import TrainJob
from engine.devices import choose_device
from engine.losses import IGNORED, build_loss
from engine.model_file import AuxiliaryCard, Card, ImageCard
from engine.models import predicted_classes
from engine.scaling import Scaling
from engine.validation import Validation, Validator


class Echo(torch.nn.Module):
    """Its logits are the image's first band."""

    def forward(self, image: Tensor, auxiliary: Tensor | None) -> dict[str, Tensor]:
        return {"logits": image[:, :1]}


def validated(
    tmp_path: Path, probabilities: np.ndarray, target: np.ndarray, **card: Any
) -> Validation:
    """The validation of ``Echo`` on windows (N, H, W) with such probabilities and such labels."""
    logits = np.log(probabilities / (1 - probabilities)).astype(np.float32)
    windows = [
        {"image": one[None], "auxiliary": np.empty((0, 0, 0), np.float32), "target": label}
        for one, label in zip(logits, target)
    ]
    classes = class_table({0: "ground", 1: "building"})
    image = ImageCard(1, low=(-5.0,), high=(5.0,))
    made = Card("dualstream-dformer", "mit-b0", 1, 32, image, AuxiliaryCard(), classes, **card)
    job = TrainJob(output=str(tmp_path / "m.safetensors"), batch_size=2)
    loss = build_loss("ce", 1)
    judge = Validator(windows, job, made, loss, choose_device("cpu"))  # type: ignore[arg-type]
    return judge.validate(Echo(), 1)


@pytest.fixture
def answers() -> tuple[np.ndarray, np.ndarray]:
    """Three windows of probabilities .1 to .9 and labels, of which the last window has few."""
    generator = np.random.default_rng(0)
    target = generator.integers(0, 2, (3, 32, 32))
    target[generator.random(target.shape) < 0.3] = IGNORED
    target[2, 1:] = IGNORED
    return generator.uniform(0.1, 0.9, target.shape), target


@pytest.mark.parametrize("threshold", [0.5, 0.35])
def test_scores_are_those_at_the_cards_threshold(
    tmp_path: Path, answers: tuple[np.ndarray, np.ndarray], threshold: float
) -> None:
    probabilities, target = answers
    found = validated(tmp_path, probabilities, target, threshold=threshold).scores
    known, yes = target != IGNORED, probabilities > threshold
    both = (yes & (target == 1)).sum()
    either = (known & (yes | (target == 1))).sum()
    assert found.iou[1] == pytest.approx(both / either) and found.pixels == known.sum()


def test_the_loss_is_the_mean_over_all_labelled_pixels(
    tmp_path: Path, answers: tuple[np.ndarray, np.ndarray]
) -> None:
    """Batches of two: the last, of one window with few labels, must not count as much as the first."""
    probabilities, target = answers
    found = validated(tmp_path, probabilities, target)
    right = np.where(target == 1, probabilities, 1 - probabilities)
    assert found.loss == pytest.approx(-np.log(right[target != IGNORED]).mean(), rel=1e-5)
    nothing = validated(tmp_path, probabilities, np.full_like(target, IGNORED))
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
