"""Overlapping tiles over a region: their positions, their order and the rows that each strip of tiles finishes.

A side is covered by as few tiles as the overlap allows, spread evenly. The last tile is shifted inward, never padded.
Two neighbours blend over a *fade* no wider than the overlap, in the middle of their overlap, so that the pixels
nearest to a tile's edge have the smallest weight. Outside the fades exactly one tile counts; within a fade two
complementary ramps add up to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..contract.translation import tr
from .windows import Window


@dataclass(frozen=True)
class TileSpan:
    """The extent of one tile along one axis.

    The tile covers ``start .. start + tile`` and finishes the pixels ``begin .. end``.

    Attributes:
        start: First pixel that the tile covers.
        begin: First pixel that the tile finishes.
        end: First pixel after those.
        fade_in: Pixels from ``begin`` on that the previous tile contributes to.
        fade_out: Pixels from ``end`` on that this tile contributes to and the next tile finishes.
    """

    start: int
    begin: int
    end: int
    fade_in: int
    fade_out: int


def tile_spans(length: int, tile: int, overlap: int) -> list[TileSpan]:
    """The tiles along an axis of ``length`` pixels.

    Args:
        length: Pixels along the axis, at least 1.
        tile: Side of a tile, px; if longer than the axis, one span ends at ``length``.
        overlap: Smallest overlap and largest fade of two neighbours, ``0 .. tile // 2`` px.

    Raises:
        ValueError: If a number is out of range.
    """
    if length < 1 or tile < 1 or not 0 <= overlap <= tile // 2:
        raise ValueError(
            tr("no tiling of {} px by tiles of {} px with overlap {}").format(length, tile, overlap)
        )
    if length <= tile:
        return [TileSpan(0, 0, length, 0, 0)]
    steps = -(-(length - tile) // (tile - overlap))
    starts = [index * (length - tile) // steps for index in range(steps + 1)]
    fade = min(overlap, *(after - before for before, after in pairwise(starts)))
    begins = [
        0,
        *(after + (before + tile - after - fade) // 2 for before, after in pairwise(starts)),
    ]
    return [
        TileSpan(start, begin, end, fade if index else 0, fade if index < steps else 0)
        for index, (start, begin, end) in enumerate(zip(starts, begins, [*begins[1:], length]))
    ]


@dataclass(frozen=True)
class Strip:
    """One full-width row of tiles: the unit of streaming."""

    rows: TileSpan
    cols: tuple[TileSpan, ...]


@dataclass(frozen=True)
class Tiling:
    """A region covered by strips of tiles.

    Attributes:
        region: The region on the image grid; spans count from its upper left corner.
        tile: Side of a tile, px.
        strips: The strips from top to bottom.
    """

    region: Window
    tile: int
    strips: tuple[Strip, ...]

    @classmethod
    def over(cls, region: Window, tile: int, overlap: int) -> Tiling:
        """The tiling of ``region`` by tiles of ``tile`` px that overlap by at least ``overlap`` px."""
        cols = tuple(tile_spans(region.width, tile, overlap))
        rows = tile_spans(region.height, tile, overlap)
        return cls(region, tile, tuple(Strip(row, cols) for row in rows))

    def __len__(self) -> int:
        return sum(len(strip.cols) for strip in self.strips)

    @property
    def tallest(self) -> int:
        """The largest number of rows that a strip finishes."""
        return max(strip.rows.end - strip.rows.begin for strip in self.strips)

    def window(self, rows: TileSpan, cols: TileSpan) -> Window:
        """The tile's window on the image grid; it may reach beyond a region smaller than a tile."""
        return Window(
            self.region.row + rows.start, self.region.col + cols.start, self.tile, self.tile
        )

    def windows(self) -> Iterator[Window]:
        """The windows of all tiles, strip by strip, from left to right."""
        for strip in self.strips:
            for cols in strip.cols:
                yield self.window(strip.rows, cols)


@dataclass(frozen=True)
class TilingProgress:
    """A tiling of which some rows are finished already.

    Attributes:
        tiling: All tiles; they may cover more than the region.
        region: The region to segment, on the image grid.
        done: Number of finished rows of the region.
    """

    tiling: Tiling
    region: Window
    done: int = 0

    @property
    def first_new_strip(self) -> int:
        """The index of the first strip that finishes a new row."""
        row = self.region.row - self.tiling.region.row + self.done
        return next(n for n, strip in enumerate(self.tiling.strips) if row < strip.rows.end)

    @property
    def start(self) -> int:
        """The index of the first strip to compute: the one above, which fades into the first new one."""
        return max(self.first_new_strip - 1, 0)

    @property
    def first_row(self) -> int:
        """The first image row that is read."""
        return self.tiling.region.row + self.tiling.strips[self.start].rows.start

    @property
    def tiles_before(self) -> int:
        """The number of tiles that need not be computed."""
        return sum(len(strip.cols) for strip in self.tiling.strips[: self.start])

    def is_new(self, rows: TileSpan) -> bool:
        """Whether a strip finishes new rows."""
        return rows.begin >= self.tiling.strips[self.first_new_strip].rows.begin

    def part(self, rows: TileSpan) -> tuple[slice, slice]:
        """The rows and columns of a finished strip that are new and within the region."""
        tiled = self.tiling.region
        region = self.region
        height = rows.end - rows.begin
        first = min(max(region.row + self.done - tiled.row - rows.begin, 0), height)
        last = min(max(region.row_stop - tiled.row - rows.begin, 0), height)
        left = region.col - tiled.col
        return slice(first, max(first, last)), slice(left, left + region.width)
