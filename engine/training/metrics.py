"""The confusion matrix of a training's batches, on their device and across processes."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics.classification import MulticlassConfusionMatrix

from ..contract.class_table import IGNORE_INDEX
from ..scores.confusion import Scores


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
        return Scores.of(self.matrix().cpu())
