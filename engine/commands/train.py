"""``train``: trains a network on labelled scenes and writes a model file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ..compute.devices import Device, choose_device, why_no_gpu
from ..compute.distributed import RankInfo, all_gather, connect_ranks, disconnect_ranks
from ..contract.class_table import to_records
from ..contract.errors import JobError
from ..contract.eta import Stopwatch, format_duration
from ..contract.jobs import TrainJob
from ..contract.output_files import lock_output
from ..contract.protocol import Done, Emit, Metric, Progress, Warned
from ..contract.translation import tr
from ..datasets.layouts import default_paste
from ..sampling.band_statistics import measure_scaling
from ..sampling.copy_paste import paste_roles
from ..training.checkpoints import Checkpoints
from ..training.class_weights import class_weights
from ..training.class_weights import describe as describe_weights
from ..training.losses import compute_logit_adjustment
from ..training.preparation import prepare, training_windows
from ..training.torchrun_launcher import ALL, count_processes, train_distributed, why_single_process
from ..training.training_card import build_card
from ..training.training_plan import TrainingPlan, training_doubts, training_plan
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
    plan, data = prepare(
        plan,
        device,
        emit,
        lambda share: emit(Progress(share * _SURVEY_SHARE, tr("Looking at scenes and labels"))),
    )
    job = plan.job
    windows, held_out = training_windows(job, data)
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
    # A training of the recipe's epochs that was killed may go on with minutes instead.
    keyed = replace(job, epochs=plan.asked.epochs, patience=plan.asked.patience)
    checkpoints = _checkpoints(job, training_key(keyed, data, scaling), emit)
    card = build_card(plan, data, scaling)
    if plan.start:
        emit(Metric(plan.start.describe(data.classes, scaling)))
    page = report_of(plan)
    told = plan, data, card, scaling, device, warnings, emit
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
        emit(Metric(f"{tr('The device all: auto is used.')} {why_single_process()}"))
        name = "auto"
    device = choose_device(name, job.precision)
    text = tr("Training on {} in {}.").format(device.name, device.precision)
    emit(Metric(f"{text} {why_no_gpu()}".strip()))
    connect_ranks(ranks, device.torch_device)
    return device


def _checkpoints(job: TrainJob, key: str, emit: Emit) -> Checkpoints:
    """The checkpoints of this training, or of an unfinished one that it resumes."""
    is_main_process = RankInfo.from_environment().is_main_process
    is_compatible = partial(has_same_step, job=job)
    checkpoints = Checkpoints(job.output, key, job.resume, is_main_process, is_compatible)
    if len(set(all_gather(checkpoints.epoch))) > 1:
        raise JobError(
            tr(
                "The training's processes do not see the same unfinished training of {}: its folder "
                "and the data must be the same files for all of them."
            ).format(job.output)
        )
    if checkpoints.discarded_message:
        emit(Warned(checkpoints.discarded_message))
    if epoch := checkpoints.epoch:
        text = tr("Going on after epoch {} of {} of the training before.")
        emit(Metric(text.format(epoch, checkpoints.record["epochs"]), {"epoch": epoch}))
    return checkpoints


def _before(result: TrainingProgress) -> dict[str, Any]:
    """The scores of the model from which the training started, on the same validation blocks; empty without any."""
    first = result.history[0] if result.history else {}
    if first.get("epoch") != 0:
        return {}
    return {name: first[name] for name in ("miou", "pixel_accuracy", "iou")}


def _done(
    plan: TrainingPlan,
    result: TrainingProgress,
    device: Device,
    stopwatch: Stopwatch,
    page: Path | None,
) -> Done:
    job, metrics = plan.job, result.card.metrics
    best = tr("epoch {} of {}, the best").format(metrics["epoch"], result.length.epochs)
    if plan.start and not metrics["epoch"]:
        text = tr("the weights of {}: the new labels did not improve it")
        best = text.format(plan.start.name)
    text = (
        tr(
            "The model {} reaches mIoU {:.3f} in validation ({}), after {} on {}, going on after epoch {}."
        )
        if result.resumed
        else tr("The model {} reaches mIoU {:.3f} in validation ({}), after {} on {}.")
    )
    duration = format_duration(stopwatch.seconds)
    numbers = Path(job.output), metrics["miou"], best, duration, device.name, result.resumed
    return Done(
        f"{text.format(*numbers)} {result.stop}".rstrip(),
        {
            "output": job.output,
            "report": str(page) if page and page.exists() else "",
            "miou": metrics["miou"],
            "before": _before(result),
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
