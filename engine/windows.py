"""Windows, and tiles that overlap and blend: pure integers, standard library only.

A long side is covered by as few tiles as its overlap allows, spread evenly: the last tile is thereby
shifted inward, never padded. Two neighbours hand over to each other in a *fade* no wider than the
overlap, in the middle of what they share, so that the pixels nearest to a tile's edge count least.
Outside the fades exactly one tile counts; within one, two complementary ramps add up to one.
"""

from __future__ import annotations

from collections.abc import Iterator
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

    def shifted(self, rows: int, cols: int) -> Window:
        """The window moved down by ``rows`` and right by ``cols``."""
        return Window(self.row + rows, self.col + cols, self.height, self.width)

    def grown_to(self, side: int, bounds: Window) -> Window:
        """The window widened around its middle to at least ``side`` each way, within ``bounds``."""
        row, height = _grown(self.row, self.height, side, bounds.row, bounds.height)
        col, width = _grown(self.col, self.width, side, bounds.col, bounds.width)
        return Window(row, col, height, width)


def _grown(start: int, length: int, side: int, low: int, room: int) -> tuple[int, int]:
    wanted = min(max(length, side), room)
    first = start - (wanted - length) // 2
    return min(max(first, low), low + room - wanted), wanted


@dataclass(frozen=True)
class Slot:
    """One tile's place along one axis.

    The tile sees ``start .. start + tile``. It finishes the pixels ``begin .. end``, of which the
    first ``fade_in`` are shared with the previous tile; the next tile finishes the ``fade_out``
    pixels from ``end`` on, to which this one still contributes.
    """

    start: int
    begin: int
    end: int
    fade_in: int
    fade_out: int


def axis_slots(length: int, tile: int, overlap: int) -> list[Slot]:
    """The tiles along an axis of ``length`` pixels.

    Args:
        length: Pixels along the axis, at least 1.
        tile: Pixels a tile sees; more than ``length`` gives one slot that ends at ``length``.
        overlap: Pixels that neighbours share at least and fade over at most, ``0 .. tile // 2``.

    Raises:
        ValueError: If a number is out of range.
    """
    if length < 1 or tile < 1 or not 0 <= overlap <= tile // 2:
        raise ValueError(f"no tiling of {length} px by tiles of {tile} px with overlap {overlap}")
    if length <= tile:
        return [Slot(0, 0, length, 0, 0)]
    steps = -(-(length - tile) // (tile - overlap))
    starts = [index * (length - tile) // steps for index in range(steps + 1)]
    fade = min([overlap] + [after - before for before, after in zip(starts, starts[1:])])
    meets = [0] + [
        after + (before + tile - after - fade) // 2 for before, after in zip(starts, starts[1:])
    ]
    ends = [*meets[1:], length]
    return [
        Slot(start, begin, end, fade if index else 0, fade if index < steps else 0)
        for index, (start, begin, end) in enumerate(zip(starts, meets, ends))
    ]


@dataclass(frozen=True)
class Strip:
    """One full-width row of tiles: the unit of streaming."""

    rows: Slot
    cols: tuple[Slot, ...]


@dataclass(frozen=True)
class Tiling:
    """A region covered by strips of tiles.

    Attributes:
        region: The region on the image grid; slots count from its upper left corner.
        tile: Side of a tile, px.
        strips: The strips from top to bottom.
    """

    region: Window
    tile: int
    strips: tuple[Strip, ...]

    @classmethod
    def over(cls, region: Window, tile: int, overlap: int) -> Tiling:
        """The tiling of ``region`` by tiles of ``tile`` px that share at least ``overlap`` px."""
        cols = tuple(axis_slots(region.width, tile, overlap))
        rows = axis_slots(region.height, tile, overlap)
        return cls(region, tile, tuple(Strip(row, cols) for row in rows))

    def __len__(self) -> int:
        return sum(len(strip.cols) for strip in self.strips)

    @property
    def tallest(self) -> int:
        """The most rows that a strip finishes."""
        return max(strip.rows.end - strip.rows.begin for strip in self.strips)

    def strip_at(self, row: int) -> int:
        """The number of the strip that finishes a row, counted from the region's first."""
        return next(n for n, strip in enumerate(self.strips) if row < strip.rows.end)

    def window(self, rows: Slot, cols: Slot) -> Window:
        """The tile's window on the image grid; it may reach beyond a region smaller than a tile."""
        return Window(
            self.region.row + rows.start, self.region.col + cols.start, self.tile, self.tile
        )

    def windows(self) -> Iterator[Window]:
        """All tiles, strip by strip, from left to right."""
        for strip in self.strips:
            for cols in strip.cols:
                yield self.window(strip.rows, cols)


def mirrored(count: int, length: int, begin: int, end: int) -> list[int]:
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
