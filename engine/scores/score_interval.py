"""The interval of a mean IoU: how far chance may have moved it, with as few pixels as were compared.

The counted pixels are drawn again, as many as there were, by the shares of the confusion matrix (parametric bootstrap, Efron
and Tibshirani 1993, chapter 6). This takes them as independent, which marks of points and lines nearly are and neighbouring
pixels of a polygon are not: of those the interval would be far too narrow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

#: Draws, and the share of them inside the interval.
_DRAWS, _INSIDE = 1000, 0.95

#: Standard errors from one end of the interval to the other.
_ERRORS_ACROSS = 4


class ScoreInterval(NamedTuple):
    """The 95 % interval of a mean IoU, 0..1."""

    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error."""
        return (self.high - self.low) / _ERRORS_ACROSS


def miou_interval(confusion: ArrayLike) -> ScoreInterval | None:
    """The interval of the mean IoU of a confusion matrix (N, N) of pixel counts; None if it is empty."""
    counts = np.asarray(confusion, np.float64)
    total = int(counts.sum())
    if not total:
        return None
    drawn = np.random.default_rng(0).multinomial(total, counts.ravel() / counts.sum(), _DRAWS)
    tables = drawn.reshape(_DRAWS, *counts.shape).astype(np.float64)
    hits = tables.diagonal(axis1=1, axis2=2)
    unions = tables.sum(axis=1) + tables.sum(axis=2) - hits
    with np.errstate(invalid="ignore"):  # a class that a draw does not hold has no score
        scores = np.nanmean(hits / unions, axis=1)
    low, high = np.quantile(scores, [(1 - _INSIDE) / 2, (1 + _INSIDE) / 2])
    return ScoreInterval(float(low), float(high))
