"""``train``: trains a network on labelled scenes and writes a model file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import torch

from ..assessment.fold_results import finish_folds
from ..assessment.fold_training import (
    FoldEvents,
    FoldResult,
    FoldsResult,
    finished_fold,
    fold_doubts,
    fold_of,
)
from ..assessment.pixel_baseline import learn_pixels, with_baseline
from ..assessment.publication import publish
from ..assessment.training_report import TrainingReport
from ..compute.devices import Device
from ..compute.distributed import all_gather, connect_ranks, disconnect_ranks
from ..compute.eta import Stopwatch, format_duration
from ..compute.gpus import why_no_gpu
from ..compute.memory import free_cached_memory
from ..compute.rank_info import RankInfo
from ..compute.torchrun_launcher import ALL, count_processes, train_distributed, why_single_process
from ..contract.changed_options import options_record, refuse_other_options
from ..contract.class_table import to_records
from ..contract.clean_up import CleanUp
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.output_files import lock_output
from ..contract.protocol import Done, Emit, Metric, Progress, Warned, keep_warnings
from ..contract.training_files import has_folds, written_models
from ..contract.translation import tr
from ..planning.training_context import SurveyedJob, TrainingContext, survey_job
from ..planning.training_device import training_device
from ..planning.training_plan import TrainingPlan, training_plan
from ..scores.score_interval import miou_interval
from ..training.checkpoints import Checkpoints
from ..training.epoch_loop import DivergedError
from ..training.training_end import PREPARED_FROM
from ..training.training_run import TrainingRun
from ..training.training_state import TrainingProgress, has_same_step

#: Share of the progress for the survey of the data.
_SURVEY_SHARE = 0.03

#: The share of the end of a training after which its model is written.
_PUBLISHED = 0.9

Clock = Callable[[], float]
OnProgress = Callable[[float, str], None]


def train(job: TrainJob, emit: Emit, clock: Clock | None = None) -> Done:
    """Trains a network and writes the weights of its last epoch, or of a better one, as a model file.

    For several devices it starts one process per device, each of which calls this function, see ``distributed``.

    Args:
        job: The job.
        emit: Callback for events.
        clock: Returns a time in seconds that only increases; by default the machine's.

    Raises:
        EngineError: If the job or the data are wrong; then no model file is written.
    """
    ranks = RankInfo.from_environment()
    refuse_other_options(job)
    plan = training_plan(job, ranks)
    processes = count_processes(job.device)
    if processes > 1:
        return train_distributed(processes, job, emit)
    with lock_output(job.output) if ranks.is_main_process else nullcontext():
        done = _train(plan, ranks, emit, clock)
        disconnect_ranks()
        seconds = 60 * job.minutes or done.outputs["seconds"]
        if ranks.is_main_process and seconds >= PREPARED_FROM:
            from ..runtimes.onnx_export import prepare_model  # loads the exporter

            for model in written_models(job):
                prepare_model(str(model), emit)
    return done


def _train(plan: TrainingPlan, ranks: RankInfo, emit: Emit, clock: Clock | None) -> Done:
    stopwatch = Stopwatch(clock=clock)
    warnings: list[str] = []
    emit = keep_warnings(emit, warnings)

    def on_survey(share: float) -> None:
        emit(Progress(share * _SURVEY_SHARE, tr("Looking at scenes and labels")))

    def on_progress(share: float, text: str) -> None:
        emit(Progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * share, text))

    surveyed = survey_job(
        plan=plan,
        device=_choose_device(plan, ranks, emit),
        ranks=ranks,
        emit=emit,
        warnings=warnings,
        on_survey=on_survey,
    )
    if has_folds(plan.job):
        return _train_folds(surveyed, stopwatch, clock, on_progress)
    context = TrainingContext.of(surveyed)
    progress = _train_model(context, stopwatch, on_progress)
    return _done(context, progress, stopwatch)


def _choose_device(plan: TrainingPlan, ranks: RankInfo, emit: Emit) -> Device:
    """Chooses the device to train on and connects the processes of a distributed training."""
    name = plan.job.device
    if name == ALL and not ranks.is_distributed:
        emit(Metric(f"{tr('The device all: auto is used.')} {why_single_process()}"))
        name = "auto"
    device = training_device(plan, name, ranks)
    text = tr("Training on {} in {}.").format(device.name, device.precision)
    emit(Metric(f"{text} {why_no_gpu()}".strip()))
    connect_ranks(ranks, device.torch_device)
    return device


def _train_model(
    context: TrainingContext, stopwatch: Stopwatch, on_progress: OnProgress
) -> TrainingProgress:
    """Trains one network, or resumes its unfinished training, and writes its model file and the page about it."""
    checkpoints = _open_checkpoints(context)
    if context.plan.start:
        text = context.plan.start.describe(context.data.classes, context.scaling)
        context.emit(Metric(text))
    report = TrainingReport(context.page, context) if context.page else None
    classifier = None
    if context.job.baseline and context.ranks.is_main_process:
        # Before the length is planned for given minutes, so the plan knows how long this took.
        on_progress(0.0, tr("Training a pixel classifier, for comparison"))
        classifier = learn_pixels(context.job, context.data)
    run = TrainingRun(context, checkpoints, stopwatch, on_progress)
    with _report_interruption(context, checkpoints, report):
        trained = run.run(on_epoch=report.on_epoch) if report else run.run()
        progress = with_baseline(
            trained.progress, classifier, trained.held_out, context.job, context.emit
        )
        progress = publish(context, checkpoints, trained, progress)
    if report:
        trained.reporter.finish(_PUBLISHED, tr("Writing the report"))
        report.finish(progress, trained)
    trained.reporter.finish(1.0, tr("The model is written"))
    return progress


def _open_checkpoints(context: TrainingContext) -> Checkpoints:
    """The checkpoints of a training, or of an unfinished one that it resumes."""
    job = context.job
    checkpoints = Checkpoints(
        output=job.output,
        key=context.key(),
        resume=job.resume,
        writes=context.ranks.is_main_process,
        is_alike=partial(has_same_step, job=job),
        options=options_record(context.plan.asked),
    )
    if len(set(all_gather(checkpoints.epoch))) > 1:
        raise JobError(
            tr(
                "The training's processes do not see the same unfinished training of {}: its folder "
                "and the data must be the same files for all of them."
            ).format(job.output)
        )
    if checkpoints.discarded_message:
        context.emit(Warned(checkpoints.discarded_message))
    if epoch := checkpoints.epoch:
        text = tr("Resuming after epoch {} of {}.")
        context.emit(Metric(text.format(epoch, checkpoints.record["epochs"]), {"epoch": epoch}))
    return checkpoints


@contextmanager
def _report_interruption(
    context: TrainingContext, checkpoints: Checkpoints, report: TrainingReport | None
) -> Iterator[None]:
    """Reports the finished epochs of an interrupted training."""

    def report_kept(error: BaseException) -> None:
        if report:
            report.interrupt()
        # A diverged training would diverge again.
        if checkpoints.epoch and not isinstance(error, DivergedError):
            context.emit(Warned(checkpoints.kept_message(context.job.resume)))

    try:
        yield
    except BaseException as error:
        with CleanUp(partial(report_kept, error)):
            raise


def _train_folds(
    surveyed: SurveyedJob, stopwatch: Stopwatch, clock: Clock | None, on_progress: OnProgress
) -> Done:
    """Trains the models of all folds that are not finished yet, and writes the ensemble file."""
    job = surveyed.job
    for doubt in fold_doubts(surveyed.plan, surveyed.data):
        surveyed.emit(Warned(doubt))
    results = []
    for fold in range(1, job.folds + 1):
        events = FoldEvents(fold, job.folds, surveyed.warnings, surveyed.emit, on_progress)
        torch.manual_seed(job.seed)  # so that a fold does not depend on the folds before it
        context = TrainingContext.of(fold_of(surveyed, fold, events.emit))
        results.append(_train_fold(context, Stopwatch(clock=clock), events.on_progress))
        # The next fold finds as much memory as the first, for batches of the same size.
        free_cached_memory(surveyed.device.torch_device)
    done = FoldsResult.of(results, surveyed.data)
    if surveyed.ranks.is_main_process:
        done.write(job.output)
    return finish_folds(surveyed, done, stopwatch)


def _train_fold(
    context: TrainingContext, stopwatch: Stopwatch, on_progress: OnProgress
) -> FoldResult:
    """The model of a fold, trained now or by an earlier run that was stopped."""
    finished = finished_fold(context)
    if finished:
        context.emit(Metric(tr("Kept from the training before.")))
        on_progress(1.0, tr("Kept from the training before."))
        return finished
    progress = _train_model(context, stopwatch, on_progress)
    result = FoldResult.of(context, progress)
    context.emit(Metric(result.sentence))
    return result


def _compared(progress: TrainingProgress) -> dict[str, Any]:
    """Scores of the model from which the training started and of the kept epoch, both before calibration and on the
    same validation blocks; empty if the start was not scored.
    """
    scored = {epoch["epoch"]: epoch for epoch in progress.history}
    if 0 not in scored:
        return {"before": {}, "after": {}}
    both = {"before": scored[0], "after": scored[progress.card.metrics["epoch"]]}
    names = ("miou", "pixel_accuracy", "iou")
    return {key: {name: epoch[name] for name in names} for key, epoch in both.items()}


def _done(context: TrainingContext, progress: TrainingProgress, stopwatch: Stopwatch) -> Done:
    device = context.device
    page = context.page
    metrics, batches = progress.card.metrics, progress.batches
    return Done(
        _result_message(context, progress, stopwatch),
        {
            "output": context.job.output,
            "report": str(page) if page and page.exists() else "",
            "miou": metrics["miou"],
            **_compared(progress),
            "pixel_accuracy": metrics["pixel_accuracy"],
            "epochs_run": progress.epochs,
            "epochs_resumed": progress.resumed,
            "batch_size": batches.size,
            "accumulation": batches.accumulation,
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(stopwatch.seconds, 2),
            "classes": to_records(progress.card.classes),
            "metrics": metrics,
        },
    )


def _result_message(
    context: TrainingContext, progress: TrainingProgress, stopwatch: Stopwatch
) -> str:
    start, metrics = context.plan.start, progress.card.metrics
    best = tr("epoch {} of {}").format(metrics["epoch"], progress.length.epochs)
    if start and not metrics["epoch"]:
        text = tr("the weights of {}: the new labels did not improve it")
        best = text.format(start.name)
    text = (
        tr(
            "The model {} reaches mIoU {:.3f} in validation ({}), after {} on {}, resumed after epoch {}."
        )
        if progress.resumed
        else tr("The model {} reaches mIoU {:.3f} in validation ({}), after {} on {}.")
    )
    message = text.format(
        context.job.output,
        metrics["miou"],
        best,
        format_duration(stopwatch.seconds),
        context.device.name,
        progress.resumed,
    )
    if context.data.has_marks:
        marked = tr(
            "Marked pixels on which the score rests: {:,} (95 % interval {:.2f} to {:.2f})."
        )
        interval = miou_interval(metrics["confusion"])
        if interval:
            message = f"{message} {marked.format(metrics['pixels'], interval.low, interval.high)}"
    return f"{message} {progress.stop}".rstrip()
