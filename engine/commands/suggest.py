"""``suggest``: finds the squares or points of images that are worth labelling next, and writes them as a layer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..active_learning.square_pool import SuggestedSquares
from ..active_learning.suggest_squares import suggest_by_diversity, suggest_by_model
from ..compute.devices import choose_device
from ..compute.eta import Stopwatch, format_duration
from ..contract.class_table import ClassTable
from ..contract.errors import JobError, format_count
from ..contract.file_jobs import POINTS, RARE_CLASS, UNCERTAIN, UNLIKE, SuggestJob
from ..contract.map_styles import suggestion_style
from ..contract.paths import real_path
from ..contract.protocol import Done, Emit, Warned
from ..contract.scene import require_auxiliary
from ..contract.translation import tr
from ..inference.ensemble import Ensemble
from ..outputs.geopackage import check_footprints, footprint_writer, to_map

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
    """Writes the squares or points to label next as a styled GeoPackage.

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
        text = tr(
            "Only {} of {} squares are left to label: for more, give a smaller size, or a larger extent or area."
        )
        emit(Warned(text.format(count, job.count)))
    _write(job, found, classes)
    outputs = {
        "output": job.output,
        "squares": count,
        "candidates": found.candidates,
        "images": len(found.images),
        "side_px": [found.windows[0].width, found.windows[0].height],
        "reasons": {name: _count(found, name) for name in (UNCERTAIN, RARE_CLASS, UNLIKE)},
        "device_used": device.name,
        "runtime_used": runtime,
        "seconds": round(stopwatch.seconds, 2),
    }
    return Done(" ".join(_sentences(job, found, stopwatch.seconds)), outputs)


def _check(job: SuggestJob) -> None:
    job.require(
        ("image", "output"), tr("The option {} is missing: suggest needs image and output.")
    )
    if job.auxiliary and not job.model:
        raise JobError(
            tr("Without a model auxiliary rasters are not used: give a model, or leave them out.")
        )
    if (job.labelled_area or job.ignore) and not job.labels:
        raise JobError(tr("There are no labels: give them, or leave out labelled_area and ignore."))
    if job.class_field and not (job.labels or job.corrections):
        raise JobError(tr("There are no labels: give them, or leave out class_field."))
    require_auxiliary(job.auxiliary_bands, bool(job.auxiliary))
    output = check_footprints(job.output)
    layers = (*job.labels, *job.corrections, *job.checked, job.area, job.labelled_area)
    inputs = {real_path(path.partition("|")[0]) for path in (*job.image, *layers) if path}
    if real_path(str(output)) in inputs:
        raise JobError(tr("The output {} is an input too: give another name.").format(output))


def _write(job: SuggestJob, found: SuggestedSquares, classes: ClassTable) -> None:
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
    if len(found.images) > 1:
        fields["image"] = object
        columns["image"] = np.array([owner.scene.image for owner in found.owners], object)
    crs = found.images[0].grid.crs
    shapes = [
        shapely.transform(shape, to_map(owner.grid, crs))
        for owner, shape in zip(found.owners, _shapes(job, found))
    ]
    kind = "Point" if job.shape == POINTS else "Polygon"
    with footprint_writer(job.output, crs, fields, kind) as writer:
        writer.write(np.array(shapes), columns)
        writer.style(job.shape, suggestion_style(job.shape))


def _shapes(job: SuggestJob, found: SuggestedSquares) -> list[shapely.Geometry]:
    """The squares, or the pixel in the middle of each, in pixels of their images."""
    if job.shape != POINTS:
        return [shapely.box(w.col, w.row, w.col_stop, w.row_stop) for w in found.windows]
    middles = ((w.col + w.width // 2, w.row + w.height // 2) for w in found.windows)
    return [shapely.Point(col + 0.5, row + 0.5) for col, row in middles]


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


def _sentences(job: SuggestJob, found: SuggestedSquares, seconds: float) -> Iterator[str]:
    """Sentences about the places that were found, and why they are worth labelling."""
    count = len(found.choices)
    places = (
        format_count(count, "{} point", "{} points")
        if job.shape == POINTS
        else format_count(count, "{} square", "{} squares")
    )
    if len(found.images) == 1:
        text = tr("The layer {} has {} to label next, of {:,} possible ones.")
        yield text.format(job.output, places, found.candidates)
    else:
        text = tr("The layer {} has {} to label next, of {:,} possible ones on {} images.")
        yield text.format(job.output, places, found.candidates, len(found.images))
    if job.model and not found.has_labels and _count(found, UNCERTAIN) == count:
        yield tr(
            "In all of them the model is unsure or sees several classes, and they differ from each other."
        )
    elif job.model:
        text = tr(
            "In {} the model is unsure or sees several classes, in {} it sees a rare class, and {} are unlike anything labelled."
        )
        yield text.format(*(_count(found, one) for one in (UNCERTAIN, RARE_CLASS, UNLIKE)))
    elif found.has_labels:
        yield tr("They are unlike each other and unlike what is labelled.")
    else:
        yield tr("They are unlike each other.")
    yield tr("It took {}.").format(format_duration(seconds))
