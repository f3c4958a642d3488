"""The worth of labels: of a pixel the doubt of the model, of a square the classes that the model maps in it.

Where a class is mapped well, doubt is mostly about outlines, which more labels hardly change. So doubt counts more where
the model sees a class that it maps badly (the idea of DCAU-AL, arXiv:2604.08965).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.model_card import Card

#: Part of mean doubt in the worth of a square.
_DOUBT_PART = 0.05

#: Weight of the doubt about a class without a gap; that about the class with the largest gap counts wholly.
_LEAST = 0.5


@dataclass(frozen=True)
class MappedRows:
    """Finished rows of a scene as models map them.

    Attributes:
        mask: Class values (h, W).
        uncertainty: Uncertainty in percent (h, W).
        unlike: Which pixels are unlike the training (h, W).
    """

    mask: NDArray[Any]
    uncertainty: NDArray[np.uint8]
    unlike: NDArray[np.bool_]

    def part(self, rows: slice, cols: slice) -> MappedRows:
        """Some of the rows and columns."""
        return MappedRows(
            self.mask[rows, cols], self.uncertainty[rows, cols], self.unlike[rows, cols]
        )


class Doubt:
    """The doubt of each pixel: the uncertainty there, weighted by the class that is mapped.

    Args:
        classes: The model's classes.
        weights: The weight of each (K,), 0..1.
        nodata: The mask's value where the image has none.

    Attributes:
        weights: As given.
    """

    def __init__(self, classes: ClassTable, weights: NDArray[np.float64], nodata: int) -> None:
        self.weights = weights
        self._percents = np.zeros(max(nodata, *(entry.value for entry in classes)) + 1, np.uint16)
        for entry, weight in zip(classes, weights):
            self._percents[entry.value] = round(100 * weight)

    def of(self, rows: MappedRows) -> NDArray[np.uint16]:
        """The doubt of each pixel (h, W), 0..10,000; 0 where the image has no value."""
        found: NDArray[np.uint16] = self._percents[rows.mask] * rows.uncertainty
        return found


def class_weights(cards: Iterable[Card], classes: ClassTable) -> NDArray[np.float64]:
    """The weight of doubt about each class (K,), 0.5..1; all 1 if no model knows its scores.

    A class that validation did not show has the largest gap of the others.

    Args:
        cards: The cards of the models, whose gaps are averaged.
        classes: The classes of the models.
    """
    found = [[_gap(card, entry.name) for entry in classes] for card in cards]
    known = [[gap for gap in column if not math.isnan(gap)] for column in zip(*found)]
    gaps = np.array([np.mean(column) if column else math.nan for column in known])
    largest = np.nanmax(gaps, initial=0.0)
    if not largest > 0:
        return np.ones(len(classes))
    shares = np.nan_to_num(gaps / largest, nan=1.0)
    weights: NDArray[np.float64] = _LEAST + (1 - _LEAST) * shares
    return weights


def _gap(card: Card, name: str) -> float:
    """The difference of the IoU of a class from 1; NaN if it is unknown."""
    score = card.metrics.get("iou", {}).get(name)
    return math.nan if score is None else 1 - float(score)


def square_worth(
    shares: NDArray[np.float64], doubt: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much the labels of whole squares would teach (N,), 0..1: the more, the more classes the model maps in a square.

    Such a square shows each class beside others, with their borders, at the price of one. Mean doubt alone finds squares of
    one kind that puzzle the model, which are not better than random ones (docs/benchmarks.md); it orders squares of a single
    class.

    Args:
        shares: Share of each class in each square (K, N).
        doubt: Mean doubt of each (N,).
        weights: Weight of each class (K,), 0..1.
    """
    positive = np.clip(shares, np.finfo(np.float64).tiny, 1)
    mixture = -(weights[:, None] * positive * np.log(positive)).sum(axis=0) / math.log(len(shares))
    worth: NDArray[np.float64] = (1 - _DOUBT_PART) * mixture + _DOUBT_PART * doubt
    return worth
