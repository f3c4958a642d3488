"""``train``: labelled scenes become a model file."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from ..compute.devices import Device, choose_device, why_no_gpu
from ..compute.distributed import RankInfo, connect_ranks, disconnect_ranks, gathered
from ..contract.class_table import to_records
from ..contract.errors import JobError
from ..contract.eta import Stopwatch, format_duration
from ..contract.jobs import TrainJob
from ..contract.output_files import lock_output
from ..contract.protocol import Done, Emit, Metric, Progress, Warned
from ..datasets.layouts import default_paste
from ..sampling.band_statistics import measure_scaling
from ..sampling.copy_paste import paste_roles
from ..sampling.survey import Survey, survey
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from ..training.checkpoints import Checkpoints
from ..training.losses import compute_logit_adjustment
from ..training.torchrun_launcher import ALL, count_processes, train_distributed, why_single_process
from ..training.training_card import build_card
from ..training.training_plan import TrainingPlan, training_doubts, training_plan, training_scenes
from ..training.training_run import TrainingRun
from ..training.training_state import TrainingProgress, has_same_step, training_key

#: Share of the progress bar for looking at the data.
_SURVEY_SHARE = 0.03


def train(job: TrainJob, emit: Emit) -> Done:
    """Trains a network and writes the weights that did best in validation as a model file.

    On several devices it is done by as many processes, each of which comes here, see ``distributed``.

    Args:
        job: What to train, on what, to where.
        emit: Callback for progress, metrics and warnings.

    Raises:
        EngineError: If anything does not fit; then no model file is written.
    """
    plan = training_plan(job)
    processes = count_processes(job.device)
    if processes > 1:
        return train_distributed(processes, job, emit)
    with lock_output(job.output) if RankInfo.from_environment().is_main_process else nullcontext():
        done = _train(plan, emit)
        disconnect_ranks()
    return done


def _train(plan: TrainingPlan, emit: Emit) -> Done:
    job, stopwatch = plan.job, Stopwatch()
    device = _device(job, emit)
    torch.manual_seed(job.seed)
    data = _surveyed(plan, emit)
    windows, held_out = _windows(job, data)
    scaling = measure_scaling(job, data)
    roles = paste_roles(default_paste(job, data.classes), data.classes)
    for warning in training_doubts(plan, data, roles):
        emit(Warned(warning))
    counts = data.counts(is_validation=False)
    handicap = compute_logit_adjustment(
        [counts[c.value] for c in data.classes], job.logit_adjustment
    )
    checkpoints = _checkpoints(job, training_key(job, data, scaling), emit)
    card = build_card(plan, data, scaling)
    training_run = TrainingRun(plan, card, scaling, roles, device, checkpoints, handicap)

    def on_progress(share: float, text: str) -> None:
        emit(Progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * share, text))

    return _done(
        job, training_run.run_epochs(windows, held_out, emit, on_progress), device, stopwatch
    )


def _device(job: TrainJob, emit: Emit) -> Device:
    """The device to train on, connected with those of the other processes if there are any."""
    ranks, asked = RankInfo.from_environment(), job.device
    if asked == ALL and not ranks.is_distributed:
        emit(Metric(f"The device all: {why_single_process()}, so it is as auto."))
        asked = "auto"
    device = choose_device(asked, job.precision)
    emit(Metric(f"Training on {device.name} in {device.precision}. {why_no_gpu()}".strip()))
    connect_ranks(ranks, device.torch_device)
    return device


def _surveyed(plan: TrainingPlan, emit: Emit) -> Survey:
    """The training data as found, after telling the user of them."""
    data = survey(
        plan.job,
        training_scenes(plan, emit),
        lambda share: emit(Progress(share * _SURVEY_SHARE, "looking at scenes and labels")),
        streams_share_grid=plan.architecture.streams_share_grid,
    )
    for warning in data.warnings:
        emit(Warned(warning))
    emit(Metric(data.describe(), {"classes": to_records(data.classes)}))
    return data


def _windows(job: TrainJob, data: Survey) -> tuple[TrainingWindows, ValidationWindows]:
    """The windows to learn from and those to validate on."""
    # A batch size that is still to be found must not decide how many windows an epoch has.
    sized = replace(job, batch_size=job.batch_size or TrainJob.batch_size)
    joined = replace(sized, batch_size=sized.batch_size * RankInfo.from_environment().world_size)
    return TrainingWindows(joined, data), ValidationWindows(sized, data)


def _checkpoints(job: TrainJob, key: str, emit: Emit) -> Checkpoints:
    """The checkpoints of this training, and of an earlier one that it goes on with."""
    is_main_process, is_alike = (
        RankInfo.from_environment().is_main_process,
        partial(has_same_step, job=job),
    )
    checkpoints = Checkpoints(job.output, key, job.resume, is_main_process, is_alike)
    if len(set(gathered(checkpoints.epoch))) > 1:
        raise JobError(
            f"The training's processes do not see the same unfinished training of {job.output}: its folder "
            "and the data must be the same files for all of them."
        )
    if checkpoints.discarded_message:
        emit(Warned(checkpoints.discarded_message))
    epoch = checkpoints.epoch
    if epoch:
        text = f"Going on after epoch {epoch} of {job.epochs} of the training before."
        emit(Metric(text, {"epoch": epoch}))
    return checkpoints


def _done(job: TrainJob, at: TrainingProgress, device: Device, stopwatch: Stopwatch) -> Done:
    metrics = at.card.metrics
    resumed = f", going on after epoch {at.resumed}" * bool(at.resumed)
    return Done(
        f"The model {Path(job.output)} reaches mIoU {metrics['miou']:.3f} in validation (epoch "
        f"{metrics['epoch']} of {job.epochs}, the best), after {format_duration(stopwatch.seconds)} on "
        f"{device.name}{resumed}. {at.stop}".rstrip(),
        {
            "output": job.output,
            "miou": metrics["miou"],
            "pixel_accuracy": metrics["pixel_accuracy"],
            "epochs_run": at.epochs,
            "epochs_resumed": at.resumed,
            "batch_size": at.batches.size,
            "accumulation": at.batches.accumulation,
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(stopwatch.seconds, 2),
            "classes": to_records(at.card.classes),
            "metrics": metrics,
        },
    )
