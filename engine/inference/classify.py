"""Chooses a class from probabilities, computes how sure that is, and builds the finished rows of a mask.

Everything is computed on the device of the probabilities, NumPy arrays or tensors; only class values and percents come
back, a strip at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compute.arrays import Array, namespace, to_numpy
from ..contract.class_table import ClassTable, nodata_value
from ..contract.unlike import UNLIKE, UNLIKE_PERCENT
from ..outputs.geotiff import NO_CONFIDENCE
from ..rasters.tiling import TileSpan

#: Outputs beside the mask that one model can give: the probability of the class, the entropy of all classes, and how
#: unlike the training a pixel is.
CONFIDENCE, UNCERTAINTY = "confidence", "uncertainty"
SINGLE_EXTRAS = {CONFIDENCE, UNCERTAINTY, UNLIKE}


class ClassDecision:
    """Maps class indices to the values of a class table.

    Args:
        classes: The classes.

    Attributes:
        channels: Probabilities per pixel, K: one for two classes (that of the second), else one per class.
        nodata: The mask's value where the image has none.
        dtype: The mask's type.
    """

    def __init__(self, classes: ClassTable) -> None:
        self.channels = 1 if len(classes) == 2 else len(classes)
        self.nodata = nodata_value(classes)
        self.dtype = np.dtype(np.uint8 if self.nodata <= 255 else np.uint16)
        # torch supports few operations on uint16: int16 holds the same bits.
        values = np.array([entry.value for entry in classes]).astype(self.dtype)
        self._values = values if self.dtype == np.uint8 else values.view(np.int16)
        self._copies: dict[Any, Array] = {}  # by device: a copy for every tile would wait for a GPU

    def lookup(self, index: Array) -> Array:
        """Class values (h, w) of class indices, with the bits of ``dtype``."""
        xp = namespace(index)
        if index.device not in self._copies:
            self._copies[index.device] = xp.asarray(self._values, device=index.device)
        values = self._copies[index.device]
        if index.dtype != xp.bool:
            return values.take(xp.astype(index, xp.int64))
        # Arithmetic that may wrap around: fifty times faster than ``where``.
        found = xp.astype(index, values.dtype)
        found *= values[1:] - values[:1]
        found += values[:1]
        return found


class MaskStripBuilder:
    """Builds the finished rows of a mask from left to right.

    Args:
        class_decision: The classes.
        height: Maximum number of rows.
        width: Number of columns.
        extras: Outputs beside the mask, of ``SINGLE_EXTRAS``.
    """

    def __init__(
        self, class_decision: ClassDecision, height: int, width: int, extras: Sequence[str] = ()
    ) -> None:
        self._classes = class_decision
        self._extras = extras
        self._shape = (height, width)
        self._outputs: list[Array] = []  # until the first tile, which decides the kind of array
        self._missing: NDArray[np.bool_] | None = None

    def put(
        self,
        cols: TileSpan,
        planes: Array,
        threshold: float,
        valid: NDArray[np.bool_] | None,
    ) -> None:
        """Adds the columns that a tile finishes.

        Args:
            cols: Horizontal span of the tile.
            planes: The probabilities (K, h, w) and, with a land summary, how unlike the training the pixels are.
            threshold: For two classes, the probability above which a pixel is the second.
            valid: (h, w), where the image has a value; None: everywhere.
        """
        probability = planes[: self._classes.channels]
        target = slice(probability.shape[1]), slice(cols.begin, cols.end)
        index = predict_class(probability, threshold)
        shares = {
            CONFIDENCE: lambda: best_probability(index, probability),
            UNCERTAINTY: lambda: entropy(probability),
            UNLIKE: lambda: planes[-1],
        }
        parts = [
            self._classes.lookup(index),
            *(to_percent(shares[name]()) for name in self._extras),
        ]
        if not self._outputs:
            xp, device = namespace(probability), probability.device
            self._outputs = [xp.empty(self._shape, dtype=p.dtype, device=device) for p in parts]
        for output, part in zip(self._outputs, parts):
            output[target] = part
        if valid is not None:
            if self._missing is None:
                self._missing = np.zeros(self._shape, bool)
            self._missing[target] = ~valid

    def rows(self) -> tuple[NDArray[Any], ...]:
        """The class values (h, W), and the extras in percent."""
        first, *percents = map(to_numpy, self._outputs)
        mask = first.view(self._classes.dtype)
        if self._missing is not None:
            mask[self._missing] = self._classes.nodata
            for percent in percents:
                percent[self._missing] = NO_CONFIDENCE
        return mask, *percents


def predict_class(probability: Array, threshold: float | Array) -> Array:
    """The most probable class of every pixel (h, w) of probabilities (K, h, w).

    Returns:
        Class indices; with K = 1, whether the class is the second of two.
    """
    if len(probability) == 1:
        return probability[0] > threshold
    # Class by class, which is two to twelve times faster than ``argmax`` or ``max`` over the first axis.
    xp = namespace(probability)
    index_type = xp.uint8 if len(probability) <= 256 else xp.int32
    best, index = probability[0], xp.zeros_like(probability[0], dtype=index_type)
    for number in range(1, len(probability)):
        is_better = xp.astype(probability[number] > best, index_type)
        is_better *= number
        index = xp.maximum(index, is_better)
        best = xp.maximum(best, probability[number])
    return index


def best_probability(index: Array, probability: Array) -> Array:
    """The probability (h, w) of the class that ``predict_class`` chose."""
    xp = namespace(probability)
    if len(probability) > 1:
        return xp.max(probability, axis=0)
    return xp.where(index, probability[0], 1 - probability[0])


def entropy(probability: Array) -> Array:
    """The entropy (h, w) of probabilities (K, h, w), as a share of the largest possible one: 0 sure, 1 a guess."""
    xp = namespace(probability)
    classes = xp.concat([1 - probability, probability]) if len(probability) == 1 else probability
    # Of 0, and of rounding errors below 0 that blending leaves, there is no logarithm.
    positive = xp.clip(classes, min=xp.finfo(classes.dtype).smallest_normal)
    return xp.sum(positive * xp.log(positive), axis=0) / -math.log(len(classes))


def is_unlike(percents: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels of rows in percent are unlike the training; none where there is no value."""
    found: NDArray[np.bool_] = (percents > UNLIKE_PERCENT) & (percents != NO_CONFIDENCE)
    return found


def to_percent(share: Array) -> Array:
    """Shares 0..1 in whole percent."""
    xp = namespace(share)
    return xp.astype(xp.round(share * 100), xp.uint8)
