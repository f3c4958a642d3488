"""``import`` of weights: a model file with a network of ours that has them.

``foreign/foreign_weights.py`` recognises and reads the weights; here the job adds what they do not contain.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from ..contract.architectures import architecture
from ..contract.card_reader import check_card
from ..contract.card_weights import STATISTICS
from ..contract.class_table import ClassTable, class_table, parse_class_names, to_records
from ..contract.errors import JobError, format_count, join_names
from ..contract.file_jobs import ImportJob
from ..contract.model_card import AuxiliaryCard, Card
from ..contract.protocol import Done, Emit, Warned
from ..contract.translation import tr
from ..models.model_file import build_network, save_model
from ..models.weight_files import MAX_NAMES, fill_counters
from ..runtimes.onnx_export import prepare_model
from ..sampling.band_statistics import IMAGENET_RGB_MEAN, IMAGENET_RGB_STD
from .card_parts import TILE_SIZE, check_threshold, image_card, numbered_bands, provenance
from .foreign_network import ForeignNetwork, PixelScaling
from .foreign_weights import read_foreign_network


def import_weights(job: ImportJob, emit: Emit) -> Done:
    """Makes a model file of weights and prepares it for a fast start if that is quick; ``import_model`` has checked the fields that all weights share.

    The weights show network, bands and logits; the files beside them or the job give classes and scaling.

    Raises:
        EngineError: If weights are missing or unknown, or what the job gives does not fit them.
    """
    foreign = read_foreign_network(job.weights, job.architecture, job.tile_size or TILE_SIZE)
    if foreign.left_out:
        emit(Warned(_left_out_message(job, foreign)))
    scaling = _image_scaling(job, foreign)
    foreign, auxiliary = _auxiliary_scaling(job, foreign)
    card = _build_card(job, foreign, scaling, auxiliary)
    check_card(card)
    model = build_network(card)
    _load_weights(model, foreign)
    _set_statistics(model, "image_normalisation", scaling)
    if foreign.auxiliary_bands:
        _set_statistics(model, "auxiliary_normalisation", auxiliary)
    save_model(job.output, model, card)
    prepare_model(job.output, emit)
    bands = format_count(foreign.bands, "{} band", "{} bands")
    if foreign.auxiliary_bands:
        count = foreign.auxiliary_bands
        auxiliary_bands = format_count(count, "{} auxiliary band", "{} auxiliary bands")
        bands = tr("{} and {}").format(bands, auxiliary_bands)
    return Done(
        tr("The model {} is {} with {} and the weights of {}; its classes are {}.").format(
            Path(job.output),
            card.architecture,
            bands,
            Path(job.weights).name,
            join_names([entry.name for entry in card.classes], MAX_NAMES),
        ),
        {
            "output": job.output,
            "bands": foreign.bands,
            "auxiliary_bands": foreign.auxiliary_bands,
            "logits": foreign.logits,
            "classes": to_records(card.classes),
        },
    )


def _left_out_message(job: ImportJob, foreign: ForeignNetwork) -> str:
    text = tr(
        "{} also contains parts outside of the network, which were left out: {}. If the program applies them to the "
        "image or to the result, the masks will differ."
    )
    return text.format(Path(job.weights).name, join_names(foreign.left_out, MAX_NAMES))


def _load_weights(model: nn.Module, foreign: ForeignNetwork) -> None:
    """Loads the weights into their part of the model; all but the statistics of its bands."""
    part = model.get_submodule(foreign.part)
    own = part.state_dict()
    expected = {name: value for name, value in own.items() if name not in STATISTICS}
    weights = fill_counters(foreign.state, expected, foreign.refuse)
    part.load_state_dict({**own, **weights})
    if broken := [n for n, v in part.state_dict().items() if not bool(v.isfinite().all())]:
        raise foreign.refuse(
            tr("{} contains NaN or infinity").format(join_names(broken, MAX_NAMES))
        )


def _set_statistics(model: nn.Module, name: str, scaling: PixelScaling) -> None:
    """Sets mean and standard deviation of the bands of a stream, in the raster's units."""
    model.get_submodule(name).set(  # type: ignore[operator]
        [scaling.maximum * value for value in scaling.mean],
        [scaling.maximum * value for value in scaling.std],
    )


def _image_scaling(job: ImportJob, foreign: ForeignNetwork) -> PixelScaling:
    """The scaling of the image: that of the job, else that of the files."""
    scaling, text = (
        foreign.scaling,
        tr("The network has {}, but {} has {}: give one for each band."),
    )
    if job.normalisation == "imagenet":
        scaling = PixelScaling(IMAGENET_RGB_MEAN, IMAGENET_RGB_STD, job.maximum)
        text = tr(
            "The network has {}, but {} has {} in the normalisation imagenet: give mean and std."
        )
    elif job.normalisation == "none":
        scaling = PixelScaling((0.0,) * foreign.bands, (1.0,) * foreign.bands, job.maximum)
    elif job.mean and job.std:
        scaling = PixelScaling(job.mean, job.std, job.maximum)
    elif scaling is None or job.normalisation == "given" or job.mean or job.std:
        raise JobError(
            tr(
                "The weights do not say how pixels were normalised: give the normalisation imagenet, "
                "or mean and std of every band in shares of maximum."
            )
        )
    for name, values in (("mean", scaling.mean), ("std", scaling.std)):
        _check_count(foreign.bands, name, values, text)
    return scaling


def _auxiliary_scaling(
    job: ImportJob, foreign: ForeignNetwork
) -> tuple[ForeignNetwork, PixelScaling]:
    """The scaling of the auxiliary stream, and the network for the number of bands that it has."""
    mean = job.auxiliary_mean
    std = job.auxiliary_std
    bands = foreign.auxiliary_bands
    if not bands and (mean or std):
        raise JobError(
            tr("{} sees the image only: leave auxiliary_mean and auxiliary_std out.").format(
                foreign.architecture
            )
        )
    if bands == len(IMAGENET_RGB_MEAN) and job.normalisation == "imagenet" and not (mean or std):
        mean, std = IMAGENET_RGB_MEAN, IMAGENET_RGB_STD
    if bands and not (mean and std):
        raise JobError(
            tr(
                "The weights do not say how the auxiliary bands were normalised: give auxiliary_mean and auxiliary_std of "
                "each of the {} in shares of maximum, or one value for a single band."
            ).format(bands)
        )
    if len(mean) == len(std) == 1 and bands > 1:
        from .cmx_names import join_repeated_band

        foreign = join_repeated_band(foreign)
    for name, values in (("auxiliary_mean", mean), ("auxiliary_std", std)):
        text = tr("The network has {}, but {} has {}: give one for each band.")
        _check_count(foreign.auxiliary_bands, name, values, text)
    return foreign, PixelScaling(tuple(mean), tuple(std), job.maximum)


def _check_count(bands: int, name: str, values: Sequence[float], text: str) -> None:
    if len(values) != bands:
        needed = format_count(bands, "{} band", "{} bands")
        given = format_count(len(values), "{} value", "{} values")
        raise JobError(text.format(needed, name, given))


def _class_table(job: ImportJob, foreign: ForeignNetwork) -> ClassTable:
    """The class table of the job, else of the files; one logit means two classes."""
    logits = foreign.logits
    needed = 2 if logits == 1 else logits
    check_threshold(job, needed)
    if not job.class_names and len(foreign.class_names) == needed:
        return class_table(dict(enumerate(foreign.class_names)))
    given = parse_class_names(job.class_names)
    if len(given) != needed:
        raise JobError(
            tr(
                "The network has {} per pixel, for {} classes, but class_names has {}: give {} as "
                "value=name, such as 0=background."
            ).format(
                format_count(logits, "{} output", "{} outputs"),
                needed,
                format_count(len(given), "{} name", "{} names"),
                needed,
            )
        )
    names = {value: name for value, (name, _) in given.items()}
    return class_table(names, {value: colour for value, (_, colour) in given.items() if colour})


def _build_card(
    job: ImportJob, foreign: ForeignNetwork, scaling: PixelScaling, auxiliary: PixelScaling
) -> Card:
    chosen = architecture(foreign.architecture)
    classes = _class_table(job, foreign)
    tile_size = job.tile_size or foreign.tile_size or TILE_SIZE
    # What CMX calls RGB its own script reads as blue, green, red: its bands have no names.
    is_rgb = foreign.is_rgb or (job.normalisation == "imagenet" and not foreign.auxiliary_bands)
    return Card(
        architecture=foreign.architecture,
        encoder=chosen.encoder,
        logits=foreign.logits,
        tile_size=tile_size,
        image=image_card(foreign.bands, is_rgb, scaling.maximum, job.pixel_size),
        auxiliary=_auxiliary_card(foreign.auxiliary_bands, tile_size, auxiliary),
        classes=classes,
        threshold=chosen.default_threshold(len(classes)) if job.threshold == -1 else job.threshold,
        provenance=provenance(job, foreign.source),
    )


def _auxiliary_card(bands: int, tile_size: int, scaling: PixelScaling) -> AuxiliaryCard:
    """The auxiliary stream, on the image's grid as CMX sees it."""
    if not bands:
        return AuxiliaryCard()
    mean, std = (
        tuple(scaling.maximum * value for value in values) for values in (scaling.mean, scaling.std)
    )
    return AuxiliaryCard(bands, tile_size, numbered_bands(bands), mean, std)
