"""Finds the squares of images that are worth labelling next, with a trained model or without one.

With models each image is streamed as in ``segment``: every pixel gets its class and the entropy of its probabilities,
which are summed up by square; nothing is written. Doubt about a class that the models map badly counts more (``doubt``),
and land that is unlike the training has places of its own. The best squares of all images are read once more, one tile in
the middle of each, and an encoder measures how unlike they are. So the work beyond segmenting does not grow with the
images: one of them is open at a time. Points are the middles of such squares, which are then small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..compute.devices import Device
from ..compute.eta import SEGMENTING, Stopwatch, tile_progress
from ..compute.gpu_driver import has_torch
from ..compute.malloc import trim_memory
from ..contract.architectures import ONNX
from ..contract.errors import JobError, format_count
from ..contract.file_jobs import POINTS, SuggestJob
from ..contract.model_card import MIN_TILE_SIZE, TILE_STEP
from ..contract.protocol import Emit, Event, Progress, Warned
from ..contract.scene import Scene
from ..contract.translation import tr
from ..inference.capacity import check_capacity
from ..inference.ensemble import Ensemble
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import Streams, open_streams
from ..inference.sliding_window import OnProgress
from ..rasters.raster import Raster, open_image
from ..rasters.windows import Window
from .doubt import Doubt, class_weights, square_worth
from .image_squares import (
    MIN_KNOWN,
    ImageSquares,
    SquareSurvey,
    find_region,
    list_scenes,
    without_data,
)
from .mapped_strips import mapped_strips
from .square_grid import MAX_SQUARES, Indices, NoSquareError, allotted
from .square_pool import COMPARING, Pool, SquareComparison, SuggestedSquares, choose
from .square_sums import MappedSquares
from .tile_features import TileEncoder, sampled_values, statistics_encoder

#: Candidates whose features are compared: a multiple of the squares to find, and the least and the most.
_PER_PLACE = 8
_MIN_CANDIDATES = 64
_MAX_CANDIDATES = 512

#: One candidate in so many is there for its rare class, and one because it is unlike the training.
_SPECIAL_CANDIDATES = 8

#: Side of a square without a model, px; its tile is not larger.
_SIDE = 256

#: Side of the squares whose middles are points, px: narrow doubt along an outline is little in them.
_POINT_SIDE = 16

#: Tiles that show the range of the bands without a model.
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
    images = _survey_for_model(job, ensemble, emit)
    doubt = _doubt(ensemble)
    pools, candidates = list[Pool](), 0
    stopwatch, empty = Stopwatch(SEGMENTING), list[NoSquareError]()
    for number, image in enumerate(images):
        progress = _tile_progress(number, images, stopwatch, emit)
        try:
            pool, free = _map_image(
                job, ensemble, image, doubt, number, len(images), progress, emit
            )
        except NoSquareError as error:
            empty.append(error)
            continue
        pools.append(pool)
        candidates += free
    if not pools:
        raise empty[0]
    every = Pool.joined(pools)
    pool = every.part(_best(every, job.count))
    trim_memory()  # else the encoder's weights would come on top of the strips' memory
    encoder = _encoder(job, ensemble, images, emit)
    compared = SquareComparison(images, pool, encoder, emit, COMPARING)
    return choose(images, pool, compared.features, compared.labelled, job.count, candidates)


def _doubt(ensemble: Ensemble) -> Doubt:
    """The doubt of a pixel, by the scores of the models."""
    weights = class_weights(ensemble.cards.values(), ensemble.classes)
    return Doubt(ensemble.classes, weights, ensemble.nodata)


def _encoder(
    job: SuggestJob, ensemble: Ensemble, images: Sequence[ImageSquares], emit: Emit
) -> TileEncoder:
    """The encoder of the first model that has one; of ONNX networks alone, and for points, one without a model."""
    for model, card in ensemble.cards.items():
        if card.architecture != ONNX and has_torch() and job.shape != POINTS:
            from .network_encoders import model_encoder

            return model_encoder(model, ensemble.device)
    side = max(MIN_TILE_SIZE, images[0].tile // TILE_STEP * TILE_STEP)
    free = [np.flatnonzero(image.land.is_free) for image in images]
    values = _samples(images, free)
    return _encoder_without_model(job, values, card.image.dtype, side, ensemble.device, emit)


def _encoder_without_model(
    job: SuggestJob,
    values: NDArray[np.float32],
    dtype: str,
    side: int,
    device: Device,
    emit: Emit,
) -> TileEncoder:
    """An encoder with ImageNet's weights; in the light engine, and for points, statistics of the pixels."""
    if job.shape == POINTS:  # a person waits, and so few pixels show no objects
        return statistics_encoder(values, dtype, side)
    if has_torch():
        from .network_encoders import pretrained_encoder  # loads torch

        return pretrained_encoder(values, dtype, side, device)
    text = tr(
        "Without PyTorch, squares are compared by brightness and texture: the full engine compares them by what they "
        "show."
    )
    emit(Warned(text))
    return statistics_encoder(values, dtype, side)


def suggest_by_diversity(job: SuggestJob, device: Device, emit: Emit) -> SuggestedSquares:
    """Finds squares that are unlike each other and unlike what is labelled, without a model.

    Args:
        job: The job.
        device: Device of the encoder.
        emit: Callback for progress and warning events.

    Raises:
        EngineError: As ``suggest_by_model``, or if the encoder's weights are not installed.
    """
    images, dtype = _survey_without_model(job, emit)
    free = [np.flatnonzero(image.land.is_free) for image in images]
    counts = allotted([len(own) for own in free], _MAX_CANDIDATES)
    spread = [one.squares.spread(own, n) for one, own, n in zip(images, free, counts)]
    pool = Pool.joined([Pool.without_model(number, own) for number, own in enumerate(spread)])
    values, side = _samples(images, spread), images[0].tile
    encoder = _encoder_without_model(job, values, dtype, side, device, emit)
    compared = SquareComparison(images, pool, encoder, emit, SEGMENTING)
    usable = compared.known >= MIN_KNOWN
    if not usable.any():
        raise without_data(images[0].scene.image)
    features, candidates = compared.features[usable], int(usable.sum())
    return choose(images, pool.part(usable), features, compared.labelled, job.count, candidates)


def _survey_for_model(job: SuggestJob, ensemble: Ensemble, emit: Emit) -> list[ImageSquares]:
    """The squares of all images, each of which fits the models."""
    survey = SquareSurvey(job, ensemble.classes, emit)
    for scene in list_scenes(job):
        with open_streams(scene, ensemble.cards, emit, job.image_alone) as streams:
            image = streams[0].image
            try:
                region = find_region(job, scene, image)
                check_capacity(image, region, ensemble.tallest(streams), ())
                span = ensemble.spans(image)[0]
                _add(survey, job, scene, image, region, span)
            except NoSquareError as error:
                survey.skip(error)
    return survey.finish()


def _survey_without_model(job: SuggestJob, emit: Emit) -> tuple[list[ImageSquares], str]:
    """The squares of all images, which have the same bands, and the data type of the first."""
    survey = SquareSurvey(job, (), emit)
    first = ""
    bands = 0
    dtype = ""
    for scene in list_scenes(job):
        with open_image(scene.image, scene.image_bands) as image:
            first = first or scene.image
            bands = bands or image.bands
            dtype = dtype or str(image.dtype)
            if image.bands != bands:
                raise JobError(
                    tr(
                        "{} has {}, {} {} (an alpha band is not counted): give images of the same bands, or choose the "
                        "same bands of all (image_bands)."
                    ).format(
                        scene.image, format_count(image.bands, "{} band", "{} bands"), first, bands
                    )
                )
            try:
                region = find_region(job, scene, image)
                _add(survey, job, scene, image, region, _SIDE)
            except NoSquareError as error:
                survey.skip(error)
    return survey.finish(), dtype


def _add(
    survey: SquareSurvey, job: SuggestJob, scene: Scene, image: Raster, region: Window, side: int
) -> None:
    """Surveys an image, with squares of ``side`` px where the job leaves it open; the middles of small ones are points."""
    tile = side
    if job.shape == POINTS:
        side = max(_POINT_SIDE, math.isqrt(region.height * region.width // MAX_SQUARES) + 1)
        tile = max(side, MIN_TILE_SIZE)
    survey.add(scene, image, region, side, tile if job.model or job.shape == POINTS else 0)


def _samples(images: Sequence[ImageSquares], squares: Sequence[Indices]) -> NDArray[np.float32]:
    """Pixels (C, N) of some of the squares of each image."""
    counts = allotted([len(own) for own in squares], _RANGE_SAMPLE)
    samples = [_sample(image, own, count) for image, own, count in zip(images, squares, counts)]
    return np.concatenate(samples, axis=1)


def _sample(image: ImageSquares, squares: Indices, count: int) -> NDArray[np.float32]:
    """Pixels (C, N) of some of an image's squares."""
    windows = [
        image.squares.tile(int(index), image.tile) for index in image.squares.spread(squares, count)
    ]
    with (
        open_image(image.scene.image, image.bands) as raster,
        scene_cache([Streams(raster, None)], image.tile),
    ):
        return sampled_values(raster, windows)


def _tile_progress(
    number: int, images: Sequence[ImageSquares], stopwatch: Stopwatch, emit: Emit
) -> OnProgress:
    """Progress of the tiles of one image, by the pixels of the images before it."""
    pixels = np.cumsum([0, *(image.region.height * image.region.width for image in images)])
    begin, end = SEGMENTING + (COMPARING - SEGMENTING) * pixels[number : number + 2] / pixels[-1]
    text = tr("image {} of {}, ").format(number + 1, len(images)) if len(images) > 1 else ""
    return tile_progress(emit, stopwatch, float(begin), float(end), text)


def _map_image(
    job: SuggestJob,
    ensemble: Ensemble,
    image: ImageSquares,
    doubt: Doubt,
    number: int,
    count: int,
    on_progress: OnProgress,
    emit: Emit,
) -> tuple[Pool, int]:
    """Segments one image of ``count``: its best squares, and how many there were to choose from.

    Raises:
        NoSquareError: If no square has data.
    """
    with open_streams(image.scene, ensemble.cards, _ignore, job.image_alone) as streams:
        if number:
            ensemble.prepare(streams, image.region, _ignore, ensemble.record(), count)
        else:
            ensemble.prepare(streams, image.region, emit, scenes=count)
            emit(Progress(SEGMENTING, tr("Reading the first tiles")))
        with scene_cache(streams, ensemble.tallest(streams)):
            mapped = _map(ensemble, streams, image, doubt, on_progress)
    free = image.free(mapped.pixels)
    shares, worth = mapped.shares[:, free], mapped.doubt[free]
    if job.shape != POINTS:
        worth = square_worth(shares, worth, doubt.weights)
    pool = Pool(
        images=np.full(len(free), number),
        squares=free,
        uncertainty=mapped.uncertainty[free],
        worth=worth,
        unlike=mapped.unlike[free],
        rarity=image.land.rarity(shares, ensemble.classes),
        shares=shares,
    )
    return pool.part(_best(pool, job.count)), len(free)


def _ignore(_: Event) -> None:
    """Ignores an event that was reported before: a warning of the survey, or the runtime with the first image."""


def _map(
    ensemble: Ensemble,
    streams: Sequence[Streams],
    image: ImageSquares,
    doubt: Doubt,
    on_progress: OnProgress,
) -> MappedSquares:
    """Segments the region of an image and sums up its squares, strip by strip."""
    squares = image.squares
    mapped = MappedSquares(squares, ensemble.classes, ensemble.nodata, doubt)
    for strip, rows in mapped_strips(ensemble, streams, image.region, on_progress):
        part = strip.intersection(squares.window)
        if part is not None:
            kept = slice(part.row - strip.row, part.row_stop - strip.row)
            cols = slice(part.col - strip.col, part.col_stop - strip.col)
            mapped.add(part.row, rows.part(kept, cols))
    return mapped


def _best(pool: Pool, count: int) -> Indices:
    """The candidates of a choice of ``count`` squares, in the order of the pool: a part of its squares.

    Those of all images together are the same if each image gives its own best ones first.
    """
    size = min(max(_PER_PLACE * count, _MIN_CANDIDATES), _MAX_CANDIDATES)
    kept: Indices = np.arange(0)
    for special in (pool.rarity, pool.unlike):
        some = np.setdiff1d(np.flatnonzero(special > 0), kept)
        some = some[np.argsort(-special[some], kind="stable")][: size // _SPECIAL_CANDIDATES]
        kept = np.concatenate([kept, some])
    others = np.setdiff1d(np.arange(len(pool)), kept)
    unsure = others[np.argsort(-pool.worth[others], kind="stable")][: size - len(kept)]
    return np.sort(np.concatenate([kept, unsure]))
