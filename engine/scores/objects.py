"""Object F1: which objects of a class, such as footprints of buildings, a mask finds.

An object is an area of pixels of one class that share sides. It is found if an object of the mask and it share more
than half of the area of both together (IoU > 0.5); then no other object of the mask can.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label  # type: ignore[import-untyped]
from scipy.sparse import coo_array  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from .outlines import Flags, Indices

#: IoU above which two objects are the same.
SAME_OBJECT = 0.5

#: Pieces of objects beyond which counting stops: each takes some 50 bytes.
MAX_PIECES = 20_000_000

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class ObjectScore:
    """Objects of one class.

    Attributes:
        true: Objects in the labels.
        mapped: Objects in the mask.
        found: Pairs of both with an IoU above ``SAME_OBJECT``.
    """

    true: int
    mapped: int
    found: int

    @property
    def missed(self) -> int:
        """Objects of the labels that the mask does not find."""
        return self.true - self.found

    @property
    def false(self) -> int:
        """Objects of the mask that are none of the labels."""
        return self.mapped - self.found

    @property
    def f1(self) -> float:
        """Harmonic mean of the shares of found and of right objects; NaN without any object."""
        both = self.true + self.mapped
        return 2 * self.found / both if both else math.nan


class ObjectCounter:
    """Counts the objects of some classes in strips that follow each other from top to bottom.

    Memory grows with the number of objects, not with the raster: of the pixels only the last row is kept.

    Args:
        classes: Indices of the classes.
    """

    def __init__(self, classes: Iterable[int]) -> None:
        self._classes = {number: (_Pieces(), _Pieces(), _Overlaps()) for number in classes}

    def add(self, mapped: Indices, true: Indices) -> None:
        """Counts a strip: class indices of mask and labels (H, W), negative in the same pixels."""
        for number, (ours, theirs, overlaps) in self._classes.items():
            if ours.count + theirs.count > MAX_PIECES:
                continue
            overlaps.add(ours.add(mapped == number), theirs.add(true == number))

    def scores(self) -> dict[int, ObjectScore | None]:
        """The score of each class by index; None where there were too many objects to count."""
        return {
            number: _score(*counted) if counted[0].count + counted[1].count <= MAX_PIECES else None
            for number, counted in self._classes.items()
        }


class _Pieces:
    """The pieces of objects that strips cut, and which of them touch.

    Attributes:
        count: Number of pieces; they are numbered from 1.
    """

    def __init__(self) -> None:
        self.count = 0
        self._sizes: list[Numbers] = []
        self._touching: list[Numbers] = []
        self._last = np.zeros(0, np.int64)

    def add(self, inside: Flags) -> Numbers:
        """The number of the piece in each pixel of a strip (H, W); 0 outside."""
        found, count = label(inside)
        numbers = np.where(found > 0, found.astype(np.int64) + self.count, 0)
        self._sizes.append(np.bincount(found.ravel(), minlength=count + 1)[1:])
        if len(self._last):
            touch = (self._last > 0) & (numbers[0] > 0)
            self._touching.append(np.stack([self._last[touch], numbers[0][touch]]))
        self._last, self.count = numbers[-1].copy(), self.count + count
        return numbers

    def objects(self) -> tuple[NDArray[np.int32], Numbers]:
        """The object of each piece (pieces + 1,), and the pixels of each object."""
        first, second = np.concatenate([np.zeros((2, 0), np.int64), *self._touching], axis=1)
        size = self.count + 1
        ones = np.ones(len(first), np.int8)
        graph = coo_array((ones, (first, second)), shape=(size, size))
        found = connected_components(graph, directed=False)[1]
        sizes = np.concatenate([np.zeros(1, np.int64), *self._sizes])
        return found, np.bincount(found, weights=sizes).astype(np.int64)


class _Overlaps:
    """Pixels that pieces of mask and labels share."""

    def __init__(self) -> None:
        self._pairs: list[Numbers] = []

    def add(self, ours: Numbers, theirs: Numbers) -> None:
        both = (ours > 0) & (theirs > 0)
        pixels = ours[both]
        self._pairs.append(_sum_pairs(pixels, theirs[both], np.ones_like(pixels)))

    def of_objects(self, ours: NDArray[np.int32], theirs: NDArray[np.int32]) -> Numbers:
        """Object of the mask, object of the labels and shared pixels of each pair, (3, N)."""
        first, second, counts = np.concatenate([np.zeros((3, 0), np.int64), *self._pairs], axis=1)
        return _sum_pairs(ours[first].astype(np.int64), theirs[second], counts)


def _sum_pairs(first: Numbers, second: NDArray[Any], counts: Numbers) -> Numbers:
    """The distinct pairs of two rows of numbers and the sums of their counts, (3, N)."""
    # One number for each pair: sorting those is many times faster than sorting pairs.
    radix = int(second.max(initial=0)) + 1
    keys, place = np.unique(first * radix + second, return_inverse=True)
    sums = np.bincount(place.ravel(), weights=counts, minlength=len(keys)).astype(np.int64)
    return np.stack([keys // radix, keys % radix, sums])


def _score(ours: _Pieces, theirs: _Pieces, overlaps: _Overlaps) -> ObjectScore:
    our_object, our_sizes = ours.objects()
    their_object, their_sizes = theirs.objects()
    first, second, shared = overlaps.of_objects(our_object, their_object)
    iou = shared / (our_sizes[first] + their_sizes[second] - shared)
    # The number 0, outside all objects, is a component of its own.
    return ObjectScore(len(their_sizes) - 1, len(our_sizes) - 1, int((iou > SAME_OBJECT).sum()))
