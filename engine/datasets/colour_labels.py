"""Colours that mean classes: pixels of a coloured label picture become class values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import LabelError
from ..rasters.raster import Pixels
from ..rasters.windows import Window


@dataclass(frozen=True)
class ColourNumbers:
    """Which colour is which class.

    Attributes:
        values: The class value of every colour, as ``#rrggbb`` in lower case.
        fixed: The class values of labels in a layout that fixes the colours; none: nothing fixes
            them. In such a layout a palette is nothing but a way to store the colours.
        shared: Colours that several classes have, with these: they mean no class.
    """

    values: Mapping[str, int] = field(default_factory=dict)
    fixed: frozenset[int] = frozenset()
    shared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def colours_from_table(table: ClassTable) -> ColourNumbers:
    """The class of every colour of a class table; those of several classes are shared."""
    owners: dict[str, tuple[int, ...]] = {}
    for entry in table:
        colour = entry.colour.lower()
        owners[colour] = (*owners.get(colour, ()), entry.value)
    own = {colour: values[0] for colour, values in owners.items() if len(values) == 1}
    shared = {colour: values for colour, values in owners.items() if len(values) > 1}
    return ColourNumbers(own, shared=shared)


def apply_palette(indices: Pixels, palette: Mapping[int, str], path: str) -> Pixels:
    """The colours (3, H, W), each band 0..255, that numbers (H, W) of a palette stand for.

    Args:
        indices: Palette numbers; NaN where there is none, and so are the colours.
        palette: Colours by number, as ``#rrggbb``.
        path: The picture, for messages.

    Raises:
        LabelError: If a number has no colour.
    """
    known = np.isfinite(indices)
    numbers = np.where(known, indices, min(palette)).astype(np.int32)
    strange = ~np.isin(numbers, list(palette))
    if strange.any():
        raise LabelError(
            f"The labels {path} hold the number {numbers[strange][0]}, which their palette lacks: the "
            "file seems to be damaged. Export it anew."
        )
    colours = np.zeros((max(palette) + 1, 3), np.float32)
    for number, colour in palette.items():
        colours[number] = [int(colour[index : index + 2], 16) for index in (1, 3, 5)]
    painted = np.moveaxis(colours[numbers], -1, 0)
    return np.where(known, painted, np.float32(np.nan))


class ColourTable:
    """Looks up the class value of every pixel's colour.

    Args:
        path: The picture, for messages.
        numbers: Which colour is which class.

    Raises:
        LabelError: If no colour is known.
    """

    def __init__(self, path: str, numbers: ColourNumbers) -> None:
        if not numbers.values:
            raise LabelError(
                f"The labels {path} are a coloured picture (3 bands) and no colour is known: say which "
                "is which class with class names such as 0=background=#000000 and 1=cloud=#ff0000."
            )
        packed = sorted((int(colour[1:], 16), value) for colour, value in numbers.values.items())
        self._path, self._numbers = path, numbers
        self._colours = np.array([colour for colour, _ in packed], np.int32)
        self._values = np.array([value for _, value in packed], np.int32)

    def look_up(self, pixels: Pixels, window: Window, missing: int) -> NDArray[np.int32]:
        """Class values (H, W) of pixels (3, H, W), each band 0..255.

        Args:
            pixels: Red, green and blue; NaN in all three where there is none.
            window: Where the pixels lie, for messages.
            missing: What stands where there is no colour.

        Raises:
            LabelError: If a colour is none of the classes', or of several, naming the first such pixel.
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
            raise self._unknown(f"#{colours[row, col]:06x}", window.row + row, window.col + col)
        return np.where(labelled, self._values[places], np.int32(missing))

    def _unknown(self, colour: str, row: int, col: int) -> LabelError:
        index = (
            f"The labels {self._path} have the colour {colour} at row {row}, column {col} of the image "
            "(counted from 0), which is"
        )
        if colour in self._numbers.shared:
            classes = " and ".join(str(value) for value in self._numbers.shared[colour])
            return LabelError(
                f"{index} that of several classes, {classes}: give labels as a class raster, or each "
                "class a colour of its own."
            )
        return LabelError(
            f"{index} no class; known are {', '.join(self._numbers.values)}. Mend that pixel, or add a "
            "class name for the colour (value=name=#rrggbb). A lossy format such as JPEG changes "
            "colours: use PNG or GeoTIFF."
        )
