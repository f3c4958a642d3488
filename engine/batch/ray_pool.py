"""Many scenes on a pool of Ray's: each is a task, and each worker an actor that holds the models.

What Ray has, Ray does: it places the actors, starts one anew that died, gives it the task again that it died of,
asks for more machines. Here only the next scene is handed to whoever is free, so that nothing waits with an actor:
a scene that kills its process takes no other with it, and one that was interrupted goes on from its finished rows
(see ``row_journal``). An actor that has no room yet holds up nobody; one that is out of work is let go, and leaves its
room to others.

How a network runs (runtime, batch size, precision) decides the last digits of its probabilities, and where two
classes are as good as equal the class. So that every mask is what one process makes, one actor alone finds out how
the models run best, with the first scene that can be opened and without mapping it, or takes what an earlier run
has found out, where that has begun a scene in parts. That then holds for all actors, those that are started anew too,
where they have as many threads and the same kind of device.

The machines of a cluster see the same files under the same paths.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from ..compute.devices import why_no_gpu
from ..contract.errors import DeviceError, JobError, first_line
from ..contract.jobs import SegmentFolderJob
from ..contract.protocol import Event, Metric
from .part_plan import has_plan
from .pool_size import Plan, actor_options, plan_pool
from .pool_start import FirstWorker
from .ray_actor import Actor, Outcome, RuntimeRecords, Work, worker_bytes
from .ray_cluster import Cluster, connect_ray
from .scene_parts import Part
from .scene_task import FAILED, SceneRecord, SceneTask, failed_record

Emit = Callable[[Event], None]

#: How many times Ray gives a task again that its process died of.
_RETRIES = 3

_DIED = (
    f"The process that computed it died {_RETRIES + 1} times; perhaps it ran out of memory: take fewer workers, so "
    "that each has more, or segment this scene alone."
)

#: So long after the start somebody should know that there is no worker yet, seconds.
_PATIENCE = 60.0


def pool_records(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    emit: Emit,
    on_progress: Callable[..., None],
) -> Iterator[SceneRecord]:
    """Segments scenes on a pool, see ``SegmentFolderJob.on``.

    Args:
        job: What is asked of all of them, and of the pool.
        tasks: The scenes.
        emit: Is told of the pool, and what no record says.
        on_progress: Is told, as ``BatchProgress.advance``, how far a huge scene is after each part of it.

    Yields:
        Each scene's record once it is finished, in any order.

    Raises:
        EngineError: If there is no pool, or nothing can be mapped on it.
    """
    with connect_ray(job.on, max(job.workers, 1) * job.cores) as cluster:
        plan = _plan(job, cluster)
        emit(Metric(f"Pool: {plan}.", {"workers": plan.workers, "cores": plan.cores}))
        yield from _Pool(cluster, job, plan, tasks, emit, on_progress).records()


def _plan(job: SegmentFolderJob, cluster: Cluster) -> Plan:
    machines = cluster.machines()
    if cluster.is_own:  # Ray counts GPUs that this torch may not be able to use
        usable = torch.cuda.device_count() if torch.cuda.is_available() else 0
        machines = [replace(machine, gpus=min(machine.gpus, usable)) for machine in machines]
    plan = plan_pool(job.workers, job.cores, job.device, machines, worker_bytes(job))
    if plan.has_gpu and cluster.is_own and not any(machine.gpus for machine in machines):
        raise DeviceError(f"There is no usable GPU. {why_no_gpu()}")
    return plan


@dataclass
class _Split:
    """A scene that is mapped in parts."""

    parts: tuple[Part, ...]
    left: int
    begun: float = field(default_factory=time.monotonic)


@dataclass
class _Call:
    """What an actor is doing; neither work nor a scene to settle with: it is starting."""

    actor: Any
    work: Work | None = None
    candidate: SceneTask | None = None
    begun: float = field(default_factory=time.monotonic)

    @property
    def task(self) -> SceneTask | None:
        """The scene."""
        return self.work.task if self.work else self.candidate


class _Pool:
    """Hands scenes to actors, and gathers their records."""

    def __init__(
        self,
        cluster: Cluster,
        job: SegmentFolderJob,
        plan: Plan,
        tasks: Sequence[SceneTask],
        emit: Emit,
        on_progress: Callable[..., None],
    ) -> None:
        self._ray, self._plan, self._emit, self._on_progress = cluster.ray, plan, emit, on_progress
        self._open = {task.name for task in tasks}
        self._waiting = deque(Work(task) for task in tasks)
        self._candidates = deque(sorted(tasks, key=has_plan, reverse=True))
        self._runtime_records: RuntimeRecords | None = None
        self._splits: dict[str, _Split] = {}
        self._room = plan.workers
        self._idle: list[Any] = []
        self._calls: dict[Any, _Call] = {}
        self._first = FirstWorker(cluster, plan, emit)
        share = -(-len(tasks) // plan.workers)
        self._arguments = (job, str(Path.cwd()), share, plan.workers)
        options = actor_options(plan, cluster.environment, _RETRIES)
        self._kind = self._ray.remote(**options)(Actor)

    def records(self) -> Iterator[SceneRecord]:
        """Each scene's record once it is finished."""
        while self._open:
            self._hire()
            self._hand_out()
            done, _ = self._ray.wait([*self._calls], timeout=_PATIENCE)
            if not done:
                self._first.report()
            for ref in done:
                yield from self._answered(ref, self._calls.pop(ref))

    def _hire(self) -> None:
        """Starts as many actors as have something to do."""
        calls = self._calls.values()
        useful = len(self._waiting) + sum(call.work is not None for call in calls)
        for _ in range(min(self._room, useful) - len(self._idle) - len(calls)):
            actor = self._kind.remote(*self._arguments)
            self._calls[actor.ping.remote()] = _Call(actor)

    def _hand_out(self) -> None:
        """Gives whoever is idle the next work; who gets none is let go."""
        if self._runtime_records is None:
            self._autotune()
            return
        while self._idle:
            actor = self._idle.pop()
            if self._waiting:
                work = self._waiting.popleft()
                self._calls[actor.run.remote(work, self._runtime_records)] = _Call(actor, work)
            else:
                self._ray.kill(actor)

    def _autotune(self) -> None:
        """Lets one actor find out how the models run, with the next scene that may be opened."""
        if not self._candidates:
            self._runtime_records = ()  # none can be: their records will tell why
            self._hand_out()
        elif self._idle and not any(call.candidate for call in self._calls.values()):
            actor, task = self._idle.pop(), self._candidates.popleft()
            self._calls[actor.autotune.remote(task)] = _Call(actor, candidate=task)

    def _answered(self, ref: Any, call: _Call) -> Iterator[SceneRecord]:
        """Takes an actor's answer, or what Ray says instead."""
        try:
            outcome = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            if not call.task or self._is_no_start(error):
                self._lose(call, _start_failure(error))
                return
            outcome = self._outcome_of(error, call, call.task)
        self._first.mark_started()
        if outcome.refusal:
            self._dismiss(call, JobError(outcome.refusal))
            return
        self._idle.append(call.actor)
        for event in outcome.events:
            self._emit(event)
        if outcome.runtime_records:
            self._runtime_records = outcome.runtime_records
        yield from self._gathered(call, outcome)

    def _is_no_start(self, error: Exception) -> bool:
        """Whether an actor cannot even start, and so no scene is to blame."""
        errors = self._ray.exceptions
        kinds = (
            errors.RuntimeEnvSetupError,
            errors.ActorUnschedulableError,
            errors.TaskUnschedulableError,
        )
        return isinstance(error, kinds) or getattr(error, "actor_init_failed", False)

    def _outcome_of(self, error: Exception, call: _Call, task: SceneTask) -> Outcome:
        """What came of a scene for which there is an error instead of an answer."""
        if not isinstance(error, self._ray.exceptions.RayTaskError):
            return _failed(call, task, _DIED)
        if call.candidate:  # its own turn will tell why
            return Outcome()
        reason = first_line(error.cause or error)
        return _failed(call, task, f"DualStream's engine has a defect: {reason}.")

    def _dismiss(self, call: _Call, reason: JobError) -> None:
        """Does without an actor that cannot map anything, such as one on a machine that lacks a file.

        Raises:
            JobError: The reason, if no other has worked yet either, or none is left.
        """
        if self._runtime_records is None:
            raise reason
        self._ray.kill(call.actor)
        self._lose(call, reason)

    def _gathered(self, call: _Call, outcome: Outcome) -> Iterator[SceneRecord]:
        """The scene's record, if the outcome of an actor's work is the last that was missing."""
        if outcome.record:
            yield from self._closed(outcome.record)
        elif outcome.parts:
            self._splits[outcome.parts[0].task.name] = _Split(outcome.parts, len(outcome.parts))
            first = (Work(part.task, (part,)) for part in reversed(outcome.parts))
            self._waiting.extendleft(first)
        elif call.work and call.work.parts and call.work.task.name in self._open:
            self._finish_part(call.work.task)

    def _finish_part(self, task: SceneTask) -> None:
        """Counts a part of a scene; after the last the mask can be made."""
        split = self._splits[task.name]
        split.left -= 1
        done, count = len(split.parts) - split.left, len(split.parts)
        self._on_progress(task.name, done / count, f"part {done} of {count}")
        if not split.left:
            seconds = time.monotonic() - split.begun
            self._waiting.appendleft(Work(task, split.parts, seconds))

    def _closed(self, record: SceneRecord) -> Iterator[SceneRecord]:
        """Yields a scene's first record: where several parts fail, the others do not count."""
        if record.name not in self._open:
            return
        self._open.remove(record.name)
        if record.status == FAILED:  # its parts, or itself if it could not even be settled with
            others = (work for work in self._waiting if work.task.name != record.name)
            self._waiting = deque(others)
        yield record

    def _lose(self, call: _Call, reason: JobError) -> None:
        """Does without an actor; what it was to do is for the others.

        Raises:
            JobError: The reason, if there are no others.
        """
        self._room -= 1
        if call.work:
            self._waiting.appendleft(call.work)
        if call.candidate:
            self._candidates.appendleft(call.candidate)
        if not self._room:
            raise reason


def _start_failure(error: Exception) -> JobError:
    return JobError(
        f"No worker of the pool could start ({first_line(error)}). The Python of the cluster's machines needs "
        "the packages of engine/requirements.txt."
    )


def _failed(call: _Call, task: SceneTask, sentence: str) -> Outcome:
    """The failure of the scene that an actor was at."""
    return Outcome(failed_record(task, sentence, time.monotonic() - call.begun))
