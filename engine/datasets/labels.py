"""Opens the label source of a scene: class raster, coloured picture, polygons or run lengths."""

from __future__ import annotations

import numpy as np
from rasterio.enums import Resampling

from ..rasters.alignment import AlignedRasters
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.windows import Window
from .class_changes import ClassChanges
from .label_source import UNLABELLED, LabelOptions, LabelSource, Values, label_kind
from .polygon_labels import PolygonLabels
from .raster_labels import ColourLabels, RasterLabels
from .rle_labels import RunLengthLabels


class _MaskedLabels:
    """Labels of another source in some of its pixels."""

    def __init__(self, labels: LabelSource) -> None:
        self._labels = labels

    @property
    def names(self) -> dict[int, str]:
        """Names of class values that the other source gives."""
        return self._labels.names

    @property
    def colours(self) -> dict[int, str]:
        """Colours of class values that the other source gives."""
        return self._labels.colours

    @property
    def declared(self) -> frozenset[int]:
        """Class values of the other source that must have labelled pixels to train on."""
        return self._labels.declared

    @property
    def memory_bytes(self) -> int:
        """Memory that the other source holds between reads, bytes."""
        return self._labels.memory_bytes


class AreaLabels(_MaskedLabels):
    """Labels of another source inside an area."""

    def __init__(self, labels: LabelSource, area: PolygonLabels) -> None:
        super().__init__(labels)
        self._area = area

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` outside the area."""
        inside = self._area.read(window) == 1
        return np.where(inside, self._labels.read(window), UNLABELLED).astype(np.int32)


class ValidPixelLabels(_MaskedLabels):
    """Labels of another source where the image has a value."""

    def __init__(self, labels: LabelSource, image: Raster) -> None:
        super().__init__(labels)
        self._image = image

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where no image band has a value."""
        values = self._labels.read(window)
        if (values != UNLABELLED).any():  # where nothing is marked, the image need not be read
            missing = ~np.isfinite(self._image.read(window)).any(axis=0)
            values = np.where(missing, UNLABELLED, values).astype(np.int32)
        return values


class ChangedLabels:
    """Labels of another source with some classes ignored or merged.

    Args:
        labels: The other source.
        changes: The changes, which apply to its pixels, names, colours and declared classes.
    """

    def __init__(self, labels: LabelSource, changes: ClassChanges) -> None:
        self._labels, self._changes = labels, changes

    @property
    def names(self) -> dict[int, str]:
        """Names of the other source's classes and of those that merging has made."""
        return {**self._changes.apply(self._labels.names), **self._changes.names}

    @property
    def colours(self) -> dict[int, str]:
        """Colours of the classes; a result that has none has that of a merged class."""
        return self._changes.apply(self._labels.colours)

    @property
    def declared(self) -> frozenset[int]:
        """Class values that must have labelled pixels to train on."""
        return frozenset(self._changes.apply(dict.fromkeys(self._labels.declared)))

    @property
    def memory_bytes(self) -> int:
        """Memory that the other source holds between reads, bytes."""
        return self._labels.memory_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where a class is ignored."""
        values = self._labels.read(window)
        changed = values.copy()
        for old, new in self._changes.values.items():
            changed[values == old] = UNLABELLED if new is None else new
        return changed


def open_labels(path: str, grid: Grid, options: LabelOptions) -> LabelSource:
    """Opens the label source that reads ``path``.

    Args:
        path: Class raster, coloured picture, polygon file, or a picture's run lengths in a table.
        grid: The image's grid.
        options: How to interpret the file.

    Raises:
        LabelError: If a file or an option cannot be used.
    """
    labels: LabelSource
    kind = label_kind(path)
    if kind == "run lengths":
        labels = RunLengthLabels(path, grid.height, grid.width, options.order)
    elif kind == "polygons":
        labels = PolygonLabels(path, grid, options)
    else:
        labels = _open_raster(path, grid, options)
    if options.area:
        labels = AreaLabels(labels, PolygonLabels(options.area, grid, LabelOptions()))
    return ChangedLabels(labels, options.changes) if options.changes.values else labels


def _open_raster(path: str, grid: Grid, options: LabelOptions) -> LabelSource:
    colours = options.colours
    aligned = AlignedRasters([path], grid, Resampling.nearest)
    raster = aligned.rasters[0]
    # Without fixed colours the indices of a palette are the classes, as in a class raster with a legend.
    is_picture = bool(colours.fixed) and raster.is_paletted and raster.bands == 1
    if is_picture or (raster.bands == 3 and raster.dtype == np.uint8):
        return ColourLabels(aligned, colours)
    return RasterLabels(aligned, colours.fixed, options.changes.ignored)
