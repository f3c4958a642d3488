"""Flat files of rows and of their overviews, with the VRT elements by which GDAL reads them.

GDAL could compute the overviews itself, with equal pixels: a mask is then written in 2.0 to 2.6 times the CPU time and 1.5
to 2 times as long (0.015 CPU s per Mpx more; 4096 x 4096 and 12000 x 12000 px on two cores), because GDAL compresses them
into a temporary file first. After a GPU has mapped a large scene, its user waits for that.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Bytes of a file that are halved at a time.
_CHUNK = 4 * 2**20

#: GDAL's data types by bytes per value.
_TYPES = {1: "Byte", 2: "UInt16"}

Rows = NDArray[Any]
Downsample = Callable[[Rows], Rows]

#: A raster with one raw band.
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
    """Takes every second value of every second row."""
    return rows[::2, ::2]


def average(nodata: int) -> Downsample:
    """Halves uint8 rows and columns to the rounded mean of each 2 x 2 pixels, without ``nodata``."""

    def halve(rows: Rows) -> Rows:
        """Averages rows (H, W) to (ceil(H / 2), ceil(W / 2))."""
        odd = [(0, size % 2) for size in rows.shape]
        rows = np.pad(rows, odd, constant_values=nodata) if any(map(sum, odd)) else rows
        valid = rows != nodata
        total = _sum_squares(np.where(valid, rows, 0).astype(np.uint16))
        count = _sum_squares(valid.astype(np.uint16))
        mean: Rows = (2 * total + count) // np.maximum(2 * count, 1)
        mean[count == 0] = nodata
        return mean.astype(np.uint8)

    return halve


def _sum_squares(values: Rows) -> Rows:
    """The sums of every 2 x 2 values."""
    pairs = values[::2] + values[1::2]
    sums: Rows = pairs[:, ::2] + pairs[:, 1::2]
    return sums


@dataclass(frozen=True)
class FlatRaster:
    """A flat file of ``height`` rows of ``width`` values in little-endian order.

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
        """The elements of a raw VRT band that reads the file."""
        path, pixel = html.escape(str(self.path.absolute())), self.dtype.itemsize
        return _SOURCE.format(path=path, pixel=pixel, line=self.width * pixel)

    def downsample(self, halve: Downsample, path: Path) -> FlatRaster:
        """Writes the raster at half the size to ``path``; odd heights and widths are rounded up."""
        kind = self.dtype.newbyteorder("<")
        rows = 2 * max(1, _CHUNK // (2 * self.width * kind.itemsize))
        with self.path.open("rb") as source, path.open("wb") as target:
            while len(values := np.fromfile(source, kind, rows * self.width)):
                smaller = halve(values.reshape(-1, self.width))
                target.write(np.ascontiguousarray(smaller, kind).data)
        return FlatRaster(path, (self.height + 1) // 2, (self.width + 1) // 2, self.dtype)


def overviews(raster: FlatRaster, halve: Downsample, side: int, folder: Path) -> str:
    """Writes overviews into ``folder``, each half as large, until one has at most ``side`` rows and columns.

    Returns:
        The elements of the VRT band of ``raster`` that name the overviews.
    """
    elements, factor = "", 1
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
        elements += _OVERVIEW.format(path=html.escape(str(level.absolute())))
    return elements
