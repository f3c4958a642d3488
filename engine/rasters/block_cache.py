"""Decoded blocks of rasters, kept in memory for whoever cuts the next window from them.

All threads share them. A block is decoded once, by whoever asks first; others wait for it. It stays, in the
file's own numbers. Once they are too many, only those used last stay, a neighbourhood: the rest of the room
is better spent on windows that are cut together from each neighbourhood, see ``data_loader.py``. A file is
opened as often as threads read it at one time, and a few files stay open.
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

from .pixel_encoding import Encoding, Raw
from .raster import Raster
from .windows import Window

#: Files that stay open while no thread reads them.
_OPEN_FILES = 32

#: What is decoded at a time has at least so many rows and columns, or rows alone where blocks are as wide as
#: the raster: a block's own cost must not show in small ones.
_MIN_SIDE, _MIN_ROWS = 256, 64

#: Files that can be read from the top only are decoded as a whole up to this size, bytes.
_WHOLE_BYTES = 64 * 2**20

#: Share of the room that the blocks keep once they are too many for it, and how many they are at least.
_NEIGHBOURHOOD, _NEIGHBOURS = 0.25, 16

Value = TypeVar("Value", Raw, NDArray[Any])


class BlockCache:
    """What was decoded of many rasters.

    Args:
        room: Bytes that it may keep; the newest block is kept in any case.

    Attributes:
        room: As given.
        made: How many blocks were made until now.
        dropped: How many of them had to go again.
    """

    def __init__(self, room: int) -> None:
        self.room, self.made, self.dropped = room, 0, 0
        self._max_bytes = room
        self._kept: OrderedDict[Hashable, tuple[Raw | NDArray[Any], int]] = OrderedDict()
        self._held = 0
        self._coming: dict[Hashable, Future[Any]] = {}
        self._files: list[tuple[Hashable, Raster]] = []
        self._lock = threading.Lock()

    @property
    def memory_bytes(self) -> int:
        """What the blocks take."""
        return self._held

    @property
    def spare_bytes(self) -> int:
        """Bytes of the room that the blocks have given up; 0 as long as all of them stay."""
        return self.room - self._max_bytes

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The block of a key: kept, on its way in another thread, or made now. It must not be changed.

        What ``make`` raises is raised in every thread that waits for the block; who asks later tries anew.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(Value, self._kept[key][0])
            coming = self._coming.get(key)
            mine: Future[Any] = Future()
            if coming is None:
                self._coming[key] = mine
        if coming is not None:
            return cast(Value, coming.result())
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                del self._coming[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._coming[key]
            self._keep(key, made)
        mine.set_result(made)
        return made

    def _keep(self, key: Hashable, made: Raw | NDArray[Any]) -> None:
        size = _bytes_of(made)
        self._kept[key] = made, size
        self._held += size
        self.made += 1
        if self._held > self.room:
            self._max_bytes = max(
                int(_NEIGHBOURHOOD * self.room), min(_NEIGHBOURS * size, self.room)
            )
        while self._held > self._max_bytes and len(self._kept) > 1:
            self._held -= self._kept.popitem(last=False)[1][1]
            self.dropped += 1

    def attach(self, rasters: Sequence[Raster]) -> None:
        """Lets rasters have their pixels from here from now on, from any thread; closes their files.

        Views of one file are decoded together, in all bands that any of them uses.
        """
        groups: dict[tuple[str, bool], list[Raster]] = {}
        for raster in rasters:
            # Where transparency is data in one view and a mask in another, they are decoded apart.
            groups.setdefault((raster.path, raster.uses_alpha), []).append(raster)
        for group in groups.values():
            indexes = tuple(sorted({index for raster in group for index in raster.indexes}))
            blocks = _Blocks(self, group[0].view(indexes), indexes)
            for raster in group:
                band_indexes = [indexes.index(index) for index in raster.indexes]
                raster.source = partial(blocks.cut, raster.encoding, band_indexes)
                raster.close()

    @contextmanager
    def borrow(self, path: str, indexes: tuple[int, ...]) -> Iterator[Raster]:
        """A file opened for one thread alone, until the end of the block.

        Raises:
            RasterError: If it cannot be opened.
        """
        key = path, indexes
        raster = self._take(key) or Raster(path, indexes)
        try:
            yield raster
        finally:
            with self._lock:
                self._files.append((key, raster))
                idle = self._files.pop(0)[1] if len(self._files) > _OPEN_FILES else None
            if idle is not None:
                idle.close()

    def _take(self, key: Hashable) -> Raster | None:
        """A file that is open and that nobody reads."""
        with self._lock:
            for place, (known, raster) in enumerate(self._files):
                if known == key:
                    del self._files[place]
                    return raster
        return None

    def close_files(self) -> None:
        """Closes the files that nobody reads; they are opened again when needed."""
        with self._lock:
            files, self._files = self._files, []
        for _, raster in files:
            raster.close()


class _Blocks:
    """The blocks of one file in some of its bands."""

    def __init__(self, decoded: BlockCache, raster: Raster, indexes: tuple[int, ...]) -> None:
        self._decoded, self._path, self._indexes = decoded, raster.path, indexes
        self._bounds, self._shape = raster.grid.bounds, block_shape(raster)
        self._type = raster.room(1, 1).pixels.dtype

    def cut(self, encoding: Encoding, band_indexes: Sequence[int], window: Window) -> Raw:
        """A copy of a window within the raster, in the bands at ``band_indexes``.

        Raises:
            RasterError: If the file is damaged there.
        """
        shape = (len(band_indexes), window.height, window.width)
        pixels = np.empty(shape, self._type)
        masks = np.empty(shape, bool) if any(encoding.masked) else None
        bands = _as_slice(band_indexes)
        for block in blocks_in_window(window, self._shape, self._bounds):
            raw = self._decoded.get((self._path, self._indexes, block), partial(self._read, block))
            target, source = overlap_slices(window, block)
            pixels[(slice(None), *target)] = raw.pixels[(bands, *source)]
            if masks is not None and raw.masks is not None:
                masks[(slice(None), *target)] = raw.masks[(bands, *source)]
        return Raw(pixels, masks, encoding)

    def _read(self, block: Window) -> Raw:
        with self._decoded.borrow(self._path, self._indexes) as raster:
            return raster.read_file(block)


def block_shape(raster: Raster) -> tuple[int, int]:
    """Rows and columns of a raster that are decoded at a time: whole blocks of the file."""
    height, width = raster.grid.height, raster.grid.width
    if not raster.is_random_access and raster.row_bytes * height <= _WHOLE_BYTES:
        return height, width
    down, across = raster.block_shape
    rows = _MIN_ROWS if across >= width else _MIN_SIDE
    return down * -(-rows // down), across * -(-_MIN_SIDE // across)


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
    """Rows and columns of what a window and a block share, in the window and in the block."""
    row, row_stop = max(window.row, block.row), min(window.row_stop, block.row_stop)
    col, col_stop = max(window.col, block.col), min(window.col_stop, block.col_stop)
    in_window, in_block = (
        (slice(row - own.row, row_stop - own.row), slice(col - own.col, col_stop - own.col))
        for own in (window, block)
    )
    return in_window, in_block


def _as_slice(band_indexes: Sequence[int]) -> slice | list[int]:
    """Neighbouring bands as a slice, which saves a copy."""
    first = band_indexes[0]
    is_run = list(band_indexes) == list(range(first, first + len(band_indexes)))
    return slice(first, first + len(band_indexes)) if is_run else list(band_indexes)


def _bytes_of(block: Raw | NDArray[Any]) -> int:
    if isinstance(block, Raw):
        return block.pixels.nbytes + (0 if block.masks is None else block.masks.nbytes)
    return block.nbytes
