"""The facts of a training for its report: data, split, options, versions, and what was chosen automatically and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..compute.devices import Device
from ..contract.card_summary import describe_bands, describe_ground
from ..contract.encoders import ENCODERS, IMAGENET, NO_WEIGHTS
from ..contract.errors import format_count
from ..contract.jobs import AUTOMATIC, TrainJob
from ..contract.start_record import describe_lineage
from ..contract.translation import tr
from ..planning.training_context import TrainingContext
from ..planning.training_plan import TrainingPlan
from ..reports.training_values import Choice, SceneBlocks, TrainingValues
from ..sampling.survey import Survey
from ..training.training_state import TrainingProgress

#: Fields of a job that name files and say nothing about how it trains.
_FILES = (
    *("image", "auxiliary", "labels", "corrections", "checked", "area", "dataset"),
    *("output", "report", "start", "resume"),
)


def training_facts(context: TrainingContext) -> TrainingValues:
    """The values of the report before the first epoch: what stays the same during a training."""
    plan = context.plan
    data = context.data
    card = context.card
    provenance = card.provenance
    training = data.counts(is_validation=False)
    held_out = data.counts(is_validation=True)
    with_encoder = tr("{} with {}").format(card.architecture, card.encoder)
    processes = format_count(provenance["processes"], "{} process", "{} processes")
    facts = {
        tr("network"): with_encoder if card.encoder else card.architecture,
        tr("device"): f"{context.device.name}, {context.device.precision}, {processes}",
        tr("begun"): provenance["date"].replace("T", " ").replace("+00:00", " UTC"),
        tr("seed"): str(plan.job.seed),
        "DualStream": provenance["engine"],
        "Python, PyTorch": f"{provenance['python']}, {provenance['torch']}",
    }
    return TrainingValues(
        name=Path(plan.job.output).name,
        device=context.device.name,
        classes=data.classes,
        training_pixels=tuple(training.get(entry.value, 0) for entry in data.classes),
        validation_pixels=tuple(held_out.get(entry.value, 0) for entry in data.classes),
        streams=tuple(_describe_streams(data)),
        scenes=_scene_blocks(data),
        options=tuple(_changed_options(plan.asked)),
        facts=tuple(facts.items()),
        lineage=tuple(tr("Started from {}").format(one) for one in describe_lineage(provenance)),
        has_marks=data.has_marks,
    )


def _describe_streams(data: Survey) -> Iterator[str]:
    image = data.image
    facts = [describe_bands(image.bands, image.band_names), image.dtype]
    if image.ground:
        facts.append(describe_ground(image.ground))
    yield tr("Image: {}.").format(", ".join(facts))
    if data.auxiliary.bands:
        stream = data.auxiliary
        yield tr("Auxiliary: {}.").format(describe_bands(stream.bands, stream.band_names))


def _scene_blocks(data: Survey) -> tuple[SceneBlocks, ...]:
    parts: dict[tuple[int, bool], list[tuple[int, int, int, int]]] = defaultdict(list)
    for block in data.blocks:
        window = block.window
        edges = window.row, window.col, window.height, window.width
        parts[block.scene, block.is_validation].append(edges)
    return tuple(
        SceneBlocks(Path(scene.image).stem, tuple(parts[i, False]), tuple(parts[i, True]))
        for i, scene in enumerate(data.scenes)
        if parts[i, False] or parts[i, True]
    )


def _changed_options(asked: TrainJob) -> Iterator[tuple[str, str, str]]:
    """Name, value and default of the options that the user changed."""
    for field in fields(TrainJob):
        value, default = getattr(asked, field.name), field.default
        if field.name not in _FILES and value not in (default, ""):
            yield field.name, _show(value), _show(default)


def _show(value: Any) -> str:
    """A value of an option for people."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or tr("none")
    return f"{value:g}" if isinstance(value, float) else str(value)


def automatic_choices(context: TrainingContext, progress: TrainingProgress) -> tuple[Choice, ...]:
    """The automatic choices, each with its reason.

    Args:
        context: The training.
        progress: Its progress, with length and batches.
    """
    plan, device = context.plan, context.device
    return (
        *_encoder_choices(plan, device),
        *_size_choices(plan, context.data, device),
        *_length_choices(plan, progress, device),
    )


def _encoder_choices(plan: TrainingPlan, device: Device) -> Iterator[Choice]:
    asked = plan.asked
    job = plan.job
    weights = plan.pretrained
    if plan.start:
        return
    info = ENCODERS.get(job.encoder)
    title = f"{info.title} ({job.encoder})" if info else job.encoder
    if asked.encoder in (AUTOMATIC, "") and not plan.architecture.encoder:
        reason = tr("for a GPU") if _has_gpu(device) else tr("for a computer without a GPU")
        yield Choice(tr("encoder"), title, reason)
    if asked.pretrained in (AUTOMATIC, ""):
        if job.pretrained == IMAGENET and weights.origin:
            licence = tr(weights.licence) if weights.licence else tr("licence not known")
            reason = tr("the encoder's own weights, learnt on ImageNet")
            yield Choice(tr("weights"), f"{weights.origin} ({licence})", reason)
        elif job.pretrained == NO_WEIGHTS:
            yield Choice(tr("weights"), tr("random"), tr("no weights could be fetched"))


def _size_choices(plan: TrainingPlan, data: Survey, device: Device) -> Iterator[Choice]:
    asked, job = plan.asked, plan.job
    if not (asked.tile_size or plan.start):
        reason = (
            tr("for a GPU, and no larger than the images")
            if _has_gpu(device)
            else tr("for a computer without a GPU, and no larger than the images")
        )
        yield Choice(tr("tile size"), tr("{} px").format(job.tile_size), reason)
    if data.auxiliary.bands and not asked.auxiliary_tile_size:
        reason = tr("from the resolutions of both streams")
        yield Choice(
            tr("auxiliary tile size"), tr("{} px").format(data.auxiliary_tile_size), reason
        )
    if asked.augmentation in (AUTOMATIC, ""):
        bands = format_count(data.image.bands, "{} band", "{} bands")
        reason = tr("for images with {} of type {}").format(bands, data.image.dtype)
        yield Choice(tr("augmentation"), job.augmentation, reason)


def _length_choices(
    plan: TrainingPlan, progress: TrainingProgress, device: Device
) -> Iterator[Choice]:
    asked, length = plan.asked, progress.length
    if asked.minutes or not asked.epochs:
        windows = format_count(length.windows, "{} tile", "{} tiles")
        if asked.minutes:
            reason = tr("as many as fit into {:g} min at the measured speed").format(asked.minutes)
        elif length.is_fixed:
            reason = tr("the recipe of the network")
        elif _has_gpu(device):
            reason = tr("about as many steps as any training needs on a GPU")
        else:
            reason = tr("about as many steps as any training needs on a computer without a GPU")
        yield Choice(tr("epochs"), tr("{}, each of {}").format(length.epochs, windows), reason)
    if not asked.batch_size:
        reason = tr("as many as fit into the device's memory")
        yield Choice(
            tr("batch size"), format_count(progress.batches.size, "{} tile", "{} tiles"), reason
        )
    chosen = {
        name: getattr(plan.job, name)
        for name in ("loss", "optimizer", "schedule", "learning_rate")
        if getattr(asked, name) in (getattr(TrainJob, name), "")
    }
    if chosen:
        has_preset = asked.preset not in (AUTOMATIC, "")
        reason = (
            tr("the recipe {}").format(asked.preset)
            if has_preset
            else tr("the recipe of {}").format(plan.job.architecture)
        )
        value = ", ".join(f"{name} {_show(value)}" for name, value in chosen.items())
        yield Choice(tr("recipe"), value, reason)


def _has_gpu(device: Device) -> bool:
    return device.kind != "cpu"
