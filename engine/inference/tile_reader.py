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
from ..rasters.alignment import AlignedRasters
from ..rasters.pixel_encoding import RawWindow
from ..rasters.raster import Pixels, Raster
from ..rasters.tiling import Strip, TileSpan, Tiling

#: Batches that are cut ahead of the network.
_AHEAD = 2

#: Batches queued per lane, so that no lane is idle while the results of others are blended.
_QUEUED = 2

#: Callback before the tiles of a strip are cut, with the image rows ``first .. stop`` under the strip.
OnStrip = Callable[[int, int], None]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Tile:
    """One tile as read.

    Attributes:
        rows: Vertical span.
        cols: Horizontal span.
        image: (Ci, T, T), raw as in the file, or physical values where it was resampled to the model's ground
            resolution; None where no pixel has a value.
        auxiliary: (Ca, t, t); None where the scene has no auxiliary rasters.
        known: (S, S), where any band of the image has a value; None: everywhere. S differs from T only where the
            image is resampled.
    """

    rows: TileSpan
    cols: TileSpan
    image: RawWindow | Pixels | None
    auxiliary: Pixels | None
    known: NDArray[np.bool_] | None


@dataclass(frozen=True)
class TileReader:
    """Cuts a scene's tiles for one model.

    Attributes:
        image: The image.
        stack: The auxiliary stack; None for a scene of the image alone.
        size: Side of the network's image tile, T px.
        side: Side of the network's auxiliary tile, t px.
        on_strip: Callback before a strip is cut.
    """

    image: Raster
    stack: AlignedRasters | None
    size: int
    side: int
    on_strip: OnStrip

    def tiles(self, tiling: Tiling, strip: Strip) -> Iterator[Tile]:
        """A strip's tiles from left to right."""
        first = tiling.region.row + strip.rows.start
        self.on_strip(first, min(first + tiling.tile, tiling.region.row_stop))
        for cols in strip.cols:
            yield self._tile(tiling, strip.rows, cols)

    def _tile(self, tiling: Tiling, rows: TileSpan, cols: TileSpan) -> Tile:
        window = tiling.window(rows, cols)
        raw = self.image.read_raw_reflected(window)
        known = raw.known()
        if known is not None and not known.any():
            return Tile(rows, cols, None, None, known)
        side = self.side
        auxiliary = self.stack.read_reflected(window, side, side) if self.stack else None
        image = raw if tiling.tile == self.size else resize_tile(raw.physical(), self.size)
        return Tile(rows, cols, image, auxiliary, known)


def batches(tiles: Iterator[Tile], size: int) -> Iterator[list[Tile]]:
    """Lists of tiles with ``size`` tiles to compute; the last may have fewer.

    Tiles without any valid pixel are included and do not count.
    """
    batch: list[Tile] = []
    count = 0
    for tile in tiles:
        batch.append(tile)
        count += tile.image is not None
        if count == size:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def prefetch(batched: Iterator[list[Tile]], reader: Executor) -> Iterator[list[Tile]]:
    """The same batches, cut in the one thread of ``reader`` while the network computes."""
    waiting = deque(reader.submit(next, batched, None) for _ in range(_AHEAD))
    while (batch := waiting.popleft().result()) is not None:
        waiting.append(reader.submit(next, batched, None))
        yield batch


def map_in_lanes(
    predict: Callable[[list[Tile]], Result], batched: Iterable[list[Tile]], lanes: int
) -> Iterator[tuple[list[Tile], Result]]:
    """The batches in their order, each with its prediction.

    Args:
        predict: Computes a batch. It is called in the threads of ``lane_executor``, or in this thread if there is
            one lane.
        batched: The batches.
        lanes: Number of batches that are computed at the same time.
    """
    if lanes == 1:
        yield from ((batch, predict(batch)) for batch in batched)
        return
    waiting: deque[tuple[list[Tile], Future[Result]]] = deque()
    with lane_executor(lanes) as pool:
        for batch in batched:
            waiting.append((batch, pool.submit(predict, batch)))
            if len(waiting) > _QUEUED * lanes:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
