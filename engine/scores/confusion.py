"""Segmentation scores from one confusion matrix of pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..contract.translation import tr

#: Largest number of classes whose confusion matrix is kept with the scores.
MAX_KEPT_CLASSES = 100


@dataclass(frozen=True)
class Scores:
    """Agreement of predicted and true classes, 0..1.

    A class that occurs neither in the truth nor in the prediction has no score (NaN) and does not count in
    any mean. A class that is predicted but never true has the score 0 and counts.

    Attributes:
        iou: Intersection over union of each class.
        miou: Mean IoU over the classes in truth or prediction.
        pixel_accuracy: Share of labelled pixels with the right class.
        dice: Dice coefficient (F1) of each class.
        mean_dice: Mean Dice over the same classes as ``miou``.
        pixels: Number of compared labelled pixels; if 0, all scores are NaN.
        confusion: The confusion matrix of which all scores are made: pixels by true class (rows) and predicted class
            (columns); empty for more than 100 classes.
    """

    iou: tuple[float, ...]
    miou: float
    pixel_accuracy: float
    dice: tuple[float, ...]
    mean_dice: float
    pixels: int
    confusion: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, matrix: ArrayLike) -> Scores:
        """The scores of a confusion matrix (N, N) of pixel counts in CPU memory: rows truth, columns prediction."""
        counts = np.asarray(matrix, np.float64)
        hits, true, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
        # 0 / 0 is NaN, as intended for absent classes and for an empty matrix.
        with np.errstate(invalid="ignore"):
            iou, dice = hits / (true + predicted - hits), 2 * hits / (true + predicted)
            pixel_accuracy = float(hits.sum() / counts.sum())
        return cls(
            iou=tuple(iou.tolist()),
            miou=_mean_of_known(iou),
            pixel_accuracy=pixel_accuracy,
            dice=tuple(dice.tolist()),
            mean_dice=_mean_of_known(dice),
            pixels=int(counts.sum()),
            confusion=_rows(counts) if len(counts) <= MAX_KEPT_CLASSES else (),
        )

    def as_dict(self, class_names: Sequence[str]) -> dict[str, Any]:
        """The scores by name, with nested dictionaries by class name."""
        return {
            "miou": self.miou,
            "pixel_accuracy": self.pixel_accuracy,
            "mean_dice": self.mean_dice,
            "iou": dict(zip(class_names, self.iou, strict=True)),
            "dice": dict(zip(class_names, self.dice, strict=True)),
            "pixels": self.pixels,
            "confusion": [list(row) for row in self.confusion],
        }

    def sentence(self, class_names: Sequence[str]) -> str:
        """The scores in one line for users, without a full stop."""
        each = ", ".join(
            f"{name} {_format(value)}" for name, value in zip(class_names, self.iou, strict=True)
        )
        return tr("mIoU {}, pixel accuracy {}, mean F1 {} (IoU: {})").format(
            _format(self.miou), _format(self.pixel_accuracy), _format(self.mean_dice), each
        )


class PixelCounts:
    """The confusion matrix of many strips of class indices.

    Args:
        classes: Number of classes.
    """

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self.matrix: NDArray[np.int64] = np.zeros((classes, classes), np.int64)

    def add(self, mapped: NDArray[np.int64], true: NDArray[np.int64]) -> None:
        """Counts pixels (N,) with their class indices, none of which is missing."""
        pairs = np.bincount(true * self._classes + mapped, minlength=self.matrix.size)
        self.matrix += pairs.reshape(self.matrix.shape)


def _mean_of_known(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _rows(counts: NDArray[np.float64]) -> tuple[tuple[int, ...], ...]:
    """Pixel counts (N, N) as whole numbers."""
    return tuple(tuple(map(int, row)) for row in counts.tolist())


def _format(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.3f}"
