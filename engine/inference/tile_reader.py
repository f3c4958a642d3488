"""Tiles as the network takes them: cut strip by strip from decoded rows, in batches, ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..compute.cpu_lanes import lane_executor
from ..compute.tile_transforms import resize_tile
from ..rasters.alignment import Aligned
from ..rasters.pixel_encoding import Raw
from ..rasters.raster import Pixels, Raster
from ..rasters.tiling import Strip, TileSpan, Tiling

#: Batches that are cut ahead while the network works.
_AHEAD = 2

#: Batches that wait for each lane, so that none stands idle while what others gave is put together.
_WAITING = 2

Result = TypeVar("Result")


@dataclass(frozen=True)
class Tile:
    """One tile as read.

    Attributes:
        rows: Its place from top to bottom.
        cols: Its place from left to right.
        image: (Ci, T, T), raw as in the file, or physical values where it was resampled to the
            model's ground resolution; None where no pixel has any.
        auxiliary: (Ca, t, t), or None where the scene has no auxiliary rasters.
        known: (S, S), where the image has a value in any band; S is T unless the image is
            resampled; None: everywhere.
    """

    rows: TileSpan
    cols: TileSpan
    image: Raw | Pixels | None
    auxiliary: Pixels | None
    known: NDArray[np.bool_] | None


@dataclass(frozen=True)
class TileReader:
    """Cuts a scene's tiles for one model.

    Attributes:
        image: The image.
        stack: The auxiliary stack, or None.
        size: Side of a tile in pixels that the network sees, T.
        side: Side of its auxiliary tile, t.
        begin: Is told of each strip before it is cut: the first row of the image under it, and the
            first below.
    """

    image: Raster
    stack: Aligned | None
    size: int
    side: int
    begin: Callable[[int, int], None]

    def tiles(self, tiling: Tiling, strip: Strip) -> Iterator[Tile]:
        """A strip's tiles from left to right."""
        top = tiling.region.row + strip.rows.start
        self.begin(top, min(top + tiling.tile, tiling.region.row_stop))
        for cols in strip.cols:
            yield self._tile(tiling, strip.rows, cols)

    def _tile(self, tiling: Tiling, rows: TileSpan, cols: TileSpan) -> Tile:
        window = tiling.window(rows, cols)
        raw = self.image.read_raw_reflected(window)
        known = raw.known()
        if known is not None and not known.any():
            return Tile(rows, cols, None, None, known)
        stack, side = self.stack, self.side
        auxiliary = stack.read_reflected(window, side, side) if stack else None
        image = raw if tiling.tile == self.size else resize_tile(raw.physical(), self.size)
        return Tile(rows, cols, image, auxiliary, known)


def batches(tiles: Iterator[Tile], size: int) -> Iterator[list[Tile]]:
    """The tiles in lists with ``size`` of them to look at; the last may have fewer.

    Tiles without a value in any pixel come along and do not count.
    """
    batch: list[Tile] = []
    seen = 0
    for tile in tiles:
        batch.append(tile)
        seen += tile.image is not None
        if seen == size:
            yield batch
            batch, seen = [], 0
    if batch:
        yield batch


def prefetch(batched: Iterator[list[Tile]], reader: Executor) -> Iterator[list[Tile]]:
    """The same batches, cut by ``reader``, of one thread, while the network works."""
    waiting: deque[Future[list[Tile] | None]] = deque()
    for _ in range(_AHEAD):
        waiting.append(reader.submit(next, batched, None))
    while (batch := waiting.popleft().result()) is not None:
        waiting.append(reader.submit(next, batched, None))
        yield batch


def map_in_lanes(
    look: Callable[[list[Tile]], Result], batched: Iterable[list[Tile]], lanes: int
) -> Iterator[tuple[list[Tile], Result]]:
    """The batches in their order, each with what the network makes of it.

    Args:
        look: Asks the network; it is called in ``cpu_lanes`` threads, or in this one if there is one lane.
        batched: The batches.
        lanes: How many batches are looked at at a time.
    """
    if lanes == 1:
        yield from ((batch, look(batch)) for batch in batched)
        return
    waiting: deque[tuple[list[Tile], Future[Result]]] = deque()
    with lane_executor(lanes) as pool:
        for batch in batched:
            waiting.append((batch, pool.submit(look, batch)))
            if len(waiting) > _WAITING * lanes:
                first, result = waiting.popleft()
                yield first, result.result()
        while waiting:
            first, result = waiting.popleft()
            yield first, result.result()
