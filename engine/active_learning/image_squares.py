"""The squares of each image of a job, and what is known of them from area, labels and checked squares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import JobError, RasterError
from ..contract.file_jobs import SuggestJob
from ..contract.model_card import MIN_TILE_SIZE, TILE_STEP
from ..contract.protocol import Emit, Event, Metric, Warned
from ..contract.scene import Correction, Scene
from ..contract.translation import tr
from ..datasets.corrections import open_corrections
from ..datasets.covered_pixels import MarkSize
from ..datasets.image_scenes import scenes_of_images, with_corrections, with_later_labels
from ..datasets.label_source import LabelOptions
from ..datasets.vector_files import polygon_extent
from ..inference.segment_scene import scene_region
from ..rasters.extent import extent_to_window
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.windows import Window
from .known_land import KnownLand, survey_land
from .square_grid import Indices, NoSquareError, SquareGrid, lay_squares, square_sides
from .square_sums import labelled_pixels

#: Share of the pixels of a square, and of a tile, that must have data.
MIN_KNOWN = 0.5


@dataclass(frozen=True)
class ImageSquares:
    """The squares of one image.

    Attributes:
        scene: The image and its labels.
        bands: The bands of the image that are read.
        grid: The image's grid.
        region: Where squares may lie.
        squares: The squares.
        land: What is known of them.
        tile: Side of the tile in the middle of a square by which it is compared, px.
    """

    scene: Scene
    bands: list[int]
    grid: Grid
    region: Window
    squares: SquareGrid
    land: KnownLand
    tile: int

    def free(self, pixels: NDArray[np.int64]) -> Indices:
        """The squares that may be chosen: by area and labels, and by the pixels (N,) with data.

        Raises:
            NoSquareError: If there are none.
        """
        least = MIN_KNOWN * self.squares.height * self.squares.width
        free = np.flatnonzero(self.land.is_free & (pixels >= least))
        if not len(free):
            raise without_data(self.scene.image)
        return free


def without_data(image: str) -> NoSquareError:
    """The error about an image whose squares have no data."""
    return NoSquareError(
        tr(
            "No square of {} is left to label: less than half of the pixels of each has data. Give a smaller size or "
            "another extent."
        ).format(image)
    )


def list_scenes(job: SuggestJob) -> list[Scene]:
    """The scenes of a job, with the labels that belong to each image.

    Raises:
        EngineError: If images, labels, corrections and checked squares do not fit together.
    """
    others = (*job.labels, *job.corrections, *job.checked)
    scenes = scenes_of_images(job.image, "", job.auxiliary, others)
    scenes = with_later_labels(scenes, job.labels)
    if job.corrections:
        scenes = with_corrections(scenes, job)
    return [
        replace(
            scene,
            image_bands=job.image_bands,
            auxiliary_bands=job.auxiliary_bands,
            extent=job.extent,
            extent_crs=job.extent_crs,
        )
        for scene in scenes
    ]


def find_region(job: SuggestJob, scene: Scene, image: Raster) -> Window:
    """Where squares may lie: the extent, and the rectangle around the polygons of the area.

    Raises:
        NoSquareError: If they lie outside of the image.
    """
    try:
        region = scene_region(scene, image)
    except RasterError as error:
        raise NoSquareError(str(error)) from error
    if not job.area or image.grid.gcps:
        return region
    extent = polygon_extent(job.area, image.grid)
    try:
        shared = region.intersection(extent_to_window(extent, "", image.grid, scene.image))
    except RasterError:
        shared = None
    if shared is None:
        raise NoSquareError(
            tr("The area {} lies outside of the image {}, or of the extent in it.").format(
                job.area, scene.image
            )
        )
    return shared


class SquareSurvey:
    """Surveys the squares of one image after the other.

    Args:
        job: The job.
        classes: The model's classes; none without a model.
        emit: Callback for progress and warnings.
    """

    def __init__(self, job: SuggestJob, classes: ClassTable, emit: Emit) -> None:
        self._job = job
        self._classes = classes
        self._emit = emit
        self._warnings: list[Warned] = []
        self._found: list[ImageSquares] = []
        self._without_square: list[NoSquareError] = []

    def add(self, scene: Scene, image: Raster, region: Window, side: int, tile: int = 0) -> None:
        """Surveys an image; notes one that has no square to label.

        Args:
            scene: The scene.
            image: Its image.
            region: Where squares may lie.
            side: Side of a square in px where the job leaves it open.
            tile: Side of the tile by which a square is compared, px; 0: that of a square, at most ``side``.

        Raises:
            NoSquareError: If no square is left to label.
            EngineError: If the image does not fit to the others, or labels, area or checked squares cannot be read.
        """
        grid = image.grid
        if self._found:
            self._check_together(scene, grid, self._found[0])
        fitting = min(side, region.height, region.width)
        height, width = square_sides(self._job.size, fitting, grid, scene.image)
        taken = sum(len(image.squares) for image in self._found)
        squares = lay_squares(region, height, width, scene.image, taken)
        land = self._survey(scene, grid, squares)
        if not land.is_free.any():
            raise self._nothing_left(scene.image)
        whole = min(side, squares.height, squares.width) // TILE_STEP * TILE_STEP
        tile = tile or max(MIN_TILE_SIZE, whole)
        found = ImageSquares(scene, image.indexes, grid, region, squares, land, tile)
        self._found.append(found)

    def skip(self, reason: NoSquareError) -> None:
        """Notes an image without a square to label."""
        self._without_square.append(reason)

    def finish(self) -> list[ImageSquares]:
        """The images that have squares, each with the labelled pixels of all images: a class is rare in all of them.

        Raises:
            NoSquareError: If there is none.
        """
        if not self._found:
            raise self._without_square[0]
        if self._without_square:
            text = tr("{} of {} images have no square to label.")
            skipped = len(self._without_square)
            counts = text.format(skipped, skipped + len(self._found))
            self._emit(Metric(f"{counts} {self._without_square[0]}"))
        if not any(len(image.land.labelled) for image in self._found):
            for warning in dict.fromkeys(event.message for event in self._warnings):
                self._emit(Warned(warning))
        totals = _totals(image.land.pixels for image in self._found)
        return [replace(one, land=replace(one.land, pixels=totals)) for one in self._found]

    def _check_together(self, scene: Scene, grid: Grid, first: ImageSquares) -> None:
        if (grid.crs is None) != (first.grid.crs is None):
            raise JobError(
                tr(
                    "The images {} and {} cannot be in one layer: one of the two names no coordinate system. Assign the "
                    "right one, or give them in two runs."
                ).format(first.scene.image, scene.image)
            )
        if self._job.checked and grid.is_ungeoreferenced:
            raise JobError(
                tr(
                    "The images {} and {} have no coordinates, so checked squares of one would count in both: give one "
                    "image at a time."
                ).format(first.scene.image, scene.image)
            )

    def _survey(self, scene: Scene, grid: Grid, squares: SquareGrid) -> KnownLand:
        """The squares as area, labels and checked squares describe them; every source of labels counts."""
        first, *later = scene.later_labels or ("",)
        land = survey_land(self._job, first, grid, squares, self._classes, self._note)
        other = replace(self._job, area="", labelled_area="")
        for path in later:
            more = survey_land(other, path, grid, squares, self._classes, self._note)
            land = _joined(land, more)
        if self._job.checked:
            land = _joined(land, self._checked(scene, grid, squares, land.everywhere))
        return land

    def _checked(
        self, scene: Scene, grid: Grid, squares: SquareGrid, everywhere: SquareGrid
    ) -> KnownLand:
        """The squares as the checked squares and the corrections inside them describe them."""
        # A file of squares as its own correction: all its checked squares are labelled.
        whole = tuple(Correction(path, path) for path in self._job.checked)
        source = open_corrections(replace(scene, corrections=whole), grid, LabelOptions())
        counts = labelled_pixels(source, everywhere)[0]
        here = counts if everywhere == squares else labelled_pixels(source, squares)[0]
        pixels: dict[int, int] = {}
        if scene.corrections and self._classes:
            numbers = {entry.name: entry.value for entry in self._classes}
            marks = MarkSize(self._job.point_radius, self._job.line_width)
            options = LabelOptions(self._job.class_field, numbers=numbers, marks=marks)
            pixels = labelled_pixels(open_corrections(scene, grid, options), everywhere)[1]
        return KnownLand(here == 0, everywhere, np.flatnonzero(counts), pixels)

    def _note(self, event: Event) -> None:
        """Keeps warnings of labels that lie on no pixel: they may lie on another image."""
        if isinstance(event, Warned):
            self._warnings.append(event)
        else:
            self._emit(event)

    def _nothing_left(self, image: str) -> NoSquareError:
        if self._job.labels or self._job.checked:
            text = tr(
                "No square of {} is left to label: all hold labelled pixels or lie outside of the area. Give a smaller "
                "size, another extent or another area; if a class of the labels means unlabelled, ignore it."
            )
            return NoSquareError(text.format(image))
        text = tr(
            "No square of {} lies inside the area {} with half of its pixels: give a smaller size or another area."
        )
        return NoSquareError(text.format(image, self._job.area))


def _joined(land: KnownLand, other: KnownLand) -> KnownLand:
    """Joins the descriptions of the same squares from two sources of labels."""
    return KnownLand(
        land.is_free & other.is_free,
        land.everywhere,
        np.union1d(land.labelled, other.labelled),
        _totals((land.pixels, other.pixels)),
    )


def _totals(pixels: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The labelled pixels of several sources by class value."""
    totals = Counter[int]()
    for counts in pixels:
        totals.update(counts)
    return dict(totals)
