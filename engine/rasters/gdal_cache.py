"""Sets the size of GDAL's block cache so that no block is decoded twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import rasterio

from .raster import Raster

#: Smallest cache, bytes; only very wide scenes need more.
_MIN_CACHE_BYTES = 192 * 2**20


@contextmanager
def gdal_cache(size: int) -> Iterator[None]:
    """Limits GDAL's block cache to ``size`` bytes."""
    with rasterio.Env(GDAL_CACHEMAX=size):
        yield


def bytes_for_rows(raster: Raster, rows: int) -> int:
    """Bytes of a cache for all blocks that ``rows`` full rows of a raster touch, at least 192 MiB."""
    block = raster.block_shape[0]
    needed = int(1.1 * ((rows + block - 2) // block + 1) * block * raster.row_bytes)
    return max(_MIN_CACHE_BYTES, needed)
