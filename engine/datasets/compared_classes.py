"""A mask and labels as class indices of one table, window by window on the mask's grid.

The mask is one that ``segment`` has written, any other raster of whole numbers, or polygons, which lie on the grid of
the labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import IGNORE_INDEX, ClassTable, class_table
from ..contract.clean_up import CleanUp
from ..contract.errors import JobError, LabelError, RasterError, format_count
from ..contract.file_jobs import EvaluateJob
from ..contract.translation import tr
from ..rasters.class_tags import class_table_of
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.windows import Window
from .class_changes import ClassChanges, class_changes
from .colour_labels import colours_from_table
from .covered_pixels import MarkSize
from .label_source import UNLABELLED, LabelOptions, LabelSource, label_kind
from .labels import open_labels
from .polygon_labels import PolygonLabels, class_numbers
from .raster_legends import RasterLegend, read_legend

#: First number of classes that the mask does not know, above all class values.
_UNKNOWN_CLASS = 65535

#: A raster with more values than this is taken for an image or a height model.
_MAX_CLASSES = 256

#: Rows that are read at a time; fewer of a wide raster, so that memory stays below half a gigabyte.
_ROWS = 512
_PIXELS = 2**22
_MIN_ROWS = 32

#: Field of polygons that holds class values, as the command polygons writes it.
_CLASS_VALUE_FIELD = "class"

Indices = NDArray[np.int64]


class ComparedClasses(AbstractContextManager["ComparedClasses"]):
    """A mask and labels, opened.

    Args:
        job: Names both and how to read them.

    Attributes:
        grid: The grid on which both are read.
        table: The classes: those of the mask and, if it brings no class table, those of the labels too.

    Raises:
        EngineError: If either cannot be read, or the labels have a class that the mask cannot have.
    """

    def __init__(self, job: EvaluateJob) -> None:
        self._stack = CleanUp()
        with CleanUp() as stack:
            self._mask, self.grid = _open_mask(job, stack)
            table, legend = _own_classes(self._mask)
            windows = (self._mask_values(window) for window in self.windows())
            self.table = table or _found_classes((), legend, windows)
            self._labels = _open_labels(job, self.grid, self.table)
            if not table:
                known = legend.over(RasterLegend(self._labels.names, self._labels.colours))
                truth = (self._labels.read(window) for window in self.windows())
                self.table = _found_classes(self.table, known, truth)
            self._stack = stack.pop_all()

    def windows(self) -> Iterator[Window]:
        """Full rows from top to bottom."""
        height, width = self.grid.height, self.grid.width
        rows = min(_ROWS, max(_MIN_ROWS, _PIXELS // width))
        for row in range(0, height, rows):
            yield Window(row, 0, min(rows, height - row), width)

    def read(self, window: Window) -> tuple[Indices, Indices]:
        """Class indices (H, W) of the mask and of the labels; ``IGNORE_INDEX`` where there is no class.

        Raises:
            LabelError: If the labels hold a class that the table lacks.
        """
        mapped = _indices(self._mask_values(window), self.table)
        truth = self._labels.read(window)
        true = _indices(np.where(truth == UNLABELLED, np.nan, truth), self.table)
        unknown = (truth != UNLABELLED) & (true == IGNORE_INDEX)
        if unknown.any():
            raise LabelError(
                tr(
                    "The labels hold the class {}, which the mask does not know. If pixels outside the "
                    "polygons are unknown, set unlabelled to ignored."
                ).format(truth[unknown][0])
            )
        return mapped, true

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def _mask_values(self, window: Window) -> NDArray[Any]:
        """Class values of the mask (H, W), NaN or ``UNLABELLED`` where there is none."""
        found = self._mask.read(window)
        return found[0] if isinstance(self._mask, Raster) else found


def _open_mask(job: EvaluateJob, stack: CleanUp) -> tuple[Raster | PolygonLabels, Grid]:
    """The mask, and the grid to read on."""
    if label_kind(job.mask) != "polygons":
        raster = stack.enter_context(Raster(job.mask))
        _check_classes(raster)
        return raster, raster.grid
    if label_kind(job.labels) != "raster":
        raise JobError(
            tr(
                "Mask and labels are both polygons, and without pixels there is nothing to count: "
                "give one of them as a raster, such as the mask from which the polygons were made."
            )
        )
    with Raster(job.labels) as labels:
        grid = labels.grid
    field = job.mask_field or _value_field(job.mask)
    options = LabelOptions(class_field=field, numbers=class_numbers([job.mask], field))
    return PolygonLabels(job.mask, grid, options), grid


def _own_classes(mask: Raster | PolygonLabels) -> tuple[ClassTable, RasterLegend]:
    """The class table inside the mask, () if it has none, and then the names and colours that it gives."""
    if isinstance(mask, PolygonLabels):
        named = {value: name for value, name in mask.names.items() if name != str(value)}
        return (), RasterLegend(named, {})
    table = class_table_of(mask)
    return table, RasterLegend() if table else read_legend(mask)


def _found_classes(
    known: ClassTable, legend: RasterLegend, windows: Iterator[NDArray[Any]]
) -> ClassTable:
    """The table of the known classes and of those in some windows, with the legend's names and colours."""
    values = {entry.value for entry in known}
    for window in windows:
        found = np.unique(window[np.isfinite(window) & (window != UNLABELLED)])
        values.update(map(int, found))
        if len(values) > _MAX_CLASSES or any(not 0 <= v <= 65534 for v in values):
            raise RasterError(
                tr(
                    "Mask and labels hold {} from {} to {}: classes are at most {} whole numbers from 0 "
                    "to 65534. Choose a mask, or reclassify the raster."
                ).format(
                    format_count(len(values), "{} value", "{} values"),
                    min(values),
                    max(values),
                    _MAX_CLASSES,
                )
            )
    names = {value: legend.names.get(value, str(value)) for value in values}
    return class_table(names, {v: c for v, c in legend.colours.items() if v in values})


def _value_field(path: str) -> str:
    """The field of class values, "" if the polygons have none."""
    try:
        class_numbers([path], _CLASS_VALUE_FIELD)
    except LabelError:
        return ""
    return _CLASS_VALUE_FIELD


def _check_classes(mask: Raster) -> None:
    if mask.bands != 1 or np.dtype(mask.dtype).kind not in "biu":
        raise RasterError(
            tr(
                "{} is not a mask: it has {} of the type {}, and a mask has one band of whole numbers, "
                "the class of each pixel. Choose a mask, or polygons."
            ).format(mask.path, format_count(mask.bands, "{} band", "{} bands"), mask.dtype)
        )


def _open_labels(job: EvaluateJob, grid: Grid, table: ClassTable) -> LabelSource:
    """The labels with the mask's class values, some of their classes ignored or merged."""
    numbers = _class_values(job, table)
    # Outside a sample nothing is known.
    unlabelled = "ignored" if job.is_sample else job.unlabelled
    colours = colours_from_table(table)
    options = LabelOptions(
        job.class_field,
        job.area,
        unlabelled,
        numbers,
        colours,
        job.rle_order,
        marks=MarkSize(job.point_radius, job.line_width),
    )
    if job.ignore or job.merge:
        known = [(entry.value, entry.name) for entry in table]
        named = {*known, *((number, name) for name, number in numbers.items())}
        named |= {*open_labels(job.labels, grid, options).names.items()}
        changes = class_changes(job.ignore, job.merge, sorted(named), known)
        numbers = {name: value for value, name in changes.names.items()} | numbers
        options = replace(options, changes=changes)
    _check_names(numbers, table, options.changes)
    return open_labels(job.labels, grid, options)


def _class_values(job: EvaluateJob, table: ClassTable) -> dict[str, int]:
    """The mask's class value for every name in the labels' class field.

    A name that the mask does not know has a number above all class values: the name may be ignored or merged.
    """
    names = {entry.name: entry.value for entry in table}
    values = {entry.value for entry in table}
    found: dict[str, int] = {}
    for name, number in class_numbers([job.labels], job.class_field).items():
        is_value = name == str(number) and number in values
        found[name] = names.get(name, number if is_value else _UNKNOWN_CLASS + len(found))
    return found


def _check_names(numbers: Mapping[str, int], table: ClassTable, changes: ClassChanges) -> None:
    """Refuses a class name of the labels that the mask does not know, unless its class is ignored or merged."""
    for name, number in numbers.items():
        if (changes.values.get(number, number) or 0) >= _UNKNOWN_CLASS:
            raise LabelError(
                tr(
                    "The labels hold the class {!r}, which the mask does not know: it has {}. If it is "
                    "one of these, say so with merge, as {}={}; if it does not count, ignore it."
                ).format(name, ", ".join(entry.name for entry in table), name, table[-1].name)
            )


def _indices(values: NDArray[Any], table: ClassTable) -> Indices:
    known = np.array([entry.value for entry in table])
    index = np.searchsorted(known, np.nan_to_num(values)).clip(max=len(known) - 1)
    return np.where(known[index] == values, index, IGNORE_INDEX).astype(np.int64)
