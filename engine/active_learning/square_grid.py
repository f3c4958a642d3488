"""Equal squares over a part of an image, side by side, and samples of them that are spread evenly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import JobError
from ..contract.translation import tr
from ..rasters.grid import Grid
from ..rasters.ground_resolution import GroundScale
from ..rasters.windows import Window

#: Smallest side of a square, px: of fewer there is nothing to label.
_MIN_SIDE = 8

#: Largest number of squares: their sums stay in memory.
MAX_SQUARES = 1_000_000

Indices = NDArray[np.int64]


class NoSquareError(JobError):
    """An image has no square to label; other images of the job may have some."""


@dataclass(frozen=True)
class SquareGrid:
    """Squares that cover the middle of a region: the rest is divided among its four borders.

    They are numbered row by row. Where pixels are not square on the ground, a square has another number of rows than
    of columns.

    Attributes:
        window: All squares together.
        height: Rows of a square, px.
        width: Columns of a square, px.
    """

    window: Window
    height: int
    width: int

    @staticmethod
    def over(region: Window, height: int, width: int) -> SquareGrid:
        """The squares of a region that is at least as large as one."""
        rows, cols = region.height // height * height, region.width // width * width
        top, left = (region.height - rows) // 2, (region.width - cols) // 2
        return SquareGrid(
            Window(region.row + top, region.col + left, rows, cols), height=height, width=width
        )

    @property
    def rows(self) -> int:
        """Rows of squares."""
        return self.window.height // self.height

    @property
    def cols(self) -> int:
        """Columns of squares."""
        return self.window.width // self.width

    def __len__(self) -> int:
        return self.rows * self.cols

    def square(self, index: int) -> Window:
        """The pixels of a square."""
        row, col = divmod(index, self.cols)
        top, left = self.window.row + row * self.height, self.window.col + col * self.width
        return Window(top, left, self.height, self.width)

    def tile(self, index: int, side: int) -> Window:
        """The window of ``side`` x ``side`` px around the middle of a square."""
        square = self.square(index)
        row, col = square.row + (self.height - side) // 2, square.col + (self.width - side) // 2
        return Window(row, col, side, side)

    def spread(self, squares: Indices, count: int, seed: int = 0) -> Indices:
        """At most ``count`` of some squares (N,), random and spread evenly over the scene: a stratified sample.

        Args:
            squares: The squares to choose from.
            count: The size of the sample, above 0.
            seed: Seed of the random numbers.
        """
        if len(squares) <= count:
            return squares
        shuffled = np.random.default_rng(seed).permutation(squares)
        # About as many strata as squares are wanted; each gives its first square, then its second, ...
        step = max(1, int(np.sqrt(len(self) / count)))
        strata = shuffled // self.cols // step * self.cols + shuffled % self.cols // step
        order = np.argsort(strata, kind="stable")
        starts = np.flatnonzero(np.diff(strata[order], prepend=-1))
        turn = np.empty(len(shuffled), np.int64)
        turn[order] = np.arange(len(shuffled)) - np.repeat(
            starts, np.diff(starts, append=len(shuffled))
        )
        return np.sort(shuffled[np.argsort(turn, kind="stable")[:count]])


def square_sides(size: float, default: int, grid: Grid, path: str) -> tuple[int, int]:
    """Rows and columns of a square.

    Args:
        size: Side in metres on the ground, or in pixels of an image without a coordinate system; 0: ``default``.
        default: Side in pixels where the job leaves it open.
        grid: The image's grid.
        path: The image, for messages.

    Raises:
        JobError: If the side is smaller than 8 px.
        NoSquareError: If the default is.
    """
    if not size and default < _MIN_SIDE:
        raise NoSquareError(
            tr(
                "The part of the image {} where squares may lie is only {} px wide or high, and a square has at least "
                "{} x {} px: give a larger extent or area, or another image."
            ).format(path, default, _MIN_SIDE, _MIN_SIDE)
        )
    if not size:
        return default, default
    middle = np.array([[grid.width / 2, grid.height / 2]])
    scale = GroundScale(grid)
    metres = np.linalg.norm(scale.per_pixel(middle)[0], axis=0)  # of a column and of a row
    width, height = (max(1, round(size / float(step))) for step in metres)
    if min(width, height) < _MIN_SIDE:
        raise JobError(
            tr(
                "A square of {:g} {} has {} x {} px of the image {}, and at least {} x {} px are needed: give a "
                "larger size, or leave it out."
            ).format(size, scale.unit, width, height, path, _MIN_SIDE, _MIN_SIDE)
        )
    return height, width


def lay_squares(region: Window, height: int, width: int, path: str, taken: int = 0) -> SquareGrid:
    """The squares of ``height`` x ``width`` px in a region of an image.

    Args:
        region: The region.
        height: Rows of a square, px.
        width: Columns of a square, px.
        path: The image, for messages.
        taken: Number of squares on other images.

    Raises:
        NoSquareError: If not even one fits.
        JobError: If there are too many.
    """
    if height > region.height or width > region.width:
        raise NoSquareError(
            tr(
                "A square of {} x {} px does not fit into the {} x {} px of the image {} where squares may lie: give a "
                "smaller size, or a larger extent or area."
            ).format(width, height, region.width, region.height, path)
        )
    squares = SquareGrid.over(region, height, width)
    if len(squares) + taken > MAX_SQUARES:
        raise JobError(
            tr(
                "Squares of {} x {} px would be {:,} on the image {}, and at most {:,} are possible: give a larger "
                "size."
            ).format(width, height, len(squares), path, MAX_SQUARES - taken)
        )
    return squares


def allotted(counts: Sequence[int], total: int) -> list[int]:
    """How many of about ``total`` each of several images may have, by the number of squares that it has."""
    everything = max(sum(counts), 1)
    # Not fewer than one: a small image may show what no other one does.
    return [min(count, -(-total * count // everything)) for count in counts]
