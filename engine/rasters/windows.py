"""Pixel rectangles on the image grid: pure integers, standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A pixel rectangle on the image grid.

    Attributes:
        row: First row.
        col: First column.
        height: Rows.
        width: Columns.
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
        """What both windows share, or None."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        height = min(self.row_stop, other.row_stop) - row
        width = min(self.col_stop, other.col_stop) - col
        return Window(row, col, height, width) if height > 0 and width > 0 else None

    def shift(self, rows: int, cols: int) -> Window:
        """The window moved down by ``rows`` and right by ``cols``."""
        return Window(self.row + rows, self.col + cols, self.height, self.width)

    def grow_to(self, side: int, bounds: Window) -> Window:
        """The window widened around its middle to at least ``side`` each way, within ``bounds``."""
        row, height = _grown(self.row, self.height, side, bounds.row, bounds.height)
        col, width = _grown(self.col, self.width, side, bounds.col, bounds.width)
        return Window(row, col, height, width)


def _grown(start: int, length: int, side: int, low: int, room: int) -> tuple[int, int]:
    wanted = min(max(length, side), room)
    first = start - (wanted - length) // 2
    return min(max(first, low), low + room - wanted), wanted


def mirror_indices(count: int, length: int, begin: int, end: int) -> list[int]:
    """For each of ``count`` pixels over a span, the pixel to show so that what lies outside mirrors what lies inside.

    Args:
        count: Pixels along the span, of any size.
        length: The span's length in image pixels.
        begin: Where the inside begins, in image pixels from the span's start.
        end: Where it ends.
    """
    inside = end - begin
    chosen = []
    for pixel in range(count):
        turned = ((pixel + 0.5) * length / count - begin) % (2 * inside)
        centre = begin + min(turned, 2 * inside - turned)
        chosen.append(min(int(centre * count / length), count - 1))
    return chosen
