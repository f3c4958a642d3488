"""Counts the pixels of each class of a mask, and the land that they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable, nodata_value
from ..rasters.grid import Grid
from ..rasters.ground_resolution import GroundScale
from ..rasters.windows import Window

#: Number of values that are counted at a time; ``np.bincount`` converts each to 8 bytes.
_CHUNK = 2**21

#: Columns and most rows of a block whose pixels count as equally large where their size changes across the raster, and the
#: largest relative change of that size between its rows.
_COLUMNS = 1024
_MAX_ROWS = 64
_MAX_CHANGE = 1e-3


@dataclass(frozen=True)
class ClassAreas:
    """The classes of a mask by name; classes of one name count together.

    Attributes:
        pixels: Number of pixels of each class.
        square_metres: Area of each class, m2; empty if the mask has no place on Earth.
    """

    pixels: Mapping[str, int]
    square_metres: Mapping[str, float]

    @property
    def known(self) -> int:
        """Number of pixels that have a class."""
        return sum(self.pixels.values())

    @property
    def shares(self) -> dict[str, float]:
        """The share 0..1 of each class of the pixels that have one."""
        return {name: count / max(self.known, 1) for name, count in self.pixels.items()}


def measure_classes(raw: Path, table: ClassTable, grid: Grid, region: Window) -> ClassAreas:
    """Counts the classes of a mask's rows, and measures their areas on the ground.

    Args:
        raw: A flat file of class values, uint8 or little-endian uint16, as ``Journal`` writes it.
        table: The classes.
        grid: The image's grid.
        region: The part of it that the mask covers.
    """
    kind = np.dtype("u1" if nodata_value(table) <= 255 else "<u2")
    scale, size = GroundScale(grid), np.iinfo(kind).max + 1
    rows, cols = max(_CHUNK // region.width, 1), region.width
    if scale.is_on_ground:
        rows, cols = _equal_rows(scale, region), _COLUMNS
    pixels = np.zeros(size, np.int64)
    areas = np.zeros(size)
    row = region.row
    with raw.open("rb") as file:
        while len(values := np.fromfile(file, kind, rows * region.width)):
            strip = values.reshape(-1, region.width)
            begins = np.arange(0, region.width, cols)
            for begin, area in zip(
                begins, _pixel_areas(scale, region, row, len(strip), begins, cols)
            ):
                counts = np.bincount(strip[:, begin : begin + cols].ravel(), minlength=size)
                pixels += counts
                areas += area * counts
            row += len(strip)
    names = dict.fromkeys(entry.name for entry in table)
    of = {name: [entry.value for entry in table if entry.name == name] for name in names}
    counted = {name: int(pixels[values].sum()) for name, values in of.items()}
    measured = {name: float(areas[values].sum()) for name, values in of.items()}
    return ClassAreas(counted, measured if scale.unit == "m" else {})


def _equal_rows(scale: GroundScale, region: Window) -> int:
    """Number of rows of a block."""
    middle = region.col + region.width / 2
    ends = np.array([[middle, region.row + 0.5], [middle, region.row_stop - 0.5]])
    first, last = scale.pixel_areas(ends)
    if not (np.isfinite([first, last]).all() and min(first, last) > 0):
        return 1
    change = max(abs(float(np.log(last / first))) / region.height, 1e-12)
    return int(min(max(_MAX_CHANGE / change, 1), _MAX_ROWS))


def _pixel_areas(
    scale: GroundScale,
    region: Window,
    row: int,
    height: int,
    begins: NDArray[np.int64],
    cols: int,
) -> NDArray[np.float64]:
    """The area of a pixel in the middle of each block (N,) of a strip that begins at a row of the image."""
    ends = np.minimum(begins + cols, region.width)
    middles = region.col + (begins + ends) / 2
    points = np.stack([middles, np.full(len(begins), row + height / 2)], axis=1)
    return np.nan_to_num(scale.pixel_areas(points))  # a raster may reach beyond the projection
