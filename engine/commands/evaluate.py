"""``evaluate``: compares a mask with labels, or a submission with the masks of another table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import IGNORE_INDEX, ClassTable, to_records
from ..contract.errors import JobError, LabelError
from ..contract.file_jobs import EvaluateJob
from ..contract.output_files import check_writable
from ..contract.protocol import Done, Emit, Progress
from ..contract.translation import tr
from ..datasets.compared_classes import ComparedClasses
from ..datasets.rle_scores import is_table, score
from ..rasters.ground_resolution import GroundScale, ground_size
from ..rasters.windows import Window
from ..reports.evaluation_report import Evaluation, Place, sentences, write_evaluation
from ..reports.score_tables import class_scores
from ..scores.area_estimates import AreaEstimates, Interval, estimate_areas
from ..scores.confusion import PixelCounts, Scores
from ..scores.differences import DifferenceMap
from ..scores.objects import ObjectCounter
from ..scores.outlines import OutlineCounter, mean_f1

#: Places with wrong pixels that a report shows.
_PLACES = 6


def evaluate(job: EvaluateJob, emit: Emit) -> Done:
    """Scores of a mask over all pixels that have a class in both the mask and the labels.

    A submission for a competition with one mask per image gets the score of such competitions.

    Raises:
        EngineError: If either cannot be read, or they share no labelled pixel.
    """
    _check(job)
    if is_table(job.mask) or is_table(job.labels):
        return _evaluate_table(job, emit)
    with ComparedClasses(job) as compared:
        counts = _count(compared, job, emit)
        scores, names = Scores.of(counts.pixels.matrix), [entry.name for entry in compared.table]
        if not scores.pixels:
            raise LabelError(
                tr("The labels {} and the mask {} share no labelled pixel.").format(
                    job.labels, job.mask
                )
            )
        found = _evaluation(job, compared, counts)
    if job.report:
        emit(Progress(0.95, tr("Writing the report")))
        write_evaluation(job.report, found)
    message = "\n".join([scores.sentence(names), *sentences(found)])
    outputs = {**scores.as_dict(names), **_outputs(found, compared.table), "report": job.report}
    return Done(message, outputs)


def _check(job: EvaluateJob) -> None:
    if not job.mask or not job.labels:
        raise JobError(tr("evaluate needs the options mask and labels."))
    if job.is_sample and job.area:
        raise JobError(
            tr(
                "Labels that are a sample of the whole mask have no area: leave the area out, or cut "
                "the mask to it and evaluate that."
            )
        )
    if job.report:
        check_writable(job.report, (".html", ".htm"))


def _evaluate_table(job: EvaluateJob, emit: Emit) -> Done:
    if not (is_table(job.mask) and is_table(job.labels)):
        raise JobError(
            tr(
                "{} and {} cannot be compared: a submission is a table (.csv), and so must be its "
                "truth, such as train.csv or another submission."
            ).format(job.mask, job.labels)
        )
    if job.area or job.class_field or job.ignore or job.merge:
        raise JobError(
            tr(
                "Tables of run lengths have no coordinates, no fields and one class: leave out area, "
                "class_field, ignore and merge."
            )
        )
    if job.report or job.is_sample:
        raise JobError(
            tr("Tables of run lengths have no report and no sample: leave out report and sampling.")
        )
    result = score(Path(job.mask), Path(job.labels), emit)
    return Done(result.sentence(), result.as_dict())


@dataclass(frozen=True)
class _Counts:
    """Counts of one pass over mask and labels.

    Attributes:
        pixels: Compared pixels by true and mapped class.
        outlines: Outlines of all classes; None for a sample, which has none.
        objects: Objects of the foreground classes; None for a sample.
        differences: Where mask and labels differ.
        areas: Mapped area of each class in the whole mask (N,), m2 or pixels.
    """

    pixels: PixelCounts
    outlines: OutlineCounter | None
    objects: ObjectCounter | None
    differences: DifferenceMap
    areas: NDArray[np.float64]


def _count(compared: ComparedClasses, job: EvaluateJob, emit: Emit) -> _Counts:
    table, grid = compared.table, compared.grid
    foreground = [n for n, entry in enumerate(table) if entry.value and not entry.is_background]
    counts = _Counts(
        PixelCounts(len(table)),
        None if job.is_sample else OutlineCounter(len(table), job.tolerance),
        None if job.is_sample else ObjectCounter(foreground),
        DifferenceMap(grid.height, grid.width),
        np.zeros(len(table)),
    )
    scale = GroundScale(grid)
    halo = counts.outlines.halo if counts.outlines else 0
    for window in compared.windows():
        top = max(0, window.row - halo)
        stop = min(grid.height, window.row_stop + halo)
        mapped, true = compared.read(Window(top, 0, stop - top, grid.width))
        rows = slice(window.row - top, window.row_stop - top)
        middle = np.array([[grid.width / 2, (window.row + window.row_stop) / 2]])
        pixel_area = float(scale.pixel_areas(middle)[0])
        known = mapped[rows][mapped[rows] != IGNORE_INDEX]
        counts.areas[:] += pixel_area * np.bincount(known, minlength=len(table))
        either = (mapped == IGNORE_INDEX) | (true == IGNORE_INDEX)
        mapped[either] = true[either] = IGNORE_INDEX
        if counts.outlines:
            counts.outlines.add(mapped, true, rows)
        _count_rows(counts, window.row, mapped[rows], true[rows])
        emit(Progress(0.95 * window.row_stop / grid.height, tr("Comparing")))
    return counts


def _count_rows(
    counts: _Counts, row: int, mapped: NDArray[np.int64], true: NDArray[np.int64]
) -> None:
    """Counts the rows of a strip without its halo."""
    compared = true != IGNORE_INDEX
    counts.pixels.add(mapped[compared], true[compared])
    if counts.objects:
        counts.objects.add(mapped, true)
    counts.differences.add(row, compared, compared & (mapped != true))


def _evaluation(job: EvaluateJob, compared: ComparedClasses, counts: _Counts) -> Evaluation:
    matrix, table = counts.pixels.matrix.tolist(), compared.table
    scores = Scores.of(counts.pixels.matrix)
    scale = GroundScale(compared.grid)
    return Evaluation(
        mask=job.mask,
        labels=job.labels,
        names=[entry.name for entry in table],
        colours=[entry.colour for entry in table],
        matrix=matrix,
        miou=scores.miou,
        pixel_accuracy=scores.pixel_accuracy,
        mean_f1=scores.mean_dice,
        tolerance=job.tolerance,
        tolerance_m=job.tolerance * ground_size(compared.grid),
        outlines=counts.outlines.scores() if counts.outlines else (),
        objects=counts.objects.scores() if counts.objects else {},
        sampling=job.sampling,
        estimates=estimate_areas(matrix, counts.areas) if job.is_sample else None,
        area_unit="m2" if scale.unit == "m" else "px",
        wrong=counts.differences.wrong,
        places=_places(compared, counts.differences) if job.report and not job.is_sample else (),
    )


def _places(compared: ComparedClasses, differences: DifferenceMap) -> list[Place]:
    """The worst places with their pixels."""
    side, bounds = differences.place_side, compared.grid.bounds
    found = []
    for row, col, wrong in differences.worst_places(_PLACES):
        window = Window(row, col, side, side).intersection(bounds)
        if window is not None:
            mapped, true = compared.read(window)
            found.append(Place(row, col, wrong, mapped, true))
    return found


def _outputs(found: Evaluation, table: ClassTable) -> dict[str, Any]:
    """The numbers beyond those of ``Scores``, by name."""
    rows, names = class_scores(found.matrix, found.names, found.colours), found.names
    outputs: dict[str, Any] = {
        "precision": {row.name: row.precision for row in rows},
        "recall": {row.name: row.recall for row in rows},
        "matrix": found.matrix,
        "classes": to_records(table),
    }
    if found.outlines:
        f1s = {name: one.f1 for name, one in zip(names, found.outlines, strict=True)}
        outputs["boundary_f1"] = f1s
        outputs["mean_boundary_f1"] = mean_f1(found.outlines)
        outputs |= {"tolerance_px": found.tolerance, "tolerance_m": found.tolerance_m}
    if found.objects:
        outputs["objects"] = {
            names[number]: one
            and {"true": one.true, "mapped": one.mapped, "found": one.found, "f1": one.f1}
            for number, one in found.objects.items()
        }
    if found.estimates:
        outputs["estimates"] = _estimate_outputs(found.estimates, found)
    return outputs


def _estimate_outputs(one: AreaEstimates, found: Evaluation) -> dict[str, Any]:
    def record(interval: Interval) -> dict[str, float]:
        return {"value": interval.value, "half_width_95": interval.half_width}

    def by_class(intervals: tuple[Interval, ...]) -> dict[str, Any]:
        return {name: record(i) for name, i in zip(found.names, intervals, strict=True)}

    return {
        "overall_accuracy": record(one.overall),
        "users_accuracy": by_class(one.users),
        "producers_accuracy": by_class(one.producers),
        f"area_{found.area_unit}": by_class(one.areas),
        f"mapped_area_{found.area_unit}": dict(zip(found.names, one.mapped, strict=True)),
        "samples": dict(zip(found.names, one.samples, strict=True)),
    }
