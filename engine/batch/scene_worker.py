"""Segments scene after scene with models that are loaded once; a scene that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..compute.devices import choose_device
from ..compute.failures import failed_event
from ..contract.class_table import ClassTable, free_value
from ..contract.errors import EngineError
from ..contract.eta import Stopwatch
from ..contract.jobs import SegmentFolderJob
from ..contract.output_files import check_writable
from ..contract.paths import is_file
from ..contract.protocol import Event, Warned
from ..contract.scene import Scene
from ..inference.ensemble import Ensemble
from ..inference.segment_scene import BatchContext, SegmentedRows, StoredRows, segment_scene
from .finished_scenes import make_finished_tags, options_key
from .scene_task import DONE, SceneRecord, SceneTask, failed_record, remove_rows

Emit = Callable[[Event], None]
T = TypeVar("T")


class SceneWorker:
    """A process's models, ready for scene after scene.

    Args:
        job: What is asked of all scenes.
        runtime_records: How the models have to run, as ``record`` gave it elsewhere, so that all workers of a pool make
            the same masks; none: with the first scene it is found out what is fastest here.
        scenes: How many scenes are to come: finding that out must pay off.

    Raises:
        EngineError: If device, models or options are impossible, whatever the scene.
    """

    def __init__(
        self,
        job: SegmentFolderJob,
        runtime_records: Sequence[Mapping[str, Any]] = (),
        scenes: int = 1,
    ) -> None:
        self._job, self._runtime_records, self._scenes = job, runtime_records, scenes
        self.ensemble = Ensemble(job.model, choose_device(job.device, job.precision), job)
        self._key = options_key(job)
        self._tuned_for: set[bool] = set()

    def run(self, task: SceneTask, emit: Emit) -> SceneRecord:
        """Segments a scene; what stops it is in the record.

        Args:
            task: The scene.
            emit: Is told progress within it, and warnings.
        """
        return self._attempted(task, emit, lambda stopwatch: self._segmented(task, emit, stopwatch))

    def record(self) -> list[dict[str, Any]]:
        """How the models run, for ``runtime_records`` of other workers; known after the first scene."""
        return self.ensemble.record()

    def _attempted(
        self, task: SceneTask, emit: Emit, work: Callable[[Stopwatch], T], seconds: float = 0.0
    ) -> T | SceneRecord:
        """What ``work`` returns; or why the scene failed. ``seconds`` were spent on it before."""
        stopwatch = Stopwatch(before=seconds)
        try:
            return work(stopwatch)
        except EngineError as error:
            return failed_record(task, _with_leftover(task, str(error)), stopwatch.seconds)
        except Exception as error:  # a defect, or out of memory: the others may do better
            said = failed_event(error)
            if said.details:
                emit(Warned(f"{task.name}: {said.message}\n{said.details}"))
            return failed_record(task, _with_leftover(task, said.message), stopwatch.seconds)

    def _segmented(
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
        found: list[tuple[SegmentedRows, SceneRecord]] = []

        def forward(event: Event) -> None:
            if isinstance(event, Warned):
                warnings.append(event.message)
            emit(event)

        def make_tags(mapped: SegmentedRows) -> dict[str, str]:
            record = self._record(task, mapped, " ".join(warnings), stopwatch.seconds)
            found.append((mapped, record))
            return make_finished_tags(task, self._key, mapped.files, record)

        scenes = 0 if has_auxiliary in self._tuned_for else self._scenes
        batch = BatchContext(make_tags, scenes, self._runtime_records, stored_rows)
        segment_scene(self._scene(task), task.outputs, self.ensemble, forward, batch)
        remove_rows(task)  # of its parts
        ((mapped, record),) = found
        if (
            not mapped.resumed_rows
        ):  # else the models ran as they did in an earlier run of this scene
            self._tuned_for.add(has_auxiliary)
        return replace(record, seconds=stopwatch.seconds)

    def _scene(self, task: SceneTask) -> Scene:
        """The scene of a task, with the bands that the job has chosen."""
        job = self._job
        stack_bands = job.auxiliary_bands if task.auxiliary else ()
        return Scene(task.image, "", task.auxiliary, "", job.image_bands, stack_bands, *task.usual)

    def _record(
        self, task: SceneTask, mapped: SegmentedRows, warnings: str, seconds: float
    ) -> SceneRecord:
        counts = class_counts(mapped.row_paths[0], self.ensemble.classes)
        known = sum(counts.values())
        return SceneRecord(
            name=task.name,
            image=task.image,
            output=task.output,
            status=DONE,
            sentence=warnings,
            seconds=seconds,
            pixels=mapped.region.width * mapped.region.height,
            shares={name: count / max(known, 1) for name, count in counts.items()},
            device=self.ensemble.device.name,
            runtime=self.ensemble.runtime,
            tiles=mapped.tiles,
            known=known,
        )


def _with_leftover(task: SceneTask, sentence: str) -> str:
    """Why a scene failed, and what lies where its mask would be."""
    if not is_file(task.output):
        return sentence
    return f"{sentence} A mask {Path(task.output).name} lies there; it is not this run's result."


#: Values that are counted at a time: numpy makes each a number of 8 bytes for it.
_CHUNK = 2**21


def class_counts(raw: Path, table: ClassTable) -> dict[str, int]:
    """The pixels of each class, by name; classes of one name count together.

    Args:
        raw: A flat file of class values, of 8 bit, or of 16 with the low byte first, as ``journal`` writes it.
        table: The classes.
    """
    kind = np.dtype("u1" if free_value(table) <= 255 else "<u2")
    found = np.zeros(np.iinfo(kind).max + 1, np.int64)
    with raw.open("rb") as file:
        while len(values := np.fromfile(file, kind, _CHUNK)):
            found += np.bincount(values, minlength=len(found))
    counts = dict.fromkeys((entry.name for entry in table), 0)
    for entry in table:
        counts[entry.name] += int(found[entry.value])
    return counts
