"""A scene's rasters on the image's grid, each decoded once, ahead of the tiles of all models.

The image is decoded for all models together, in the bands that any of them uses; auxiliary rasters with
the image's own grid likewise. Coarse ones are in memory anyway, see ``raster.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from ..compute.devices import Device
from ..rasters.gdal_cache import bytes_for_rows, gdal_cache
from ..rasters.pixel_encoding import Raw
from ..rasters.raster import Raster
from ..rasters.row_prefetch import RowPrefetcher
from ..rasters.windows import Window
from .scene_streams import Streams

#: Room of all that streams through a run, bytes: decoded rows, what waits to be blended, finished rows.
#: A narrow scene is read further ahead than a wide one, so that memory does not grow with the scene.
ROOM = 256 * 2**20

#: Decoded rows have at least this, bytes.
_MIN_ROOM = 64 * 2**20

#: Threads that decode for a GPU, which is fast enough to wait for one.
_MAX_THREADS = 8


@dataclass(frozen=True)
class Part:
    """What one model reads of a scene.

    Attributes:
        rasters: The rasters on the image's grid that its tiles are cut from.
        region: The part of the image that it looks at.
        first: The row of the image at which it begins.
    """

    rasters: Sequence[Raster]
    region: Window
    first: int


class ScenePrefetcher(AbstractContextManager["ScenePrefetcher"]):
    """Decodes for the models what they are going to cut their tiles from.

    At the end of its ``with`` block the rasters are read from their files again.

    Args:
        parts: What each model reads.
        device: Where the models run.
        taken: What else streams through the run, bytes; the rest of ``ROOM`` is for decoded rows.
    """

    def __init__(self, parts: Sequence[Part], device: Device, taken: int) -> None:
        self._rows = [part.first for part in parts]
        self._sources: list[tuple[RowPrefetcher, set[int]]] = []
        self._attached: list[Raster] = []
        self._decoding = ExitStack()
        groups = _groups(parts)
        room = max(ROOM - taken, _MIN_ROOM) // max(len(groups), 1)
        for rasters, members in groups:
            indexes = tuple(sorted({index for raster in rasters for index in raster.indexes}))
            region = _around([parts[member].region for member in members])
            shared = region.intersection(rasters[0].grid.bounds)  # its extent may be another
            if shared is None:
                continue
            source = RowPrefetcher(rasters[0].view(indexes), shared, room, _threads(device))
            self._sources.append((self._decoding.enter_context(source), members))
            for raster in rasters:
                self._attach(raster, source, [indexes.index(index) for index in raster.indexes])

    def begin(self, member: int, first: int, stop: int) -> None:
        """Waits for the rows ``first .. stop`` of the image, from which a model's next strip is cut.

        Raises:
            RasterError: If a file is damaged there.
        """
        self._rows[member] = first
        for source, members in self._sources:
            if member in members:
                source.release_rows(min(self._rows[number] for number in members))
                source.prefetch_rows(first, stop)

    def _attach(self, raster: Raster, source: RowPrefetcher, places: list[int]) -> None:
        def cut(window: Window) -> Raw:
            if not source.covers(window):
                return raster.read_file(window)
            raw = source.read(window).of(places)
            return Raw(
                raw.pixels, raw.masks if any(raster.encoding.masked) else None, raster.encoding
            )

        raster.source = cut
        self._attached.append(raster)

    def __exit__(self, *_: object) -> None:
        for raster in self._attached:
            raster.source = None
        self._decoding.close()


def _groups(parts: Sequence[Part]) -> list[tuple[list[Raster], set[int]]]:
    """Views of the same file that can be decoded together, and the models that use them."""
    groups: dict[tuple[object, ...], tuple[list[Raster], set[int]]] = {}
    for member, part in enumerate(parts):
        for raster in part.rasters:
            # Where transparency is data in one view and a mask in another, they are decoded apart.
            rasters, members = groups.setdefault((raster.path, raster.uses_alpha), ([], set()))
            if not any(known is raster for known in rasters):
                rasters.append(raster)
            members.add(member)
    return list(groups.values())


def _around(windows: Sequence[Window]) -> Window:
    """The smallest window with all of these in it."""
    row, col = min(w.row for w in windows), min(w.col for w in windows)
    row_stop, col_stop = max(w.row_stop for w in windows), max(w.col_stop for w in windows)
    return Window(row, col, row_stop - row, col_stop - col)


def _threads(device: Device) -> int:
    """On the processor the network needs the cores itself, and decoding costs little beside it."""
    cores = os.cpu_count() or 1
    return min(_MAX_THREADS, cores) if device.torch_device.type == "cuda" else 1


#: What it has where whole blocks are read, each once.
_PASSING_BYTES = 48 * 2**20


@contextmanager
def scene_cache(streams: Sequence[Streams], rows: int) -> Iterator[None]:
    """Sizes GDAL's block cache for a scene that is mapped strip by strip.

    Rasters on the image's grid pass by once, see ``scene_prefetch.py``, and coarse ones are in memory.
    Others are read under every tile anew, so that the blocks under a strip have to stay.

    Args:
        streams: The scene as each model sees it.
        rows: Rows of the image under a strip.
    """
    image = streams[0].image
    needed = 0 if image.is_random_access else bytes_for_rows(image, rows)
    for stack in {id(own.stack): own.stack for own in streams if own.stack}.values():
        for raster in stack.rasters:
            if raster.in_memory is None and raster not in stack.rasters_on_grid:
                share = raster.grid.height / image.grid.height
                needed += bytes_for_rows(raster, round(rows * max(share, 1.0)))
    with gdal_cache(max(_PASSING_BYTES, needed)):
        yield
