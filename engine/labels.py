"""Label sources: class raster, coloured picture, polygons or run lengths, as class values on the image's grid.

A label source knows the names its file gives to classes; which values really occur, counting tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.features import rasterize

from .alignment import Aligned
from .class_values import class_values
from .errors import LabelError
from .grids import Grid
from .label_colours import ColourNumbers, ColourTable, through_palette
from .legend import read_category_names
from .polygon_classes import polygon_classes
from .polygons import is_vector, read_polygons
from .rasters import Raster
from .run_length_labels import RunLengthLabels, is_run_lengths
from .windows import Window

#: Marks pixels without a label, in class values and in class indices alike.
UNLABELLED = -1

Values = NDArray[np.int32]


@dataclass(frozen=True)
class LabelOptions:
    """How label files are to be understood; one for all scenes of a training.

    Attributes:
        class_field: For polygons, the attribute naming the class; empty: all are one class.
        area: Polygon file: only pixels inside are labelled; empty: all are.
        unlabelled: What lies outside every polygon: "background" or "ignored".
        numbers: For polygons, the class value of every name in ``class_field``.
        colours: For coloured pictures, which colour is which class.
        order: For run lengths, the direction in which they are counted: "row" or "column".
    """

    class_field: str = ""
    area: str = ""
    unlabelled: str = "background"
    numbers: Mapping[str, int] = field(default_factory=dict)
    colours: ColourNumbers = field(default_factory=ColourNumbers)
    order: str = "row"


class Labels(Protocol):
    """A source of labels on the image's grid.

    ``names`` and ``colours`` are what the file says of class values; ``declared`` are the values that
    must occur for the labels to make sense.
    """

    names: dict[int, str]
    colours: dict[int, str]
    declared: frozenset[int]

    @property
    def held_bytes(self) -> int:
        """What the source keeps of its rasters in memory."""
        ...  # a protocol's body

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where there is none."""
        ...  # a protocol's body


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
    def held_bytes(self) -> int:
        """What the raster keeps in memory."""
        return self._aligned.held_bytes

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
    def held_bytes(self) -> int:
        """What the picture keeps in memory."""
        return self._aligned.held_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; transparent pixels and outside are ``UNLABELLED``."""
        pixels = self._aligned.read(window, window.height, window.width)
        if self._palette:
            pixels = through_palette(pixels[0], self._palette, self._path)
        return self._table.look_up(pixels, window, UNLABELLED)


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
    def held_bytes(self) -> int:
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


class _Narrowed:
    """Labels of another source, in part of its pixels only."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self.names, self.colours, self.declared = labels.names, labels.colours, labels.declared

    @property
    def held_bytes(self) -> int:
        """What the other source keeps of its rasters in memory."""
        return self._labels.held_bytes

    def _kept(self, window: Window, inside: NDArray[np.bool_]) -> Values:
        return np.where(inside, self._labels.read(window), UNLABELLED).astype(np.int32)


class LabelsWithin(_Narrowed):
    """Labels of another source, inside an area only."""

    def __init__(self, labels: Labels, area: PolygonLabels) -> None:
        super().__init__(labels)
        self._area = area

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` outside the area."""
        return self._kept(window, self._area.read(window) == 1)


class LabelsOnImage(_Narrowed):
    """Labels of another source, where the image has a value only."""

    def __init__(self, labels: Labels, image: Raster) -> None:
        super().__init__(labels)
        self._image = image

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where no image band has a value."""
        return self._kept(window, np.asarray(np.isfinite(self._image.read(window)).any(axis=0)))


def open_labels(path: str, grid: Grid, options: LabelOptions) -> Labels:
    """The label source in ``path``.

    Args:
        path: Class raster, coloured picture, polygon file, or a picture's run lengths in a table.
        grid: The image's grid.
        options: How to understand it.

    Raises:
        LabelError: If something cannot be used, saying what and what to do.
    """
    if options.unlabelled not in ("background", "ignored"):
        raise LabelError(
            f'unlabelled is {options.unlabelled!r}; it must be "background" or "ignored".'
        )
    labels = _source(path, grid, options)
    if not options.area:
        return labels
    return LabelsWithin(labels, PolygonLabels(options.area, grid, LabelOptions()))


def _source(path: str, grid: Grid, options: LabelOptions) -> Labels:
    if is_run_lengths(path):
        return RunLengthLabels(path, grid.height, grid.width, options.order)
    if is_vector(path):
        return PolygonLabels(path, grid, options)
    return _in_raster(path, grid, options)


def _in_raster(path: str, grid: Grid, options: LabelOptions) -> Labels:
    aligned = Aligned([path], grid, Resampling.nearest)
    raster = aligned.rasters[0]
    # Elsewhere the numbers of a palette are the classes, as in any class raster with a legend.
    is_picture = bool(options.colours.fixed) and raster.is_paletted and raster.bands == 1
    if is_picture or (raster.bands == 3 and raster.dtype == np.uint8):
        return ColourLabels(aligned, options.colours)
    return RasterLabels(aligned, options.colours.fixed)
