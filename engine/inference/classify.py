"""Chooses a class from probabilities, tells how sure that is, and builds the finished rows of a mask.

Everything is computed on the device of the probabilities; only class values and percents come back, a strip at a
time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..contract.class_table import ClassTable, nodata_value
from ..outputs.geotiff import NO_CONFIDENCE
from ..rasters.tiling import TileSpan

#: Outputs beside the mask that one model can give: the probability of the class, and the entropy of all classes.
CONFIDENCE, UNCERTAINTY = "confidence", "uncertainty"


class ClassDecision:
    """Maps class indices to the values of a class table.

    Args:
        classes: The classes.
        device: Device of the probabilities.

    Attributes:
        nodata: The mask's value where the image has none.
        dtype: The mask's type.
        values: (K), the classes' values on the device, with the bits of ``dtype``.
    """

    def __init__(self, classes: ClassTable, device: torch.device) -> None:
        self.nodata = nodata_value(classes)
        self.dtype = np.dtype(np.uint8 if self.nodata <= 255 else np.uint16)
        # torch supports few operations on uint16: int16 holds the same bits.
        values = np.array([entry.value for entry in classes]).astype(self.dtype)
        signed = values if self.dtype == np.uint8 else values.view(np.int16)
        self.values = torch.from_numpy(signed).to(device)

    def lookup(self, index: Tensor) -> Tensor:
        """Class values (h, w) of class indices."""
        if index.dtype == torch.bool:
            # Arithmetic that may wrap around: fifty times faster than ``torch.where``.
            first, second = self.values
            return index.to(first.dtype).mul(second - first).add(first)
        return torch.take(self.values, index)


class MaskStripBuilder:
    """Builds the finished rows of a mask from left to right.

    Args:
        class_decision: The classes.
        height: Maximum number of rows.
        width: Number of columns.
        extras: Outputs beside the mask: ``CONFIDENCE``, ``UNCERTAINTY``.
    """

    def __init__(
        self, class_decision: ClassDecision, height: int, width: int, extras: Sequence[str] = ()
    ) -> None:
        self._classes = class_decision
        self._mask = class_decision.values.new_empty(height, width)
        self._percents = {
            name: self._mask.new_empty(height, width, dtype=torch.uint8) for name in extras
        }
        self._missing: NDArray[np.bool_] | None = None

    def put(
        self, cols: TileSpan, probability: Tensor, threshold: float, valid: NDArray[np.bool_] | None
    ) -> None:
        """Adds the columns that a tile finishes.

        Args:
            cols: Horizontal span of the tile.
            probability: (K, h, w).
            threshold: For two classes, the probability above which a pixel is the second.
            valid: (h, w), where the image has a value; None: everywhere.
        """
        target = slice(probability.shape[1]), slice(cols.begin, cols.end)
        index = predict_class(probability, threshold)
        self._mask[target] = self._classes.lookup(index)
        for name, percent in self._percents.items():
            is_entropy = name == UNCERTAINTY
            share = entropy(probability) if is_entropy else probability_of_class(index, probability)
            percent[target] = to_percent(share)
        if valid is not None:
            if self._missing is None:
                self._missing = np.zeros(self._mask.shape, bool)
            self._missing[target] = ~valid

    def rows(self) -> tuple[NDArray[Any], ...]:
        """The class values (h, W), and the extras in percent."""
        mask = self._mask.cpu().numpy().view(self._classes.dtype)
        percents = [percent.cpu().numpy() for percent in self._percents.values()]
        if self._missing is not None:
            mask[self._missing] = self._classes.nodata
            for percent in percents:
                percent[self._missing] = NO_CONFIDENCE
        return mask, *percents


def predict_class(probability: Tensor, threshold: float | Tensor) -> Tensor:
    """The most probable class of every pixel (h, w) of probabilities (K, h, w).

    Returns:
        Class indices; with K = 1, whether the class is the second of two.
    """
    if len(probability) == 1:
        return probability[0] > threshold
    # ``argmax`` over the first axis takes six times as long.
    return probability.max(dim=0).indices


def probability_of_class(index: Tensor, probability: Tensor) -> Tensor:
    """The probability (h, w) of the class at ``index``, see ``predict_class``."""
    if len(probability) > 1:
        return probability.gather(0, index[None])[0]
    return torch.where(index.bool(), probability[0], 1 - probability[0])


def entropy(probability: Tensor) -> Tensor:
    """The entropy (h, w) of probabilities (K, h, w), as a share of the largest possible one: 0 sure, 1 a guess."""
    # Blending leaves rounding errors below 0, of which there is no logarithm.
    classes = torch.cat([1 - probability, probability]) if len(probability) == 1 else probability
    terms: Tensor = torch.special.entr(classes.clamp(min=0))
    return terms.sum(dim=0) / math.log(len(classes))


def to_percent(share: Tensor) -> Tensor:
    """Shares 0..1 in whole percent."""
    return (share * 100).round_().to(torch.uint8)
