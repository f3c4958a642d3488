"""Labels in rasters: one band of class values, or three bands of colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import LabelError
from ..contract.map_styles import read_category_names
from ..rasters.alignment import Aligned
from ..rasters.raster import Pixels
from ..rasters.windows import Window
from .colour_labels import ColourNumbers, ColourTable, apply_palette
from .label_source import UNLABELLED, Values


class RasterLabels:
    """Labels from a class raster of one band, on whatever grid; read by nearest neighbour.

    Args:
        aligned: The raster, on the image's grid.
        fixed: The only class values that it may hold; none: any.

    Raises:
        LabelError: If it has several bands.
    """

    def __init__(self, aligned: Aligned, fixed: frozenset[int]) -> None:
        self._aligned, self._fixed = aligned, fixed
        raster = aligned.rasters[0]
        if raster.bands > 1:
            raise LabelError(
                f"The labels {raster.path} have {raster.bands} bands; a class raster has one, whose "
                "values are the classes, and a coloured picture three of 8 bit (and alpha)."
            )
        self._path = raster.path
        self.names = read_category_names(raster.path)
        self.colours = raster.colours
        self.declared: frozenset[int] = frozenset()

    @property
    def memory_bytes(self) -> int:
        """What the raster keeps in memory."""
        return self._aligned.memory_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; nodata and outside are ``UNLABELLED``."""
        values = self._aligned.read(window, window.height, window.width)[0]
        return class_values(values, self._path, window, self._fixed, UNLABELLED)


class ColourLabels:
    """Labels from a picture whose colours are the classes, on whatever grid; read by nearest neighbour.

    Args:
        aligned: The picture, on the image's grid: red, green, blue, or numbers of a palette.
        numbers: Which colour is which class.

    Raises:
        LabelError: If no colour is known.
    """

    def __init__(self, aligned: Aligned, numbers: ColourNumbers) -> None:
        self._aligned = aligned
        self._path, self._palette = aligned.rasters[0].path, aligned.rasters[0].colours
        self._table = ColourTable(self._path, numbers)
        self.names: dict[int, str] = {}
        self.colours: dict[int, str] = {}
        self.declared: frozenset[int] = frozenset()

    @property
    def memory_bytes(self) -> int:
        """What the picture keeps in memory."""
        return self._aligned.memory_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; transparent pixels and outside are ``UNLABELLED``."""
        pixels = self._aligned.read(window, window.height, window.width)
        if self._palette:
            pixels = apply_palette(pixels[0], self._palette, self._path)
        return self._table.look_up(pixels, window, UNLABELLED)


def class_values(
    pixels: Pixels, path: str, window: Window, fixed: frozenset[int], missing: int
) -> NDArray[np.int32]:
    """The class values in pixels (H, W).

    Args:
        pixels: What the raster holds; NaN where it has no value.
        path: The raster, for messages.
        window: Where the pixels lie on the image, for messages.
        fixed: The only values that may occur; none: any.
        missing: What stands where the raster has no value.

    Raises:
        LabelError: If a value is no class value, or none of ``fixed``, naming the first such pixel.
    """
    known = np.isfinite(pixels)
    values = np.where(known, pixels, missing)
    wrong = known & ((values < 0) | (values > 65534) | (values != np.rint(values)))
    if wrong.any():
        raise LabelError(
            f"The labels {path} hold the value {values[wrong][0]:g}: class values are whole numbers "
            "from 0 to 65534. Reclassify the raster, or declare that value as nodata."
        )
    strange = known & ~np.isin(values, sorted(fixed)) if fixed else np.zeros_like(known)
    if strange.any():
        row, col = np.argwhere(strange)[0]
        raise LabelError(
            f"The labels {path} have the value {values[row, col]:g} at row {window.row + row}, column "
            f"{window.col + col} of the image (counted from 0), which is no class of this layout: its "
            f"labels are pictures in the classes' colours, or hold {', '.join(map(str, sorted(fixed)))}. "
            "Export the picture with its colours, or reclassify the raster."
        )
    return values.astype(np.int32)
