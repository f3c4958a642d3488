"""``segment-folder``: many scenes become masks, a summary and mosaics in one folder.

    NAME.tif                    the mask of each scene; NAME_confidence.tif beside it where it is wanted
    summary.html, summary.csv   what became of each scene
    mosaic.vrt                  all masks as one raster; one for each coordinate system if there are several

A scene that fails is explained in the summary and stops no other. A run that is started again keeps the masks
that are finished, see ``finished_scenes``, and goes on within the others where it was, see ``segment_scene``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ..batch.batch_progress import BatchProgress
from ..batch.finished_scenes import options_key, read_finished_record
from ..batch.scene_list import cards_of, tasks_of
from ..batch.scene_task import (
    DONE,
    FAILED,
    KEPT,
    SceneRecord,
    SceneTask,
    failed_record,
    remove_rows,
)
from ..batch.scene_worker import SceneWorker
from ..batch.summary_report import RunSummary, write_page, write_table
from ..contract.class_table import ClassTable, free_value, to_records
from ..contract.errors import EngineError, JobError, RasterError, format_count, join_names
from ..contract.eta import Stopwatch, format_duration
from ..contract.jobs import SegmentFolderJob
from ..contract.map_styles import write_legend
from ..contract.output_files import check_writable, remove_leftovers
from ..contract.protocol import Done, Emit, Warned
from ..contract.version import engine_version
from ..datasets.list_progress import ProgressIterator
from ..outputs.vrt_mosaic import write_mosaics

#: What an unfinished run left beside an output: the output's name.
_LEFT = re.compile(r"(.+?\.tif)\.(?:part|rows-)")

#: Failed scenes that the last sentence names; the summary explains them all.
_NAMED = 5


def segment_folder(job: SegmentFolderJob, emit: Emit) -> Done:
    """Segments many scenes with the same models.

    Args:
        job: What to segment, with what, to where, and where to compute.
        emit: Is told progress over all scenes, a line a scene, and which fail.

    Raises:
        EngineError: If anything does not fit whatever the scene; then nothing is written. And if no scene at all
            could be segmented; then the summary says why.
    """
    stopwatch, progress_of = Stopwatch(), ProgressIterator(emit)
    progress_of.report("reading the models")
    _check(job)
    cards = cards_of(job)
    tasks = tasks_of(job, cards, emit)
    classes = next(iter(cards.values())).classes
    progress = BatchProgress(len(tasks), emit)
    progress.keep(_kept(job, tasks, classes, progress_of))
    todo = [task for task in tasks if task.name not in progress.records]
    try:
        for record in _computed(job, todo, progress):
            progress.take(record)
    except BaseException:
        with suppress(EngineError):  # what stopped the run matters more
            if progress.has_new_records:
                _summarise(job, tasks, progress.records, classes, stopwatch, (), emit)
        raise
    mosaics = _mosaics(job, tasks, progress.records, classes, emit)
    records = _summarise(job, tasks, progress.records, classes, stopwatch, mosaics, emit)
    if all(record.status == FAILED for record in records):
        raise RasterError(_failure(job, records))
    return _done(job, records, classes, mosaics, stopwatch)


def _check(job: SegmentFolderJob) -> None:
    for name in ("model", "output_folder"):
        if not getattr(job, name):
            raise JobError(
                f"The option {name} is missing: segment-folder needs model, output_folder and scenes or "
                "images."
            )
    for name in ("workers", "cores", "split"):
        if getattr(job, name) < 0:
            raise JobError(f"{name} must be 0 or more, not {getattr(job, name):g}.")
    for path in (_page(job), _table(job)):
        check_writable(path)


def _page(job: SegmentFolderJob) -> Path:
    return Path(job.output_folder) / "summary.html"


def _table(job: SegmentFolderJob) -> Path:
    return Path(job.output_folder) / "summary.csv"


def _kept(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    classes: ClassTable,
    progress_of: ProgressIterator,
) -> Iterator[SceneRecord]:
    """The scenes that need not be computed again."""
    key = options_key(job)
    names = (path.name for path in Path(job.output_folder).glob("*.tif.*"))
    left = {found[1] for found in map(_LEFT.match, names) if found}
    for task in progress_of(tasks, "looking for finished masks"):
        if (record := read_finished_record(task, key)) is None:
            continue
        # The run before may have been killed when the mask was in place and the rest was not.
        legend = (Path(f"{task.output}.aux.xml"), Path(task.output).with_suffix(".qml"))
        if not all(file.exists() for file in legend):
            write_legend(task.output, classes)
        if not left.isdisjoint((Path(task.output).name, Path(task.confidence).name)):
            remove_leftovers(task.outputs.paths)
            remove_rows(task)
        yield record


def _computed(
    job: SegmentFolderJob, tasks: Sequence[SceneTask], progress: BatchProgress
) -> Iterator[SceneRecord]:
    """Segments the scenes, in this process or on a pool; their records, in any order."""
    if not tasks:
        return
    if job.on:
        from ..batch.ray_pool import pool_records

        own = {task.name: task for task in tasks}
        progress_of = ProgressIterator(progress.prepare)
        wide = [_placed(task) for task in progress_of(tasks, "preparing the scenes for the pool")]
        for record in pool_records(
            _job_placed(job), wide, progress.forward_event, progress.advance
        ):
            yield _seen(own[record.name], record)
        return
    worker = SceneWorker(job, scenes=len(tasks))
    for task in tasks:
        yield worker.run(task, progress.emit_for_scene(task))


def _job_placed(job: SegmentFolderJob) -> SegmentFolderJob:
    """The job as it means the same to processes that work in other folders."""
    folder, models = os.path.abspath(job.output_folder), map(_absolute, job.model)
    return replace(job, output_folder=folder, model=tuple(models))


def _placed(task: SceneTask) -> SceneTask:
    """The task as it means the same to them."""
    output, confidence = (path and os.path.abspath(path) for path in (task.output, task.confidence))
    auxiliary = tuple(map(_absolute, task.auxiliary))
    image = _absolute(task.image)
    return replace(task, image=image, auxiliary=auxiliary, output=output, confidence=confidence)


def _absolute(path: str) -> str:
    """The absolute path of a file; what is none, such as one of GDAL's own names, as it is."""
    return os.path.abspath(path) if Path(path).exists() else path


def _is_here(path: Path) -> bool:
    """Whether there is a file; its folder is read anew where files of a network are remembered as missing."""
    return path.exists() or (path.parent.is_dir() and path in path.parent.iterdir())


def _seen(task: SceneTask, record: SceneRecord) -> SceneRecord:
    """A worker's record, with the paths of the task; a failure if this machine does not find what it has written."""
    if record.status == DONE:
        for path in map(Path, task.outputs.paths):
            if not _is_here(path):
                sentence = (
                    f"A worker has written {os.path.abspath(path)} where this machine does not see it: give "
                    "folders that all machines have under the same absolute path."
                )
                return failed_record(task, sentence, record.seconds)
    return replace(record, image=task.image, output=task.output)


def _mosaics(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    records: Mapping[str, SceneRecord],
    classes: ClassTable,
    emit: Emit,
) -> list[str]:
    """Writes the mosaics; without them the masks are as good as before."""
    masks = [task.output for task in tasks if records[task.name].status != FAILED]
    tags = {"TIFFTAG_SOFTWARE": f"DualStream {engine_version()}"}
    try:
        return write_mosaics(Path(job.output_folder), masks, classes, tags, emit)
    except EngineError as error:
        emit(Warned(f"There is no mosaic. {error}"))
        return []


def _summarise(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    known: Mapping[str, SceneRecord],
    classes: ClassTable,
    stopwatch: Stopwatch,
    mosaics: Sequence[str],
    emit: Emit,
) -> list[SceneRecord]:
    """Writes the summary of the scenes that are finished, in the order of the tasks, as far as it can be written."""
    records = [known[task.name] for task in tasks if task.name in known]
    models = tuple(Path(path).name for path in job.model)
    run = RunSummary(models, classes, len(tasks), stopwatch.seconds, tuple(mosaics))
    with _warned(emit):
        write_table(_table(job), records, classes)
    with _warned(emit):
        write_page(_page(job), records, run)
    return records


@contextmanager
def _warned(emit: Emit) -> Iterator[None]:
    """Says what could not be written: the masks are as good without it."""
    try:
        yield
    except EngineError as error:
        emit(Warned(str(error)))


def _failure(job: SegmentFolderJob, records: Sequence[SceneRecord]) -> str:
    first = records[0]
    return (
        f"None of {format_count(len(records), 'scene')} could be segmented; {_page(job)} says why of each. The first, "
        f"{first.name}: {first.sentence}"
    )


def _done(
    job: SegmentFolderJob,
    records: Sequence[SceneRecord],
    classes: ClassTable,
    mosaics: Sequence[str],
    stopwatch: Stopwatch,
) -> Done:
    by = {status: [r for r in records if r.status == status] for status in (DONE, KEPT, FAILED)}
    made, kept, failed = by[DONE], by[KEPT], by[FAILED]
    seconds, pixels = stopwatch.seconds, sum(record.megapixels for record in made)
    devices, runtimes = (
        ", ".join(dict.fromkeys(names))
        for names in ([r.device for r in made or kept], [r.runtime for r in made or kept])
    )
    rate = (
        f" on {devices} ({runtimes}), {pixels / max(seconds, 1e-9):.3g} million pixels per second"
    )
    why = (
        f" {len(failed)} of {len(records)} failed ({join_names([r.name for r in failed], _NAMED)})"
    )
    return Done(
        f"Segmented {len(made)} of {format_count(len(records), 'scene')} in {format_duration(seconds)}{rate * bool(made)}"
        f"{f'; finished before and kept: {len(kept)}' * bool(kept)}. The masks are in {job.output_folder}."
        f"{f'{why}; {_page(job)} explains.' * bool(failed)}",
        {
            "output_folder": job.output_folder,
            "summary": str(_page(job)),
            "table": str(_table(job)),
            "mosaic": mosaics[0] if mosaics else "",
            "mosaics": [*mosaics],
            "masks": [record.output for record in (*made, *kept)],
            "scenes": len(records),
            "scenes_done": len(made),
            "scenes_kept": len(kept),
            "scenes_failed": len(failed),
            "seconds": round(seconds, 2),
            "device_used": devices,
            "runtime_used": runtimes,
            "classes": to_records(classes),
            "nodata": free_value(classes),
        },
        failures=len(failed),
    )
