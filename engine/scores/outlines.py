"""Boundary F1: how much of the outlines of a class in the mask and in the labels lies close to each other.

Csurka, Larlus and Perronnin (2013), What is a good evaluation measure for semantic segmentation?, BMVC.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Class indices (H, W); negative where mask or labels have no class.
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class OutlineScore:
    """Agreement of the outlines of one class, 0..1; NaN where there is no outline.

    Attributes:
        precision: Share of the mask's outline that is within the tolerance of the labels' outline.
        recall: Share of the labels' outline that is within the tolerance of the mask's outline.
        f1: Harmonic mean of both.
    """

    precision: float
    recall: float
    f1: float


class OutlineCounter:
    """Counts outline pixels of all classes, strip by strip.

    An outline pixel belongs to the class and has a neighbour, of the four that share a side, of another class.
    Neighbours without a class make no outline, nor does the raster's edge.

    Args:
        classes: Number of classes.
        tolerance: Largest distance that counts as close, in pixels between centres.

    Attributes:
        halo: Rows that a strip needs above and below those that are counted.
    """

    def __init__(self, classes: int, tolerance: float) -> None:
        reach = math.floor(tolerance)
        self.halo = reach + 1
        steps = [(y, x) for y in range(-reach, reach + 1) for x in range(-reach, reach + 1)]
        near = [step for step in steps if math.hypot(*step) <= tolerance]
        self._steps, self._reach = sorted(near, key=lambda step: math.hypot(*step)), reach
        # Columns: outline pixels of the mask, those of them that are close; the same of the labels.
        self._counts = np.zeros((classes, 4), np.int64)

    def add(self, mapped: Indices, true: Indices, rows: slice) -> None:
        """Counts the outlines in some rows of a strip.

        Args:
            mapped: Class indices of the mask (H, W).
            true: Those of the labels (H, W), negative in the same pixels.
            rows: The rows to count; the others are the halo.
        """
        for number in np.union1d(np.unique(mapped), np.unique(true)):
            if number >= 0:
                ours, theirs = _outline(mapped, number), _outline(true, number)
                self._counts[number] += [
                    *self._close(ours, theirs, rows),
                    *self._close(theirs, ours, rows),
                ]

    def scores(self) -> tuple[OutlineScore, ...]:
        """The score of each class."""
        return tuple(_score(*map(int, row)) for row in self._counts)

    def _close(self, outline: Flags, other: Flags, rows: slice) -> tuple[int, int]:
        """The number of outline pixels in ``rows``, and of those that are close to the other outline."""
        # Outlines are thin: only their pixels are looked up, nearest neighbours first.
        row, col = np.nonzero(outline[rows])
        row, total = row + (rows.start or 0), len(row)
        padded, close = np.pad(other, self._reach), 0
        for down, right in self._steps:
            hit = padded[row + self._reach + down, col + self._reach + right]
            close += int(hit.sum())
            row, col = row[~hit], col[~hit]
        return total, close


def _outline(indices: Indices, number: int) -> Flags:
    """The outline pixels of a class (H, W)."""
    inside, outside = indices == number, (indices != number) & (indices >= 0)
    beside = np.zeros_like(inside)
    beside[1:] |= outside[:-1]
    beside[:-1] |= outside[1:]
    beside[:, 1:] |= outside[:, :-1]
    beside[:, :-1] |= outside[:, 1:]
    outline: Flags = inside & beside
    return outline


def _score(mapped: int, mapped_close: int, true: int, true_close: int) -> OutlineScore:
    if not mapped and not true:
        return OutlineScore(math.nan, math.nan, math.nan)
    precision = mapped_close / mapped if mapped else math.nan
    recall = true_close / true if true else math.nan
    both = precision + recall
    f1 = 2 * precision * recall / both if both > 0 else 0.0
    return OutlineScore(precision, recall, f1)


def mean_f1(scores: Sequence[OutlineScore]) -> float:
    """Mean F1 of the classes that have an outline; NaN if none has."""
    found = [score.f1 for score in scores if not math.isnan(score.f1)]
    return sum(found) / len(found) if found else math.nan
