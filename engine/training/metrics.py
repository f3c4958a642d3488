"""Segmentation scores from one confusion matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torchmetrics.classification import MulticlassConfusionMatrix

from ..contract.class_table import IGNORE_INDEX
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
    def of(cls, matrix: Tensor) -> Scores:
        """The scores of a confusion matrix (N, N) of pixel counts: rows truth, columns prediction."""
        counts = matrix.cpu().to(torch.float64)  # in two steps: Apple's GPUs have no float64
        hits, true, predicted = counts.diagonal(), counts.sum(dim=1), counts.sum(dim=0)
        # 0 / 0 is NaN, as intended for absent classes and for an empty matrix.
        iou, dice = hits / (true + predicted - hits), 2 * hits / (true + predicted)
        return cls(
            iou=tuple(iou.tolist()),
            miou=float(iou.nanmean()),
            pixel_accuracy=float(hits.sum() / counts.sum()),
            dice=tuple(dice.tolist()),
            mean_dice=float(dice.nanmean()),
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
        return tr("mIoU {}, pixel accuracy {}, Dice {} (IoU: {})").format(
            _format(self.miou), _format(self.pixel_accuracy), _format(self.mean_dice), each
        )


def _rows(counts: Tensor) -> tuple[tuple[int, ...], ...]:
    """Pixel counts (N, N) as whole numbers."""
    return tuple(tuple(map(int, row)) for row in counts.tolist())


def _format(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.3f}"


class ConfusionMatrix:
    """Confusion matrix over many batches, counted by torchmetrics on the device and across processes.

    Args:
        classes: Number of classes (2 for a sigmoid network).
        device: Device of the batches.
    """

    def __init__(self, classes: int, device: torch.device | str = "cpu") -> None:
        self._counter = MulticlassConfusionMatrix(
            max(classes, 2), ignore_index=IGNORE_INDEX, validate_args=False
        ).to(device)
        self._classes = classes

    def update(self, predicted: Tensor, target: Tensor) -> None:
        """Counts a batch of class indices, (B, H, W) each; ``IGNORE_INDEX`` in ``target`` is skipped."""
        self._counter.update(predicted, target)

    def matrix(self) -> Tensor:
        """The pixel counts, (N, N) int64: rows truth, columns prediction."""
        counts: Tensor = self._counter.compute()
        return counts[: self._classes, : self._classes]

    def scores(self) -> Scores:
        """The scores of all counted batches."""
        return Scores.of(self.matrix())
