"""Decodes whole rows of a raster into memory, ahead of the tiles that are read from them.

Rows are decoded in bands. A band is as high as one or several of the file's blocks, so that no block is decoded
for two bands. Threads decode, each with its own file handle, while GDAL releases the GIL. The decoded
bands take a fixed amount of memory for scenes of any size; only a strip of tiles that needs more rows gets more.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..contract.clean_up import CleanUp
from .pixel_encoding import RawWindow
from .raster import Raster
from .windows import Window

#: Smallest height of a band, unless the raster has fewer rows.
_MIN_ROWS = 64

#: Smallest width of the parts of a band that threads decode side by side.
_MIN_COLUMNS = 2048


@dataclass
class _Band:
    """Rows that are decoded or being decoded."""

    window: Window
    raw: RawWindow
    parts: list[Future[None]] = field(default_factory=list)

    def wait(self) -> None:
        for part in self.parts:
            part.result()


class RowPrefetcher(AbstractContextManager["RowPrefetcher"]):
    """Decodes the rows of a region ahead of a reader that goes from top to bottom.

    At the end of the ``with`` block decoding stops and the files are closed. Methods that wait for rows raise
    ``RasterError`` if the file is damaged.

    Args:
        raster: The raster; its bands in use are decoded.
        region: The region that will be read, within the raster.
        max_bytes: Memory for decoded rows, bytes.
        threads: Number of decoding threads.
    """

    def __init__(self, raster: Raster, region: Window, max_bytes: int, threads: int = 1) -> None:
        self._raster, self._region = raster, region
        self._ahead = deque(_band_windows(raster, region))
        self._bands: deque[_Band] = deque()
        self._free: list[RawWindow] = []
        height = max(window.height for window in self._ahead)
        self._shape = (height, region.width)
        self._max_bands = max(2, max_bytes // (height * raster.allocate(1, region.width).nbytes))
        self._opened: list[Raster] = []
        self._thread_state = threading.local()
        self._threads = threads if raster.is_random_access else 1
        self._pool = ThreadPoolExecutor(self._threads, "decoder")

    def prefetch_rows(self, first: int, stop: int) -> None:
        """Waits until the rows ``first .. stop`` of the raster are decoded."""
        while self._ahead and (self._ahead[0].row < stop or len(self._bands) < self._max_bands):
            self._decode_next()
        for band in self._bands:
            if band.window.row < stop and band.window.row_stop > first:
                band.wait()

    def release_rows(self, row: int) -> None:
        """Releases the rows above ``row``, which will not be read again."""
        while self._bands and self._bands[0].window.row_stop <= row:
            band = self._bands.popleft()
            band.wait()
            self._free.append(band.raw)
        while self._ahead and self._ahead[0].row_stop <= row:
            self._ahead.popleft()

    def covers(self, window: Window) -> bool:
        """Whether the window is within the decoded rows and the region's columns."""
        bands = self._bands
        return bool(bands) and (
            bands[0].window.row <= window.row
            and window.row_stop <= bands[-1].window.row_stop
            and self._region.col <= window.col
            and window.col_stop <= self._region.col_stop
        )

    def read(self, window: Window) -> RawWindow:
        """A copy of a window that ``covers`` accepts."""
        raw = self._raster.allocate(window.height, window.width)
        first = window.col - self._region.col
        cols = slice(first, first + window.width)
        for band in self._bands:
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

    def __exit__(self, *error: Any) -> None:
        self._bands.clear()
        self._free.clear()
        end = CleanUp(
            partial(self._pool.shutdown, wait=True, cancel_futures=True), self._close_files
        )
        end.__exit__(*error)

    def _close_files(self) -> None:
        for raster in self._opened:
            raster.close()

    def _decode_next(self) -> None:
        window = self._ahead.popleft()
        # Released memory is used again: new pages cost more than copying into old ones.
        raw = self._free.pop() if self._free else self._raster.allocate(*self._shape)
        band = _Band(window, raw)
        for part in _split_columns(window, self._raster.block_shape[1], self._threads):
            band.parts.append(self._pool.submit(self._decode, band, part))
        self._bands.append(band)

    def _decode(self, band: _Band, part: Window) -> None:
        raster = getattr(self._thread_state, "raster", None)
        if raster is None:
            raster = self._thread_state.raster = Raster(self._raster.path, self._raster.indexes)
            self._opened.append(raster)
        first = part.col - band.window.col
        index = (slice(None), slice(part.height), slice(first, first + part.width))
        raw, masks = band.raw, band.raw.masks
        view = RawWindow(raw.pixels[index], None if masks is None else masks[index], raw.encoding)
        raster.read_file(part, view)


def _band_windows(raster: Raster, region: Window) -> Iterator[Window]:
    """The bands that cover the region, from top to bottom."""
    block = raster.block_shape[0]
    height = block * -(-min(_MIN_ROWS, region.height) // block)
    first = region.row // height * height
    for row in range(first, region.row_stop, height):
        window = Window(row, region.col, height, region.width).intersection(region)
        if window is not None:
            yield window


def _split_columns(window: Window, block: int, threads: int) -> Iterator[Window]:
    """A band split between blocks into parts for the threads."""
    columns = max(_MIN_COLUMNS, -(-window.width // threads))
    columns = -(-columns // block) * block
    cuts = [window.col, *range((window.col // columns + 1) * columns, window.col_stop, columns)]
    for first, stop in zip(cuts, [*cuts[1:], window.col_stop]):
        yield Window(window.row, first, window.height, stop - first)
