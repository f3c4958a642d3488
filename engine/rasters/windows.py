"""Pixel rectangles on the image grid: pure integers, standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A pixel rectangle on the image grid; it may reach beyond the image.

    Attributes:
        row: First row.
        col: First column.
        height: Number of rows.
        width: Number of columns.
    """

    row: int
    col: int
    height: int
    width: int

    @property
    def row_stop(self) -> int:
        """The first row below the window."""
        return self.row + self.height

    @property
    def col_stop(self) -> int:
        """The first column right of the window."""
        return self.col + self.width

    @property
    def pixels(self) -> int:
        """The number of pixels."""
        return self.height * self.width

    def intersection(self, other: Window) -> Window | None:
        """The pixels that both windows share, or None if they share none."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        height = min(self.row_stop, other.row_stop) - row
        width = min(self.col_stop, other.col_stop) - col
        return Window(row, col, height, width) if height > 0 and width > 0 else None

    def shift(self, rows: int, cols: int) -> Window:
        """The window moved down by ``rows`` and right by ``cols``."""
        return Window(self.row + rows, self.col + cols, self.height, self.width)

    def grow_to(self, side: int, bounds: Window) -> Window:
        """The window enlarged around its centre to at least ``side`` px each way, within ``bounds``."""
        row, height = _grow(self.row, self.height, side, bounds.row, bounds.height)
        col, width = _grow(self.col, self.width, side, bounds.col, bounds.width)
        return Window(row, col, height, width)


def _grow(start: int, length: int, side: int, bound: int, bound_length: int) -> tuple[int, int]:
    grown = min(max(length, side), bound_length)
    first = start - (grown - length) // 2
    return min(max(first, bound), bound + bound_length - grown), grown


def mirror_indices(count: int, length: int, begin: int, end: int) -> list[int]:
    """For each of ``count`` pixels along a span, the index of the pixel that replaces it.

    Pixels within ``begin .. end`` keep their values; those beyond mirror them, as in numpy's ``symmetric`` padding.

    Args:
        count: Pixels along the span, of any size.
        length: Length of the span, in image pixels.
        begin: First image pixel with values, from the start of the span.
        end: First image pixel after them.
    """
    valid_length = end - begin
    indices = []
    for pixel in range(count):
        folded = ((pixel + 0.5) * length / count - begin) % (2 * valid_length)
        centre = begin + min(folded, 2 * valid_length - folded)
        indices.append(min(int(centre * count / length), count - 1))
    return indices
