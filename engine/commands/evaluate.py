"""``evaluate``: compares a mask with labels, or a submission with the masks of another table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..contract.class_table import IGNORE_INDEX, ClassTable, from_records
from ..contract.errors import JobError, LabelError, RasterError
from ..contract.file_jobs import EvaluateJob
from ..contract.protocol import Done, Emit, Progress
from ..contract.strict_json import parse_json
from ..datasets.class_changes import ClassChanges, class_changes
from ..datasets.colour_labels import colours_from_table
from ..datasets.label_source import UNLABELLED, LabelOptions, LabelSource
from ..datasets.labels import open_labels
from ..datasets.polygon_labels import class_numbers
from ..datasets.rle import check_order
from ..datasets.rle_scores import is_table, score
from ..rasters.raster import Raster
from ..rasters.windows import Window
from ..training.metrics import ConfusionMatrix

#: Rows that are read and compared at a time.
_ROWS = 512

#: First number of classes that the mask does not know, above all class values.
_UNKNOWN_CLASS = 65535


def evaluate(job: EvaluateJob, emit: Emit) -> Done:
    """Scores of a mask over all pixels that have a class in both the mask and the labels.

    A submission for a competition with one mask per image gets the score of such competitions.

    Raises:
        EngineError: If either cannot be read, or they share no labelled pixel.
    """
    if not job.mask or not job.labels:
        raise JobError("evaluate needs the options mask and labels.")
    check_order(job.rle_order)
    if is_table(job.mask) or is_table(job.labels):
        return _evaluate_table(job, emit)
    with Raster(job.mask) as mask:
        table = _class_table(mask)
        labels = _open_labels(job, mask, table)
        matrix = ConfusionMatrix(len(table))
        for row in range(0, mask.grid.height, _ROWS):
            window = Window(row, 0, min(_ROWS, mask.grid.height - row), mask.grid.width)
            predicted, target = _class_indices(mask, labels, table, window)
            matrix.update(torch.from_numpy(predicted)[None], torch.from_numpy(target)[None])
            emit(Progress(window.row_stop / mask.grid.height, "Comparing"))
    scores, names = matrix.scores(), [entry.name for entry in table]
    if not scores.pixels:
        raise LabelError(
            f"The labels {job.labels} and the mask {job.mask} share no labelled pixel."
        )
    return Done(scores.sentence(names), scores.as_dict(names))


def _evaluate_table(job: EvaluateJob, emit: Emit) -> Done:
    if not (is_table(job.mask) and is_table(job.labels)):
        raise JobError(
            f"{job.mask} and {job.labels} cannot be compared: a submission is a table (.csv), and so must "
            "be its truth, such as train.csv or another submission."
        )
    if job.area or job.class_field or job.ignore or job.merge:
        raise JobError(
            "Tables of run lengths have no coordinates, no fields and one class: leave out area, class_field, "
            "ignore and merge."
        )
    result = score(Path(job.mask), Path(job.labels), emit)
    return Done(result.sentence(), result.as_dict())


def _open_labels(job: EvaluateJob, mask: Raster, table: ClassTable) -> LabelSource:
    """The labels with the mask's class values, some of their classes ignored or merged."""
    numbers = _class_values(job, table)
    colours = colours_from_table(table)
    options = LabelOptions(
        job.class_field, job.area, job.unlabelled, numbers, colours, job.rle_order
    )
    if job.ignore or job.merge:
        known = [(entry.value, entry.name) for entry in table]
        named = {*known, *((number, name) for name, number in numbers.items())}
        named |= {*open_labels(job.labels, mask.grid, options).names.items()}
        changes = class_changes(job.ignore, job.merge, sorted(named), known)
        numbers = {name: value for value, name in changes.names.items()} | numbers
        options = replace(options, changes=changes)
    _check_names(numbers, table, options.changes)
    return open_labels(job.labels, mask.grid, options)


def _class_values(job: EvaluateJob, table: ClassTable) -> dict[str, int]:
    """The mask's class value for every name in the labels' class field.

    A name that the mask does not know has a number above all class values: the name may be ignored or merged.
    """
    names = {entry.name: entry.value for entry in table}
    values = {entry.value for entry in table}
    found: dict[str, int] = {}
    for name, number in class_numbers([job.labels], job.class_field).items():
        is_value = name == str(number) and number in values
        found[name] = names.get(name, number if is_value else _UNKNOWN_CLASS + len(found))
    return found


def _check_names(numbers: Mapping[str, int], table: ClassTable, changes: ClassChanges) -> None:
    """Refuses a class name of the labels that the mask does not know, unless its class is ignored or merged."""
    for name, number in numbers.items():
        if (changes.values.get(number, number) or 0) >= _UNKNOWN_CLASS:
            raise LabelError(
                f"The labels hold the class {name!r}, which the mask does not know: it has "
                f"{', '.join(entry.name for entry in table)}."
            )


def _class_table(mask: Raster) -> ClassTable:
    try:
        return from_records(parse_json(mask.tags["DUALSTREAM_CLASSES"]))
    except KeyError as error:
        raise RasterError(
            f"{mask.path} is no mask of DualStream's: it holds no class table."
        ) from error
    except (TypeError, ValueError, JobError) as error:
        reason = str(error).rstrip(".")
        raise RasterError(
            f"The class table inside {mask.path} is damaged ({reason}): segment the image anew."
        ) from error


def _class_indices(
    mask: Raster, labels: LabelSource, table: ClassTable, window: Window
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Predicted and true class indices (H, W) of a window; the true one is ``IGNORE_INDEX`` if either is missing."""
    predicted = _indices(mask.read(window)[0], table)
    truth = labels.read(window)
    target = _indices(np.where(truth == UNLABELLED, np.nan, truth), table)
    unknown = (truth != UNLABELLED) & (target == IGNORE_INDEX)
    if unknown.any():
        raise LabelError(
            f"The labels hold the class {truth[unknown][0]}, which the mask does not know. If pixels "
            "outside the polygons are unknown, say unlabelled ignored."
        )
    target[predicted == IGNORE_INDEX] = IGNORE_INDEX
    return np.where(predicted == IGNORE_INDEX, 0, predicted), target


def _indices(values: NDArray[Any], table: ClassTable) -> NDArray[np.int64]:
    known = np.array([entry.value for entry in table])
    index = np.searchsorted(known, np.nan_to_num(values)).clip(max=len(known) - 1)
    return np.where(known[index] == values, index, IGNORE_INDEX).astype(np.int64)
