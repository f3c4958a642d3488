"""``import``: makes a model file from the weights of a network of segmentation-models-pytorch."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from ..contract.architectures import Architecture, architecture, parse_smp_name
from ..contract.card_reader import MAX_BAND_NAME, check_card
from ..contract.class_table import ClassTable, class_table, parse_class_names, to_records
from ..contract.errors import JobError, format_count
from ..contract.file_identity import file_hash
from ..contract.file_jobs import ImportJob
from ..contract.model_card import AuxiliaryCard, Card, ImageCard
from ..contract.output_files import check_writable
from ..contract.plain_text import one_line
from ..contract.protocol import Done, Emit
from ..contract.translation import tr
from ..contract.version import engine_version
from ..models.factory import build_model, build_on_meta
from ..models.model_file import build_network, save_model
from ..models.weight_files import (
    fill_counters,
    first_convolution,
    last_convolution,
    read_state,
    to_smp_name,
)
from ..sampling.band_statistics import IMAGENET_RGB_MEAN, IMAGENET_RGB_STD
from .import_onnx import ONNX_SUFFIX, import_onnx


def import_model(job: ImportJob, emit: Emit) -> Done:
    """Makes a model file of a state dict that a script of segmentation-models-pytorch saved.

    Bands and logits are read from the weights; the job gives classes and normalisation.

    Raises:
        EngineError: If a weight is missing or unknown, or classes or normalisation do not fit.
    """
    if Path(job.weights).suffix.lower() == ONNX_SUFFIX:
        return import_onnx(job, emit)
    chosen = _check(job)
    outline = _build_outline(job)
    expected = outline.state_dict()
    # Older versions of the library had other names for the weights of some encoders.
    state = {
        to_smp_name(name, expected, "encoder."): value
        for name, value in read_state(job.weights).items()
    }
    bands, logits = _sizes(state, outline, _misfit_error(job))
    mean, std = _normalisation(job, bands)
    classes = _class_table(job, logits)
    card = _build_card(job, chosen, bands, logits, classes)
    check_card(card)
    model = build_network(card)
    network = model.get_submodule("network")
    network.load_state_dict(fill_counters(state, network.state_dict(), _misfit_error(job)))
    model.image_normalisation.set(  # type: ignore[operator, union-attr]
        [job.maximum * value for value in mean], [job.maximum * value for value in std]
    )
    save_model(job.output, model, card)
    return Done(
        tr("The model {} is {} with {} and the weights of {}; its classes are {}.").format(
            Path(job.output),
            job.architecture,
            format_count(bands, "{} band", "{} bands"),
            Path(job.weights).name,
            ", ".join(c.name for c in classes),
        ),
        {"output": job.output, "bands": bands, "logits": logits, "classes": to_records(classes)},
    )


def _check(job: ImportJob) -> Architecture:
    """Checks the fields of the job and returns its architecture."""
    for name in ("weights", "architecture", "output"):
        if not getattr(job, name):
            raise JobError(
                tr(
                    "The option {} is missing: import needs weights, architecture and output."
                ).format(name)
            )
    check_writable(job.output, (".safetensors",))
    if os.path.abspath(job.output) == os.path.abspath(job.weights):
        raise JobError(
            tr("The output {} is also the weights: choose another name.").format(job.output)
        )
    chosen = architecture(job.architecture)
    if chosen.family != "smp":
        raise JobError(
            tr(
                "The network {} is none of segmentation-models-pytorch, and import reads only their "
                "weights: name it as smp:Architecture:encoder."
            ).format(job.architecture)
        )
    if job.maximum <= 0:
        raise JobError(tr("maximum must be above 0, not {:g}.").format(job.maximum))
    if job.pixel_size < 0:
        raise JobError(
            tr("The pixel size must be 0 (unknown) or more, not {:g} m.").format(job.pixel_size)
        )
    if job.threshold != -1 and not 0 < job.threshold < 1:
        raise JobError(tr("The threshold must be between 0 and 1, not {:g}.").format(job.threshold))
    return chosen


def _build_outline(job: ImportJob) -> torch.nn.Module:
    """The library's network for three bands on the meta device: names and shapes, without memory."""
    model = build_on_meta(
        lambda: build_model(job.architecture, bands=3, auxiliary_bands=0, tile_size=job.tile_size)
    )
    return model.get_submodule("network")


def _sizes(
    state: dict[str, Tensor], outline: torch.nn.Module, misfit_error: Callable[[str], JobError]
) -> tuple[int, int]:
    """Bands and logits per pixel, from the shapes of the first and the last convolution."""
    first = f"encoder.{first_convolution(outline.get_submodule('encoder'), 3)}"
    last = f"segmentation_head.{last_convolution(outline.get_submodule('segmentation_head'))}"
    if first not in state or last not in state:
        fill_counters(state, outline.state_dict(), misfit_error)  # names all missing weights
    return state[first].shape[1], state[last].shape[0]


def _misfit_error(job: ImportJob) -> Callable[[str], JobError]:
    name, encoder = parse_smp_name(job.architecture)

    def error(reason: str) -> JobError:
        return JobError(
            tr(
                "The weights {} are not those of {} with the encoder {} ({}): name the architecture that they were trained "
                "with."
            ).format(job.weights, name, encoder, reason)
        )

    return error


def _normalisation(job: ImportJob, bands: int) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of every band, as shares of the job's maximum."""
    if job.normalisation not in ("", "given", "imagenet"):
        raise JobError(
            tr("There is no normalisation {!r}: it is imagenet, or give mean and std.").format(
                job.normalisation
            )
        )
    is_imagenet = job.normalisation == "imagenet"
    if is_imagenet and (job.mean or job.std):
        raise JobError(tr("Give either the normalisation imagenet or mean and std, not both."))
    if not is_imagenet and not (job.mean and job.std):
        raise JobError(
            tr(
                "The weights do not say how pixels were normalised: give the normalisation imagenet, "
                "or mean and std of every band in shares of maximum."
            )
        )
    mean, std = list(job.mean), list(job.std)
    text = tr("The network has {}, but {} has {}: give one for each band.")
    if is_imagenet:
        mean, std = list(IMAGENET_RGB_MEAN), list(IMAGENET_RGB_STD)
        text = tr(
            "The network has {}, but {} has {} in the normalisation imagenet: give mean and std."
        )
    for name, values in (("mean", mean), ("std", std)):
        if len(values) != bands:
            needed = format_count(bands, "{} band", "{} bands")
            given = format_count(len(values), "{} value", "{} values")
            raise JobError(text.format(needed, name, given))
    return mean, std


def _class_table(job: ImportJob, logits: int) -> ClassTable:
    """The class table; one logit means two classes."""
    needed = 2 if logits == 1 else logits
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
    if job.threshold != -1 and needed > 2:
        raise JobError(
            tr(
                "A threshold ({:g}) chooses between two classes; this network has {}, of which the "
                "most probable wins. Leave it out."
            ).format(job.threshold, needed)
        )
    names = {value: name for value, (name, _) in given.items()}
    return class_table(names, {value: colour for value, (_, colour) in given.items() if colour})


def _build_card(
    job: ImportJob, chosen: Architecture, bands: int, logits: int, classes: ClassTable
) -> Card:
    is_rgb = job.normalisation == "imagenet"
    names = ("red", "green", "blue") if is_rgb else tuple(f"band {n + 1}" for n in range(bands))
    provenance = {
        "engine": engine_version(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "imported": one_line(Path(job.weights).name, MAX_BAND_NAME),
        "imported_sha256": file_hash(job.weights),
        "job": asdict(job),
    }
    return Card(
        architecture=job.architecture,
        encoder=chosen.encoder,
        logits=logits,
        tile_size=job.tile_size,
        image=ImageCard(
            bands,
            names,
            "uint8" if job.maximum == 255 else "float32",
            (0.0,) * bands,
            (job.maximum,) * bands,
            (job.pixel_size, job.pixel_size) if job.pixel_size else (),
            ground=job.pixel_size,
        ),
        auxiliary=AuxiliaryCard(),
        classes=classes,
        threshold=chosen.default_threshold(len(classes)) if job.threshold == -1 else job.threshold,
        provenance=provenance,
    )
