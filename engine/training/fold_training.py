"""A training in folds: one model for each fold of the labelled area, and an ensemble file that names them all.

The folds are trained one after another, each as a training of its own that holds out its fold. A model that is finished
waits in a folder until all are, see ``fold_files``; a run that was stopped keeps it, and goes on with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..compute.devices import Device
from ..compute.eta import Stopwatch
from ..compute.memory import free_cached_memory
from ..compute.rank_info import RankInfo
from ..contract.checkpoint_files import (
    NO_REPORT,
    checkpoint_folder,
    history_path,
    read_training_record,
    report_path,
    visuals_folder,
)
from ..contract.ensemble_file import write_ensemble
from ..contract.errors import JobError
from ..contract.file_replacement import discard_empty_folder, discard_folder, replace_file
from ..contract.fold_files import (
    finished_model,
    fold_folder,
    fold_model,
    unfinished_models,
    waiting_ensemble,
)
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.output_files import write_error_message
from ..contract.protocol import Emit, Event, Metric, Warned, replace_non_finite
from ..contract.translation import tr
from ..sampling.spatial_folds import hold_out
from ..sampling.survey import Survey
from .earlier_folds import set_aside_other_folds
from .metrics import MAX_KEPT_CLASSES, Scores
from .model_training import ModelTraining
from .out_of_fold import FOLD, OUT_OF_FOLD, finished_card, pooled_scores
from .training_plan import TrainingPlan

OnProgress = Callable[[float, str], None]


@dataclass(frozen=True)
class FoldResult:
    """The model of one fold.

    Attributes:
        model: Its file.
        card: Its card, with the scores on its fold.
        resumed: Epochs that earlier runs finished.
    """

    model: Path
    card: Card
    resumed: int

    @property
    def epochs(self) -> int:
        """Finished epochs of all runs."""
        return int(self.card.provenance[FOLD]["epochs"])

    @property
    def scores(self) -> dict[str, Any]:
        """The scores on the fold, see ``confusion.Scores.as_dict``."""
        scores: dict[str, Any] = self.card.metrics[OUT_OF_FOLD]
        return scores


@dataclass(frozen=True)
class FoldsResult:
    """All models of a training in folds.

    Attributes:
        folds: The models, in the order of the folds.
        scores: The scores over the pixels of all folds.
        labelled: Labelled pixels, with those that are in no fold.
    """

    folds: tuple[FoldResult, ...]
    scores: Scores
    labelled: int

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return [entry.name for entry in self.folds[0].card.classes]

    def record(self) -> dict[str, Any]:
        """The scores in JSON types: over all folds by name, and those of each model."""
        each = [
            {"model": fold.model.name, **{n: v for n, v in fold.scores.items() if n != "confusion"}}
            for fold in self.folds
        ]
        record = {
            **self.scores.as_dict(self.classes),
            "labelled_pixels": self.labelled,
            "folds": each,
        }
        found: dict[str, Any] = replace_non_finite(record)
        return found


def train_folds(
    plan: TrainingPlan,
    data: Survey,
    device: Device,
    warnings: list[str],
    emit: Emit,
    clock: Callable[[], float] | None,
    on_progress: OnProgress,
) -> FoldsResult:
    """Trains the models of all folds that are not finished yet, and writes the ensemble file.

    Args:
        plan: The job with its choices.
        data: Its data, with the folds of their blocks.
        device: The device.
        warnings: The warnings so far; later ones are added by their owner.
        emit: Callback for events.
        clock: Returns a time in seconds that only increases; None: the machine's.
        on_progress: Callback for the finished share of all folds and a text.

    Raises:
        EngineError: If a training fails, or a file cannot be written.
    """
    if len(data.classes) > MAX_KEPT_CLASSES:
        raise JobError(
            tr(
                "Folds are for at most {} classes, and the labels have {}: leave the folds out."
            ).format(MAX_KEPT_CLASSES, len(data.classes))
        )
    for doubt in _doubts(plan):
        emit(Warned(doubt))
    results = []
    for fold in range(1, plan.job.folds + 1):
        told = _FoldEvents(fold, plan.job.folds, warnings, emit, on_progress)
        results.append(_train_fold(plan, data, device, fold, told, Stopwatch(clock=clock)))
        # The next fold finds as much memory as the first, for batches of the same size.
        free_cached_memory(device.torch_device)
    labelled = sum(block.labelled for block in data.blocks)
    scores = pooled_scores([result.card for result in results])
    done = FoldsResult(tuple(results), scores, labelled)
    if RankInfo.from_environment().is_main_process:
        _finish(plan.job.output, done)
    return done


def _doubts(plan: TrainingPlan) -> Iterator[str]:
    """Warnings about options that do not go well with folds."""
    share, folds = plan.asked.validation_share, plan.job.folds
    if share != TrainJob.validation_share:
        yield tr(
            "validation_share {:g} is not used: each of the {} folds holds out a part of its own, about {:.0%} of the labels."
        ).format(share, folds, 1 / folds)
    if plan.start:
        yield tr(
            "The folds start from {}: if it has learnt from these labels, the scores of the folds are too good, because it "
            "has seen what they hold out."
        ).format(plan.start.name)


@dataclass(frozen=True)
class _FoldEvents:
    """Callbacks of the training of one fold, which say which fold it is."""

    fold: int
    folds: int
    warnings: list[str]
    parent: Emit
    parent_progress: OnProgress

    def emit(self, event: Event) -> None:
        """Emits an event of the training; each warning once for all folds."""
        if isinstance(event, Warned) and event.message in self.warnings:
            return
        if isinstance(event, Metric):
            event = replace(event, message=self.title(event.message))
        self.parent(event)

    def on_progress(self, share: float, text: str) -> None:
        """Tells the share of all folds."""
        self.parent_progress((self.fold - 1 + share) / self.folds, self.title(text))

    def title(self, text: str) -> str:
        """The text with the number of the fold."""
        return tr("Fold {} of {}: {}").format(self.fold, self.folds, text)


def _train_fold(
    plan: TrainingPlan,
    data: Survey,
    device: Device,
    fold: int,
    told: _FoldEvents,
    stopwatch: Stopwatch,
) -> FoldResult:
    """The model of a fold, trained now or by an earlier run that was stopped."""
    fold_plan, model = _plan_of_fold(plan, fold), fold_model(plan.job.output, fold)
    torch.manual_seed(plan.job.seed)  # so that a fold does not depend on the folds before it
    part = replace(data, blocks=hold_out(data.blocks, fold))
    training = ModelTraining(fold_plan, part, device, told.warnings, told.emit)
    if fold == 1:
        set_aside_other_folds(plan.job, training.key, told.emit)
    kept = _finished_card(plan.job, fold, training.key)
    if kept:
        told.emit(Metric(tr("Kept from the training before.")))
        told.on_progress(1.0, tr("Kept from the training before."))
        return FoldResult(model, kept, int(kept.provenance[FOLD]["epochs"]))
    progress = training.run(stopwatch, told.on_progress)
    names = [entry.name for entry in progress.card.classes]
    result = FoldResult(model, progress.card, progress.resumed)
    scores = _scores_of(result).sentence(names)
    told.emit(Metric(tr("On the pixels that it did not learn from: {}.").format(scores)))
    return result


def _finished_card(job: TrainJob, fold: int, key: str) -> Card | None:
    """The card of a fold's model that an earlier run has finished; None: train it, or go on with its training."""
    # A run that is stopped just after it has written a model leaves its state too, and ends as if it had not.
    work = unfinished_models(job.output, job.folds)[fold - 1]
    if not job.resume or read_training_record(work).get("key") == key:
        return None
    return finished_card(finished_model(job.output, fold), key)


def _scores_of(result: FoldResult) -> Scores:
    return pooled_scores([result.card])


def _plan_of_fold(plan: TrainingPlan, fold: int) -> TrainingPlan:
    """The plan of the training that holds out a fold: with its output, its report and its share of the time."""
    job, output = plan.job, plan.job.output
    page = report_path(fold_model(output, fold))
    changes: dict[str, Any] = {
        "output": str(unfinished_models(output, job.folds)[fold - 1]),
        "report": NO_REPORT if job.report == NO_REPORT else str(page),
        "minutes": job.minutes / job.folds,
    }
    asked = replace(plan.asked, **changes)
    return replace(plan, job=replace(job, **changes), asked=asked, fold=fold)


def _finish(output: str, done: FoldsResult) -> None:
    """Moves the models beside the ensemble file, and writes it.

    Raises:
        JobError: If that fails; the next run goes on with the moves.
    """
    works, waiting = unfinished_models(output, len(done.folds)), waiting_ensemble(output)
    write_ensemble(waiting, [fold.model for fold in done.folds], done.record())
    for work, fold in zip(works, done.folds, strict=True):
        _move_file(history_path(work), history_path(fold.model))
        _move_file(work, fold.model)
    _move_file(waiting, Path(output))
    with suppress(OSError):  # pictures and checkpoints of epochs are worth no failure
        for work, fold in zip(works, done.folds, strict=True):
            _move_folder(visuals_folder(work), visuals_folder(fold.model))
            _move_folder(checkpoint_folder(work), checkpoint_folder(fold.model))
    discard_empty_folder(visuals_folder(works[0]).parent)
    discard_empty_folder(fold_folder(output))


def _move_file(source: Path, target: Path) -> None:
    """Moves a file in place of an older one, if an earlier run has not done so.

    Raises:
        JobError: If that fails.
    """
    try:
        if source.exists():
            replace_file(source, target)
    except OSError as error:
        raise JobError(write_error_message(tr("file"), target, error)) from error


def _move_folder(source: Path, target: Path) -> None:
    """Moves a folder, if it exists, in place of an older one."""
    if source.exists():
        discard_folder(target)
        target.parent.mkdir(exist_ok=True)
        source.replace(target)
