"""Labels in polygon files: polygons burnt onto the image's grid, with the classes of their class field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from ..rasters.grid import Grid
from ..rasters.windows import Window
from .label_source import UNLABELLED, LabelOptions, Values
from .rle_labels import is_run_lengths
from .vector_files import is_vector, read_attribute, read_polygons


class PolygonLabels:
    """Labels from polygons, burnt in window by window: a pixel belongs to what covers its centre.

    Args:
        path: A vector file, or QGIS's ``file|layername=name``.
        grid: The image's grid.
        options: Class field, its numbers, and what lies outside.

    Raises:
        LabelError: If the file, its field or its geometries cannot be used.
    """

    def __init__(self, path: str, grid: Grid, options: LabelOptions) -> None:
        self._grid = grid
        self._outside = 0 if options.unlabelled == "background" else UNLABELLED
        self._shapes, attribute = read_polygons(path, grid, options.class_field)
        self._tree = shapely.STRtree(self._shapes)
        count = len(self._shapes)
        self._values, self.names = polygon_classes(attribute, count, options.numbers, UNLABELLED)
        self.declared = frozenset(self.names)
        if self._outside == 0:
            self.names.setdefault(0, "background")
        self.colours: dict[int, str] = {}

    @property
    def memory_bytes(self) -> int:
        """No raster is kept in memory."""
        return 0

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window."""
        shape = (window.height, window.width)
        place = self._grid.transform_of(window, *shape)
        corners = [
            place @ corner
            for corner in ((0, 0), (shape[1], 0), (shape[1], shape[0]), (0, shape[0]))
        ]
        hits = np.sort(self._tree.query(shapely.Polygon(corners)))
        burn = [(self._shapes[i], int(self._values[i])) for i in hits]
        if not burn:
            return np.full(shape, self._outside, np.int32)
        burnt: Values = rasterize(
            burn, out_shape=shape, transform=place, fill=self._outside, dtype=np.int32
        )
        return burnt


def class_numbers(paths: Iterable[str], class_field: str) -> dict[str, int]:
    """A class value for every name in ``class_field`` of the polygon files among ``paths``.

    All files count together, so that a name means the same class in every scene. A field of whole
    numbers gives its numbers as they are; other names are numbered from 1 in alphabetical order.

    Raises:
        LabelError: If a file has no such field.
    """
    values: list[Any] = []
    for path in sorted(set(paths)):
        if class_field and is_vector(path) and not is_run_lengths(path):
            values += [v for v in read_attribute(path, class_field) if not _is_blank(v)]
    if all(_is_class_value(v) for v in values):
        return {_plain(v): int(v) for v in values}
    return {name: number for number, name in enumerate(sorted({_plain(v) for v in values}), 1)}


def polygon_classes(
    attribute: NDArray[Any] | None, count: int, numbers: Mapping[str, int], unlabelled: int
) -> tuple[NDArray[np.int32], dict[int, str]]:
    """The class value of each polygon of a file, and the names of the classes among them.

    Args:
        attribute: The class field of its polygons; none: all are one class.
        count: How many polygons there are.
        numbers: The class value of every name.
        unlabelled: The value of polygons without a class.
    """
    if attribute is None:
        return np.ones(count, np.int32), {1: "foreground"}
    names = ["" if _is_blank(value) else _plain(value) for value in attribute]
    values = np.array([numbers.get(name, unlabelled) for name in names], np.int32)
    return values, {numbers[name]: name for name in set(names) if name in numbers}


def _is_class_value(value: Any) -> bool:
    """Whether a field's value is a whole number; one blank makes a whole field come as floats."""
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    return is_number and float(value).is_integer() and 0 <= value <= 65534


def _is_blank(value: Any) -> bool:
    return value is None or value != value or value == ""


def _plain(value: Any) -> str:
    """A field's value as a class name: whole floats without their fraction."""
    is_whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)
