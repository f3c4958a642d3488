"""A flat file of rows with its overviews, described so that GDAL reads it as a raster.

The overviews are flat files too. GDAL could make them itself, but spends ten times as much on it (0.02-0.03 CPU
s per Mpx on several threads) and compresses them into a file of its own first.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: How much of a file is halved at a time, bytes.
_CHUNK = 4 * 2**20

#: GDAL's names of the types, by their bytes.
_TYPES = {1: "Byte", 2: "UInt16"}

Rows = NDArray[Any]
Downsample = Callable[[Rows], Rows]

#: A raster of one band whose rows lie one after another in a file.
_LEVEL = """<VRTDataset rasterXSize="{width}" rasterYSize="{height}">
 <VRTRasterBand dataType="{kind}" band="1" subClass="VRTRawRasterBand">
{source} </VRTRasterBand>
</VRTDataset>
"""

_SOURCE = """  <SourceFilename relativeToVRT="0">{path}</SourceFilename>
  <ImageOffset>0</ImageOffset>
  <PixelOffset>{pixel}</PixelOffset>
  <LineOffset>{line}</LineOffset>
  <ByteOrder>LSB</ByteOrder>
"""

_OVERVIEW = """  <Overview>
   <SourceFilename relativeToVRT="0">{path}</SourceFilename>
   <SourceBand>1</SourceBand>
  </Overview>
"""


def nearest(rows: Rows) -> Rows:
    """Every other value of every other row."""
    return rows[::2, ::2]


def average(nodata: int) -> Downsample:
    """Halves to the rounded mean of every 2 x 2 values of 8 bit that are not ``nodata``."""

    def halve(rows: Rows) -> Rows:
        """Half as many rows and columns, the last ones of an odd number padded."""
        odd = [(0, size % 2) for size in rows.shape]
        rows = np.pad(rows, odd, constant_values=nodata) if any(map(sum, odd)) else rows
        known = rows != nodata
        total = _sums(np.where(known, rows, 0).astype(np.uint16))
        count = _sums(known.astype(np.uint16))
        mean: Rows = (2 * total + count) // np.maximum(2 * count, 1)
        mean[count == 0] = nodata
        return mean.astype(np.uint8)

    return halve


def _sums(values: Rows) -> Rows:
    """The sums of every 2 x 2 values."""
    pairs = values[::2] + values[1::2]
    sums: Rows = pairs[:, ::2] + pairs[:, 1::2]
    return sums


@dataclass(frozen=True)
class FlatRaster:
    """A file of ``height`` rows of ``width`` values, one after another, low byte first.

    Attributes:
        path: The file.
        height: Rows.
        width: Columns.
        dtype: uint8 or uint16.
    """

    path: Path
    height: int
    width: int
    dtype: np.dtype[Any]

    @property
    def source(self) -> str:
        """What a band of GDAL's virtual format needs to read the file."""
        path, pixel = html.escape(str(self.path.absolute())), self.dtype.itemsize
        return _SOURCE.format(path=path, pixel=pixel, line=self.width * pixel)

    def downsample(self, halve: Downsample, path: Path) -> FlatRaster:
        """Itself at half the size, written to ``path``; a last odd row or column counts as a whole one."""
        kind = self.dtype.newbyteorder("<")
        rows = 2 * max(1, _CHUNK // (2 * self.width * kind.itemsize))
        with self.path.open("rb") as source, path.open("wb") as target:
            while len(values := np.fromfile(source, kind, rows * self.width)):
                smaller = halve(values.reshape(-1, self.width))
                target.write(np.ascontiguousarray(smaller, kind).data)
        return FlatRaster(path, (self.height + 1) // 2, (self.width + 1) // 2, self.dtype)


def overviews(raster: FlatRaster, halve: Downsample, side: int, folder: Path) -> str:
    """Makes overviews in ``folder``: halves until all of the raster fits into ``side``.

    Returns:
        What the band that ``raster.source`` belongs to needs to know of them.
    """
    found, factor = "", 1
    while max(raster.height, raster.width) > side:
        factor *= 2
        raster = raster.downsample(halve, folder / f"{factor}.raw")
        level = folder / f"{factor}.vrt"
        text = _LEVEL.format(
            height=raster.height,
            width=raster.width,
            kind=_TYPES[raster.dtype.itemsize],
            source=raster.source,
        )
        level.write_text(text, encoding="utf-8")
        found += _OVERVIEW.format(path=html.escape(str(level.absolute())))
    return found
