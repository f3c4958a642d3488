"""Differences between a mask and labels: a reduced picture of the whole, and the places with the most wrong pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .outlines import Flags

#: Longest side of the picture, in its pixels.
_LONGEST_SIDE = 800

#: Sides of a place, in pixels of the mask: a quarter of the raster, within these.
_SMALLEST_PLACE, _LARGEST_PLACE = 32, 256

Counts = NDArray[np.int64]


class DifferenceMap:
    """Counts compared and wrong pixels in the cells of a coarse grid.

    Args:
        height: Rows of the mask.
        width: Columns of the mask.

    Attributes:
        place_side: Side of a place, px.
    """

    def __init__(self, height: int, width: int) -> None:
        longest = max(height, width)
        self._cell = -(-longest // _LONGEST_SIDE)
        self.place_side = min(_LARGEST_PLACE, max(_SMALLEST_PLACE, longest // 4))
        self._compared, self._wrong = (_cells(height, width, self._cell) for _ in range(2))
        self._places = _cells(height, width, self.place_side)

    def add(self, row: int, compared: Flags, wrong: Flags) -> None:
        """Counts a strip (H, W) that begins with a row of the mask."""
        _add(self._compared, compared, row, self._cell)
        _add(self._wrong, wrong, row, self._cell)
        _add(self._places, wrong, row, self.place_side)

    @property
    def wrong(self) -> NDArray[np.float64]:
        """Share of wrong pixels in each cell of the picture (h, w), NaN where none is compared."""
        with np.errstate(invalid="ignore"):
            shares: NDArray[np.float64] = self._wrong / self._compared
        return shares

    def worst_places(self, most: int) -> list[tuple[int, int, int]]:
        """First row, first column and wrong pixels of the places with the most of them, worst first."""
        order = np.argsort(-self._places, axis=None, kind="stable")[:most]
        cells = [(*map(int, np.unravel_index(flat, self._places.shape)),) for flat in order]
        side = self.place_side
        return [
            (row * side, col * side, int(self._places[row, col]))
            for row, col in cells
            if self._places[row, col]
        ]


def _cells(height: int, width: int, side: int) -> Counts:
    return np.zeros((-(-height // side), -(-width // side)), np.int64)


def _add(cells: Counts, flags: Flags, row: int, side: int) -> None:
    """Adds the number of set pixels to each cell."""
    rows = (row + np.arange(flags.shape[0])) // side
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    part = np.add.reduceat(flags.astype(np.int64), first, axis=0)
    cells[rows[first]] += np.add.reduceat(part, np.arange(0, flags.shape[1], side), axis=1)
