"""``segment-folder``: makes masks of many scenes, a summary and mosaics in one folder.

    NAME.tif                    the mask of each scene, with NAME_confidence.tif if the job asks for it
    summary.html, summary.csv   status, scores and errors of each scene
    mosaic.vrt                  all masks as one raster, one per coordinate system

A scene that fails does not stop the others; the summary explains it. A run that is started again keeps finished
masks, see ``finished_scenes``, and continues unfinished ones, see ``segment_scene``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..batch.batch_progress import BatchProgress
from ..batch.finished_scenes import options_key, read_finished_record
from ..batch.scene_list import plan_tasks, read_cards
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
from ..compute.eta import Stopwatch, format_duration
from ..contract.class_table import ClassTable, nodata_value, to_records
from ..contract.clean_up import CleanUp
from ..contract.errors import EngineError, RasterError, format_count, join_names
from ..contract.jobs import SegmentFolderJob
from ..contract.map_styles import write_legend
from ..contract.output_files import check_writable, lock_output, remove_leftovers
from ..contract.protocol import Done, Emit, Warned
from ..contract.quantities import format_pixels
from ..contract.translation import tr
from ..contract.version import engine_version
from ..datasets.list_progress import ProgressIterator
from ..outputs.vrt_mosaic import write_mosaics

#: Files that an unfinished run left beside an output, with the name of the output.
_LEFTOVER = re.compile(r"(.+?\.tif)\.(?:part|rows-)")

#: Largest number of failed scenes that the final message names; the summary explains all of them.
_MAX_NAMED = 5


def segment_folder(job: SegmentFolderJob, emit: Emit) -> Done:
    """Segments many scenes with the same models.

    Raises:
        EngineError: If the job or the models are wrong for every scene; then nothing is written. Or if no scene
            could be segmented; then the summary explains why.
    """
    _check(job)
    # A second run would make the same masks and write the same summary.
    with lock_output(Path(job.output_folder) / "masks"):
        return _segment_folder(job, emit)


def _segment_folder(job: SegmentFolderJob, emit: Emit) -> Done:
    stopwatch, with_progress = Stopwatch(), ProgressIterator(emit)
    with_progress.report(tr("Reading the models"))
    cards = read_cards(job)
    tasks = plan_tasks(job, cards, emit)
    classes = next(iter(cards.values())).classes
    progress = BatchProgress(len(tasks), emit)
    progress.add_kept(_finished_records(job, tasks, classes, with_progress))
    todo = [task for task in tasks if task.name not in progress.records]
    try:
        for record in _segment(job, todo, progress):
            progress.add(record)
    except BaseException:
        with CleanUp() as end:
            if progress.has_new_records:
                end.callback(
                    _write_summary, job, tasks, progress.records, classes, stopwatch, (), emit
                )
            raise
    mosaics = _write_mosaics(job, tasks, progress.records, classes, emit)
    records = _write_summary(job, tasks, progress.records, classes, stopwatch, mosaics, emit)
    if all(record.status == FAILED for record in records):
        raise RasterError(_failure(job, records))
    return _done(job, records, classes, mosaics, stopwatch)


def _check(job: SegmentFolderJob) -> None:
    job.require(
        ("model", "output_folder"),
        tr(
            "The option {} is missing: segment-folder needs model, output_folder and scenes or "
            "images."
        ),
    )
    for path in (_page(job), _table(job)):
        check_writable(path)


def _page(job: SegmentFolderJob) -> Path:
    return Path(job.output_folder) / "summary.html"


def _table(job: SegmentFolderJob) -> Path:
    return Path(job.output_folder) / "summary.csv"


def _finished_records(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    classes: ClassTable,
    with_progress: ProgressIterator,
) -> Iterator[SceneRecord]:
    """The records of scenes with a finished mask."""
    key = options_key(job)
    names = (path.name for path in Path(job.output_folder).glob("*.tif.*"))
    unfinished = {match[1] for match in map(_LEFTOVER.match, names) if match}
    for task in with_progress(tasks, tr("Looking for finished masks")):
        if (record := read_finished_record(task, key)) is None:
            continue
        # An earlier run may have been killed between the mask and its other files.
        legend = (Path(f"{task.output}.aux.xml"), Path(task.output).with_suffix(".qml"))
        if not all(file.exists() for file in legend):
            write_legend(task.output, classes)
        if not unfinished.isdisjoint((Path(task.output).name, Path(task.confidence).name)):
            remove_leftovers(task.outputs.paths)
            remove_rows(task)
        yield record


def _segment(
    job: SegmentFolderJob, tasks: Sequence[SceneTask], progress: BatchProgress
) -> Iterator[SceneRecord]:
    """Segments the scenes in this process or on a pool; yields their records in any order."""
    if not tasks:
        return
    if job.on:
        from ..batch.ray_pool import segment_on_pool

        task_by_name = {task.name: task for task in tasks}
        with_progress = ProgressIterator(progress.report_step)
        steps = with_progress(tasks, tr("Preparing the scenes for the pool"))
        pool_tasks = [_absolute_task(task) for task in steps]
        for record in segment_on_pool(
            _absolute_job(job), pool_tasks, progress.forward_event, progress.advance
        ):
            yield _check_outputs(task_by_name[record.name], record)
        return
    worker = SceneWorker(job, scenes=len(tasks))
    for task in tasks:
        yield worker.run(task, progress.emit_for_scene(task))


def _absolute_job(job: SegmentFolderJob) -> SegmentFolderJob:
    """The job with absolute paths, for processes with another working folder."""
    folder, models = os.path.abspath(job.output_folder), map(_absolute, job.model)
    return replace(job, output_folder=folder, model=tuple(models))


def _absolute_task(task: SceneTask) -> SceneTask:
    output, confidence = (path and os.path.abspath(path) for path in (task.output, task.confidence))
    auxiliary = tuple(map(_absolute, task.auxiliary))
    image = _absolute(task.image)
    return replace(task, image=image, auxiliary=auxiliary, output=output, confidence=confidence)


def _absolute(path: str) -> str:
    """The absolute path of a file; other names, such as GDAL's, unchanged."""
    return os.path.abspath(path) if Path(path).exists() else path


def _exists(path: Path) -> bool:
    """Whether a file exists; lists its folder, since network file systems cache missing files."""
    return path.exists() or (path.parent.is_dir() and path in path.parent.iterdir())


def _check_outputs(task: SceneTask, record: SceneRecord) -> SceneRecord:
    """A worker's record with the paths of the task; a failure if this machine cannot find the worker's files."""
    if record.status == DONE:
        for path in map(Path, task.outputs.paths):
            if not _exists(path):
                sentence = tr(
                    "A worker has written {} where this machine does not see it: give folders that all machines have under "
                    "the same absolute path."
                ).format(os.path.abspath(path))
                return failed_record(task, sentence, record.seconds)
    return replace(record, image=task.image, output=task.output)


def _write_mosaics(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    records: Mapping[str, SceneRecord],
    classes: ClassTable,
    emit: Emit,
) -> list[str]:
    """Writes the mosaics; a failure is a warning, because the masks are complete without them."""
    masks = [task.output for task in tasks if records[task.name].status != FAILED]
    tags = {"TIFFTAG_SOFTWARE": f"DualStream {engine_version()}"}
    try:
        return write_mosaics(Path(job.output_folder), masks, classes, tags, emit)
    except EngineError as error:
        emit(Warned(tr("There is no mosaic. {}").format(error)))
        return []


def _write_summary(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    known: Mapping[str, SceneRecord],
    classes: ClassTable,
    stopwatch: Stopwatch,
    mosaics: Sequence[str],
    emit: Emit,
) -> list[SceneRecord]:
    """Writes the summary of the finished scenes and returns their records in the order of the tasks."""
    records = [known[task.name] for task in tasks if task.name in known]
    models = tuple(Path(path).name for path in job.model)
    run = RunSummary(models, classes, len(tasks), stopwatch.seconds, tuple(mosaics))
    with _warn_of_errors(emit):
        write_table(_table(job), records, classes)
    with _warn_of_errors(emit):
        write_page(_page(job), records, run)
    return records


@contextmanager
def _warn_of_errors(emit: Emit) -> Iterator[None]:
    """Turns an error into a warning, because the masks are complete without the summary."""
    try:
        yield
    except EngineError as error:
        emit(Warned(str(error)))


def _failure(job: SegmentFolderJob, records: Sequence[SceneRecord]) -> str:
    first = records[0]
    scenes = format_count(len(records), "{} scene", "{} scenes")
    text = tr("None of {} could be segmented; {} gives the reason for each. The first, {}: {}")
    return text.format(scenes, _page(job), first.name, first.sentence)


def _done(
    job: SegmentFolderJob,
    records: Sequence[SceneRecord],
    classes: ClassTable,
    mosaics: Sequence[str],
    stopwatch: Stopwatch,
) -> Done:
    by_status = {
        status: [record for record in records if record.status == status]
        for status in (DONE, KEPT, FAILED)
    }
    used = by_status[DONE] or by_status[KEPT]
    seconds = stopwatch.seconds
    return Done(
        " ".join(_sentences(job, by_status, seconds)),
        {
            "output_folder": job.output_folder,
            "summary": str(_page(job)),
            "table": str(_table(job)),
            "mosaic": mosaics[0] if mosaics else "",
            "mosaics": [*mosaics],
            "masks": [record.output for record in (*by_status[DONE], *by_status[KEPT])],
            "scenes": len(records),
            "scenes_done": len(by_status[DONE]),
            "scenes_kept": len(by_status[KEPT]),
            "scenes_failed": len(by_status[FAILED]),
            "seconds": round(seconds, 2),
            "device_used": _devices(used),
            "runtime_used": _runtimes(used),
            "classes": to_records(classes),
            "nodata": nodata_value(classes),
        },
        failures=len(by_status[FAILED]),
    )


def _sentences(
    job: SegmentFolderJob, by_status: Mapping[str, Sequence[SceneRecord]], seconds: float
) -> Iterator[str]:
    """How many scenes were segmented and how fast, which were kept, where the masks are, and what failed."""
    made = by_status[DONE]
    kept = by_status[KEPT]
    failed = by_status[FAILED]
    count = len(made) + len(kept) + len(failed)
    text = (
        tr("Segmented {} of {} in {} on {} ({}), about {} a second.")
        if made
        else tr("Segmented {} of {} in {}.")
    )
    pixels = 1e6 * sum(record.megapixels for record in made)
    yield text.format(
        len(made),
        format_count(count, "{} scene", "{} scenes"),
        format_duration(seconds),
        _devices(made),
        _runtimes(made),
        format_pixels(pixels / max(seconds, 1e-9)),
    )
    if kept:
        yield tr("Finished before and kept: {}.").format(len(kept))
    yield tr("The masks are in {}.").format(job.output_folder)
    if failed:
        names = join_names([record.name for record in failed], _MAX_NAMED)
        text = tr("{} of {} failed ({}); {} explains.")
        yield text.format(len(failed), count, names, _page(job))


def _devices(records: Sequence[SceneRecord]) -> str:
    return ", ".join(dict.fromkeys(record.device for record in records))


def _runtimes(records: Sequence[SceneRecord]) -> str:
    return ", ".join(dict.fromkeys(record.runtime for record in records))
