"""Accuracies and areas of classes with 95 % confidence intervals, where the labels are a sample of the land.

Olofsson, Foody, Herold, Stehman, Woodcock and Wulder (2014), Good practices for estimating area and assessing accuracy
of land change, Remote Sensing of Environment 148, equations 1 to 11. The strata are the mapped classes, and their
weights the mapped areas. For a stratified sample this is the stratified estimator, for a simple random or systematic
one the post-stratified estimator, whose formulas are the same (section 4.1 there).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Standard errors on each side of a 95 % confidence interval.
_NORMAL_95 = 1.96

#: Samples in a mapped class from which on its variance is defined.
MIN_SAMPLES = 2

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate and half the width of its 95 % confidence interval; NaN where it is undefined."""

    value: float
    half_width: float


@dataclass(frozen=True)
class AreaEstimates:
    """Estimates from a sample.

    Attributes:
        overall: Overall accuracy, 0..1.
        users: User's accuracy (precision) of each class, 0..1.
        producers: Producer's accuracy (recall) of each class, 0..1.
        areas: Area of each class, in the unit of ``mapped``; it corrects the mapped area by the errors found.
        mapped: Mapped area of each class.
        samples: Sampled pixels in each mapped class.
    """

    overall: Interval
    users: tuple[Interval, ...]
    producers: tuple[Interval, ...]
    areas: tuple[Interval, ...]
    mapped: tuple[float, ...]
    samples: tuple[int, ...]

    @property
    def unsampled(self) -> tuple[int, ...]:
        """Indices of the mapped classes with too few samples for an interval."""
        pairs = enumerate(zip(self.mapped, self.samples, strict=True))
        return tuple(number for number, (area, n) in pairs if area > 0 and n < MIN_SAMPLES)


def estimate_areas(matrix: ArrayLike, mapped: ArrayLike) -> AreaEstimates:
    """The estimates of a sample.

    Args:
        matrix: Counts of samples (N, N): rows are the true classes, columns the mapped ones.
        mapped: Mapped area of each class (N,), of the whole map, in any unit.
    """
    counts, areas = np.asarray(matrix, float).T, np.asarray(mapped, float)
    samples, total = counts.sum(axis=1), float(areas.sum())
    weights = areas / total
    with np.errstate(invalid="ignore", divide="ignore"):
        # A class that is mapped nowhere is a stratum without area, which adds nothing.
        shares = np.where(weights[:, None] > 0, counts / samples[:, None], 0.0)
        # Variance of each share of a stratum, the term that equations 5, 6, 7 and 10 have in common.
        variances = np.where(
            weights[:, None] > 0,
            shares * (1 - shares) / np.where(samples < MIN_SAMPLES, np.nan, samples - 1)[:, None],
            0.0,
        )
        cells = weights[:, None] * shares  # equation 4
        proportions = cells.sum(axis=0)  # equations 8 and 9
        right = cells.diagonal()
        users = np.where(weights > 0, shares.diagonal(), np.nan)  # equation 2
        producers = right / proportions  # equation 3
    user_variances = np.where(weights > 0, variances.diagonal(), np.nan)  # equation 6
    overall_variance = float((weights**2 * variances.diagonal()).sum())  # equation 5
    area_variances = (weights[:, None] ** 2 * variances).sum(axis=0)  # equation 10
    return AreaEstimates(
        Interval(float(right.sum()), _half_width(overall_variance)),  # equation 1
        _intervals(users, user_variances),
        _intervals(producers, _producer_variances(producers, proportions, weights, variances)),
        _intervals(total * proportions, total**2 * area_variances),  # equation 11
        tuple(areas.tolist()),
        tuple(int(n) for n in samples),
    )


def _producer_variances(
    producers: Numbers, proportions: Numbers, weights: Numbers, variances: Numbers
) -> Numbers:
    """Equation 7, with areas divided by the total area."""
    spread = weights[:, None] ** 2 * variances
    own = spread.diagonal()
    others = spread.sum(axis=0) - own
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Numbers = ((1 - producers) ** 2 * own + producers**2 * others) / proportions**2
    return found


def _intervals(values: Numbers, variances: Numbers) -> tuple[Interval, ...]:
    pairs = zip(values.tolist(), variances.tolist(), strict=True)
    return tuple(Interval(value, _half_width(variance)) for value, variance in pairs)


def _half_width(variance: float) -> float:
    return float(_NORMAL_95 * np.sqrt(variance))
