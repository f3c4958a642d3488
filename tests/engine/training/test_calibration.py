"""Temperature, expected calibration error and threshold, against known answers and plain searches."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engine.training.calibration import (
    MAX_TEMPERATURE,
    LabelledLogits,
    choose_threshold,
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
    return LabelledLogits(scale * logits, target, torch.ones(pixels))


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
    """Compared with a plain search, for rows that stand for several pixels."""
    generator = torch.Generator().manual_seed(1)
    logits = 3 * torch.randn(500, 4, generator=generator)
    target = torch.randint(0, 4, (500,), generator=generator)
    target[:300] = logits[:300].argmax(dim=1)
    weights = torch.randint(1, 9, (500,), generator=generator)
    found = fit_temperature(LabelledLogits(logits, target, weights))
    repeated = logits.repeat_interleave(weights, dim=0), target.repeat_interleave(weights)
    tried = np.geomspace(0.2, 20, 2001)
    losses = [torch.nn.functional.cross_entropy(repeated[0] / t, repeated[1]) for t in tried]
    assert found == pytest.approx(tried[int(np.argmin(losses))], rel=0.005)


def test_the_temperature_stays_in_its_range() -> None:
    sure, target = torch.tensor([[-1.0], [2.0]]), torch.tensor([0, 1])
    ones = torch.ones(2)
    assert fit_temperature(LabelledLogits(sure, target, ones)) == 1, (
        "there is no error to learn from"
    )
    highest = fit_temperature(LabelledLogits(sure, 1 - target, ones))
    assert highest == pytest.approx(MAX_TEMPERATURE, rel=1e-4)


def test_the_temperature_is_1_where_nothing_is_better() -> None:
    one_class = LabelledLogits(torch.randn(9, 3), torch.full((9,), 2), torch.ones(9))
    assert one_class.classes == 1 and fit_temperature(one_class) == 1
    nothing = LabelledLogits(torch.empty(0, 1), torch.empty(0, dtype=torch.int64), torch.empty(0))
    assert nothing.classes == 0 and fit_temperature(nothing) == 1
    for value in (math.nan, math.inf):
        broken = LabelledLogits(torch.tensor([[value], [1.0]]), torch.tensor([0, 1]), torch.ones(2))
        assert fit_temperature(broken) == 1
    flat = LabelledLogits(torch.zeros(4, 2), torch.tensor([0, 1, 0, 1]), torch.ones(4))
    assert fit_temperature(flat) == 1, "equal logits have the same probabilities at any temperature"


def test_the_calibration_error_of_a_few_pixels() -> None:
    """Two pixels in the bin of 0.9, one of them right, and one right pixel in that of 0.7 (weight 2)."""
    probabilities = torch.tensor([0.9, 0.1, 0.7])
    pixels = LabelledLogits(
        torch.logit(probabilities)[:, None], torch.tensor([1, 1, 1]), torch.tensor([1, 1, 2])
    )
    assert error(pixels, 1.0) == pytest.approx((abs(1 - 1.8) + abs(2 - 1.4)) / 4)
    bins = reliability_bins(pixels, 1.0)
    assert bins[:, 0].nonzero()[:, 0].tolist() == [10, 13] and bins[:, 0].sum() == 4


def pairs_of_runs(negative: torch.Tensor, positive: torch.Tensor) -> torch.Tensor:
    """The histograms of two runs, each with every second pixel."""
    return torch.stack([histogram(negative[n::2], positive[n::2], EDGES) for n in (0, 1)])


def histogram(negative: torch.Tensor, positive: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    counts = [
        torch.bincount(torch.bucketize(values.contiguous(), edges), minlength=len(edges) + 1)
        for values in (negative, positive)
    ]
    return torch.stack(counts)


EDGES = (torch.arange(401).double() - 200) / 25


def test_the_threshold_has_the_best_iou() -> None:
    generator = torch.Generator().manual_seed(0)
    negative = torch.randn(9000, generator=generator).double() - 2
    positive = torch.randn(1000, generator=generator).double() - 0.5
    temperature = 2.5
    choice = choose_threshold(pairs_of_runs(negative, positive), EDGES, temperature)

    def iou(threshold: float) -> float:
        hits, false = (
            (torch.sigmoid(v / temperature) > threshold).sum() for v in (positive, negative)
        )
        return int(hits) / (len(positive) + int(false))

    ious = [iou(threshold) for threshold in np.linspace(0.01, 0.99, 981)]
    assert choice.iou == pytest.approx(iou(choice.threshold), abs=1e-9)
    assert choice.iou == pytest.approx(max(ious), abs=0.003)
    assert choice.iou_at_half == pytest.approx(iou(0.5)) and choice.iou > choice.iou_at_half + 0.05
    assert choice.matrix.sum(dim=1).tolist() == [9000, 1000]
    (_, false), (missed, hits) = choice.matrix.tolist()
    assert choice.iou == pytest.approx(hits / (hits + missed + false))


def test_the_threshold_is_the_middle_of_equally_good_ones() -> None:
    negative, positive = torch.full((5,), -1.0).double(), torch.full((5,), 3.0).double()
    choice = choose_threshold(pairs_of_runs(negative, positive), EDGES, 1.0)
    assert choice.threshold == 0.5, "which is among them"
    choice = choose_threshold(pairs_of_runs(negative + 2, positive), EDGES, 1.0)
    middle = (torch.sigmoid(torch.tensor(1.0)) + torch.sigmoid(torch.tensor(3.0))) / 2
    assert choice.threshold == pytest.approx(float(middle), abs=0.01) and choice.iou == 1


def test_the_threshold_stays_away_from_0_and_1() -> None:
    """A network that knows nothing: to call everything the second class has the best IoU."""
    negative, positive = torch.full((1,), 7.0).double(), torch.full((5,), -7.0).double()
    choice = choose_threshold(pairs_of_runs(negative, positive), EDGES, 1.0)
    assert 0.01 <= choice.threshold <= 0.99


def test_a_threshold_that_does_not_carry_over_is_not_chosen() -> None:
    """Two runs, each best at its own threshold: together they are best at one that is worse than 0.5 for either."""
    noise = 0.3 * torch.randn(4000, generator=torch.Generator().manual_seed(0)).double()
    first = histogram(noise[:1000] - 2.5, noise[1000:2000] - 1.2, EDGES)
    second = histogram(noise[2000:3000] + 1.2, noise[3000:] + 2.5, EDGES)
    choice = choose_threshold(torch.stack([first, second]), EDGES, 1.0)
    assert choice.iou_cross_fitted <= choice.iou_at_half == choice.iou
    assert choice.threshold == 0.5
    alone = choose_threshold(second[None], EDGES, 1.0)
    assert alone.threshold == 0.5, "a single run cannot tell"
    alike = choose_threshold(torch.stack([second, second]), EDGES, 1.0)
    assert alike.threshold > 0.8 and alike.iou == alike.iou_cross_fitted > alike.iou_at_half + 0.3


@pytest.mark.parametrize("temperature", [0.05, 0.4, 1.0, 3.0, 20.0])
def test_the_same_cut_chooses_the_same_pixels(temperature: float) -> None:
    logits = torch.linspace(-4, 4, 2001).double()
    cut = same_cut(0.3, temperature)
    assert 0 < cut < 1
    kept = torch.sigmoid(logits / temperature) > cut
    assert torch.equal(kept, torch.sigmoid(logits) > 0.3)
