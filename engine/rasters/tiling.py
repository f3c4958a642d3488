"""Overlapping tiles over a raster: their positions, their order and the rows that are finished after each.

A side is covered by as few tiles as the overlap allows, spread evenly. The last tile is shifted inward, never
padded. Two neighbours blend over a *fade* no wider than the overlap, in the middle of what they share, so that
the pixels nearest to a tile's edge count least. Outside the fades exactly one tile counts; within a fade two
complementary ramps add up to one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .windows import Window


@dataclass(frozen=True)
class TilingProgress:
    """The tiles of a region that a model has not finished yet.

    Attributes:
        tiling: All tiles; what they cover may be more than the region.
        region: What is mapped, on the image's grid.
        done: Rows of the region that are finished already.
    """

    tiling: Tiling
    region: Window
    done: int = 0

    @property
    def first(self) -> int:
        """The number of the first strip that finishes a new row."""
        return self.tiling.strip_at(self.region.row - self.tiling.region.row + self.done)

    @property
    def start(self) -> int:
        """The number of the first strip to compute: the one above, for what fades into the first."""
        return max(self.first - 1, 0)

    @property
    def first_row(self) -> int:
        """The first row of the image that is looked at."""
        return self.tiling.region.row + self.tiling.strips[self.start].rows.start

    @property
    def tiles_before(self) -> int:
        """How many tiles need not be computed."""
        return sum(len(strip.cols) for strip in self.tiling.strips[: self.start])

    def is_new(self, rows: TileSpan) -> bool:
        """Whether a strip finishes rows that are not finished."""
        return rows.begin >= self.tiling.strips[self.first].rows.begin

    def part(self, rows: TileSpan) -> tuple[slice, slice]:
        """The rows and columns of a finished strip that lie in the region and are new."""
        seen, region, height = self.tiling.region, self.region, rows.end - rows.begin
        first = min(max(region.row + self.done - seen.row - rows.begin, 0), height)
        last = min(max(region.row_stop - seen.row - rows.begin, 0), height)
        left = region.col - seen.col
        return slice(first, max(first, last)), slice(left, left + region.width)


@dataclass(frozen=True)
class TileSpan:
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


def tile_spans(length: int, tile: int, overlap: int) -> list[TileSpan]:
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
        return [TileSpan(0, 0, length, 0, 0)]
    steps = -(-(length - tile) // (tile - overlap))
    starts = [index * (length - tile) // steps for index in range(steps + 1)]
    fade = min([overlap] + [after - before for before, after in zip(starts, starts[1:])])
    meets = [0] + [
        after + (before + tile - after - fade) // 2 for before, after in zip(starts, starts[1:])
    ]
    ends = [*meets[1:], length]
    return [
        TileSpan(start, begin, end, fade if index else 0, fade if index < steps else 0)
        for index, (start, begin, end) in enumerate(zip(starts, meets, ends))
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
        cols = tuple(tile_spans(region.width, tile, overlap))
        rows = tile_spans(region.height, tile, overlap)
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

    def window(self, rows: TileSpan, cols: TileSpan) -> Window:
        """The tile's window on the image grid; it may reach beyond a region smaller than a tile."""
        return Window(
            self.region.row + rows.start, self.region.col + cols.start, self.tile, self.tile
        )

    def windows(self) -> Iterator[Window]:
        """All tiles, strip by strip, from left to right."""
        for strip in self.strips:
            for cols in strip.cols:
                yield self.window(strip.rows, cols)
