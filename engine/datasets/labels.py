"""Opens the labels of a scene: a class raster, a coloured picture, polygons or run lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling

from ..contract.errors import LabelError
from ..rasters.alignment import Aligned
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.windows import Window
from .label_source import UNLABELLED, LabelOptions, Labels, Values
from .polygon_labels import PolygonLabels
from .raster_labels import ColourLabels, RasterLabels
from .rle_labels import RunLengthLabels, is_run_lengths
from .vector_files import is_vector


class _MaskedLabels:
    """Labels of another source, in part of its pixels only."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self.names, self.colours, self.declared = labels.names, labels.colours, labels.declared

    @property
    def memory_bytes(self) -> int:
        """What the other source keeps of its rasters in memory."""
        return self._labels.memory_bytes

    def _kept(self, window: Window, inside: NDArray[np.bool_]) -> Values:
        return np.where(inside, self._labels.read(window), UNLABELLED).astype(np.int32)


class AreaLabels(_MaskedLabels):
    """Labels of another source, inside an area only."""

    def __init__(self, labels: Labels, area: PolygonLabels) -> None:
        super().__init__(labels)
        self._area = area

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` outside the area."""
        return self._kept(window, self._area.read(window) == 1)


class ValidPixelLabels(_MaskedLabels):
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
    return AreaLabels(labels, PolygonLabels(options.area, grid, LabelOptions()))


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
