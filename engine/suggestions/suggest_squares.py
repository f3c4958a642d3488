"""Finds the squares of an image that are worth labelling next, with a trained model or without one.

With models the image is streamed as in ``segment``: every pixel gets its class and the entropy of its probabilities,
which are summed up by square; nothing is written. The best squares are read once more, one tile in the middle of
each, and an encoder tells how unlike they are. So the work beyond segmenting does not grow with the image.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..compute.devices import Device
from ..compute.malloc import trim_memory
from ..contract.architectures import ONNX
from ..contract.errors import JobError, RasterError
from ..contract.eta import SEGMENTING, Stopwatch, tile_progress
from ..contract.file_jobs import SuggestJob
from ..contract.model_card import MIN_TILE_SIZE, TILE_STEP
from ..contract.protocol import Emit, Progress
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.vector_files import polygon_extent
from ..inference.capacity import check_capacity
from ..inference.classify import UNCERTAINTY
from ..inference.ensemble import Ensemble
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import Streams, open_streams
from ..inference.segment_scene import scene_region
from ..inference.sliding_window import OnProgress
from ..outputs.row_journal import Rows
from ..rasters.extent import extent_to_window
from ..rasters.gdal_cache import bytes_for_rows, gdal_cache
from ..rasters.raster import Raster, open_image
from ..rasters.windows import Window
from .diverse_choice import Candidates
from .square_grid import Indices, SquareGrid
from .square_search import COMPARING, LEAST_KNOWN, SquareSearch, SuggestedSquares
from .square_sums import MappedSquares
from .tile_features import TileEncoder, model_encoder, pretrained_encoder

#: Candidates whose features are compared: a multiple of the squares to find, and the least and the most.
_PER_PLACE, _LEAST_CANDIDATES, _MOST_CANDIDATES = 8, 64, 512

#: One candidate in so many is there for its rare class.
_RARE_CANDIDATES = 8

#: Side of a square without a model, px; its tile is not larger.
_SIDE = 256

#: Tiles that tell the range of the bands without a model.
_RANGE_SAMPLE = 64


def suggest_by_model(job: SuggestJob, ensemble: Ensemble, emit: Emit) -> SuggestedSquares:
    """Finds squares of which models are unsure, and in which they see a rare class.

    Args:
        job: The job.
        ensemble: Its models; the encoder of one of them compares squares.
        emit: Callback for progress, metric and warning events.

    Raises:
        EngineError: If the inputs do not fit, or no square is left to label.
    """
    with open_streams(Scene.of_job(job), ensemble.cards, emit, job.image_alone) as streams:
        image = streams[0].image
        region = _region(job, image)
        check_capacity(image, region, ensemble.tallest(streams), ())
        span = ensemble.spans(image)[0]
        search = SquareSearch(job, image, region, span, ensemble.classes, emit)
        ensemble.prepare(streams, region, emit)
        emit(Progress(SEGMENTING, tr("Reading the first tiles")))
        on_progress = tile_progress(emit, Stopwatch(SEGMENTING), SEGMENTING, COMPARING)
        with scene_cache(streams, ensemble.tallest(streams)):
            mapped = _map(ensemble, streams, region, search.squares, on_progress)
            uncertainty, shares = mapped.uncertainty, mapped.shares
            free = search.free(mapped.pixels)
            rarity = search.land.rarity(shares, ensemble.classes)
            pool = _best(free, uncertainty, rarity, job.count)
            trim_memory()  # else the encoder's weights would come on top of the strips' memory
            encoder = _encoder(ensemble, image, search.squares, pool, span)
            features, _ = search.features(encoder, pool)
            labelled = search.labelled_features(encoder)
    candidates = Candidates(features, uncertainty[pool], rarity[pool])
    return search.found(pool, candidates, labelled, shares[:, pool], len(free))


def _encoder(
    ensemble: Ensemble, image: Raster, squares: SquareGrid, pool: Indices, span: int
) -> TileEncoder:
    """The encoder of the first model that has one; of ONNX networks alone one with ImageNet's weights."""
    for model, card in ensemble.cards.items():
        if card.architecture != ONNX and card.image.bands == image.bands:
            return model_encoder(model, span, ensemble.device)
    side = max(MIN_TILE_SIZE, span // TILE_STEP * TILE_STEP)
    sample = squares.spread(pool, _RANGE_SAMPLE)
    windows = [squares.tile(int(index), span) for index in sample]
    return replace(pretrained_encoder(image, windows, side, ensemble.device), span=span)


def suggest_by_diversity(job: SuggestJob, device: Device, emit: Emit) -> SuggestedSquares:
    """Finds squares that are unlike each other and unlike what is labelled, without a model.

    Args:
        job: The job.
        device: Device of the encoder.
        emit: Callback for progress and warning events.

    Raises:
        EngineError: As ``suggest_by_model``, or if the encoder's weights are not installed.
    """
    with open_image(job.image, job.image_bands) as image:
        search = SquareSearch(job, image, _region(job, image), _SIDE, (), emit)
        squares = search.squares
        pool = squares.spread(search.free(), _MOST_CANDIDATES)
        side = max(
            MIN_TILE_SIZE, min(_SIDE, squares.height, squares.width) // TILE_STEP * TILE_STEP
        )
        with gdal_cache(bytes_for_rows(image, side)):
            windows = [
                squares.tile(int(index), side) for index in squares.spread(pool, _RANGE_SAMPLE)
            ]
            encoder = pretrained_encoder(image, windows, side, device)
            features, known = search.features(encoder, pool)
            labelled = search.labelled_features(encoder)
    usable = known >= LEAST_KNOWN
    search.require(pool[usable])
    candidates = Candidates(features[usable], None, np.zeros(usable.sum()))
    shares = np.zeros((0, usable.sum()))
    return search.found(pool[usable], candidates, labelled, shares, int(usable.sum()))


def _region(job: SuggestJob, image: Raster) -> Window:
    """Where squares may lie: the extent, and the rectangle around the polygons of the area."""
    region = scene_region(Scene.of_job(job), image)
    if not job.area or image.grid.crs is None or image.grid.gcps:
        return region
    extent = polygon_extent(job.area, image.grid)
    try:
        shared = region.intersection(extent_to_window(extent, "", image.grid, job.image))
    except RasterError:
        shared = None
    if shared is None:
        raise JobError(
            tr("The area {} lies outside of the image {}, or of the extent in it.").format(
                job.area, job.image
            )
        )
    return shared


def _map(
    ensemble: Ensemble,
    streams: Sequence[Streams],
    region: Window,
    squares: SquareGrid,
    on_progress: OnProgress,
) -> MappedSquares:
    """Segments the region and sums up its squares, strip by strip."""
    mapped = MappedSquares(squares, ensemble.classes, ensemble.nodata)
    iterator = ensemble.strips(streams, region, on_progress, [UNCERTAINTY])
    row = region.row
    with closing(cast(Generator[tuple[Rows, ...], None, None], iterator)) as strips:
        for mask, uncertainty in strips:
            strip = Window(row, region.col, *mask.shape)
            part = strip.intersection(squares.window)
            if part is not None:
                rows = slice(part.row - strip.row, part.row_stop - strip.row)
                cols = slice(part.col - strip.col, part.col_stop - strip.col)
                mapped.add(part.row, mask[rows, cols], uncertainty[rows, cols])
            row = strip.row_stop
    return mapped


def _best(
    free: Indices, uncertainty: NDArray[np.float64], rarity: NDArray[np.float64], count: int
) -> Indices:
    """The candidates of a choice of ``count`` squares, in the order of the image: a part of the free ones."""
    size = min(max(_PER_PLACE * count, _LEAST_CANDIDATES), _MOST_CANDIDATES)
    rare = free[rarity[free] > 0]
    rare = rare[np.argsort(-rarity[rare], kind="stable")][: size // _RARE_CANDIDATES]
    others = np.setdiff1d(free, rare)
    unsure = others[np.argsort(-uncertainty[others], kind="stable")][: size - len(rare)]
    return np.sort(np.concatenate([rare, unsure]))
