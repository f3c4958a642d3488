"""Label source from polygon files: rasterizes polygons with the class values of their class field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from ..contract.paths import file_state
from ..rasters.grid import Grid
from ..rasters.windows import Window
from .label_source import UNLABELLED, LabelOptions, Values, label_kind
from .vector_files import read_attribute, read_polygons


@dataclass(frozen=True, eq=False)
class _Polygons:
    """The polygons of a file in the coordinates of an image.

    Attributes:
        shapes: The polygons (N,).
        values: The class value of each (N,).
        names: Names of the classes among them, by value.
    """

    shapes: NDArray[Any]
    values: Values
    names: Mapping[int, str]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds the polygons of a window."""
        return shapely.STRtree(self.shapes)


class PolygonLabels:
    """Labels from polygons, rasterized window by window: a polygon covers the pixels whose centre it contains.

    Args:
        path: A vector file, or QGIS's ``file|layername=name``.
        grid: The image's grid.
        options: Class field, class values of its names, and the label of pixels outside.

    Raises:
        LabelError: If the file, its field or its geometries cannot be used.
    """

    def __init__(self, path: str, grid: Grid, options: LabelOptions) -> None:
        self._grid = grid
        self._fill = 0 if options.unlabelled == "background" else UNLABELLED
        self._polygons = _open_polygons(path, grid, options)
        self.names = dict(self._polygons.names)
        self.declared = frozenset(self.names)
        if self._fill == 0:
            self.names.setdefault(0, "background")
        self.colours: dict[int, str] = {}

    @property
    def memory_bytes(self) -> int:
        """No raster is kept in memory."""
        return 0

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window."""
        height, width = window.height, window.width
        transform = self._grid.window_transform(window, height, width)
        corners = [transform @ c for c in ((0, 0), (width, 0), (width, height), (0, height))]
        shapes, classes = self._polygons.shapes, self._polygons.values
        hits = np.sort(self._polygons.tree.query(shapely.Polygon(corners)))
        if not len(hits):
            return np.full((height, width), self._fill, np.int32)
        values: Values = rasterize(
            [(shapes[i], int(classes[i])) for i in hits],
            out_shape=(height, width),
            transform=transform,
            fill=self._fill,
            dtype=np.int32,
        )
        return values


#: The polygons in use, by file and coordinate system: tiles of one polygon file share them.
_OPEN: WeakValueDictionary[tuple[object, ...], _Polygons] = WeakValueDictionary()


def _open_polygons(path: str, grid: Grid, options: LabelOptions) -> _Polygons:
    """The polygons of a file, read once as long as any label source uses them."""
    state = file_state(path.partition("|")[0])
    place = grid.crs, grid.is_ungeoreferenced, grid.transform.e > 0
    how = options.class_field, options.takes_points, frozenset(options.numbers.items())
    key = (path, state, *place, *how)
    polygons = _OPEN.get(key)
    if polygons is None:
        shapes, attribute = read_polygons(path, grid, options.class_field, options.takes_points)
        values, names = _polygon_classes(attribute, len(shapes), options.numbers)
        polygons = _Polygons(shapes, values, names)
        _OPEN[key] = polygons
    return polygons


def class_numbers(paths: Iterable[str], class_field: str) -> dict[str, int]:
    """A class value for every name in ``class_field`` of the polygon files among ``paths``.

    Names of all files are numbered together, so that a name is the same class in every scene. Whole numbers are
    class values themselves; other names are numbered from 1 in alphabetical order.

    Raises:
        LabelError: If a file has no such field.
    """
    values: list[Any] = []
    for path in sorted(set(paths)):
        if class_field and label_kind(path) == "polygons":
            values += [v for v in read_attribute(path, class_field) if not is_blank(v)]
    if all(_is_class_value(v) for v in values):
        return {class_name(v): int(v) for v in values}
    return {name: number for number, name in enumerate(sorted({class_name(v) for v in values}), 1)}


def _polygon_classes(
    attribute: NDArray[Any] | None, count: int, numbers: Mapping[str, int]
) -> tuple[Values, dict[int, str]]:
    """The class value of each polygon of a file (N,), and the names of the classes among them."""
    if attribute is None:
        return np.ones(count, np.int32), {1: "foreground"}
    names = ["" if is_blank(value) else class_name(value) for value in attribute]
    values = np.array([numbers.get(name, UNLABELLED) for name in names], np.int32)
    return values, {numbers[name]: name for name in set(names) if name in numbers}


def _is_class_value(value: Any) -> bool:
    """Whether a field's value is a class value; one blank turns a field of integers into floats."""
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    return is_number and float(value).is_integer() and 0 <= value <= 65534


def is_blank(value: Any) -> bool:
    """Whether a field has no value."""
    return value is None or value != value or value == ""


def class_name(value: Any) -> str:
    """A field's value as a class name: whole floats are written without a fraction."""
    is_whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)
