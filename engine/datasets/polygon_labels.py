"""Label source from vector files: polygons, lines and points give their pixels the class value of their class field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contract.paths import file_state
from ..rasters.grid import Grid
from ..rasters.windows import Window
from .covered_pixels import POLYGON, CoveredPixels, MarkSize
from .label_source import UNLABELLED, LabelOptions, Values, label_kind
from .vector_files import read_attribute, read_marks, read_polygons


@dataclass(frozen=True, eq=False)
class _Shapes:
    """The shapes of a file in the coordinates of an image.

    Attributes:
        shapes: Polygons, lines and points (N,).
        values: The class value of each (N,).
        names: Names of the classes among them, by value.
    """

    shapes: NDArray[Any]
    values: Values
    names: Mapping[int, str]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds the shapes of a window."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def has_marks(self) -> bool:
        """Whether points or lines are among them."""
        return bool((shapely.get_dimensions(self.shapes) < POLYGON).any())


class PolygonLabels:
    """Labels from polygons, lines and points; of several shapes in a pixel the last in the file counts.

    In a file with points or lines, pixels that no shape covers are unknown unless an area is given.

    Args:
        path: A vector file, or QGIS's ``file|layername=name``.
        grid: The image's grid.
        options: Class field, class values of its names, the label of pixels outside, and the size of points and lines.

    Raises:
        LabelError: If the file, its field or its geometries cannot be used.
    """

    def __init__(self, path: str, grid: Grid, options: LabelOptions) -> None:
        self._file = _open_shapes(path, grid, options)
        self._pixels = CoveredPixels(grid, options.marks or MarkSize())
        is_known = bool(options.area) or not self._file.has_marks
        is_background = options.unlabelled == "background" and is_known
        self._fill = 0 if is_background else UNLABELLED
        self.names = dict(self._file.names)
        self.declared = frozenset(self.names)
        if is_background:
            self.names.setdefault(0, "background")
        self.colours: dict[int, str] = {}

    @property
    def memory_bytes(self) -> int:
        """No raster is kept in memory."""
        return 0

    @property
    def has_marks(self) -> bool:
        """Whether the file holds points or lines."""
        return self._file.has_marks

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window."""
        hits = self._hits(window)
        values = np.full((window.height, window.width), self._fill, np.int32)
        if len(hits):
            last = self._pixels.last(self._file.shapes[hits], window)
            covered = last >= 0
            values[covered] = self._file.values[hits][last[covered]]
        return values

    def contradictions(self, window: Window) -> int:
        """Number of the window's pixels in which the first and the last shape are of different classes."""
        hits = self._hits(window)
        if len(hits) < 2:
            return 0
        shapes, values = self._file.shapes[hits], self._file.values[hits]
        last = self._pixels.last(shapes, window)
        first = self._pixels.last(shapes[::-1], window)
        covered = last >= 0
        return int((values[last[covered]] != values[::-1][first[covered]]).sum())

    def squares(self, side: int) -> list[Window]:
        """The squares of a lattice over the image, of ``side`` px, that a shape may touch."""
        return self._pixels.squares(self._file.shapes, side)

    def _hits(self, window: Window) -> NDArray[np.int64]:
        """Indices of the shapes near a window, in the order of the file."""
        return np.sort(self._file.tree.query(self._pixels.box(window)))


#: The shapes in use, by file and coordinate system: tiles of one vector file share them.
_OPEN: WeakValueDictionary[tuple[object, ...], _Shapes] = WeakValueDictionary()


def _open_shapes(path: str, grid: Grid, options: LabelOptions) -> _Shapes:
    """The shapes of a file, read once as long as any label source uses them."""
    state = file_state(path.partition("|")[0])
    place = grid.crs, grid.is_ungeoreferenced, grid.transform.e > 0
    how = options.class_field, options.marks is None, frozenset(options.numbers.items())
    key = (path, state, *place, *how)
    found = _OPEN.get(key)
    if found is None:
        read = read_polygons if options.marks is None else read_marks
        shapes, attribute = read(path, grid, options.class_field)
        values, names = _classes(attribute, len(shapes), options.numbers)
        found = _Shapes(shapes, values, names)
        _OPEN[key] = found
    return found


def class_numbers(paths: Iterable[str], class_field: str) -> dict[str, int]:
    """A class value for every name in ``class_field`` of the vector files among ``paths``.

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


def _classes(
    attribute: NDArray[Any] | None, count: int, numbers: Mapping[str, int]
) -> tuple[Values, dict[int, str]]:
    """The class value of each shape of a file (N,), and the names of the classes among them."""
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
