"""``train``: trains a network on labelled scenes and writes a model file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from ..compute.devices import Device, choose_device, why_no_gpu
from ..compute.distributed import RankInfo, all_gather, connect_ranks, disconnect_ranks
from ..contract.class_table import to_records
from ..contract.errors import JobError
from ..contract.eta import Stopwatch, format_duration
from ..contract.jobs import TrainJob
from ..contract.output_files import lock_output
from ..contract.protocol import Done, Emit, Metric, Progress, Warned
from ..contract.scene import Scene
from ..datasets.layouts import default_paste
from ..sampling.band_statistics import measure_scaling
from ..sampling.copy_paste import paste_roles
from ..sampling.survey import Survey, survey
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from ..training.automatic_choices import choices_record, with_earlier_choices
from ..training.checkpoints import Checkpoints
from ..training.class_weights import class_weights
from ..training.class_weights import describe as describe_weights
from ..training.losses import compute_logit_adjustment
from ..training.pretraining import choose_encoder, tell_licence
from ..training.torchrun_launcher import ALL, count_processes, train_distributed, why_single_process
from ..training.training_card import build_card
from ..training.training_plan import (
    TrainingPlan,
    training_doubts,
    training_plan,
    training_scenes,
    with_augmentation,
    with_tile_size,
)
from ..training.training_report import TrainingReport, keep_warnings, report_of
from ..training.training_run import TrainingRun
from ..training.training_state import TrainingProgress, has_same_step, training_key

#: Share of the progress for the survey of the data.
_SURVEY_SHARE = 0.03


def train(job: TrainJob, emit: Emit, clock: Callable[[], float] | None = None) -> Done:
    """Trains a network and writes the weights with the best validation score as a model file.

    For several devices it starts one process per device, each of which calls this function, see ``distributed``.

    Args:
        job: The job.
        emit: Callback for events.
        clock: Returns a time in seconds that only increases; by default the machine's.

    Raises:
        EngineError: If the job or the data are wrong; then no model file is written.
    """
    plan = training_plan(job)
    processes = count_processes(job.device)
    if processes > 1:
        return train_distributed(processes, job, emit)
    with lock_output(job.output) if RankInfo.from_environment().is_main_process else nullcontext():
        done = _train(plan, emit, Stopwatch(clock=clock))
        disconnect_ranks()
    return done


def _train(plan: TrainingPlan, emit: Emit, stopwatch: Stopwatch) -> Done:
    warnings: list[str] = []
    emit = keep_warnings(emit, warnings)
    device = _choose_device(plan.job, emit)
    has_gpu, asked = device.torch_device.type != "cpu", plan.job
    plan = with_earlier_choices(plan)
    if plan.start:
        tell_licence(plan.pretrained, emit)
    else:
        job, pretrained = all_gather(choose_encoder(plan.job, plan.architecture, has_gpu, emit))[0]
        plan = replace(plan, job=job, pretrained=pretrained)
    scenes = training_scenes(plan, emit)
    plan = with_tile_size(plan, scenes, has_gpu, emit)
    torch.manual_seed(plan.job.seed)
    data = _survey(plan, scenes, emit)
    plan = with_augmentation(plan, data, emit)
    job = plan.job
    plan = replace(plan, choices=choices_record(asked, job))
    windows, held_out = _windows(job, data)
    scaling = measure_scaling(job, data)
    if plan.start:
        scaling = plan.start.choose_scaling(scaling)
    roles = paste_roles(default_paste(job, data.classes), data.classes)
    for warning in training_doubts(plan, data, roles):
        emit(Warned(warning))
    counts = [data.counts(is_validation=False)[c.value] for c in data.classes]
    adjustment = compute_logit_adjustment(counts, job.logit_adjustment)
    weights = class_weights(job.class_weights, data.classes, counts)
    if weights:
        emit(Metric(describe_weights(weights, data.classes)))
    checkpoints = _checkpoints(job, training_key(job, data, scaling), emit)
    card = build_card(plan, data, scaling)
    if plan.start:
        emit(Metric(plan.start.describe(data.classes, scaling)))
    page = report_of(plan)
    told = plan, data, card, device, warnings, emit
    report = TrainingReport(page, *told) if page else None
    run = TrainingRun(
        plan, card, scaling, roles, device, checkpoints, adjustment, weights, stopwatch, report
    )

    def on_progress(share: float, text: str) -> None:
        emit(Progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * share, text))

    result = run.run_epochs(windows, held_out, emit, on_progress)
    return _done(plan, result, device, stopwatch, page)


def _choose_device(job: TrainJob, emit: Emit) -> Device:
    """Chooses the device to train on and connects the processes of a distributed training."""
    ranks, name = RankInfo.from_environment(), job.device
    if name == ALL and not ranks.is_distributed:
        emit(Metric(f"The device all: {why_single_process()}, so auto is used."))
        name = "auto"
    device = choose_device(name, job.precision)
    emit(Metric(f"Training on {device.name} in {device.precision}. {why_no_gpu()}".strip()))
    connect_ranks(ranks, device.torch_device)
    return device


def _survey(plan: TrainingPlan, scenes: list[Scene], emit: Emit) -> Survey:
    """Surveys the training data and emits its description."""
    data = survey(
        plan.job,
        scenes,
        lambda share: emit(Progress(share * _SURVEY_SHARE, "Looking at scenes and labels")),
        streams_share_grid=plan.architecture.streams_share_grid,
    )
    if plan.start:
        plan.start.check_streams(data)
    for warning in data.warnings:
        emit(Warned(warning))
    emit(Metric(data.describe(), {"classes": to_records(data.classes)}))
    return data


def _windows(job: TrainJob, data: Survey) -> tuple[TrainingWindows, ValidationWindows]:
    """The windows for training and for validation."""
    # With the default if the batch size is automatic: the number of windows per epoch must not depend on the device.
    local = replace(job, batch_size=job.batch_size or TrainJob.batch_size)
    total = replace(local, batch_size=local.batch_size * RankInfo.from_environment().world_size)
    return TrainingWindows(total, data), ValidationWindows(local, data)


def _checkpoints(job: TrainJob, key: str, emit: Emit) -> Checkpoints:
    """The checkpoints of this training, or of an unfinished one that it resumes."""
    is_main_process = RankInfo.from_environment().is_main_process
    is_compatible = partial(has_same_step, job=job)
    checkpoints = Checkpoints(job.output, key, job.resume, is_main_process, is_compatible)
    if len(set(all_gather(checkpoints.epoch))) > 1:
        raise JobError(
            f"The training's processes do not see the same unfinished training of {job.output}: its folder "
            "and the data must be the same files for all of them."
        )
    if checkpoints.discarded_message:
        emit(Warned(checkpoints.discarded_message))
    if epoch := checkpoints.epoch:
        text = f"Going on after epoch {epoch} of {checkpoints.record['epochs']} of the training before."
        emit(Metric(text, {"epoch": epoch}))
    return checkpoints


def _done(
    plan: TrainingPlan,
    result: TrainingProgress,
    device: Device,
    stopwatch: Stopwatch,
    page: Path | None,
) -> Done:
    job, metrics = plan.job, result.card.metrics
    resumed = f", going on after epoch {result.resumed}" * bool(result.resumed)
    best = f"epoch {metrics['epoch']} of {result.length.epochs}, the best"
    if plan.start and not metrics["epoch"]:
        best = f"the weights of {plan.start.name}: the new labels did not improve it"
    return Done(
        f"The model {Path(job.output)} reaches mIoU {metrics['miou']:.3f} in validation ({best}), after "
        f"{format_duration(stopwatch.seconds)} on {device.name}{resumed}. {result.stop}".rstrip(),
        {
            "output": job.output,
            "report": str(page) if page and page.exists() else "",
            "miou": metrics["miou"],
            "pixel_accuracy": metrics["pixel_accuracy"],
            "epochs_run": result.epochs,
            "epochs_resumed": result.resumed,
            "batch_size": result.batches.size,
            "accumulation": result.batches.accumulation,
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(stopwatch.seconds, 2),
            "classes": to_records(result.card.classes),
            "metrics": metrics,
        },
    )
