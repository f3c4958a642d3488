"""Label sources from rasters: one band of class values, or a picture whose colours are the classes."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..contract.errors import LabelError
from ..contract.translation import tr
from ..rasters.alignment import AlignedRasters
from ..rasters.raster import Pixels
from ..rasters.windows import Window
from .colour_labels import ColourClasses, ColourTable, apply_palette
from .label_source import UNLABELLED, Values
from .raster_legends import RasterLegend, read_legend


class RasterLabels:
    """Labels from a class raster of one band, resampled to the image's grid by nearest neighbour.

    Args:
        aligned: The raster on the image's grid.
        fixed: The only class values that it may hold; empty: any.
        ignored: Values of pixels without a label, which need not be class values.

    Raises:
        LabelError: If it has several bands.
    """

    def __init__(
        self, aligned: AlignedRasters, fixed: frozenset[int], ignored: frozenset[int] = frozenset()
    ) -> None:
        self._aligned = aligned
        self._fixed = fixed
        self._ignored = sorted(ignored)
        raster = aligned.rasters[0]
        if raster.bands > 1:
            raise LabelError(
                tr(
                    "The labels {} have {} bands; a class raster has one, whose values are the classes, "
                    "and a coloured picture three of 8 bit (and alpha)."
                ).format(raster.path, raster.bands)
            )
        self._path = raster.path
        self.declared: frozenset[int] = frozenset()

    @cached_property
    def _legend(self) -> RasterLegend:
        """Read when it is needed: a training opens the labels of its scenes again and again."""
        return read_legend(self._aligned.rasters[0])

    @property
    def names(self) -> dict[int, str]:
        """Names of class values that the file or its style gives."""
        return self._legend.names

    @property
    def colours(self) -> dict[int, str]:
        """Colours of class values that the file or its style gives."""
        return self._legend.colours

    @property
    def memory_bytes(self) -> int:
        """Memory that the raster holds between reads, bytes."""
        return self._aligned.memory_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` at nodata and outside the raster."""
        pixels = self._aligned.read(window, window.height, window.width)[0]
        if self._ignored:
            pixels = np.where(np.isin(pixels, self._ignored), np.float32(np.nan), pixels)
        return _class_values(pixels, self._path, window, self._fixed)


class ColourLabels:
    """Labels from a coloured picture, resampled to the image's grid by nearest neighbour.

    Args:
        aligned: The picture on the image's grid: red, green and blue, or one band with a palette.
        numbers: The class values of the colours.

    Raises:
        LabelError: If no colour is known.
    """

    def __init__(self, aligned: AlignedRasters, numbers: ColourClasses) -> None:
        self._aligned = aligned
        self._path, self._palette = aligned.rasters[0].path, aligned.rasters[0].colours
        self._table = ColourTable(self._path, numbers)
        self.names: dict[int, str] = {}
        self.colours: dict[int, str] = {}
        self.declared: frozenset[int] = frozenset()

    @property
    def memory_bytes(self) -> int:
        """Memory that the picture holds between reads, bytes."""
        return self._aligned.memory_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where transparent and outside the picture."""
        pixels = self._aligned.read(window, window.height, window.width)
        if self._palette:
            pixels = apply_palette(pixels[0], self._palette, self._path)
        return self._table.look_up(pixels, window, UNLABELLED)


def _class_values(pixels: Pixels, path: str, window: Window, fixed: frozenset[int]) -> Values:
    """The class values in pixels (H, W); names the first pixel whose value is not allowed."""
    valid = np.isfinite(pixels)
    values = np.where(valid, pixels, UNLABELLED)
    wrong = valid & ((values < 0) | (values > 65534) | (values != np.rint(values)))
    if wrong.any():
        raise LabelError(
            tr(
                "The labels {} hold the value {:g}: class values are whole numbers from 0 to 65534. "
                "Reclassify the raster, or ignore that value."
            ).format(path, values[wrong][0])
        )
    if fixed and (foreign := valid & ~np.isin(values, sorted(fixed))).any():
        row, col = np.argwhere(foreign)[0]
        raise LabelError(
            tr(
                "The labels {} have the value {:g} at row {}, column {} of the image (counted from "
                "0), which is not a class of this layout: its labels are pictures in the classes' "
                "colours, or hold {}. Export the picture with its colours, or reclassify the raster."
            ).format(
                path,
                values[row, col],
                window.row + row,
                window.col + col,
                ", ".join(map(str, sorted(fixed))),
            )
        )
    return values.astype(np.int32)
