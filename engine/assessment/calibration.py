"""Calibration of probabilities by one temperature.

Temperature scaling (Guo et al. 2017, arXiv:1706.04599, section 4.2) divides all logits by one number T, which is fitted
on validation pixels by maximum likelihood. It changes how sure a network is, never which class is the most probable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

#: Smallest and largest temperature.
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0

#: Bins of the expected calibration error.
ECE_BINS = 15

#: Largest number of Newton steps; about six are taken.
_MAX_STEPS = 50


@dataclass(frozen=True)
class LabelledLogits:
    """Logits of labelled pixels.

    Attributes:
        logits: (P, K); K = 1 for a sigmoid.
        target: Class index of each pixel, (P,) int64.
    """

    logits: Tensor
    target: Tensor

    @property
    def class_logits(self) -> Tensor:
        """One logit per class, (P, max(K, 2)) fp64: a sigmoid of x is a softmax of (0, x)."""
        logits = self.logits.to(torch.float64)
        if logits.shape[1] > 1:
            return logits
        return torch.cat([torch.zeros_like(logits), logits], dim=1)

    @property
    def classes(self) -> int:
        """Number of classes that occur in the labels."""
        return int(self.target.bincount().count_nonzero())

    def join(self, other: LabelledLogits) -> LabelledLogits:
        """The pixels of both."""
        return LabelledLogits(
            torch.cat([self.logits, other.logits]),
            torch.cat([self.target, other.target]),
        )


def fit_temperature(pixels: LabelledLogits) -> float:
    """The temperature with the smallest negative log-likelihood of the labels.

    1 if the labels show fewer than two classes, if it would be ``MIN_TEMPERATURE``, or if none is better than 1.
    """
    if pixels.classes < 2:
        return 1.0
    logits, target = pixels.class_logits, pixels.target
    temperature = 1 / _fit_inverse(logits, target)
    is_better = _nll(logits / temperature, target) < _nll(logits, target)
    return temperature if is_better else 1.0


def _nll(logits: Tensor, target: Tensor) -> float:
    """Mean negative log-likelihood; NaN if a logit is not finite."""
    chosen = logits.log_softmax(dim=1).gather(1, target[:, None])[:, 0]
    return -float(chosen.mean())


def _fit_inverse(logits: Tensor, target: Tensor) -> float:
    """1 / T by Newton's method: the likelihood is concave in it. Steps that leave the bracket bisect instead."""
    low = 1 / MAX_TEMPERATURE
    high = 1 / MIN_TEMPERATURE
    inverse = 1.0
    true_logit = float(logits.gather(1, target[:, None]).mean())
    for _ in range(_MAX_STEPS):
        probabilities = (logits * inverse).softmax(dim=1)
        mean = (probabilities * logits).sum(dim=1)
        spread = (probabilities * logits.square()).sum(dim=1) - mean.square()
        gradient, curvature = float(mean.mean()) - true_logit, float(spread.mean())
        low, high = (low, inverse) if gradient > 0 else (inverse, high)
        step = inverse - gradient / curvature if curvature > 0 else math.inf
        previous, inverse = inverse, step if low < step < high else math.sqrt(low * high)
        if abs(inverse - previous) < 1e-9 * previous:
            break
    # At the bound the pixels have hardly an error, and the smallest temperature would be an accident.
    return 1.0 if inverse > 0.99 / MIN_TEMPERATURE else inverse


def reliability_bins(pixels: LabelledLogits, temperature: float) -> Tensor:
    """Pixels, hits and summed confidence in ``ECE_BINS`` bins of the confidence, (15, 3).

    The confidence is the probability of the most probable class, whatever the threshold; a hit is a pixel of that
    class. The bins have equal widths from 0 to 1: those below 1 / K stay empty for K classes.
    """
    probabilities = (pixels.class_logits / temperature).softmax(dim=1)
    confidence, predicted = probabilities.max(dim=1)
    index = (confidence * ECE_BINS).ceil().long().clamp(1, ECE_BINS) - 1
    hits = (predicted == pixels.target).to(torch.float64)
    values = torch.stack([torch.ones_like(hits), hits, confidence], dim=1)
    return values.new_zeros(ECE_BINS, 3).index_add_(0, index, values)


def expected_calibration_error(bins: Tensor) -> float:
    """Mean difference of accuracy and confidence over the bins, weighted by their pixels (Guo et al., eq. 3)."""
    pixels, hits, confidence = bins.unbind(dim=1)
    return float((hits - confidence).abs().sum() / pixels.sum())


def reliability_curve(bins: Tensor) -> list[list[float]]:
    """Mean confidence, accuracy and share of the pixels of each bin that has pixels."""
    pixels, hits, confidence = bins[bins[:, 0] > 0].unbind(dim=1)
    points = torch.stack([confidence / pixels, hits / pixels, pixels / pixels.sum()], dim=1)
    return [list(map(float, point)) for point in points.tolist()]


def same_cut(threshold: float, temperature: float) -> float:
    """The threshold of calibrated probabilities that chooses the same pixels as ``threshold`` did before."""
    odds = math.exp(math.log(threshold / (1 - threshold)) / temperature)
    return odds / (1 + odds)
