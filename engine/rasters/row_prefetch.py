"""A raster decoded once: bands of whole rows wait in memory, ahead of the tiles that are cut from them.

A band is as high as the file's blocks, or several of them, so that no block is decoded for two bands;
a file of strips is read by whole rows. Threads decode, each with the file opened for itself, for GDAL
lets go of the interpreter meanwhile. What waits has a fixed room, whatever the scene's size; only where
the rows under one strip of tiles need more, they get more.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from .pixel_encoding import Raw
from .raster import Raster
from .windows import Window

#: A band has at least so many rows, unless the raster has fewer.
_MIN_ROWS = 64

#: A band of a wide raster is decoded in parts of at least so many columns, by as many threads.
_MIN_COLUMNS = 2048


@dataclass
class _Band:
    """Rows that are decoded or being decoded."""

    window: Window
    raw: Raw
    parts: list[Future[None]] = field(default_factory=list)

    def wait(self) -> None:
        for part in self.parts:
            part.result()


class RowPrefetcher(AbstractContextManager["RowPrefetcher"]):
    """The rows of a region, decoded ahead of whoever asks for them from top to bottom.

    At the end of its ``with`` block decoding stops and the files are closed.

    Args:
        raster: The raster; the bands in use are decoded.
        region: What is going to be asked for, within the raster.
        room: What may wait decoded, bytes.
        threads: Threads that decode.
    """

    def __init__(self, raster: Raster, region: Window, room: int, threads: int = 1) -> None:
        self._raster, self._region = raster, region
        self._ahead = deque(_windows(raster, region))
        self._held: deque[_Band] = deque()
        self._free: list[Raw] = []
        highest = max(window.height for window in self._ahead)
        self._shape = (highest, region.width)
        row = raster.room(1, region.width)
        size = row.pixels.nbytes + (0 if row.masks is None else row.masks.nbytes)
        self._max_blocks = max(2, room // (highest * size))
        self._opened: list[Raster] = []
        self._own = threading.local()
        self._threads = threads if raster.is_random_access else 1
        self._pool = ThreadPoolExecutor(self._threads, "decoder")

    def prefetch_rows(self, first: int, stop: int) -> None:
        """Waits until the rows ``first .. stop`` of the raster are decoded.

        Raises:
            RasterError: If the file is damaged there.
        """
        while self._ahead and self._ahead[0].row < stop:
            self._decode_next()
        while self._ahead and len(self._held) < self._max_blocks:
            self._decode_next()
        for band in self._held:
            if band.window.row < stop and band.window.row_stop > first:
                band.wait()

    def release_rows(self, row: int) -> None:
        """Says that no row above ``row`` is going to be asked for again."""
        while self._held and self._held[0].window.row_stop <= row:
            band = self._held.popleft()
            band.wait()
            self._free.append(band.raw)
        while self._ahead and self._ahead[0].row_stop <= row:
            self._ahead.popleft()

    def covers(self, window: Window) -> bool:
        """Whether the window lies in rows that are held and within the region's columns."""
        held = self._held
        return bool(held) and (
            held[0].window.row <= window.row
            and window.row_stop <= held[-1].window.row_stop
            and self._region.col <= window.col
            and window.col_stop <= self._region.col_stop
        )

    def read(self, window: Window) -> Raw:
        """A copy of a window that is covered.

        Raises:
            RasterError: If the file is damaged there.
        """
        raw = self._raster.room(window.height, window.width)
        first = window.col - self._region.col
        cols = slice(first, first + window.width)
        for band in self._held:
            shared = band.window.intersection(window)
            if shared is None:
                continue
            band.wait()
            source = slice(shared.row - band.window.row, shared.row_stop - band.window.row)
            target = slice(shared.row - window.row, shared.row_stop - window.row)
            raw.pixels[:, target] = band.raw.pixels[:, source, cols]
            if raw.masks is not None and band.raw.masks is not None:
                raw.masks[:, target] = band.raw.masks[:, source, cols]
        return raw

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for raster in self._opened:
            raster.close()
        self._held.clear()
        self._free.clear()

    def _decode_next(self) -> None:
        window = self._ahead.popleft()
        # The same memory again and again: new pages cost more than copying into old ones.
        raw = self._free.pop() if self._free else self._raster.room(*self._shape)
        band = _Band(window, raw)
        for part in _parts(window, self._raster.block_shape[1], self._threads):
            band.parts.append(self._pool.submit(self._decode, band, part))
        self._held.append(band)

    def _decode(self, band: _Band, part: Window) -> None:
        raster = getattr(self._own, "raster", None)
        if raster is None:
            raster = self._own.raster = Raster(self._raster.path, self._raster.indexes)
            self._opened.append(raster)
        first = part.col - band.window.col
        place = (slice(None), slice(part.height), slice(first, first + part.width))
        room, masks = band.raw, band.raw.masks
        view = Raw(room.pixels[place], None if masks is None else masks[place], room.encoding)
        raster.read_file(part, view)


def _windows(raster: Raster, region: Window) -> Iterator[Window]:
    """The bands that cover the region, from top to bottom."""
    block = raster.block_shape[0]
    height = block * -(-min(_MIN_ROWS, region.height) // block)
    first = region.row // height * height
    for row in range(first, region.row_stop, height):
        window = Window(row, region.col, height, region.width).intersection(region)
        if window is not None:
            yield window


def _parts(window: Window, block: int, threads: int) -> Iterator[Window]:
    """A band cut into as many parts as there are threads, between blocks."""
    columns = max(_MIN_COLUMNS, -(-window.width // threads))
    columns = -(-columns // block) * block
    cuts = [window.col, *range((window.col // columns + 1) * columns, window.col_stop, columns)]
    for first, stop in zip(cuts, [*cuts[1:], window.col_stop]):
        yield Window(window.row, first, window.height, stop - first)
