"""The pixels that the labels of a sketch mark, and the classes of these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable, class_table, is_background_name, parse_class_names
from ..contract.errors import LabelError
from ..contract.file_jobs import SketchJob
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.corrections import label_numbers, open_scene_labels
from ..datasets.covered_pixels import MarkSize
from ..datasets.image_scenes import with_later_labels
from ..datasets.label_source import UNLABELLED, LabelOptions, label_kind
from ..datasets.polygon_labels import PolygonLabels
from ..rasters.grid import Grid
from ..rasters.windows import Window
from ..sampling.training_classes import KnownClasses

#: Most squares of the lattice from which pixels are learnt, and most pixels of each class in one of them.
MOST_SQUARES, MOST_OF_SQUARE = 256, 4096

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class MarkedSquare:
    """The marked pixels of a square of the lattice.

    Attributes:
        core: The square.
        rows: Row of each pixel in the square (N,).
        cols: Its column (N,).
        values: Its class value (N,).
    """

    core: Window
    rows: Indices
    cols: Indices
    values: Indices

    def part(self, chosen: NDArray[np.bool_] | Indices) -> MarkedSquare:
        """Some of the pixels."""
        return MarkedSquare(self.core, self.rows[chosen], self.cols[chosen], self.values[chosen])


class Marks:
    """The labels of a sketch on the grid of its image.

    Args:
        job: The job.
        grid: The image's grid.

    Raises:
        LabelError: If a file cannot be used.
        JobError: If a class name cannot be used.
    """

    def __init__(self, job: SketchJob, grid: Grid) -> None:
        self._known = KnownClasses((), parse_class_names(job.class_names))
        self.scene = with_later_labels([Scene(job.image, image_bands=job.image_bands)], job.labels)[
            0
        ]
        self._options = LabelOptions(
            job.class_field,
            unlabelled="ignored",
            numbers=label_numbers([self.scene], job.class_field),
            colours=self._known.numbers,
            marks=MarkSize(job.point_radius, job.line_width),
        )
        self._grid = grid
        self._source = open_scene_labels(self.scene, grid, self._options)
        paths = self.scene.label_files
        self._shapes = [
            PolygonLabels(path, grid, self._options)
            for path in paths
            if label_kind(path) == "polygons"
        ]
        self.has_raster = len(self._shapes) < len(paths)
        self.contradictions = 0

    def squares(self, cores: Sequence[Window], side: int) -> Iterator[MarkedSquare]:
        """The marked pixels of the image, square by square.

        Args:
            cores: All squares of the lattice, which are searched for the labels of a class raster; of vector files none
                is needed.
            side: Side of a square, px.
        """
        places = [*cores] if self.has_raster else []
        places += [core for shapes in self._shapes for core in shapes.squares(side)]
        for core in dict.fromkeys(places):
            window = core.intersection(self._grid.bounds)
            if window is None:
                continue
            values = self._source.read(window)
            rows, cols = np.nonzero(values != UNLABELLED)
            if len(rows):
                self.contradictions += sum(one.contradictions(window) for one in self._shapes)
                yield _thinned(MarkedSquare(core, rows, cols, values[rows, cols].astype(np.int64)))

    def classes(self, values: set[int]) -> ClassTable:
        """The class table of the class values that are marked.

        Raises:
            LabelError: If fewer than two are.
        """
        names = {value: f"class {value}" for value in values} | self._source.names
        backgrounds = {value for value, name in names.items() if is_background_name(name)}
        given = self._known.given
        names |= {value: name for value, (name, _) in given.items()}
        if not values:
            raise LabelError(
                tr(
                    "No mark lies on a pixel of the image that has a value: do labels and image overlap, and do they have "
                    "the right coordinate systems?"
                )
            )
        if len(values) < 2:
            raise LabelError(
                tr("All marks are of one class, {}: mark another class too.").format(
                    names[min(values)]
                )
            )
        colours = self._source.colours | self._known.colours
        return class_table({value: names[value] for value in values}, colours, backgrounds)


def _thinned(square: MarkedSquare) -> MarkedSquare:
    """The square with an even part of the pixels of each class that has very many."""
    chosen = []
    for value in np.unique(square.values):
        own = np.flatnonzero(square.values == value)
        step = -(-len(own) // MOST_OF_SQUARE)
        chosen.append(own[::step])
    return square.part(np.sort(np.concatenate(chosen)))
