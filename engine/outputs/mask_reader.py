"""Reads a mask, or any raster of classes, as class values strip by strip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassEntry, palette_colour
from ..contract.clean_up import CleanUp
from ..contract.errors import RasterError
from ..contract.map_styles import read_category_names
from ..contract.strict_json import parse_json
from ..contract.translation import tr
from ..rasters.class_tags import class_table_of
from ..rasters.gdal_cache import bytes_for_rows, gdal_cache
from ..rasters.grid import Grid
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window

#: The value of pixels without a class, or with a class that was not chosen; no class has it.
NO_CLASS = 65535

#: Rows of a strip, pixels of a strip of a very wide raster, and its minimum of rows.
_STRIP_ROWS = 512
_STRIP_PIXELS = 2**23
_MIN_STRIP_ROWS = 64


@dataclass(frozen=True)
class MaskStrip:
    """Full rows of a mask.

    Attributes:
        row: The first row.
        values: Class values (H, W); NOTHING where there is no class.
        confidence: Percent (H, W), NaN where unknown; None without a confidence raster.
        objects: The object of each pixel (H, W); None: areas of one class are not split.
    """

    row: int
    values: NDArray[np.uint16]
    confidence: Pixels | None = None
    objects: NDArray[np.int32] | None = None

    @property
    def parts(self) -> NDArray[Any]:
        """The values that make neighbouring pixels one area (H, W): the object, or the class value without objects."""
        return self.values if self.objects is None else self.objects


class ClassMask(AbstractContextManager["ClassMask"]):
    """An opened class raster, with an optional confidence raster.

    Args:
        path: A mask written by ``segment``, or another raster of whole numbers 0..65534.
        confidence: The mask's confidence raster, in percent; empty: none.

    Attributes:
        table: The mask's class table; empty if it has none.

    Raises:
        RasterError: If the raster cannot be read as classes, or the two are not on one grid.
    """

    def __init__(self, path: str, confidence: str = "") -> None:
        self._stack = CleanUp()
        with CleanUp() as stack:
            self._mask = stack.enter_context(Raster(path))
            _check_classes(self._mask)
            self._confidence = stack.enter_context(Raster(confidence)) if confidence else None
            if self._confidence is not None:
                _check_confidence(self._confidence, self._mask)
            self.table = class_table_of(self._mask)
            self._colours = self._mask.colours
            self._names = read_category_names(path)
            self._stack = stack.pop_all()

    @property
    def grid(self) -> Grid:
        """The mask's grid."""
        return self._mask.grid

    @property
    def scene(self) -> str:
        """The name of the image that the mask was made from; empty if the mask has no such tag."""
        try:
            image = parse_json(self._mask.tags["DUALSTREAM_JOB"])["segment"]["image"]
        except (KeyError, TypeError, ValueError):
            return ""
        # Reads both kinds of slashes: the mask may come from Windows.
        return PureWindowsPath(str(image)).stem

    def entry(self, value: int) -> ClassEntry:
        """Name and colour of a class, from the legend and palette if the mask has no class table."""
        for entry in self.table:
            if entry.value == value:
                return entry
        colour = self._colours.get(value, palette_colour(value))
        return ClassEntry(value, self._names.get(value, str(value)), colour)

    def strips(self, wanted: NDArray[np.bool_], rows: int = 0) -> Iterator[MaskStrip]:
        """The strips of the mask from top to bottom.

        Args:
            wanted: Whether to keep each class value (65536,); the others become NOTHING.
            rows: Rows of a strip; 0: chosen by the raster's width.

        Raises:
            RasterError: If the file is damaged, or has a value that is not a class value.
        """
        grid = self._mask.grid
        rows = rows or min(_STRIP_ROWS, max(_MIN_STRIP_ROWS, _STRIP_PIXELS // grid.width))
        with gdal_cache(bytes_for_rows(self._mask, rows)):
            for row in range(0, grid.height, rows):
                window = Window(row, 0, min(rows, grid.height - row), grid.width)
                values = self._values(window)
                values[~wanted[values]] = NO_CLASS
                shares = None if self._confidence is None else self._confidence.read(window)[0]
                yield MaskStrip(row, values, shares)

    def _values(self, window: Window) -> NDArray[np.uint16]:
        pixels = self._mask.read(window)[0]
        wrong = (pixels < 0) | (pixels >= NO_CLASS)  # False for NaN, a pixel without a value
        if wrong.any():
            row, col = np.argwhere(wrong)[0]
            raise RasterError(
                tr(
                    "{} holds the value {:g} at row {}, column {} (counted from 0): class values are "
                    "whole numbers from 0 to 65534. Reclassify the raster, or declare that value as "
                    "nodata."
                ).format(self._mask.path, pixels[row, col], window.row + row, col)
            )
        values: NDArray[np.uint16] = np.nan_to_num(pixels, nan=NO_CLASS).astype(np.uint16)
        return values

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)


def _check_classes(mask: Raster) -> None:
    if mask.bands != 1:
        raise RasterError(
            tr(
                "{} has {} bands: a mask has one, the class of each pixel. Choose a mask, or take "
                "one band out first (Raster > Conversion > Translate)."
            ).format(mask.path, mask.bands)
        )
    if np.dtype(mask.dtype).kind not in "biu":
        raise RasterError(
            tr(
                "{} holds numbers with decimals ({}): a mask holds whole numbers, the class of each "
                "pixel. Choose a mask, or convert it first (Raster > Conversion > Translate, output "
                "data type Byte)."
            ).format(mask.path, mask.dtype)
        )
    if mask.grid.gcps:
        raise RasterError(
            tr(
                "{} has ground control points only, so polygons have no exact place on it: rectify "
                "it first (Raster > Projections > Warp)."
            ).format(mask.path)
        )


def _check_confidence(confidence: Raster, mask: Raster) -> None:
    if confidence.bands != 1:
        raise RasterError(
            tr("{} has {} bands: a confidence raster has one, in percent.").format(
                confidence.path, confidence.bands
            )
        )
    other, grid = confidence.grid, mask.grid
    is_aligned = other.transform.almost_equals(grid.transform, 1e-6 * min(grid.pixel_size))
    if (other.height, other.width) != (grid.height, grid.width) or not is_aligned:
        raise RasterError(
            tr(
                "The confidence raster {} ({} x {} px) does not lie pixel by pixel on the mask {} "
                "({} x {} px): give that of the same run, or none."
            ).format(confidence.path, other.width, other.height, mask.path, grid.width, grid.height)
        )
    # One of the two may lack a coordinate system.
    if other.crs is not None and grid.crs is not None and other.crs != grid.crs:
        raise RasterError(
            tr(
                "The confidence raster {} is in {}, the mask {} in {}: give that of the same run, or "
                "none."
            ).format(confidence.path, other.crs.to_string(), mask.path, grid.crs.to_string())
        )
