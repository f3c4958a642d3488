"""``train``: trains a network on labelled scenes and writes a model file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ..compute.devices import Device
from ..compute.distributed import connect_ranks, disconnect_ranks
from ..compute.eta import Stopwatch, format_duration
from ..compute.gpus import why_no_gpu
from ..compute.rank_info import RankInfo
from ..compute.torchrun_launcher import ALL, count_processes, train_distributed, why_single_process
from ..contract.class_table import to_records
from ..contract.fold_files import has_folds, written_models
from ..contract.jobs import TrainJob
from ..contract.output_files import lock_output
from ..contract.protocol import Done, Emit, Metric, Progress
from ..contract.translation import tr
from ..training.fold_results import finish_folds
from ..training.fold_training import train_folds
from ..training.model_training import ModelTraining
from ..training.preparation import prepare
from ..training.training_device import training_device
from ..training.training_end import PREPARED_FROM
from ..training.training_plan import TrainingPlan, training_plan
from ..training.training_report import keep_warnings, report_of
from ..training.training_state import TrainingProgress

#: Share of the progress for the survey of the data.
_SURVEY_SHARE = 0.03


def train(job: TrainJob, emit: Emit, clock: Callable[[], float] | None = None) -> Done:
    """Trains a network and writes the weights of its last epoch, or of a better one, as a model file.

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
        done = _train(plan, emit, clock)
        disconnect_ranks()
        seconds = 60 * job.minutes or done.outputs["seconds"]
        if RankInfo.from_environment().is_main_process and seconds > PREPARED_FROM:
            from ..runtimes.onnx_export import prepare_model  # loads the exporter

            for model in written_models(job):
                prepare_model(str(model), emit)
    return done


def _train(plan: TrainingPlan, emit: Emit, clock: Callable[[], float] | None) -> Done:
    stopwatch = Stopwatch(clock=clock)
    warnings: list[str] = []
    emit = keep_warnings(emit, warnings)
    device = _choose_device(plan, emit)
    plan, data = prepare(
        plan,
        device,
        emit,
        lambda share: emit(Progress(share * _SURVEY_SHARE, tr("Looking at scenes and labels"))),
    )

    def on_progress(share: float, text: str) -> None:
        emit(Progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * share, text))

    told = plan, data, device, warnings, emit
    if has_folds(plan.job):
        return finish_folds(*told, train_folds(*told, clock, on_progress), stopwatch)
    result = ModelTraining(*told).run(stopwatch, on_progress)
    return _done(plan, result, device, stopwatch, report_of(plan))


def _choose_device(plan: TrainingPlan, emit: Emit) -> Device:
    """Chooses the device to train on and connects the processes of a distributed training."""
    ranks, name = RankInfo.from_environment(), plan.job.device
    if name == ALL and not ranks.is_distributed:
        emit(Metric(f"{tr('The device all: auto is used.')} {why_single_process()}"))
        name = "auto"
    device = training_device(plan, name)
    text = tr("Training on {} in {}.").format(device.name, device.precision)
    emit(Metric(f"{text} {why_no_gpu()}".strip()))
    connect_ranks(ranks, device.torch_device)
    return device


def _compared(result: TrainingProgress) -> dict[str, Any]:
    """Scores of the model from which the training started and of the kept epoch, both before calibration and on the
    same validation blocks; empty if the start was not scored.
    """
    scored = {epoch["epoch"]: epoch for epoch in result.history}
    if 0 not in scored:
        return {"before": {}, "after": {}}
    both = {"before": scored[0], "after": scored[result.card.metrics["epoch"]]}
    names = "miou", "pixel_accuracy", "iou"
    return {key: {name: epoch[name] for name in names} for key, epoch in both.items()}


def _done(
    plan: TrainingPlan,
    result: TrainingProgress,
    device: Device,
    stopwatch: Stopwatch,
    page: Path | None,
) -> Done:
    job, metrics = plan.job, result.card.metrics
    best = tr("epoch {} of {}").format(metrics["epoch"], result.length.epochs)
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
            **_compared(result),
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
