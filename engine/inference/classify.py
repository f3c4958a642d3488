"""From probabilities to classes: which one wins where, how sure that is, and the finished rows of a mask.

All of it happens where the probabilities are; only class values and percents come back, a strip at a
time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..contract.class_table import ClassTable, free_value
from ..outputs.geotiff import NO_CONFIDENCE
from ..rasters.tiling import TileSpan


class ClassDecision:
    """What a class table makes of probabilities.

    Args:
        classes: The classes.
        device: Where the probabilities are.

    Attributes:
        nodata: The mask's value where the image has none.
        dtype: The mask's type.
    """

    def __init__(self, classes: ClassTable, device: torch.device) -> None:
        self.nodata = free_value(classes)
        self.dtype = np.dtype(np.uint8 if self.nodata <= 255 else np.uint16)
        # torch hardly computes with 16 bits without sign: the same bits with sign stand for them.
        values = np.array([entry.value for entry in classes]).astype(self.dtype)
        signed = values if self.dtype == np.uint8 else values.view(np.int16)
        self._values = torch.from_numpy(signed).to(device)

    def values(self, index: Tensor) -> Tensor:
        """Class values (h, w) of class indices, bits as in the mask's type."""
        if index.dtype == torch.bool:
            # Arithmetic that may wrap around: fifty times faster than choosing.
            first, second = self._values
            return index.to(first.dtype).mul(second - first).add(first)
        return torch.take(self._values, index)

    def strip(self, height: int, width: int, with_confidence: bool) -> MaskStripBuilder:
        """Room for the next finished rows."""
        return MaskStripBuilder(self, self._values, height, width, with_confidence)


class MaskStripBuilder:
    """Finished rows of a mask, put together from left to right.

    Args:
        class_decision: Which classes there are.
        like: A tensor of the mask's type on its device.
        height: Rows, or more.
        width: Columns.
        with_confidence: Whether the confidence is wanted beside the classes.
    """

    def __init__(
        self,
        class_decision: ClassDecision,
        like: Tensor,
        height: int,
        width: int,
        with_confidence: bool,
    ) -> None:
        self._class_decision = class_decision
        self._mask = like.new_empty(height, width)
        self._confidence = (
            like.new_empty(height, width, dtype=torch.uint8) if with_confidence else None
        )
        self._missing: NDArray[np.bool_] | None = None

    def put(
        self, cols: TileSpan, probability: Tensor, threshold: float, known: NDArray[np.bool_] | None
    ) -> None:
        """Takes the columns that a tile finishes.

        Args:
            cols: The tile's place.
            probability: (K, h, w).
            threshold: Of two classes, the least probability of the second.
            known: (h, w), where the image has a value; None: everywhere.
        """
        place = slice(probability.shape[1]), slice(cols.begin, cols.end)
        index = predict_class(probability, threshold)
        self._mask[place] = self._class_decision.values(index)
        if self._confidence is not None:
            self._confidence[place] = to_percent(probability_of_class(index, probability))
        if known is not None:
            if self._missing is None:
                self._missing = np.zeros(self._mask.shape, bool)
            self._missing[place] = ~known

    def rows(self) -> tuple[NDArray[Any], ...]:
        """The class values (h, W), and the confidence in percent where it is wanted."""
        mask = self._mask.cpu().numpy().view(self._class_decision.dtype)
        parts = [mask]
        if self._confidence is not None:
            parts.append(self._confidence.cpu().numpy())
        if self._missing is not None:
            for part, nothing in zip(parts, (self._class_decision.nodata, NO_CONFIDENCE)):
                part[self._missing] = nothing
        return tuple(parts)


def predict_class(probability: Tensor, threshold: float | Tensor) -> Tensor:
    """The class of every pixel (h, w) of probabilities (K, h, w).

    Returns:
        Class indices; of two classes with one probability, whether it is the second.
    """
    if len(probability) == 1:
        return probability[0] > threshold
    # Not argmax: across planes it takes six times as long.
    return probability.max(dim=0).indices


def probability_of_class(index: Tensor, probability: Tensor) -> Tensor:
    """The probability (h, w) of the class at ``index``, see ``predict_class``."""
    if len(probability) > 1:
        return probability.gather(0, index[None])[0]
    return torch.where(index.bool(), probability[0], 1 - probability[0])


def to_percent(share: Tensor) -> Tensor:
    """Shares 0..1 in whole percent."""
    return (share * 100).round_().to(torch.uint8)
