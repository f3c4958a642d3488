"""Class values from the colours of a label picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import LabelError
from ..contract.translation import tr
from ..rasters.raster import Pixels
from ..rasters.windows import Window


@dataclass(frozen=True)
class ColourClasses:
    """The class values of colours.

    Attributes:
        values: The class value of every colour, as ``#rrggbb`` in lower case.
        fixed: The only class values that labels may hold, in a layout that fixes the colours; empty: any. In
            such a layout the numbers of a palette are not class values.
        shared: Colours that several classes have, with these classes: they identify none.
    """

    values: Mapping[str, int] = field(default_factory=dict)
    fixed: frozenset[int] = frozenset()
    shared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def colours_from_table(table: ClassTable) -> ColourClasses:
    """The class value of every colour of a class table; a colour of several classes is shared."""
    owners: dict[str, tuple[int, ...]] = {}
    for entry in table:
        colour = entry.colour.lower()
        owners[colour] = (*owners.get(colour, ()), entry.value)
    unique = {colour: values[0] for colour, values in owners.items() if len(values) == 1}
    shared = {colour: values for colour, values in owners.items() if len(values) > 1}
    return ColourClasses(unique, shared=shared)


def apply_palette(indices: Pixels, palette: Mapping[int, str], path: str) -> Pixels:
    """The colours (3, H, W), each band 0..255, of palette indices (H, W).

    Args:
        indices: Palette indices; a pixel with NaN gets NaN in all three bands.
        palette: Colours by index, as ``#rrggbb``.
        path: The picture, for messages.

    Raises:
        LabelError: If an index has no colour.
    """
    valid = np.isfinite(indices)
    numbers = np.where(valid, indices, min(palette)).astype(np.int32)
    unknown = ~np.isin(numbers, list(palette))
    if unknown.any():
        raise LabelError(
            tr(
                "The labels {} hold the number {}, which their palette lacks: the file seems to be "
                "damaged. Export it again."
            ).format(path, numbers[unknown][0])
        )
    colours = np.zeros((max(palette) + 1, 3), np.float32)
    for index, colour in palette.items():
        colours[index] = [*bytes.fromhex(colour[1:])]
    return np.where(valid, np.moveaxis(colours[numbers], -1, 0), np.float32(np.nan))


class ColourTable:
    """Looks up the class value of every pixel's colour.

    Args:
        path: The picture, for messages.
        numbers: The class values of the colours.

    Raises:
        LabelError: If no colour is known.
    """

    def __init__(self, path: str, numbers: ColourClasses) -> None:
        if not numbers.values:
            raise LabelError(
                tr(
                    "The labels {} are a coloured picture (3 bands) and no colour is known: name the "
                    "class of each colour, such as 0=background=#000000 and 1=cloud=#ff0000."
                ).format(path)
            )
        packed = sorted((int(colour[1:], 16), value) for colour, value in numbers.values.items())
        self._path, self._numbers = path, numbers
        self._colours, self._values = np.array(packed, np.int32).T

    def look_up(self, pixels: Pixels, window: Window, missing: int) -> NDArray[np.int32]:
        """Class values (H, W) of pixels (3, H, W), each band 0..255.

        Args:
            pixels: Red, green and blue; NaN in all three where the picture has no value.
            window: The pixels' position on the image, for messages.
            missing: The class value of pixels without a colour.

        Raises:
            LabelError: If a colour belongs to no class or to several, naming the first such pixel.
        """
        finite = np.isfinite(pixels)
        labelled = finite.any(axis=0)
        if (labelled & ~finite.all(axis=0)).any():
            raise LabelError(
                tr(
                    "The labels {} declare a nodata value that is part of a colour: take the declaration "
                    "away (gdal_edit.py -unsetnodata), or use an alpha band."
                ).format(self._path)
            )
        red, green, blue = np.where(finite, pixels, 0).astype(np.int32)
        # One number per colour, so that one search in a sorted array finds it.
        colours = (red << 16) | (green << 8) | blue
        indices = np.searchsorted(self._colours, colours).clip(max=len(self._colours) - 1)
        unknown = labelled & (self._colours[indices] != colours)
        if unknown.any():
            row, col = np.argwhere(unknown)[0]
            raise self._unknown(f"#{colours[row, col]:06x}", window.row + row, window.col + col)
        return np.where(labelled, self._values[indices], np.int32(missing))

    def _unknown(self, colour: str, row: int, col: int) -> LabelError:
        if colour in self._numbers.shared:
            text = tr(
                "The labels {} have the colour {} at row {}, column {} of the image (counted from 0), which is "
                "that of several classes, {}: give labels as a class raster, or each class a colour of its "
                "own."
            )
            classes = ", ".join(map(str, self._numbers.shared[colour]))
        else:
            text = tr(
                "The labels {} have the colour {} at row {}, column {} of the image (counted from 0), which is "
                "not a class; known are {}. Correct that pixel, or add a class name for the colour "
                "(value=name=#rrggbb). A lossy format such as JPEG changes colours: use PNG or GeoTIFF."
            )
            classes = ", ".join(self._numbers.values)
        return LabelError(text.format(self._path, colour, row, col, classes))
