"""Finds the squares of images that are worth labelling next, with a trained model or without one.

With models each image is streamed as in ``segment``: every pixel gets its class and the entropy of its probabilities,
which are summed up by square; nothing is written. A pixel that is unlike the training counts as a guess. The best squares of all images are read once more, one tile in the
middle of each, and an encoder measures how unlike they are. So the work beyond segmenting does not grow with the
images: one of them is open at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..compute.devices import Device
from ..compute.eta import SEGMENTING, Stopwatch, tile_progress
from ..compute.gpu_driver import has_torch
from ..compute.malloc import trim_memory
from ..contract.architectures import ONNX
from ..contract.errors import JobError, format_count
from ..contract.file_jobs import SuggestJob
from ..contract.model_card import MIN_TILE_SIZE, TILE_STEP
from ..contract.protocol import Emit, Event, Progress, Warned
from ..contract.translation import tr
from ..contract.unlike import UNLIKE
from ..inference.capacity import check_capacity
from ..inference.classify import UNCERTAINTY, is_unlike
from ..inference.ensemble import Ensemble
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import Streams, open_streams
from ..inference.sliding_window import OnProgress
from ..outputs.row_journal import Rows
from ..rasters.raster import open_image
from ..rasters.windows import Window
from .image_squares import (
    MIN_KNOWN,
    ImageSquares,
    SquareSurvey,
    find_region,
    list_scenes,
    without_data,
)
from .square_grid import Indices, NoSquareError, SquareGrid, allotted
from .square_pool import COMPARING, Pool, SquareComparison, SuggestedSquares, choose
from .square_sums import MappedSquares
from .tile_features import TileEncoder, sampled_values, statistics_encoder

#: Candidates whose features are compared: a multiple of the squares to find, and the least and the most.
_PER_PLACE = 8
_MIN_CANDIDATES = 64
_MAX_CANDIDATES = 512

#: One candidate in so many is there for its rare class.
_RARE_CANDIDATES = 8

#: Side of a square without a model, px; its tile is not larger.
_SIDE = 256

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
    pools, candidates = list[Pool](), 0
    stopwatch, empty = Stopwatch(SEGMENTING), list[NoSquareError]()
    for number, image in enumerate(images):
        progress = _tile_progress(number, images, stopwatch, emit)
        try:
            pool, free = _map_image(job, ensemble, image, number, len(images), progress, emit)
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
    encoder = _encoder(ensemble, images, emit)
    compared = SquareComparison(images, pool, encoder, emit, COMPARING)
    return choose(images, pool, compared.features, compared.labelled, job.count, candidates)


def _encoder(ensemble: Ensemble, images: Sequence[ImageSquares], emit: Emit) -> TileEncoder:
    """The encoder of the first model that has one; of ONNX networks alone one without a model."""
    for model, card in ensemble.cards.items():
        if card.architecture != ONNX and has_torch():
            from .network_encoders import model_encoder

            return model_encoder(model, ensemble.device)
    side = max(MIN_TILE_SIZE, images[0].tile // TILE_STEP * TILE_STEP)
    free = [np.flatnonzero(image.land.is_free) for image in images]
    values = _samples(images, free)
    return _encoder_without_model(values, card.image.dtype, side, ensemble.device, emit)


def _encoder_without_model(
    values: NDArray[np.float32], dtype: str, side: int, device: Device, emit: Emit
) -> TileEncoder:
    """An encoder with ImageNet's weights; in the light engine statistics of the pixels."""
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
    pool = Pool.joined([Pool.of_image(number, own) for number, own in enumerate(spread)])
    values, side = _samples(images, spread), images[0].tile
    encoder = _encoder_without_model(values, dtype, side, device, emit)
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
                survey.add(scene, image, region, span, span)
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
                survey.add(scene, image, find_region(job, scene, image), _SIDE)
            except NoSquareError as error:
                survey.skip(error)
    return survey.finish(), dtype


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
            mapped = _map(ensemble, streams, image.region, image.squares, on_progress)
    free = image.free(mapped.pixels)
    uncertainty, shares = mapped.uncertainty[free], mapped.shares[:, free]
    rarity = image.land.rarity(shares, ensemble.classes)
    pool = Pool.of_image(number, free, uncertainty, shares, rarity)
    return pool.part(_best(pool, job.count)), len(free)


def _ignore(_: Event) -> None:
    """Ignores an event that was reported before: a warning of the survey, or the runtime with the first image."""


def _map(
    ensemble: Ensemble,
    streams: Sequence[Streams],
    region: Window,
    squares: SquareGrid,
    on_progress: OnProgress,
) -> MappedSquares:
    """Segments the region and sums up its squares, strip by strip."""
    mapped = MappedSquares(squares, ensemble.classes, ensemble.nodata)
    extras = [UNCERTAINTY, UNLIKE] if ensemble.has_land_summary else [UNCERTAINTY]
    iterator = ensemble.strips(streams, region, on_progress, extras)
    row = region.row
    with closing(cast(Generator[tuple[Rows, ...], None, None], iterator)) as strips:
        for mask, uncertainty, *others in strips:
            for percents in others:  # there a class is a guess, however sure the model is
                uncertainty = np.where(is_unlike(percents), np.uint8(100), uncertainty)
            strip = Window(row, region.col, *mask.shape)
            part = strip.intersection(squares.window)
            if part is not None:
                rows = slice(part.row - strip.row, part.row_stop - strip.row)
                cols = slice(part.col - strip.col, part.col_stop - strip.col)
                mapped.add(part.row, mask[rows, cols], uncertainty[rows, cols])
            row = strip.row_stop
    return mapped


def _best(pool: Pool, count: int) -> Indices:
    """The candidates of a choice of ``count`` squares, in the order of the pool: a part of its squares.

    Those of all images together are the same if each image gives its own best ones first.
    """
    size = min(max(_PER_PLACE * count, _MIN_CANDIDATES), _MAX_CANDIDATES)
    uncertainty = cast(NDArray[np.float64], pool.uncertainty)
    rare = np.flatnonzero(pool.rarity > 0)
    rare = rare[np.argsort(-pool.rarity[rare], kind="stable")][: size // _RARE_CANDIDATES]
    others = np.setdiff1d(np.arange(len(pool)), rare)
    unsure = others[np.argsort(-uncertainty[others], kind="stable")][: size - len(rare)]
    return np.sort(np.concatenate([rare, unsure]))
