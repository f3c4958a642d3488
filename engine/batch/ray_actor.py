"""A process of a pool: its class, tasks and results. Ray calls it; it does not use Ray."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..contract.card_reader import read_card
from ..contract.ensemble_file import read_ensemble
from ..contract.errors import EngineError
from ..contract.jobs import SegmentFolderJob
from ..contract.protocol import Emit, Event, Warned
from ..inference.ensemble import RuntimeRecords
from .part_plan import has_plan
from .scene_parts import Part, PartWorker
from .scene_task import SceneRecord, SceneTask

#: Memory of a worker on CPUs: libraries and pixels, bytes; tiles per forward pass; activations per pixel of a tile.
_BASE = 2**30
_TILES = 4
_ACTIVATIONS = 400


@dataclass(frozen=True)
class Work:
    """A task of an actor.

    Attributes:
        task: The scene.
        parts: No part: the whole scene is segmented; one: this part; all parts: they are merged to the mask.
        seconds: Time that the parts have taken so far.
    """

    task: SceneTask
    parts: tuple[Part, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """The result of a task.

    Attributes:
        record: The scene's record; None after a part, and if the scene must be cut.
        parts: The parts into which the scene must be cut.
        runtime_records: Runtime configurations of the models; empty if unknown.
        events: Events for the user.
        refusal: The reason why this actor can segment no scene.
    """

    record: SceneRecord | None = None
    parts: tuple[Part, ...] = ()
    runtime_records: RuntimeRecords = ()
    events: tuple[Event, ...] = ()
    refusal: str = ""


class Actor:
    """A process of the pool; its methods are called one at a time.

    Args:
        job: The job.
        folder: Working folder of the pool's owner, from which relative paths count.
        scenes: Number of scenes of each worker.
        workers: Number of workers.
    """

    def __init__(self, job: SegmentFolderJob, folder: str, scenes: int, workers: int) -> None:
        with suppress(OSError):  # a machine without this folder uses absolute paths
            os.chdir(folder)
        self._job = job
        self._scenes = scenes
        self._workers = workers
        self._worker: PartWorker | None = None

    def ping(self) -> Outcome:
        """Returns as soon as the process runs."""
        return Outcome()

    def choose_runtimes(self, task: SceneTask) -> Outcome:
        """Chooses the runtimes of the models for scenes like one; an empty outcome if the scene cannot be opened."""
        events: list[Event] = []
        try:
            worker = PartWorker(self._job, (), self._scenes)
        except EngineError as error:
            return Outcome(refusal=str(error))
        with suppress(EngineError):  # the scene's own record will have the reason
            runtime_records = worker.choose_runtimes(task, events.append)
            return Outcome(runtime_records=runtime_records, events=tuple(events))
        return Outcome()

    def run(self, work: Work, runtime_records: RuntimeRecords) -> Outcome:
        """Performs a task with the runtime configurations of ``runtime_records``."""
        events: list[Event] = []
        try:
            self._worker = self._worker or PartWorker(self._job, runtime_records, self._scenes)
        except EngineError as error:
            return Outcome(refusal=str(error))
        outcome = self._perform(self._worker, work, events.append)
        return replace(outcome, events=tuple(e for e in events if isinstance(e, Warned)))

    def _perform(self, worker: PartWorker, work: Work, emit: Emit) -> Outcome:
        if len(work.parts) > 1:
            return Outcome(worker.merge(work.parts, work.seconds, emit))
        if work.parts:
            return Outcome(worker.run_part(work.parts[0], emit))
        if has_plan(work.task) or (self._job.split > 0 and self._workers > 1):
            with suppress(EngineError):  # the record of ``run`` will have the reason
                pixels = self._job.split * 1e6 or math.inf
                parts = worker.cut(work.task, pixels, self._workers)
                if parts:
                    return Outcome(parts=tuple(parts))
        return Outcome(worker.run(work.task, emit))


def worker_bytes(job: SegmentFolderJob) -> int:
    """Estimated memory of a worker on CPUs, bytes."""
    total = _BASE
    for member in read_ensemble(job.model, job.combine).members:
        side = read_card(member.model).tile_size
        # Weights are in memory as read, as a network and, for some runtimes, as a graph.
        total += 3 * Path(member.model).stat().st_size + _TILES * _ACTIVATIONS * 4 * side**2
    return total
