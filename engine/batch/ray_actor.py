"""One process of a pool: what it is asked, what it answers. It knows nothing of Ray, which calls it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..contract.card_reader import read_card
from ..contract.ensemble_file import read_ensemble
from ..contract.errors import EngineError
from ..contract.jobs import SegmentFolderJob
from ..contract.protocol import Event, Warned
from .part_plan import has_plan
from .scene_parts import Emit, Part, PartWorker
from .scene_task import SceneRecord, SceneTask

#: What a worker on processors takes: libraries and pixels, bytes; tiles at a time; and numbers a pixel of a tile.
_BASE, _TILES, _NUMBERS = 2**30, 4, 400

#: How the models run, as ``PartWorker.autotune`` has found out.
RuntimeRecords = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Work:
    """What an actor is asked to do.

    Attributes:
        task: The scene.
        parts: None: the scene; one: that part of it; all: the mask of all of them.
        seconds: What the parts have taken so far.
    """

    task: SceneTask
    parts: tuple[Part, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        record: The scene's record; none after a part of it, and of a scene that has to be cut.
        parts: Those in which the scene has to be mapped.
        runtime_records: How the models run; none if that could not be found out.
        events: What somebody should hear of.
        refusal: Why no scene can be mapped there.
    """

    record: SceneRecord | None = None
    parts: tuple[Part, ...] = ()
    runtime_records: RuntimeRecords = ()
    events: tuple[Event, ...] = ()
    refusal: str = ""


class Actor:
    """A process of the pool; its methods are called one at a time.

    Args:
        job: What is asked of all scenes.
        folder: Where the pool's owner works: paths count from there.
        scenes: How many scenes each worker is going to map.
        workers: How many workers there are.
    """

    def __init__(self, job: SegmentFolderJob, folder: str, scenes: int, workers: int) -> None:
        with suppress(OSError):  # on a machine without such a folder absolute paths do
            os.chdir(folder)
        self._job, self._scenes, self._workers = job, scenes, workers
        self._worker: PartWorker | None = None

    def ping(self) -> Outcome:
        """Answers as soon as the process runs."""
        return Outcome()

    def autotune(self, task: SceneTask) -> Outcome:
        """Finds out how the models run best here, by a scene; nothing if that cannot be opened."""
        heard: list[Event] = []
        try:
            worker = PartWorker(self._job, (), self._scenes)
        except EngineError as error:
            return Outcome(refusal=str(error))
        with suppress(EngineError):  # its own turn will tell why
            runtime_records = worker.autotune(task, heard.append)
            return Outcome(runtime_records=runtime_records, events=tuple(heard))
        return Outcome()

    def run(self, work: Work, runtime_records: RuntimeRecords) -> Outcome:
        """Does what is asked for, with models that run as was settled."""
        heard: list[Event] = []
        try:
            # As settled in every process alike, also where it was found out.
            self._worker = self._worker or PartWorker(self._job, runtime_records, self._scenes)
        except EngineError as error:
            return Outcome(refusal=str(error))
        found = self._done(self._worker, work, heard.append)
        return replace(found, events=tuple(e for e in heard if isinstance(e, Warned)))

    def _done(self, worker: PartWorker, work: Work, emit: Emit) -> Outcome:
        if len(work.parts) > 1:
            return Outcome(worker.merge(work.parts, work.seconds, emit))
        if work.parts:
            return Outcome(worker.run_part(work.parts[0], emit))
        if has_plan(work.task) or (self._job.split > 0 and self._workers > 1):
            with suppress(EngineError):  # its record will tell why
                pixels = self._job.split * 1e6 or math.inf
                parts = worker.cut(work.task, pixels, self._workers)
                if parts:
                    return Outcome(parts=tuple(parts))
        return Outcome(worker.run(work.task, emit))


def worker_bytes(job: SegmentFolderJob) -> int:
    """About what a worker on processors takes of the memory."""
    total = _BASE
    for member in read_ensemble(job.model, job.combine).members:
        side = read_card(member.model).tile_size
        # Weights are read, made into a network and, for some runtimes, into a graph.
        total += 3 * Path(member.model).stat().st_size + _TILES * _NUMBERS * 4 * side**2
    return total
