"""Sums over the pixels of each square, row by row: what the model says there, and where it is labelled already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..datasets.label_source import UNLABELLED, LabelSource
from ..rasters.windows import Window
from .doubt import Doubt, MappedRows
from .square_grid import SquareGrid

#: Pixels that are summed up or read at a time.
_PIXELS = 2**20

Counts = NDArray[np.int64]


class SquareSums:
    """Sums over pixels, by square (N,).

    Args:
        squares: The squares.
    """

    def __init__(self, squares: SquareGrid) -> None:
        self._squares = squares
        self._sums: dict[object, Counts] = {}

    def add(self, key: object, row: int, values: NDArray[Any]) -> None:
        """Adds rows of pixels to the sums of a key.

        Args:
            key: What is summed.
            row: Row of the image at which the values begin.
            values: (h, W) over the columns of ``SquareGrid.window``, whole numbers or booleans.
        """
        squares = self._squares
        sums = self._sums.setdefault(key, np.zeros((squares.rows, squares.cols), np.int64))
        first = row - squares.window.row
        for square_row, rows in _cut(first, len(values), squares.height):
            columns = values[rows].sum(axis=0, dtype=np.int64)
            sums[square_row] += columns.reshape(squares.cols, squares.width).sum(axis=1)

    def __getitem__(self, key: object) -> Counts:
        """The sums (N,) of a key; 0 where nothing was added."""
        return self._sums[key].ravel() if key in self._sums else np.zeros(len(self._squares), int)


def _cut(first: int, count: int, height: int) -> Iterator[tuple[int, slice]]:
    """The rows of each row of squares among ``count`` rows that begin at ``first``."""
    begin = 0
    while begin < count:
        square_row = (first + begin) // height
        end = min(count, (square_row + 1) * height - first)
        yield square_row, slice(begin, end)
        begin = end


class MappedSquares:
    """The classes that a model maps and its uncertainty, by square.

    Args:
        squares: The squares.
        classes: The model's classes.
        nodata: The mask's value where the image has none.
        doubt: The doubt of a pixel; none: the uncertainty, whatever the class.
    """

    def __init__(
        self, squares: SquareGrid, classes: ClassTable, nodata: int, doubt: Doubt | None = None
    ) -> None:
        self._squares = squares
        self._classes = classes
        self._nodata = nodata
        self._doubt = doubt or Doubt(classes, np.ones(len(classes)), nodata)
        self._sums = SquareSums(squares)

    def add(self, row: int, mapped: MappedRows) -> None:
        """Adds finished rows of the image from row ``row`` on, with the columns of ``SquareGrid.window``."""
        for begin, rows in row_parts(row, *mapped.mask.shape):
            part = mapped.part(rows, slice(None))
            known = part.mask != self._nodata
            self._sums.add("known", begin, known)
            self._sums.add("uncertainty", begin, part.uncertainty * known)
            self._sums.add("doubt", begin, self._doubt.of(part))
            self._sums.add("unlike", begin, part.unlike & known)
            for entry in self._classes:
                self._sums.add(entry.value, begin, part.mask == entry.value)

    @property
    def pixels(self) -> Counts:
        """Pixels with data (N,)."""
        return self._sums["known"]

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """Mean uncertainty of the pixels with data (N,), 0..1."""
        return self._mean("uncertainty") / 100

    @property
    def doubt(self) -> NDArray[np.float64]:
        """Mean doubt of the pixels with data (N,), 0..1."""
        return self._mean("doubt") / 10_000

    @property
    def unlike(self) -> NDArray[np.float64]:
        """Share of the pixels with data that are unlike the training (N,)."""
        return self._mean("unlike")

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each class among the pixels with data (K, N)."""
        return np.stack([self._mean(entry.value) for entry in self._classes])

    def _mean(self, key: object) -> NDArray[np.float64]:
        return np.asarray(self._sums[key] / np.maximum(self.pixels, 1))


def row_parts(row: int, height: int, width: int) -> Iterator[tuple[int, slice]]:
    """Rows in parts of about a million pixels: the first row of each part, and the part of ``height`` rows."""
    step = max(1, _PIXELS // width)
    for begin in range(0, height, step):
        yield row + begin, slice(begin, min(begin + step, height))


def labelled_pixels(labels: LabelSource, squares: SquareGrid) -> tuple[Counts, dict[int, int]]:
    """Labelled pixels of each square (N,), and the number of pixels of each class value in all of them."""
    sums, totals = SquareSums(squares), dict[int, int]()
    window = squares.window
    for row, rows in row_parts(window.row, window.height, window.width):
        values = labels.read(Window(row, window.col, rows.stop - rows.start, window.width))
        known = values != UNLABELLED
        sums.add("labelled", row, known)
        for value, count in zip(*np.unique(values[known], return_counts=True)):
            totals[int(value)] = totals.get(int(value), 0) + int(count)
    return sums["labelled"], totals
