"""Colours that mean classes: pixels of a coloured label picture become class values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .errors import LabelError
from .rasters import Pixels
from .windows import Window


class ColourTable:
    """Looks up the class value of every pixel's colour.

    Args:
        path: The picture, for messages.
        numbers: The class value of every colour, as ``#rrggbb``.

    Raises:
        LabelError: If no colour is known.
    """

    def __init__(self, path: str, numbers: Mapping[str, int]) -> None:
        if not numbers:
            raise LabelError(
                f"The labels {path} are a coloured picture (3 bands) and no colour is known: say which "
                "is which class with class names such as 0=background=#000000 and 1=cloud=#ff0000."
            )
        packed = sorted((int(colour[1:], 16), value) for colour, value in numbers.items())
        self._path, self._known = path, ", ".join(numbers)
        self._colours = np.array([colour for colour, _ in packed], np.int32)
        self._values = np.array([value for _, value in packed], np.int32)

    def look_up(self, pixels: Pixels, window: Window, missing: int) -> NDArray[np.int32]:
        """Class values (H, W) of pixels (3, H, W), each band 0..255.

        Args:
            pixels: Red, green and blue; NaN in all three where there is none.
            window: Where the pixels lie, for messages.
            missing: What stands where there is no colour.

        Raises:
            LabelError: If a colour is none of the classes', naming the first such pixel.
        """
        seen = np.isfinite(pixels)
        labelled = seen.any(axis=0)
        if (labelled & ~seen.all(axis=0)).any():
            raise LabelError(
                f"The labels {self._path} declare a nodata value that is part of a colour: take the "
                "declaration away (gdal_edit.py -unsetnodata), or use an alpha band."
            )
        red, green, blue = np.where(seen, pixels, 0).astype(np.int32)
        # One number a colour, so that one search in a sorted list finds it.
        colours = (red << 16) | (green << 8) | blue
        places = np.searchsorted(self._colours, colours).clip(max=len(self._colours) - 1)
        unknown = labelled & (self._colours[places] != colours)
        if unknown.any():
            row, col = np.argwhere(unknown)[0]
            raise LabelError(
                f"The labels {self._path} have the colour #{colours[row, col]:06x} at row "
                f"{window.row + row}, column {window.col + col} of the image (counted from 0), which is "
                f"no class; known are {self._known}. Mend that pixel, or add a class name for the "
                "colour (value=name=#rrggbb). A lossy format such as JPEG changes colours: use PNG "
                "or GeoTIFF."
            )
        return np.where(labelled, self._values[places], np.int32(missing))
