"""``plan``: shows what a training would learn from, what automatic would choose, and about how long it would take."""

from __future__ import annotations

import tempfile
import time
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from torch import nn

from ..compute.devices import Device
from ..compute.eta import Stopwatch, format_duration
from ..compute.rank_info import SINGLE_PROCESS
from ..compute.torchrun_launcher import ALL
from ..contract.card_summary import describe_ground
from ..contract.class_table import to_records
from ..contract.encoders import ENCODERS, NO_WEIGHTS
from ..contract.errors import format_count, join_names
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.protocol import Done, Emit, Metric, Progress, Warned
from ..contract.training_files import has_folds
from ..contract.translation import tr
from ..planning.training_card import build_card
from ..planning.training_context import SurveyedJob, survey_job
from ..planning.training_device import training_device
from ..planning.training_length import FORWARD_SHARE, Speed
from ..planning.training_plan import TrainingPlan, training_plan
from ..rasters.raster import open_image
from ..sampling.band_statistics import Scaling
from ..sampling.copy_paste import PasteRoles
from ..sampling.spatial_folds import hold_out
from ..sampling.survey import Survey
from ..sampling.training_streams import Stream
from ..training.batch_size import TrialStep
from ..training.initial_network import build_initial_network
from ..training.trainer import accelerator_for, place_network
from ..training.training_end import TrainingEnd
from ..training.training_pace import Estimate
from ..training.training_time import TrainingTime

#: Number of classes that the sentence names.
_NAMED_CLASSES = 6


def plan(job: TrainJob, emit: Emit) -> Done:
    """Looks at the data of a training as ``train`` does before its first epoch; writes and downloads nothing.

    Args:
        job: The job of the training; its output may be empty.
        emit: Callback for events.

    Raises:
        EngineError: If the training could not begin.
    """
    stopwatch = Stopwatch()
    name = "model.json" if has_folds(job) else "model.safetensors"
    nowhere = Path(tempfile.gettempdir(), f"dualstream-{uuid.uuid4().hex}", name)
    checked = training_plan(replace(job, output=job.output or str(nowhere)))
    device = training_device(checked, "auto" if job.device == ALL else job.device)
    surveyed = survey_job(
        plan=checked,
        device=device,
        ranks=SINGLE_PROCESS,
        emit=lambda event: emit(event) if isinstance(event, Warned) else None,
        warnings=(),
        on_survey=lambda share: emit(Progress(share / 2, tr("Looking at scenes and labels"))),
        may_fetch=False,
    )
    chosen, data = surveyed.plan, surveyed.data
    text = f"{_describe_streams(data)} {_describe_classes(data)} {_describe_choices(chosen)}"
    emit(Metric(text))  # measuring takes longer than looking
    seconds = _estimate_seconds(surveyed, stopwatch, emit)
    return Done(
        f"{text} {_describe_time(seconds, device)}",
        {
            "image_bands": data.image.bands,
            "auxiliary_bands": data.auxiliary.bands,
            "classes": to_records(data.classes),
            "tile_size": chosen.job.tile_size,
            "encoder": chosen.job.encoder,
            "pretrained": chosen.pretrained.origin,
            "device": device.name,
            "seconds": round(seconds, 1),
        },
    )


def _estimate_seconds(surveyed: SurveyedJob, stopwatch: Stopwatch, emit: Emit) -> float:
    """Seconds of the whole training, from the time of a step on synthetic windows; warns if the given minutes are few."""
    models = surveyed.job.folds if has_folds(surveyed.job) else 1
    one = _one_model(surveyed, models)
    network, card, scaling = _network_to_time(one)
    windows, held_out = one.windows()
    training = TrainingTime(
        job=one.job,
        windows=windows,
        held_out=held_out,
        device=one.device,
        ranks=one.ranks,
        stopwatch=stopwatch,
        emit=lambda _: None,
        end=TrainingEnd.of(one.job, network, card, len(held_out) if models > 1 else 0),
    )
    size = one.job.batch_size or TrainJob.batch_size
    batch = _batch_seconds(one, network, card, scaling, size)
    step = batch * one.job.accumulation
    tile = batch * FORWARD_SHARE / size
    if surveyed.job.minutes:
        least, short = training.foresee(Speed(step, tile))
        return _given_seconds(60 * surveyed.job.minutes, models * least, short, emit)
    length = training.first_length()
    estimate = Estimate(
        length=length,
        steps=-(-length.windows // (size * one.job.accumulation)),
        step=step,
        validation=tile * length.tiles,
        spent=0.0,
        finished=0.0,
        end=training.end_seconds(length, tile),
    )
    return models * estimate.left


def _one_model(surveyed: SurveyedJob, models: int) -> SurveyedJob:
    """The training of the first of ``models``, with random weights: a step takes the same time with any weights."""
    data = surveyed.data
    if models > 1:
        data = replace(data, blocks=hold_out(data.blocks, 1))
    job = replace(surveyed.job, pretrained=NO_WEIGHTS, minutes=surveyed.job.minutes / models)
    return replace(surveyed, plan=replace(surveyed.plan, job=job, start=None), data=data)


def _network_to_time(surveyed: SurveyedJob) -> tuple[nn.Module, Card, Scaling]:
    """The network on its device, its card, and a scaling of any values: a step takes the same time with all of them."""
    image, auxiliary = surveyed.data.image.bands, surveyed.data.auxiliary.bands
    scaling = Scaling((0.0,) * image, (1.0,) * image, (0.0,) * auxiliary, (1.0,) * auxiliary)
    card = build_card(surveyed.plan, surveyed.data, scaling, surveyed.ranks)
    network = build_initial_network(surveyed.plan, card, scaling)
    place_network(network, surveyed.device)
    return network, card, scaling


def _batch_seconds(
    surveyed: SurveyedJob, network: nn.Module, card: Card, scaling: Scaling, size: int
) -> float:
    """The measured time of a forward and a backward pass of ``size`` windows, s."""
    trial = TrialStep(
        model=network,
        job=surveyed.job,
        card=card,
        loss=surveyed.plan.loss.build(card.logits),
        augment=surveyed.plan.augmentation.build(scaling, PasteRoles()),
        autocast=accelerator_for(surveyed.device).autocast,
    )
    trial(size)  # the first is several times slower than the others
    begun = time.monotonic()
    trial(size)
    return time.monotonic() - begun


def _given_seconds(given: float, least: float, short: str, emit: Emit) -> float:
    """Seconds of a training for a given time; warns if that is below the least, or if few steps fit into it."""
    if least > given:
        text = tr("These data need about {} at least on this computer.")
        emit(Warned(text.format(format_duration(least))))
    if short:
        emit(Warned(short))
    return max(given, least)


def _describe_streams(data: Survey) -> str:
    with open_image(data.scenes[0].image, data.scenes[0].image_bands) as image:
        grid = image.grid
    count, stream = len(data.scenes), data.image
    facts = [f"{grid.width} x {grid.height} px", _describe_bands(stream), stream.dtype]
    if stream.ground:
        facts.insert(1, describe_ground(stream.ground))
    first = ", ".join(facts)
    images = (
        tr("Image: {}.").format(first)
        if count == 1
        else tr("{} images, the first: {}.").format(count, first)
    )
    if not data.auxiliary.bands:
        return f"{images} {tr('No auxiliary rasters.')}"
    return f"{images} {tr('Auxiliary rasters: {}.').format(_describe_bands(data.auxiliary))}"


def _describe_bands(stream: Stream) -> str:
    return format_count(stream.bands, "{} band", "{} bands")


def _describe_classes(data: Survey) -> str:
    train, held_out = data.counts(False), data.counts(True)
    parts = [
        f"{entry.name} ({train.get(entry.value, 0) + held_out.get(entry.value, 0):,} px)"
        for entry in data.classes
    ]
    count = format_count(len(parts), "{} class", "{} classes")
    return f"{count}: {join_names(parts, _NAMED_CLASSES)}."


def _describe_choices(plan: TrainingPlan) -> str:
    job, info = plan.job, ENCODERS.get(plan.job.encoder)
    text, origin = tr("Tiles of {} px; encoder {} with random weights."), plan.pretrained.origin
    if plan.start:
        text, origin = tr("Tiles of {} px; encoder {} with the weights of {}."), plan.start.name
    elif origin:
        text = tr("Tiles of {} px; encoder {} with the weights {}.")
    text = text.format(job.tile_size, info.title if info else job.encoder, origin)
    return (
        f"{text} {tr('One model for each of {} folds.').format(job.folds)}"
        if has_folds(job)
        else text
    )


def _describe_time(seconds: float, device: Device) -> str:
    end = datetime.now() + timedelta(seconds=seconds)
    day = "%H:%M" if end.date() == datetime.now().date() else "%Y-%m-%d %H:%M"
    text = tr("About {} on {}, until {} if it begins now.")
    return text.format(format_duration(seconds), device.name, f"{end:{day}}")
