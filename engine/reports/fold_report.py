"""The page about a training in folds: how well its models map the labels that they did not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.class_table import ClassTable
from .page import write_report
from .score_tables import class_scores, confusion_chart, largest_class, largest_confusions


@dataclass(frozen=True)
class FoldRow:
    """The model of one fold.

    Attributes:
        name: Name of its file.
        page: Path of the page about its training, relative to this page; empty: none.
        miou: Mean IoU on its fold, None or NaN without labelled pixels.
        iou: IoU of each class there; None or NaN where the class does not occur.
        pixels: Labelled pixels of its fold.
        epoch: The epoch with its weights.
        epochs: Number of epochs of its training.
        baseline: Mean IoU of a pixel classifier on its validation tiles; None: it is not measured.
    """

    name: str
    page: str
    miou: float | None
    iou: Sequence[float | None]
    pixels: int
    epoch: int
    epochs: int
    baseline: float | None = None


@dataclass(frozen=True)
class FoldValues:
    """The values that the page shows.

    Attributes:
        name: Name of the ensemble file.
        classes: The class table.
        scores: The scores over the pixels of all folds, see ``scores.confusion.Scores.as_dict``.
        labelled: Labelled pixels, with those that are in no fold.
        folds: The models.
        seconds: Time of the last run, s.
        device: Name of the device.
        warnings: The warnings of the run.
    """

    name: str
    classes: ClassTable
    scores: Mapping[str, Any]
    labelled: int
    folds: tuple[FoldRow, ...]
    seconds: float
    device: str
    warnings: tuple[str, ...] = ()


def write_fold_report(path: str | Path, values: FoldValues) -> None:
    """Writes the page.

    Raises:
        RasterError: If it cannot be written.
    """
    matrix = values.scores["confusion"]
    names = [entry.name for entry in values.classes]
    write_report(
        path,
        "folds.html",
        values=values,
        scored=values.scores["pixels"],
        rows=class_scores(matrix, names, [entry.colour for entry in values.classes]),
        confusion=confusion_chart(matrix, names),
        largest=largest_confusions(matrix, names),
        commonest=largest_class(matrix, names),
        has_baseline=any(fold.baseline is not None for fold in values.folds),
    )
