"""The end of a training in folds: its page, and the event with its result."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..compute.eta import Stopwatch, format_duration
from ..contract.class_table import to_records
from ..contract.errors import RasterError
from ..contract.protocol import Done, Warned
from ..contract.training_files import report_path
from ..contract.translation import tr
from ..planning.training_context import SurveyedJob
from ..reports.fold_report import FoldRow, FoldValues, write_fold_report
from .fold_training import FoldResult, FoldsResult


def finish_folds(surveyed: SurveyedJob, done: FoldsResult, stopwatch: Stopwatch) -> Done:
    """Writes the page about a training in folds.

    Args:
        surveyed: The training.
        done: The models and their scores.
        stopwatch: The stopwatch of the job.

    Returns:
        The result of the job.
    """
    job = surveyed.job
    device = surveyed.device
    page = surveyed.page
    if page:
        try:
            write_fold_report(page, _values(surveyed, page, done, stopwatch))
        except RasterError as error:  # the models are written already
            surveyed.emit(Warned(str(error)))
    text = tr(
        "The ensemble {} of {} models reaches mIoU {:.3f} on labels that its models did not see, fold by fold ({:.3f} to "
        "{:.3f}), after {} on {}."
    )
    each = [fold.scores["miou"] for fold in done.folds]
    message = text.format(
        job.output,
        len(done.folds),
        done.scores.miou,
        min(each),
        max(each),
        format_duration(stopwatch.seconds),
        device.name,
    )
    return Done(
        message,
        {
            "output": job.output,
            "report": str(page) if page and page.exists() else "",
            "models": [str(fold.model) for fold in done.folds],
            "miou": done.scores.miou,
            "pixel_accuracy": done.scores.pixel_accuracy,
            "epochs_run": sum(fold.epochs for fold in done.folds),
            "epochs_resumed": sum(fold.resumed for fold in done.folds),
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(stopwatch.seconds, 2),
            "classes": to_records(surveyed.data.classes),
            "out_of_fold": done.record(),
        },
    )


def _values(
    surveyed: SurveyedJob, page: Path, done: FoldsResult, stopwatch: Stopwatch
) -> FoldValues:
    return FoldValues(
        name=Path(surveyed.job.output).name,
        classes=surveyed.data.classes,
        scores=done.scores.as_dict(done.classes),
        labelled=done.labelled,
        folds=tuple(_row(fold, done.classes, page) for fold in done.folds),
        seconds=stopwatch.seconds,
        device=surveyed.device.name,
        warnings=tuple(dict.fromkeys(surveyed.warnings)),
    )


def _row(fold: FoldResult, names: Sequence[str], from_page: Path) -> FoldRow:
    page, scores = report_path(fold.model), fold.scores
    return FoldRow(
        name=fold.model.name,
        page=_link(page, from_page) if page and page.exists() else "",
        miou=scores["miou"],
        iou=tuple(scores["iou"].get(name) for name in names),
        pixels=scores["pixels"],
        epoch=fold.card.metrics["epoch"],
        epochs=fold.epochs,
        baseline=fold.card.metrics.get("baseline", {}).get("miou"),
    )


def _link(page: Path, from_page: Path) -> str:
    """The path of a page seen from another one; empty if there is none, as between drives of Windows."""
    try:
        return os.path.relpath(page, from_page.parent)
    except ValueError:
        return ""
