"""GDAL's memory for decoded blocks, sized so that no block is decoded twice, and not with the scene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import rasterio

from .rasters import Raster
from .streams import Streams

#: What it has in any case, bytes; only rows that need more, of very wide scenes, get more.
CACHE_BYTES = 192 * 2**20

#: What it has where whole blocks are read, each once.
_PASSING_BYTES = 48 * 2**20


@contextmanager
def block_cache(raster: Raster, rows: int) -> Iterator[None]:
    """Sizes GDAL's block cache so that all blocks under ``rows`` full rows of a raster fit."""
    with rasterio.Env(GDAL_CACHEMAX=max(CACHE_BYTES, _needed(raster, rows))):
        yield


@contextmanager
def scene_cache(streams: Sequence[Streams], rows: int) -> Iterator[None]:
    """Sizes GDAL's block cache for a scene that is mapped strip by strip.

    Rasters on the image's grid pass by once, see ``read_ahead.py``, and coarse ones are in memory.
    Others are read under every tile anew, so that the blocks under a strip have to stay.

    Args:
        streams: The scene as each model sees it.
        rows: Rows of the image under a strip.
    """
    image = streams[0].image
    needed = 0 if image.is_random_access else max(CACHE_BYTES, _needed(image, rows))
    for stack in {id(own.stack): own.stack for own in streams if own.stack}.values():
        for raster in stack.rasters:
            if raster.held is None and raster not in stack.on_the_grid:
                share = raster.grid.height / image.grid.height
                needed += max(CACHE_BYTES, _needed(raster, round(rows * max(share, 1.0))))
    with rasterio.Env(GDAL_CACHEMAX=max(_PASSING_BYTES, needed)):
        yield


def _needed(raster: Raster, rows: int) -> int:
    """What all blocks under so many full rows take, bytes, and a tenth more."""
    block = raster.block_shape[0]
    return int(1.1 * ((rows + block - 2) // block + 1) * block * raster.row_bytes)
