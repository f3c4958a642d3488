"""Decodes a scene's rasters on the image's grid once for all models, ahead of their tiles.

Each file is decoded in the bands that any model uses. Coarse auxiliary rasters are in memory already, see
``raster.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from ..compute.devices import Device
from ..contract.clean_up import CleanUp
from ..rasters.gdal_cache import bytes_for_rows, gdal_cache
from ..rasters.pixel_encoding import RawWindow
from ..rasters.raster import Raster
from ..rasters.row_prefetch import RowPrefetcher
from ..rasters.windows import Window
from .scene_streams import Streams

#: Memory of a run's streaming buffers, bytes: decoded rows, pixels that wait to be blended, finished rows.
#: A narrow scene is read further ahead than a wide one, so that memory does not grow with the scene. A CPU takes
#: longer for tiles than for their rows.
_BUFFER_BYTES, _CPU_BUFFER_BYTES = 256 * 2**20, 96 * 2**20

#: Minimum of decoded rows, bytes.
_MIN_BUFFER_BYTES = 64 * 2**20

#: GDAL's block cache where every block is read once, bytes.
_MIN_CACHE_BYTES = 48 * 2**20

#: Maximum number of decoding threads for a GPU, which is faster than one thread decodes.
_MAX_THREADS = 8


@dataclass(frozen=True)
class MemberInput:
    """The rasters that one model reads.

    Attributes:
        rasters: The rasters on the image's grid from which tiles are cut.
        region: The part of the image that tiles cover.
        first: First row of the image that is read.
    """

    rasters: Sequence[Raster]
    region: Window
    first: int


class ScenePrefetcher(AbstractContextManager["ScenePrefetcher"]):
    """Decodes rows for the tiles of several models.

    Within its ``with`` block ``Raster.read_raw`` returns decoded rows; after it the files are read again.

    Args:
        inputs: The rasters of each model.
        device: Device of the models.
        other_bytes: Memory of a run's other buffers, bytes; decoded rows have the rest of ``_BUFFER_BYTES`` or
            ``_CPU_BUFFER_BYTES``.
    """

    def __init__(self, inputs: Sequence[MemberInput], device: Device, other_bytes: int) -> None:
        self._first_rows = [source.first for source in inputs]
        self._sources: list[tuple[RowPrefetcher, set[int]]] = []
        self._attached: list[Raster] = []
        self._decoding = CleanUp()
        groups = _groups(inputs)
        total = _CPU_BUFFER_BYTES if device.kind == "cpu" else _BUFFER_BYTES
        room = max(total - other_bytes, _MIN_BUFFER_BYTES) // max(len(groups), 1)
        for rasters, members in groups:
            indexes = tuple(sorted({index for raster in rasters for index in raster.indexes}))
            region = _bounding_window([inputs[member].region for member in members])
            shared = region.intersection(rasters[0].grid.bounds)  # extents may differ
            if shared is None:
                continue
            source = RowPrefetcher(rasters[0].view(indexes), shared, room, _threads(device))
            self._sources.append((self._decoding.enter_context(source), members))
            for raster in rasters:
                self._attach(raster, source, [indexes.index(index) for index in raster.indexes])

    def begin(self, member: int, first: int, stop: int) -> None:
        """Waits for the image rows ``first .. stop``, from which a model's next strip is cut.

        Raises:
            RasterError: If a file is damaged in these rows.
        """
        self._first_rows[member] = first
        for source, members in self._sources:
            if member in members:
                source.release_rows(min(self._first_rows[number] for number in members))
                source.prefetch_rows(first, stop)

    def _attach(self, raster: Raster, source: RowPrefetcher, bands: list[int]) -> None:
        def read(window: Window) -> RawWindow:
            if not source.covers(window):
                return raster.read_file(window)
            raw = source.read(window).select_bands(bands)
            masks = raw.masks if any(raster.encoding.masked) else None
            return RawWindow(raw.pixels, masks, raster.encoding)

        raster.source = read
        self._attached.append(raster)

    def __exit__(self, *error: Any) -> None:
        for raster in self._attached:
            raster.source = None
        self._decoding.__exit__(*error)


def _groups(inputs: Sequence[MemberInput]) -> list[tuple[list[Raster], set[int]]]:
    """Views of the same file that can be decoded together, and the models that use them."""
    groups: dict[tuple[object, ...], tuple[list[Raster], set[int]]] = {}
    for member, source in enumerate(inputs):
        for raster in source.rasters:
            # A view with alpha as data and a view with alpha as mask are decoded separately.
            rasters, members = groups.setdefault((raster.path, raster.uses_alpha), ([], set()))
            if not any(known is raster for known in rasters):
                rasters.append(raster)
            members.add(member)
    return list(groups.values())


def _bounding_window(windows: Sequence[Window]) -> Window:
    """The smallest window that contains all of ``windows``."""
    row, col = min(w.row for w in windows), min(w.col for w in windows)
    row_stop, col_stop = max(w.row_stop for w in windows), max(w.col_stop for w in windows)
    return Window(row, col, row_stop - row, col_stop - col)


def _threads(device: Device) -> int:
    """Number of decoding threads: on a CPU the network needs the cores, and decoding is cheap beside it."""
    cores = os.cpu_count() or 1
    return min(_MAX_THREADS, cores) if device.kind == "cuda" else 1


@contextmanager
def scene_cache(streams: Sequence[Streams], rows: int) -> Iterator[None]:
    """Sizes GDAL's block cache for a scene that is segmented strip by strip.

    Rasters on the image's grid are decoded once, and coarse rasters are in memory. Other rasters are read again for
    every tile, so that the cache must hold the blocks under a strip.

    Args:
        streams: The scene as each model sees it.
        rows: Rows of the image under a strip.
    """
    image = streams[0].image
    needed = 0 if image.is_random_access else bytes_for_rows(image, rows)
    for stack in {id(s.stack): s.stack for s in streams if s.stack}.values():
        for raster in stack.rasters:
            if raster.in_memory is None and raster not in stack.rasters_on_grid:
                share = raster.grid.height / image.grid.height
                needed += bytes_for_rows(raster, round(rows * max(share, 1.0)))
    with gdal_cache(max(_MIN_CACHE_BYTES, needed)):
        yield
