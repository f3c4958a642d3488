"""Tiles as the network takes them: read strip by strip, in batches, ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alignment import Aligned
from .rasters import Pixels, Raster
from .resampling import shown_as
from .windows import Slot, Tiling

#: Batches that are read ahead while the network works.
_AHEAD = 2


@dataclass(frozen=True)
class Tile:
    """One tile as read.

    Attributes:
        rows: Its place from top to bottom.
        cols: Its place from left to right.
        image: (Ci, T, T) in physical values, as the network takes it; None where no pixel has any.
        auxiliary: (Ca, t, t), or None where the scene has no auxiliary rasters.
        valid: (S, S), where the image has a value in any band; S is T unless the image is
            resampled to the model's ground resolution.
    """

    rows: Slot
    cols: Slot
    image: Pixels | None
    auxiliary: Pixels | None
    valid: NDArray[np.bool_]


def read_tiles(
    tiling: Tiling, image: Raster, stack: Aligned | None, size: int, side: int
) -> Iterator[Tile]:
    """The tiles, strip by strip, from left to right; ``size`` px wide, the auxiliary ones ``side``."""
    for strip in tiling.strips:
        for cols in strip.cols:
            window = tiling.window(strip.rows, cols)
            pixels = image.read_reflected(window)
            valid = np.asarray(np.isfinite(pixels).any(axis=0))
            if not valid.any():
                yield Tile(strip.rows, cols, None, None, valid)
                continue
            auxiliary = stack.read_reflected(window, side, side) if stack else None
            yield Tile(strip.rows, cols, shown_as(pixels, size), auxiliary, valid)


def batches(tiles: Iterator[Tile], size: int) -> Iterator[list[Tile]]:
    """The tiles in lists of ``size``; the last may be shorter."""
    batch: list[Tile] = []
    for tile in tiles:
        batch.append(tile)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def ahead(batched: Iterator[list[Tile]], reader: Executor) -> Iterator[list[Tile]]:
    """The same batches, read by ``reader``, of one thread, while the network works."""
    waiting: deque[Future[list[Tile] | None]] = deque()
    for _ in range(_AHEAD):
        waiting.append(reader.submit(next, batched, None))
    while (batch := waiting.popleft().result()) is not None:
        waiting.append(reader.submit(next, batched, None))
        yield batch
