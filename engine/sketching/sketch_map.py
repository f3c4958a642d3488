"""Learns from the marks of a job, and maps its extent: the whole run of ``sketch``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax  # type: ignore[import-untyped]

from ..compute.devices import Device
from ..compute.tile_transforms import resize
from ..contract.class_table import ClassTable
from ..contract.errors import JobError, LabelError
from ..contract.file_jobs import SketchJob
from ..contract.protocol import Emit, Progress, Warned
from ..contract.scene import Scene
from ..contract.translation import tr
from ..inference.classify import ClassDecision, best_probability, predict_class, to_percent
from ..outputs.geotiff import NO_CONFIDENCE
from ..rasters.extent import extent_to_window
from ..rasters.grid import Grid
from ..rasters.windows import Window
from ..sampling.training_classes import contradiction_doubt
from .held_out_score import BLOCK, HeldOutScore, held_out_score
from .linear_head import Classes, Features, LinearHead, Standard, learn_head
from .marked_pixels import MOST_SQUARES, MarkedSquare, Marks
from .sketch_model import save_sketch
from .sketch_scene import SketchScene, open_sketch_scene
from .tile_maps import OnTile, TileEncoder, TileMaps

#: Largest extent of a sketch, in million pixels: the class map is made in memory, and a person waits for it.
MOST_MEGAPIXELS = 16

#: Pixels in each direction of a tile from which the variation of the land is measured.
_LAND_PIXELS = 8

#: Progress after the tiles with marks, and after learning.
_READ, _LEARNT = 0.4, 0.5


@dataclass(frozen=True)
class Sketch:
    """The result of a run.

    Attributes:
        grid: The image's grid.
        region: The part that is mapped.
        classes: The class table.
        mask: The class values (H, W).
        confidence: The probability of the class in percent (H, W).
        pixels: Number of marked pixels that were learnt from.
        score: The score on held-out marks; None: they are too few.
    """

    grid: Grid
    region: Window
    classes: ClassTable
    mask: NDArray[np.generic]
    confidence: NDArray[np.uint8]
    pixels: int
    score: HeldOutScore | None


@dataclass(frozen=True)
class _MarkedPixels:
    """Features (N, C), class values (N,) and block numbers (N,) of all marked pixels, and the variation of their land."""

    features: Features
    values: Classes
    blocks: Classes
    standard: Standard


def make_sketch(job: SketchJob, device: Device, emit: Emit) -> Sketch:
    """Learns from the marks, maps the extent, and writes the model file if the job names one.

    Args:
        job: The job.
        device: Device of the encoder.
        emit: Callback for progress and warning events.

    Raises:
        EngineError: If rasters, labels and extent do not fit together.
    """
    rasters = Scene(
        job.image,
        auxiliary=job.auxiliary,
        image_bands=job.image_bands,
        auxiliary_bands=job.auxiliary_bands,
    )
    with open_sketch_scene(rasters) as scene:
        for text in scene.image.warnings:
            emit(Warned(text))
        region = _region(job, scene)
        marks = Marks(job, scene.image.grid)
        encoder = TileEncoder(scene, device)
        marked = _read_marks(scene, marks, encoder, region, emit)
        if doubt := contradiction_doubt(marks.contradictions):
            emit(Warned(doubt))
        emit(Progress(_READ, tr("Learning from the marks")))
        classes = marks.classes({*marked.values.tolist()})
        target = np.searchsorted([entry.value for entry in classes], marked.values)
        head = learn_head(marked.features, target, len(classes), marked.standard)
        score = held_out_score(
            marked.features, target, marked.blocks, len(classes), marked.standard
        )
        on_tile = _progress(emit, _LEARNT, 1.0)
        mask, confidence = _map(scene, encoder, head, classes, region, on_tile)
        if job.output_model:
            save_sketch(job, scene, encoder.network, head, classes, score, len(target))
        grid = scene.image.grid
    return Sketch(grid, region, classes, mask, confidence, len(target), score)


def _region(job: SketchJob, scene: SketchScene) -> Window:
    """The part to map.

    Raises:
        RasterError: If the extent lies outside the image.
        JobError: If it is too large.
    """
    grid = scene.image.grid
    region = grid.bounds
    if job.extent is not None:
        region = extent_to_window(job.extent, job.extent_crs, grid, job.image)
    if region.pixels > MOST_MEGAPIXELS * 1e6:
        raise JobError(
            tr(
                "The extent has {} x {} px, {:,.0f} million; a sketch maps up to {} million: give a smaller extent, or map "
                "the whole image with the sketch's model (output_model) and segment."
            ).format(region.width, region.height, region.pixels / 1e6, MOST_MEGAPIXELS)
        )
    return region


def _read_marks(
    scene: SketchScene, marks: Marks, encoder: TileEncoder, region: Window, emit: Emit
) -> _MarkedPixels:
    """The features of all marked pixels with a value.

    Raises:
        LabelError: If there are none.
    """
    lattice = scene.cores(scene.image.grid.bounds) if marks.has_raster else ()
    squares = _nearest([*marks.squares(lattice, scene.core)], region)
    by_core = {square.core: square for square in squares}
    features, values, blocks, land = (
        list[Features](),
        list[Classes](),
        list[Classes](),
        list[Features](),
    )
    per_row = -(-scene.image.grid.width // BLOCK)
    for core, maps in encoder.tiles([*by_core], _progress(emit, 0.0, _READ)):
        rows, cols = by_core[core].rows + scene.border, by_core[core].cols + scene.border
        square = by_core[core].part(maps.known[rows, cols])
        land.append(_land(scene, maps))
        features.append(maps.at(square.rows + scene.border, square.cols + scene.border))
        values.append(square.values)
        blocks.append(
            (square.rows + core.row) // BLOCK * per_row + (square.cols + core.col) // BLOCK
        )
    if not values:
        raise LabelError(
            tr(
                "No mark lies on the image: do labels and image overlap, and do they have the right coordinate systems?"
            )
        )
    return _MarkedPixels(
        np.concatenate(features),
        np.concatenate(values),
        np.concatenate(blocks),
        Standard.of(np.concatenate(land), encoder.network.channels),
    )


def _land(scene: SketchScene, maps: TileMaps) -> Features:
    """The features (N, C) of pixels on a lattice in a tile, those with a value."""
    step = max(1, scene.core // _LAND_PIXELS)
    places = np.arange(scene.border + step // 2, scene.border + scene.core, step)
    rows, cols = (grid.ravel() for grid in np.meshgrid(places, places, indexing="ij"))
    known = maps.known[rows, cols]
    return maps.at(rows[known], cols[known])


def _nearest(squares: Sequence[MarkedSquare], region: Window) -> Sequence[MarkedSquare]:
    """The squares, if there are very many those inside the region first, then an even part of the others."""
    if len(squares) <= MOST_SQUARES:
        return squares
    inside = [square for square in squares if square.core.intersection(region)]
    others = [square for square in squares if not square.core.intersection(region)]
    inside = inside[:: -(-len(inside) // MOST_SQUARES) or 1]
    free = MOST_SQUARES - len(inside)
    return [*inside, *(others[:: -(-len(others) // free)] if free else ())]


def _map(
    scene: SketchScene,
    encoder: TileEncoder,
    head: LinearHead,
    classes: ClassTable,
    region: Window,
    on_tile: OnTile,
) -> tuple[NDArray[np.generic], NDArray[np.uint8]]:
    """Class values and confidence (H, W) of the region."""
    decision = ClassDecision(classes)
    mask = np.empty((region.height, region.width), decision.dtype)
    confidence = np.empty(mask.shape, np.uint8)
    for core, maps in encoder.tiles(scene.cores(region), on_tile):
        part = core.intersection(region)
        if part is None:
            continue
        row, col = part.row - core.row + scene.border, part.col - core.col + scene.border
        inner = slice(row, row + part.height), slice(col, col + part.width)
        known = maps.known[inner]
        probability = probabilities_of(maps, head)[(slice(None), *inner)]
        index = predict_class(probability, 0.5)
        target = (
            slice(part.row - region.row, part.row_stop - region.row),
            slice(part.col - region.col, part.col_stop - region.col),
        )
        values = decision.lookup(index).view(decision.dtype)
        mask[target] = np.where(known, values, decision.nodata)
        percent = to_percent(best_probability(index, probability))
        confidence[target] = np.where(known, percent, NO_CONFIDENCE)
    return mask, confidence


def probabilities_of(maps: TileMaps, head: LinearHead) -> Features:
    """The probabilities (K, T, T) of a tile, those of one logit for the second class.

    As in the network, each map is multiplied by its part of the layer before it is resized.
    """
    side = len(maps.known)
    logits = np.broadcast_to(head.bias[:, None, None], (len(head.bias), side, side)).copy()
    begin = 0
    for values in maps.maps:
        weight = head.weight[:, begin : begin + len(values)]
        part = (weight @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])
        logits += resize(part, side)
        begin += len(values)
    found: Features = expit(logits) if len(logits) == 1 else softmax(logits, axis=0)
    return found


def _progress(emit: Emit, begin: float, end: float) -> OnTile:
    def on_tile(number: int, count: int) -> None:
        text = tr("tile {} of {}").format(number, count)
        emit(Progress(begin + (end - begin) * number / count, text))

    return on_tile
