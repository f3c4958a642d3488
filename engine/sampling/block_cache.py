"""A cache of decoded raster blocks that all threads share.

A block is decoded once, by the first thread that needs it; other threads wait for it. While all blocks fit, none is
dropped. Once they do not, only the most recently used blocks of a neighbourhood are kept: the rest of the memory is
better spent on windows that are read together from each neighbourhood, see ``data_loader.py``. A file is opened as
often as threads read it at a time, and a few files stay open.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ..contract.clean_up import CleanUp
from ..rasters.pixel_encoding import Encoding, RawWindow
from ..rasters.raster import Raster
from ..rasters.windows import Window

#: Files that stay open while no thread reads them.
_OPEN_FILES = 32

#: Smallest sides of a cached block, or smallest number of rows if the file's blocks are as wide as the raster:
#: many small blocks would cost more than their decoding.
_MIN_SIDE, _MIN_ROWS = 256, 64

#: Files that can only be decoded from the top are decoded as a whole up to this size, bytes.
_WHOLE_FILE_BYTES = 64 * 2**20

#: Share of the memory that blocks keep once they do not all fit, and the smallest number of blocks in it.
_NEIGHBOURHOOD_SHARE, _MIN_NEIGHBOURS = 0.25, 16

Value = TypeVar("Value", RawWindow, NDArray[Any])


class BlockCache:
    """Decoded blocks of many rasters.

    Args:
        max_bytes: Memory for blocks, bytes; the newest block is kept in any case.

    Attributes:
        max_bytes: Memory for blocks, bytes.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._limit = max_bytes
        self._blocks: OrderedDict[Hashable, tuple[RawWindow | NDArray[Any], int]] = OrderedDict()
        self._size = 0
        self._pending: dict[Hashable, Future[Any]] = {}
        self._idle_files: list[tuple[Hashable, Raster]] = []
        self._lock = threading.Lock()

    @property
    def memory_bytes(self) -> int:
        """Bytes of all cached blocks."""
        return self._size

    @property
    def spare_bytes(self) -> int:
        """Bytes of ``max_bytes`` that the blocks leave to other uses; 0 as long as none was dropped."""
        return self.max_bytes - self._limit

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The block of a key: from the cache, from another thread that makes it now, or from ``make``.

        The block must not be changed. An exception of ``make`` is raised in every thread that waits for the block;
        the next call tries again.
        """
        with self._lock:
            if key in self._blocks:
                self._blocks.move_to_end(key)
                return cast(Value, self._blocks[key][0])
            is_pending = key in self._pending
            future = self._pending.setdefault(key, Future())
        if is_pending:
            return cast(Value, future.result())
        try:
            block = make()
        except BaseException as error:
            with self._lock:
                del self._pending[key]
            future.set_exception(error)
            raise
        with self._lock:
            del self._pending[key]
            self._keep(key, block)
        future.set_result(block)
        return block

    def _keep(self, key: Hashable, block: RawWindow | NDArray[Any]) -> None:
        size = block.nbytes
        self._blocks[key] = block, size
        self._size += size
        if self._size > self.max_bytes:
            self._limit = max(
                int(_NEIGHBOURHOOD_SHARE * self.max_bytes),
                min(_MIN_NEIGHBOURS * size, self.max_bytes),
            )
        while self._size > self._limit and len(self._blocks) > 1:
            self._size -= self._blocks.popitem(last=False)[1][1]

    def attach(self, rasters: Sequence[Raster]) -> None:
        """Makes rasters read through the cache, from any thread, and closes their files.

        Views of one file are decoded together, in all bands that any of them uses.
        """
        groups: dict[tuple[str, bool], list[Raster]] = {}
        for raster in rasters:
            # An alpha band is data in one view and a mask in another: these are decoded separately.
            groups.setdefault((raster.path, raster.uses_alpha), []).append(raster)
        for group in groups.values():
            indexes = tuple(sorted({index for raster in group for index in raster.indexes}))
            blocks = _FileBlocks(self, group[0].view(indexes), indexes)
            for raster in group:
                band_indexes = [indexes.index(index) for index in raster.indexes]
                raster.source = partial(blocks.read, raster.encoding, band_indexes)
                raster.close()

    @contextmanager
    def borrow(self, path: str, indexes: tuple[int, ...]) -> Iterator[Raster]:
        """An opened file for one thread alone, until the end of the ``with`` block.

        Raises:
            RasterError: If the file cannot be opened.
        """
        key = path, indexes
        raster = self._take_idle_file(key) or Raster(path, indexes)
        with CleanUp(partial(self._give_back, key, raster)):
            yield raster

    def _give_back(self, key: Hashable, raster: Raster) -> None:
        with self._lock:
            self._idle_files.append((key, raster))
            oldest = self._idle_files.pop(0)[1] if len(self._idle_files) > _OPEN_FILES else None
        if oldest is not None:
            oldest.close()

    def _take_idle_file(self, key: Hashable) -> Raster | None:
        with self._lock:
            for index, (file_key, raster) in enumerate(self._idle_files):
                if file_key == key:
                    del self._idle_files[index]
                    return raster
        return None

    def close_files(self) -> None:
        """Closes the files that no thread reads; they are opened again when needed."""
        with self._lock:
            files, self._idle_files = self._idle_files, []
        for _, raster in files:
            raster.close()


class _FileBlocks:
    """The blocks of one file in some of its bands."""

    def __init__(self, cache: BlockCache, raster: Raster, indexes: tuple[int, ...]) -> None:
        self._cache = cache
        self._path = raster.path
        self._indexes = indexes
        self._bounds, self._shape = raster.grid.bounds, block_shape(raster)
        self._dtype = raster.allocate(1, 1).pixels.dtype

    def read(self, encoding: Encoding, band_indexes: Sequence[int], window: Window) -> RawWindow:
        """A copy of a window within the raster, in the bands at ``band_indexes``."""
        shape = (len(band_indexes), window.height, window.width)
        pixels = np.empty(shape, self._dtype)
        masks = np.empty(shape, bool) if any(encoding.masked) else None
        bands = _as_slice(band_indexes)
        for block in blocks_in_window(window, self._shape, self._bounds):
            raw = self._cache.get((self._path, self._indexes, block), partial(self._decode, block))
            target, source = overlap_slices(window, block)
            pixels[(slice(None), *target)] = raw.pixels[(bands, *source)]
            if masks is not None and raw.masks is not None:
                masks[(slice(None), *target)] = raw.masks[(bands, *source)]
        return RawWindow(pixels, masks, encoding)

    def _decode(self, block: Window) -> RawWindow:
        with self._cache.borrow(self._path, self._indexes) as raster:
            return raster.read_file(block)


def block_shape(raster: Raster) -> tuple[int, int]:
    """Rows and columns of a raster that are decoded at a time: a multiple of the file's blocks."""
    height, width = raster.grid.height, raster.grid.width
    if not raster.is_random_access and raster.row_bytes * height <= _WHOLE_FILE_BYTES:
        return height, width
    block_rows, block_cols = raster.block_shape
    rows = _MIN_ROWS if block_cols >= width else _MIN_SIDE
    return block_rows * -(-rows // block_rows), block_cols * -(-_MIN_SIDE // block_cols)


def blocks_in_window(window: Window, shape: tuple[int, int], bounds: Window) -> Iterator[Window]:
    """The blocks of a shape that a window within the bounds touches, row by row."""
    rows, cols = shape
    for row in range(window.row // rows * rows, window.row_stop, rows):
        for col in range(window.col // cols * cols, window.col_stop, cols):
            block = Window(row, col, rows, cols).intersection(bounds)
            if block is not None:
                yield block


def overlap_slices(
    window: Window, block: Window
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Rows and columns of the overlap of a window and a block, in the window and in the block."""
    row, row_stop = max(window.row, block.row), min(window.row_stop, block.row_stop)
    col, col_stop = max(window.col, block.col), min(window.col_stop, block.col_stop)
    in_window, in_block = (
        (slice(row - each.row, row_stop - each.row), slice(col - each.col, col_stop - each.col))
        for each in (window, block)
    )
    return in_window, in_block


def _as_slice(band_indexes: Sequence[int]) -> slice | list[int]:
    """Consecutive bands as a slice, which saves a copy."""
    bands = range(band_indexes[0], band_indexes[0] + len(band_indexes))
    if list(band_indexes) == list(bands):
        return slice(bands.start, bands.stop)
    return list(band_indexes)
