"""Compares the models of a run with its rasters before the engine starts: what is refused, and what is doubtful.

``checkParameterValues`` refuses by ``refusals``; the dialogs show these and the ``doubts`` while the user chooses. The
engine makes the same checks, and more that take longer.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsRasterLayer,
    QgsRectangle,
)

from .. import environment
from ..engine.contract.architectures import ONNX
from ..engine.contract.card_reader import read_card
from ..engine.contract.card_summary import describe_ground
from ..engine.contract.ensemble_file import read_ensemble
from ..engine.contract.jobs import AUTOMATIC
from ..engine.contract.light_engine import NOT_PREPARED
from ..engine.contract.model_card import Card
from ..engine.contract.prepared_models import is_prepared
from ..engine.contract.stream_fit import (
    DEVIATIONS,
    MIN_AUXILIARY_SPREAD,
    MIN_SPREAD,
    auxiliary_flaw,
    bands_to_read,
    image_flaw,
    missing_stream_flaw,
    missing_stream_warning,
    resolution_flaw,
    scale_flaw,
    unused_flaw,
)
from ..i18n import tr
from . import layer_facts
from .parameter_values import file_paths, is_given

Cards = dict[str, Card]

#: Ground resolutions that differ by more than this factor are doubtful, with resampling and without.
_RESAMPLED_RATIO, _SAME_RATIO = 2.0, 1.1


@dataclass(frozen=True)
class Inputs:
    """The rasters of a run, as far as QGIS can open them, and the options that decide whether they fit.

    Attributes:
        image: The image, or the first of several; None: none is given, or none that QGIS reads from a file.
        is_only: Whether there is no other image: if one of several does not fit, the run continues.
        auxiliary: The auxiliary rasters.
        has_auxiliary: Whether any are given, or scenes may have their own.
        has_bare_scenes: Whether a folder of scenes is given, or a table without a column for their auxiliary rasters.
        image_bands: Chosen bands of the image; none: the model's.
        auxiliary_bands: Chosen bands of the auxiliary rasters.
        image_alone: Whether the user has confirmed that the second stream is missing.
        is_matched: Whether the image is resampled to the model's ground resolution.
        extent: The part of the image to segment, in its coordinates; None: all.
    """

    image: QgsRasterLayer | None
    is_only: bool
    auxiliary: tuple[QgsRasterLayer, ...]
    has_auxiliary: bool
    has_bare_scenes: bool
    image_bands: tuple[int, ...]
    auxiliary_bands: tuple[int, ...]
    image_alone: bool
    is_matched: bool
    extent: QgsRectangle | None


def read_cards(models: Sequence[str]) -> Cards:
    """Returns the cards of model files or of an ensemble file's members, by file.

    Raises:
        EngineError: If one cannot be read.
    """
    members = read_ensemble(models, AUTOMATIC).members if models else ()
    return {member.model: read_card(member.model) for member in members}


def read_inputs(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Inputs:
    """Returns the rasters and options among an algorithm's parameters."""

    def layers(name: str) -> list[QgsRasterLayer]:
        value = parameters.get(name)
        items = value if isinstance(value, (list, tuple)) else [value]
        found = [algorithm.parameterAsRasterLayer({name: i}, name, context) for i in items if i]
        return [layer for layer in found if layer is not None and _is_readable(layer)]

    image_name = "IMAGE" if algorithm.parameterDefinition("IMAGE") else "IMAGES"
    images = layers(image_name) if is_given(parameters, image_name) else []
    image = images[0] if images else None
    has_scenes = is_given(parameters, "SCENES")
    extent = None
    if image is not None and is_given(parameters, "EXTENT"):
        extent = algorithm.parameterAsExtent(
            parameters, "EXTENT", context, layer_facts.file_crs(image)
        )
    return Inputs(
        image=image,
        is_only=len(images) == 1,
        auxiliary=tuple(layers("AUXILIARY")) if is_given(parameters, "AUXILIARY") else (),
        has_auxiliary=has_scenes or is_given(parameters, "AUXILIARY"),
        has_bare_scenes=has_scenes and not _names_auxiliary(parameters["SCENES"], context),
        image_bands=_numbers(parameters.get("IMAGE_BANDS")),
        auxiliary_bands=_numbers(parameters.get("AUXILIARY_BANDS")),
        image_alone=algorithm.parameterAsBool(parameters, "IMAGE_ALONE", context),
        is_matched=algorithm.parameterAsBool(parameters, "MATCH_RESOLUTION", context),
        extent=extent,
    )


def _names_auxiliary(scenes: Any, context: QgsProcessingContext) -> bool:
    """Returns whether scenes are a table with a column for their auxiliary rasters."""
    paths = [Path(path) for path in file_paths(scenes, context)]
    try:
        with paths[0].open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return any(name.strip().lower() == "auxiliary" for name in next(csv.reader(file), []))
    except (OSError, IndexError, csv.Error):  # a folder, or no table: the engine has the reason
        return False


def _is_readable(layer: QgsRasterLayer) -> bool:
    return layer.providerType() == "gdal" or layer_facts.is_web_map(layer)


def first_refusal(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> str:
    """Returns why the models of valid parameters do not fit their rasters, "" if they do."""
    cards = read_cards(file_paths(parameters.get("MODEL"), context))
    return next(refusals(cards, read_inputs(algorithm, parameters, context)), "")


def refusals(cards: Cards, inputs: Inputs) -> Iterator[str]:
    """Yields a sentence for everything that the engine would refuse."""
    image, auxiliary = inputs.image, inputs.auxiliary
    names = [layer.name() for layer in auxiliary]
    if auxiliary and cards and not any(card.auxiliary.bands for card in cards.values()):
        yield unused_flaw([*cards], names)
    for model, card in cards.items():
        if flaw := _light_engine_flaw(card, model):
            yield flaw
        if image is not None:
            if inputs.is_only:
                yield from _image_flaws(card, model, image, inputs)
            if card.auxiliary.bands and not inputs.has_auxiliary and not inputs.image_alone:
                yield missing_stream_flaw(card, model, image.name(), option="")
        if auxiliary and card.auxiliary.bands:
            count = len(_chosen(auxiliary, _auxiliary_bands(card, inputs)))
            if flaw := auxiliary_flaw(card, model, names, count):
                yield flaw
    if (
        inputs.extent is not None
        and image is not None
        and not inputs.extent.intersects(image.extent())
    ):
        yield tr("The extent lies outside of {}: choose a part of the image.").format(image.name())


def _light_engine_flaw(card: Card, model: str) -> str:
    """Returns why the installed engine, a light one, cannot use a model; "" if it can, or is not light."""
    if card.architecture == ONNX or not environment.uses_light_engine() or is_prepared(model):
        return ""
    return tr(NOT_PREPARED).format(Path(model).name)


def _image_flaws(card: Card, model: str, image: QgsRasterLayer, inputs: Inputs) -> Iterator[str]:
    """Yields why a model cannot segment an image."""
    count = len(_chosen((image,), _image_bands(card, inputs)))
    if flaw := image_flaw(card, model, image.name(), count):
        yield flaw
    trained, actual = card.image.ground, layer_facts.ground_resolution(image)
    if inputs.is_matched and trained and actual:
        name = Path(model).name
        if flaw := resolution_flaw(image.name(), actual, name, trained, option=""):
            yield flaw


def doubts(cards: Cards, inputs: Inputs) -> Iterator[str]:
    """Yields a sentence for everything that may make the mask worse than the user expects."""
    image = inputs.image
    if inputs.has_bare_scenes and not inputs.auxiliary and not inputs.image_alone:
        for model, card in cards.items():
            if card.auxiliary.bands:
                yield tr(
                    "The model {} was trained with {} auxiliary bands: scenes without them will fail, unless "
                    "you tick Without the second stream."
                ).format(Path(model).name, card.auxiliary.bands)
    if image is None:
        return
    if not layer_facts.file_crs(image).isValid():
        yield tr(
            "{} has no coordinate system. The mask will have none either, and the ground resolution cannot "
            "be compared with that of the training."
        ).format(image.name())
    for layer in inputs.auxiliary:
        yield from _alignment_doubts(image, layer)
    for model, card in cards.items():
        if not inputs.is_only:
            yield from _image_flaws(card, model, image, inputs)
        yield from _ground_doubts(card, model, image, inputs.is_matched)
        bands = _chosen((image,), _image_bands(card, inputs))
        if len(bands) == card.image.bands:
            sample = layer_facts.percentiles(bands)
            low, high = card.image.low, card.image.high
            if doubt := scale_flaw(image.name(), sample, low, high, MIN_SPREAD):
                yield doubt
        yield from _auxiliary_doubts(card, model, inputs)


def _auxiliary_doubts(card: Card, model: str, inputs: Inputs) -> Iterator[str]:
    """Yields what is doubtful about the second stream, or about its absence."""
    wanted, image = card.auxiliary, inputs.image
    if wanted.bands and image is not None and not inputs.has_auxiliary and inputs.image_alone:
        yield missing_stream_warning(card, model, image.name())
    bands = _chosen(inputs.auxiliary, _auxiliary_bands(card, inputs))
    if not wanted.bands or len(bands) != wanted.bands:
        return
    low = [mean - DEVIATIONS * std for mean, std in zip(wanted.mean, wanted.std)]
    high = [mean + DEVIATIONS * std for mean, std in zip(wanted.mean, wanted.std)]
    name = ", ".join(layer.name() for layer in inputs.auxiliary)
    sample = layer_facts.percentiles(bands)
    if doubt := scale_flaw(name, sample, low, high, MIN_AUXILIARY_SPREAD):
        yield doubt


def _ground_doubts(
    card: Card, model: str, image: QgsRasterLayer, is_matched: bool
) -> Iterator[str]:
    trained, actual = card.image.ground, layer_facts.ground_resolution(image)
    ratio = max(trained, actual) / min(trained, actual) if trained and actual else 1.0
    name = Path(model).name
    if is_matched and ratio > 1 and resolution_flaw(image.name(), actual, name, trained):
        return  # a refusal says so
    if ratio <= (_RESAMPLED_RATIO if is_matched else _SAME_RATIO):
        return
    end = (
        tr("The image is resampled for the model; expect a less accurate mask.")
        if is_matched
        else tr(
            "It is not resampled for the model, so sizes of things will differ: tick "
            '"Match the ground resolution" (under Advanced).'
        )
    )
    yield tr("{} has {}, the training of {} had {}. {}").format(
        image.name(), describe_ground(actual), name, describe_ground(trained), end
    )


def _alignment_doubts(image: QgsRasterLayer, layer: QgsRasterLayer) -> Iterator[str]:
    """Yields why an auxiliary raster may not lie on the image."""
    image_crs, layer_crs = layer_facts.file_crs(image), layer_facts.file_crs(layer)
    if not layer_facts.has_coordinates(image) or not layer_facts.has_coordinates(layer):
        return  # they are laid over each other by their extents
    if image_crs.isValid() != layer_crs.isValid():
        yield tr(
            "Only one of {} and {} has a coordinate system: assign the right one to the other "
            "(Raster > Projections), otherwise they cannot be aligned."
        ).format(image.name(), layer.name())
        return
    transform = QgsCoordinateTransform(layer_crs, image_crs, layer.transformContext())
    try:
        extent = transform.transformBoundingBox(layer.extent())
    except QgsCsException:
        return
    if not extent.intersects(image.extent()):
        yield tr("{} does not overlap {}: check the coordinate systems of both.").format(
            layer.name(), image.name()
        )


def _image_bands(card: Card, inputs: Inputs) -> tuple[int, ...]:
    """Returns the bands that a model reads of the image; none: all but alpha."""
    trained = card.image
    counts = [layer_facts.band_counts(inputs.image)] if inputs.image is not None else []
    return bands_to_read(counts, inputs.image_bands, trained.chosen, trained.of, trained.bands)


def _auxiliary_bands(card: Card, inputs: Inputs) -> tuple[int, ...]:
    """Returns the bands that a model reads of the auxiliary rasters; none: all but alpha."""
    trained = card.auxiliary
    counts = [layer_facts.band_counts(layer) for layer in inputs.auxiliary]
    return bands_to_read(counts, inputs.auxiliary_bands, trained.chosen, trained.of, trained.bands)


def _chosen(
    layers: Sequence[QgsRasterLayer], bands: Sequence[int]
) -> list[tuple[QgsRasterLayer, int]]:
    """Returns rasters with the numbers of their chosen bands; without a choice all but alpha, which is last."""
    if not bands:
        counts = [layer_facts.band_counts(layer)[0] for layer in layers]
        return [
            (layer, band) for layer, count in zip(layers, counts) for band in range(1, count + 1)
        ]
    counts = [layer_facts.band_counts(layer)[1] for layer in layers]
    stack = [(layer, band) for layer, count in zip(layers, counts) for band in range(1, count + 1)]
    return [stack[band - 1] for band in bands if 1 <= band <= len(stack)]


def _numbers(value: Any) -> tuple[int, ...]:
    """Returns the band numbers in the value of a parameter, which is a list or a text."""
    return tuple(map(int, re.findall(r"\d+", str(value or ""))))
