"""Segments scene after scene with models that are loaded once; if a scene fails, the run continues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..compute.devices import choose_device
from ..compute.eta import Stopwatch
from ..compute.failures import failed_event
from ..contract.errors import EngineError
from ..contract.jobs import SegmentFolderJob
from ..contract.output_files import check_writable
from ..contract.paths import is_file
from ..contract.protocol import Emit, Warned, keep_warnings
from ..contract.scene import Scene
from ..contract.translation import tr
from ..inference.ensemble import Ensemble, RuntimeRecords
from ..inference.segment_scene import BatchContext, SegmentedRows, StoredRows, segment_scene
from .finished_scenes import make_finished_tags, options_key
from .scene_task import DONE, SceneRecord, SceneTask, failed_record, remove_rows

T = TypeVar("T")


class SceneWorker:
    """Segments scene after scene with models that stay loaded.

    Args:
        job: Models, device and options.
        runtime_records: Runtime configurations from ``Ensemble.record`` of another worker, so that all workers of
            a pool make the same masks; empty: they are chosen with the first scene.
        scenes: Number of scenes to come, by which the runtimes are chosen.

    Raises:
        EngineError: If device, models or options are impossible for any scene.
    """

    def __init__(
        self,
        job: SegmentFolderJob,
        runtime_records: RuntimeRecords = (),
        scenes: int = 1,
    ) -> None:
        self._job = job
        self._runtime_records = runtime_records
        self._scenes = scenes
        self.ensemble = Ensemble(job.model, choose_device(job.device, job.precision), job)
        self._key = options_key(job)
        self._chosen_for: set[bool] = set()

    def run(self, task: SceneTask, emit: Emit) -> SceneRecord:
        """Segments a scene; after a failure the record has the reason.

        Args:
            task: The scene.
            emit: Callback for events of the scene.
        """
        return self._attempt(task, emit, lambda stopwatch: self._segment(task, emit, stopwatch))

    def _attempt(
        self, task: SceneTask, emit: Emit, work: Callable[[Stopwatch], T], seconds: float = 0.0
    ) -> T | SceneRecord:
        """The result of ``work``, or the record of a failure; ``seconds`` were spent on the scene before."""
        stopwatch = Stopwatch(before=seconds)
        try:
            return work(stopwatch)
        except EngineError as error:
            sentence = str(error)
        except Exception as error:  # a defect, or out of memory: other scenes may succeed
            event = failed_event(error)
            sentence = event.message
            if event.details:
                emit(Warned(f"{task.name}: {sentence}\n{event.details}"))
        if is_file(task.output):
            name = Path(task.output).name
            text = tr("A mask {} lies there; it is not this run's result.")
            sentence = f"{sentence} {text.format(name)}"
        return failed_record(task, sentence, stopwatch.seconds)

    def _segment(
        self,
        task: SceneTask,
        emit: Emit,
        stopwatch: Stopwatch,
        stored_rows: StoredRows | None = None,
    ) -> SceneRecord:
        has_auxiliary = bool(task.auxiliary)
        for output in task.outputs.paths:
            check_writable(output)
        warnings: list[str] = []
        records: list[tuple[SegmentedRows, SceneRecord]] = []

        def make_tags(rows: SegmentedRows) -> dict[str, str]:
            record = self._record(task, rows, " ".join(warnings), stopwatch.seconds)
            records.append((rows, record))
            return make_finished_tags(task, self._key, rows.files, record)

        scenes = 0 if has_auxiliary in self._chosen_for else self._scenes
        batch = BatchContext(make_tags, scenes, self._runtime_records, stored_rows)
        segment_scene(
            self._scene(task), task.outputs, self.ensemble, keep_warnings(emit, warnings), batch
        )
        remove_rows(task)  # of its parts
        ((rows, record),) = records
        if not rows.resumed_rows:  # else the models ran as in an earlier run
            self._chosen_for.add(has_auxiliary)
        return replace(record, seconds=stopwatch.seconds)

    def _scene(self, task: SceneTask) -> Scene:
        """The scene of a task, with the bands that the job chooses."""
        job = self._job
        stack_bands = job.auxiliary_bands if task.auxiliary else ()
        image_bands, auxiliary_bands = task.default_bands
        return Scene(
            image=task.image,
            auxiliary=task.auxiliary,
            image_bands=job.image_bands,
            auxiliary_bands=stack_bands,
            default_image_bands=image_bands,
            default_auxiliary_bands=auxiliary_bands,
        )

    def _record(
        self, task: SceneTask, rows: SegmentedRows, warnings: str, seconds: float
    ) -> SceneRecord:
        return SceneRecord(
            name=task.name,
            image=task.image,
            output=task.output,
            status=DONE,
            sentence=warnings,
            seconds=seconds,
            pixels=rows.region.pixels,
            shares=rows.classes.shares,
            device=self.ensemble.device.name,
            runtime=self.ensemble.runtime,
            tiles=rows.tiles,
            known=rows.classes.known,
            unlike=rows.unlike,
            areas=dict(rows.classes.square_metres),
        )
