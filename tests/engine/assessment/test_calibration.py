"""Temperature and expected calibration error, against known answers and plain searches."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engine.assessment.calibration import (
    MAX_TEMPERATURE,
    LabelledLogits,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
    same_cut,
)


def drawn(classes: int, scale: float, pixels: int = 100_000, seed: int = 0) -> LabelledLogits:
    """Labels that are drawn from the probabilities of logits, which are then multiplied by a factor."""
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(pixels, classes, generator=generator)
    if classes == 1:
        target = (torch.rand(pixels, generator=generator) < logits[:, 0].sigmoid()).long()
    else:
        target = logits.softmax(dim=1).multinomial(1, generator=generator)[:, 0]
    return LabelledLogits(scale * logits, target)


def error(pixels: LabelledLogits, temperature: float) -> float:
    return expected_calibration_error(reliability_bins(pixels, temperature))


@pytest.mark.parametrize("classes", [1, 2, 5])
@pytest.mark.parametrize("scale", [5.0, 1 / 3, 18.0])
def test_the_temperature_undoes_a_factor(classes: int, scale: float) -> None:
    pixels = drawn(classes, scale)
    temperature = fit_temperature(pixels)
    assert temperature == pytest.approx(scale, rel=0.03)
    assert error(pixels, temperature) < 0.01 < 0.05 < error(pixels, 1.0)


def test_the_temperature_has_the_smallest_loss() -> None:
    """Compared with a plain search."""
    generator = torch.Generator().manual_seed(1)
    logits = 3 * torch.randn(500, 4, generator=generator)
    target = torch.randint(0, 4, (500,), generator=generator)
    target[:300] = logits[:300].argmax(dim=1)
    found = fit_temperature(LabelledLogits(logits, target))
    tried = np.geomspace(0.2, 20, 2001)
    losses = [torch.nn.functional.cross_entropy(logits / t, target) for t in tried]
    assert found == pytest.approx(tried[int(np.argmin(losses))], rel=0.005)


def test_the_temperature_stays_in_its_range() -> None:
    sure, target = torch.tensor([[-1.0], [2.0]]), torch.tensor([0, 1])
    assert fit_temperature(LabelledLogits(sure, target)) == 1, "there is no error to learn from"
    highest = fit_temperature(LabelledLogits(sure, 1 - target))
    assert highest == pytest.approx(MAX_TEMPERATURE, rel=1e-4)


def test_the_temperature_is_1_where_nothing_is_better() -> None:
    one_class = LabelledLogits(torch.randn(9, 3), torch.full((9,), 2))
    assert one_class.classes == 1 and fit_temperature(one_class) == 1
    nothing = LabelledLogits(torch.empty(0, 1), torch.empty(0, dtype=torch.int64))
    assert nothing.classes == 0 and fit_temperature(nothing) == 1
    for value in (math.nan, math.inf):
        broken = LabelledLogits(torch.tensor([[value], [1.0]]), torch.tensor([0, 1]))
        assert fit_temperature(broken) == 1
    flat = LabelledLogits(torch.zeros(4, 2), torch.tensor([0, 1, 0, 1]))
    assert fit_temperature(flat) == 1, "equal logits have the same probabilities at any temperature"


def test_the_calibration_error_of_a_few_pixels() -> None:
    """Two pixels in the bin of 0.9, one of them right, and two right pixels in that of 0.7."""
    probabilities = torch.tensor([0.9, 0.1, 0.7, 0.7])
    pixels = LabelledLogits(torch.logit(probabilities)[:, None], torch.tensor([1, 1, 1, 1]))
    assert error(pixels, 1.0) == pytest.approx((abs(1 - 1.8) + abs(2 - 1.4)) / 4)
    bins = reliability_bins(pixels, 1.0)
    assert bins[:, 0].nonzero()[:, 0].tolist() == [10, 13] and bins[:, 0].sum() == 4


@pytest.mark.parametrize("temperature", [0.05, 0.4, 1.0, 3.0, 20.0])
def test_the_same_cut_chooses_the_same_pixels(temperature: float) -> None:
    logits = torch.linspace(-4, 4, 2001).double()
    cut = same_cut(0.3, temperature)
    assert 0 < cut < 1
    kept = torch.sigmoid(logits / temperature) > cut
    assert torch.equal(kept, torch.sigmoid(logits) > 0.3)
