"""``suggest``: finds the squares of an image that are worth labelling next, and writes them as a layer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..compute.devices import choose_device
from ..contract.class_table import ClassTable
from ..contract.errors import JobError, format_count
from ..contract.eta import Stopwatch, format_duration
from ..contract.file_jobs import RARE_CLASS, UNCERTAIN, UNLIKE, SuggestJob
from ..contract.map_styles import suggestion_style
from ..contract.protocol import Done, Emit, Warned
from ..contract.scene import require_auxiliary
from ..contract.translation import tr
from ..inference.ensemble import Ensemble
from ..outputs.geopackage import check_footprints, footprint_writer, to_map
from ..suggestions.square_search import SuggestedSquares
from ..suggestions.suggest_squares import suggest_by_diversity, suggest_by_model

#: Most squares that are found at once: more are not labelled before the next training.
_MOST_SQUARES = 500

#: Classes whose share has a field of its own.
_MAX_CLASSES = 60

#: The fields of the layer besides the shares of classes, and their types.
_FIELDS: dict[str, Any] = {
    "rank": np.int32,
    "score": np.float64,
    "reason": object,
    "checked": bool,
    "uncertainty": np.float64,
}


def suggest(job: SuggestJob, emit: Emit) -> Done:
    """Writes the squares to label next as a styled GeoPackage.

    Raises:
        EngineError: If the job and its files do not fit together, or no square is left to label; then nothing is
            written.
    """
    _check(job)
    stopwatch, device = Stopwatch(), choose_device(job.device, job.precision)
    classes: ClassTable = ()
    runtime = ""
    if job.model:
        ensemble = Ensemble(job.model, device, job)
        classes = ensemble.classes
        found = suggest_by_model(job, ensemble, emit)
        runtime = ensemble.runtime
    else:
        found = suggest_by_diversity(job, device, emit)
    count = len(found.choices)
    if count < job.count:
        emit(Warned(tr("Only {} of {} squares are left to label.").format(count, job.count)))
    _write(job.output, found, classes)
    outputs = {
        "output": job.output,
        "squares": count,
        "candidates": found.candidates,
        "side_px": [found.windows[0].width, found.windows[0].height],
        "reasons": {name: _count(found, name) for name in (UNCERTAIN, RARE_CLASS, UNLIKE)},
        "device_used": device.name,
        "runtime_used": runtime,
        "seconds": round(stopwatch.seconds, 2),
    }
    return Done(_message(job, found, stopwatch.seconds), outputs)


def _check(job: SuggestJob) -> None:
    for name in ("image", "output"):
        if not getattr(job, name):
            raise JobError(
                tr("The option {} is missing: suggest needs image and output.").format(name)
            )
    if not 1 <= job.count <= _MOST_SQUARES:
        raise JobError(
            tr("The number of squares must be from 1 to {}, not {}.").format(
                _MOST_SQUARES, job.count
            )
        )
    if not 0 <= job.size < np.inf:
        raise JobError(
            tr(
                "The size of a square is {:g}: give its side in metres, or 0 for what the model sees at once."
            ).format(job.size)
        )
    if job.auxiliary and not job.model:
        raise JobError(
            tr("Without a model auxiliary rasters are not used: give a model, or leave them out.")
        )
    if (job.labelled_area or job.class_field) and not job.labels:
        raise JobError(
            tr("There are no labels: give them, or leave out labelled_area and class_field.")
        )
    require_auxiliary(job.auxiliary_bands, bool(job.auxiliary))
    output = check_footprints(job.output)
    inputs = (job.image, job.labels.partition("|")[0], job.area, job.labelled_area)
    if any(path and Path(path).absolute() == output.absolute() for path in inputs):
        raise JobError(tr("The output {} is an input too: give another name.").format(output))


def _write(path: str, found: SuggestedSquares, classes: ClassTable) -> None:
    names = _share_fields(classes, found.shares.max(axis=1, initial=0.0))
    fields = {**_FIELDS, **dict.fromkeys(names, np.float64)}
    columns: dict[str, NDArray[Any]] = {
        "rank": np.arange(1, len(found.choices) + 1),
        "score": np.round([choice.score for choice in found.choices], 4),
        "reason": np.array([choice.reason for choice in found.choices], object),
        "checked": np.zeros(len(found.choices), bool),
        "uncertainty": np.round(found.uncertainty, 4),
        **{name: np.round(100 * found.shares[row], 2) for name, row in names.items()},
    }
    boxes = [(w.col, w.row, w.col_stop, w.row_stop) for w in found.windows]
    shapes = shapely.box(*np.array(boxes, float).T)
    with footprint_writer(path, found.grid.crs, fields) as writer:
        writer.write(shapely.transform(shapes, to_map(found.grid)), columns)
        writer.style("squares", suggestion_style())


def _share_fields(classes: ClassTable, largest: NDArray[np.float64]) -> dict[str, int]:
    """The row of the shares of each class that gets a field, by the field's name; of many classes the largest."""
    rows = sorted(np.argsort(-largest, kind="stable")[:_MAX_CLASSES].tolist())
    fields: dict[str, int] = {}
    for row in rows:
        entry = classes[row]
        name = "percent_" + re.sub(r"\W+", "_", entry.name)[:50]
        taken = {field.casefold() for field in fields}  # SQLite ignores the case of names
        fields[f"percent_{entry.value}" if name.casefold() in taken else name] = row
    return fields


def _count(found: SuggestedSquares, reason: str) -> int:
    return sum(choice.reason == reason for choice in found.choices)


def _message(job: SuggestJob, found: SuggestedSquares, seconds: float) -> str:
    squares = format_count(len(found.choices), "{} square", "{} squares")
    if not job.model:
        return tr(
            "{} to label next, of {:,} possible ones, written to {}: they are unlike each other and unlike what is "
            "labelled. It took {}."
        ).format(squares, found.candidates, job.output, format_duration(seconds))
    return tr(
        "{} to label next, of {:,} possible ones, written to {}: the model is unsure of {}, sees a rare class in {}, "
        "and {} are unlike anything labelled. It took {}."
    ).format(
        squares,
        found.candidates,
        job.output,
        *(_count(found, reason) for reason in (UNCERTAIN, RARE_CLASS, UNLIKE)),
        format_duration(seconds),
    )
