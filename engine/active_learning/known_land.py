"""The squares of a scene before a model sees them: labelled ones, those in the area, and the rare classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.file_jobs import SuggestJob
from ..contract.protocol import Emit, Progress, Warned
from ..contract.translation import tr
from ..datasets.class_changes import class_changes
from ..datasets.colour_labels import colours_from_table
from ..datasets.covered_pixels import MarkSize
from ..datasets.label_source import LabelOptions, LabelSource
from ..datasets.labels import open_labels
from ..datasets.polygon_labels import PolygonLabels, class_numbers
from ..rasters.grid import Grid
from .square_grid import Indices, SquareGrid
from .square_sums import labelled_pixels

#: First number of classes that the model does not know, above all class values.
_UNKNOWN_CLASS = 65535

#: A class is rare if its share of the labelled pixels is below this part of an equal share.
_RARE_PART = 0.5

#: Smallest share of a rare class in a square that shows much of it.
_MIN_RARE_SHARE = 0.1

#: Share of a square's pixels that must lie inside the area.
_MIN_INSIDE = 0.5


@dataclass(frozen=True)
class KnownLand:
    """The squares of a scene as labels and area describe them.

    Attributes:
        is_free: Whether each square (N,) lies inside the area and holds no labelled pixel.
        everywhere: Squares of the same size over the whole image.
        labelled: Those of them that hold labelled pixels.
        pixels: Labelled pixels by class value.
    """

    is_free: NDArray[np.bool_]
    everywhere: SquareGrid
    labelled: Indices
    pixels: Mapping[int, int]

    def rarity(self, shares: NDArray[np.float64], table: ClassTable) -> NDArray[np.float64]:
        """How much squares show of classes that are rare in the labels (N,), 0..1; 0 where that is little.

        Args:
            shares: Share of each class of the model in each square (K, N).
            table: The model's classes; the first is the background, which is never rare.
        """
        counts = np.array([self.pixels.get(entry.value, 0) for entry in table], float)
        if not counts.sum():
            return np.zeros(shares.shape[1])
        equal = counts.sum() / len(table)
        is_rare = counts < _RARE_PART * equal
        is_rare[0] = False
        weight = np.where(is_rare, 1 - counts / equal, 0.0)
        shown = np.where(shares >= _MIN_RARE_SHARE, shares, 0.0)
        most: NDArray[np.float64] = (weight[:, None] * shown).max(axis=0)
        return most


def survey_land(
    job: SuggestJob,
    labels: str,
    grid: Grid,
    squares: SquareGrid,
    table: ClassTable,
    emit: Emit,
) -> KnownLand:
    """Reads the labels of the whole image and the area of the squares.

    Args:
        job: Names the area, and says how labels are read.
        labels: One source of labels; empty: none.
        grid: The image's grid.
        squares: The squares.
        table: The model's classes; none without a model.
        emit: Callback for progress and a warning.

    Raises:
        EngineError: If labels or area cannot be read.
    """
    everywhere = SquareGrid.over(grid.bounds, squares.height, squares.width)
    free = np.ones(len(squares), bool)
    labelled, pixels = np.zeros(len(everywhere), bool), dict[int, int]()
    if job.area:
        area = PolygonLabels(job.area, grid, LabelOptions(unlabelled="ignored"))
        inside, _ = labelled_pixels(area, squares)
        free &= inside >= _MIN_INSIDE * squares.height * squares.width
    if labels:
        emit(Progress(0.0, tr("Reading the labels")))
        source = _open_labels(job, labels, grid, table)
        counts, pixels = labelled_pixels(source, everywhere)
        labelled = counts > 0
        here = counts if everywhere == squares else labelled_pixels(source, squares)[0]
        free &= here == 0
        if not labelled.any():
            emit(Warned(tr("The labels {} label no pixel of the image.").format(labels)))
    return KnownLand(free, everywhere, np.flatnonzero(labelled), pixels)


def _open_labels(job: SuggestJob, labels: str, grid: Grid, table: ClassTable) -> LabelSource:
    """The labels with the model's class values; outside of polygons only a labelled area is known."""
    by_name, values = {e.name: e.value for e in table}, {e.value for e in table}
    numbers: dict[str, int] = {}
    for name, number in class_numbers([labels], job.class_field).items():
        is_value = not table or (name == str(number) and number in values)
        numbers[name] = by_name.get(name, number if is_value else _UNKNOWN_CLASS + len(numbers))
    options = LabelOptions(
        job.class_field,
        job.labelled_area,
        "background" if job.labelled_area else "ignored",
        numbers,
        colours_from_table(table),
        marks=MarkSize(job.point_radius, job.line_width),
    )
    if job.ignore:
        named = {(e.value, e.name) for e in table} | {(n, name) for name, n in numbers.items()}
        named |= {*open_labels(labels, grid, options).names.items()}
        changes = class_changes(job.ignore, (), sorted(named))
        options = replace(options, changes=changes)
    return open_labels(labels, grid, options)
