"""Many scenes on a Ray pool: each scene is a task, and each worker an actor that holds the models.

Ray places the actors, restarts an actor that died, repeats its task, and asks for more machines. This file hands the
next scene to an idle actor. No scenes are queued at an actor: a scene that kills its process affects no other, and an
interrupted scene resumes from its finished rows, see ``row_journal``. An actor that waits for resources blocks
nothing. An actor without work is killed, which frees its resources.

Runtime, batch size and precision of a network decide the last digits of its probabilities, and thereby the class of
pixels where two classes are equally probable. To get the same masks as one process, a single actor chooses the
runtime with the first scene that can be opened, or takes it from an earlier run that cut this scene into parts. All
actors then use it, restarted ones too, with the same number of threads and the same kind of device.

All machines of a cluster must have the same files under the same paths.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..compute.devices import gpu_count
from ..contract.errors import DeviceError, JobError, first_line
from ..contract.jobs import SegmentFolderJob
from ..contract.protocol import Emit, Metric
from ..contract.translation import tr, tr_noop
from ..inference.ensemble import RuntimeRecords
from .part_plan import has_plan
from .pool_size import Plan, actor_options, plan_pool
from .pool_start import FirstWorker
from .ray_actor import Actor, Outcome, Work, worker_bytes
from .ray_cluster import Cluster, connect_ray
from .scene_parts import Part
from .scene_task import FAILED, SceneRecord, SceneTask, failed_record

#: Callback for the progress of a scene, as ``BatchProgress.advance``.
OnProgress = Callable[[str, float, str], None]

#: How many times Ray repeats a task whose process died.
_RETRIES = 3

_DIED = tr_noop(
    "The process that computed it died {} times; perhaps it ran out of memory: take fewer workers, so that each has more, or "
    "segment this scene alone."
)

#: Time without an answer after which the pool reports that no worker has started, s.
_PATIENCE = 60.0


def segment_on_pool(
    job: SegmentFolderJob,
    tasks: Sequence[SceneTask],
    emit: Emit,
    on_progress: OnProgress,
) -> Iterator[SceneRecord]:
    """Segments scenes on a pool, see ``SegmentFolderJob.on``.

    Args:
        job: Options of the scenes and of the pool.
        tasks: The scenes.
        emit: Callback for events of the pool, and warnings of the scenes.
        on_progress: Callback after each part of a huge scene.

    Yields:
        Each scene's record as soon as it is finished, in any order.

    Raises:
        EngineError: If there is no pool, or no worker can segment a scene.
    """
    with connect_ray(job.on, max(job.workers, 1) * job.cores) as cluster:
        plan = _plan(job, cluster)
        emit(Metric(tr("Pool: {}.").format(plan), {"workers": plan.workers, "cores": plan.cores}))
        yield from _Pool(cluster, job, plan, tasks, emit, on_progress).records()


def _plan(job: SegmentFolderJob, cluster: Cluster) -> Plan:
    machines = cluster.machines()
    if cluster.is_own:  # Ray also counts GPUs that torch cannot use
        usable = gpu_count()
        machines = [replace(machine, gpus=min(machine.gpus, usable)) for machine in machines]
    plan = plan_pool(job.workers, job.cores, job.device, machines, worker_bytes(job))
    if plan.has_gpu and cluster.is_own and not any(machine.gpus for machine in machines):
        from ..compute.gpus import why_no_gpu  # imports torch

        raise DeviceError(tr("There is no usable GPU. {}").format(why_no_gpu()))
    return plan


@dataclass
class _Split:
    """A scene that is segmented in parts; ``left`` parts are unfinished."""

    parts: tuple[Part, ...]
    left: int
    begun: float = field(default_factory=time.monotonic)


@dataclass
class _Call:
    """The task of an actor: ``work``, choosing the runtimes with the scene ``candidate``, or starting."""

    actor: Any
    work: Work | None = None
    candidate: SceneTask | None = None
    begun: float = field(default_factory=time.monotonic)

    @property
    def task(self) -> SceneTask | None:
        return self.work.task if self.work else self.candidate


class _Pool:
    """Hands scenes to actors and collects their records."""

    def __init__(
        self,
        cluster: Cluster,
        job: SegmentFolderJob,
        plan: Plan,
        tasks: Sequence[SceneTask],
        emit: Emit,
        on_progress: OnProgress,
    ) -> None:
        self._ray = cluster.ray
        self._emit = emit
        self._on_progress = on_progress
        self._open = {task.name for task in tasks}
        self._waiting = deque(Work(task) for task in tasks)
        self._candidates = deque(sorted(tasks, key=has_plan, reverse=True))
        self._runtime_records: RuntimeRecords | None = None
        self._splits: dict[str, _Split] = {}
        self._max_actors = plan.workers
        self._idle: list[Any] = []
        self._calls: dict[Any, _Call] = {}
        self._first = FirstWorker(cluster, plan, emit)
        share = -(-len(tasks) // plan.workers)
        self._arguments = (job, str(Path.cwd()), share, plan.workers)
        options = actor_options(plan, cluster.environment, _RETRIES)
        self._kind = self._ray.remote(**options)(Actor)

    def records(self) -> Iterator[SceneRecord]:
        """Yields the records of the scenes, see ``segment_on_pool``."""
        while self._open:
            self._start_actors()
            self._assign()
            done, _ = self._ray.wait([*self._calls], timeout=_PATIENCE)
            if not done:
                self._first.report()
            for ref in done:
                yield from self._collect(ref, self._calls.pop(ref))

    def _start_actors(self) -> None:
        """Starts actors for the waiting scenes, up to the planned number."""
        calls = self._calls.values()
        needed = len(self._waiting) + sum(call.work is not None for call in calls)
        for _ in range(min(self._max_actors, needed) - len(self._idle) - len(calls)):
            actor = self._kind.remote(*self._arguments)
            self._calls[actor.ping.remote()] = _Call(actor)

    def _assign(self) -> None:
        """Gives idle actors the next scenes; actors without work are killed."""
        if self._runtime_records is None:
            self._choose_runtimes()
            return
        while self._idle:
            actor = self._idle.pop()
            if self._waiting:
                work = self._waiting.popleft()
                self._calls[actor.run.remote(work, self._runtime_records)] = _Call(actor, work)
            else:
                self._ray.kill(actor)

    def _choose_runtimes(self) -> None:
        """Lets one actor choose the runtimes of the models with the next scene."""
        if not self._candidates:
            self._runtime_records = ()  # no scene can be opened: their records will have the reasons
            self._assign()
        elif self._idle and not any(call.candidate for call in self._calls.values()):
            actor, task = self._idle.pop(), self._candidates.popleft()
            self._calls[actor.choose_runtimes.remote(task)] = _Call(actor, candidate=task)

    def _collect(self, ref: Any, call: _Call) -> Iterator[SceneRecord]:
        """Takes the result of an actor, or Ray's error."""
        try:
            outcome = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            if not call.task or self._is_start_failure(error):
                reason = JobError(
                    tr(
                        "No worker of the pool could start ({}). The Python of the cluster's machines needs the packages of "
                        "engine/requirements.txt."
                    ).format(first_line(error))
                )
                self._drop_actor(call, reason)
                return
            outcome = self._failed_outcome(error, call, call.task)
        self._first.mark_started()
        if outcome.refusal:
            reason = JobError(outcome.refusal)
            if self._runtime_records is None:  # the first actor: the others would refuse too
                raise reason
            self._ray.kill(call.actor)  # such as an actor on a machine that lacks a file
            self._drop_actor(call, reason)
            return
        self._idle.append(call.actor)
        for event in outcome.events:
            self._emit(event)
        if outcome.runtime_records:
            self._runtime_records = outcome.runtime_records
        yield from self._take(call, outcome)

    def _is_start_failure(self, error: Exception) -> bool:
        """Whether an actor could not start, so that the scene is not the cause."""
        errors = self._ray.exceptions
        kinds = (
            errors.RuntimeEnvSetupError,
            errors.ActorUnschedulableError,
            errors.TaskUnschedulableError,
        )
        return isinstance(error, kinds) or getattr(error, "actor_init_failed", False)

    def _failed_outcome(self, error: Exception, call: _Call, task: SceneTask) -> Outcome:
        """The outcome of a scene that ended with an error of Ray."""
        sentence = tr(_DIED).format(_RETRIES + 1)
        if isinstance(error, self._ray.exceptions.RayTaskError):
            if call.candidate:  # the scene's own record will have the reason
                return Outcome()
            text = tr("DualStream's engine has a defect: {}.")
            sentence = text.format(first_line(error.cause or error))
        return Outcome(failed_record(task, sentence, time.monotonic() - call.begun))

    def _take(self, call: _Call, outcome: Outcome) -> Iterator[SceneRecord]:
        """Takes the outcome of a task; yields the scene's record when the scene is finished."""
        if outcome.record:
            yield from self._close(outcome.record)
        elif outcome.parts:
            self._splits[outcome.parts[0].task.name] = _Split(outcome.parts, len(outcome.parts))
            self._waiting.extendleft(Work(p.task, (p,)) for p in reversed(outcome.parts))
        elif call.work and call.work.parts and call.work.task.name in self._open:
            self._finish_part(call.work.task)

    def _finish_part(self, task: SceneTask) -> None:
        """Counts a finished part; after the last part the parts are merged."""
        split = self._splits[task.name]
        split.left -= 1
        done, count = len(split.parts) - split.left, len(split.parts)
        self._on_progress(task.name, done / count, tr("part {} of {}").format(done, count))
        if not split.left:
            seconds = time.monotonic() - split.begun
            self._waiting.appendleft(Work(task, split.parts, seconds))

    def _close(self, record: SceneRecord) -> Iterator[SceneRecord]:
        """Yields a scene's first record; further records, of other failed parts, are ignored."""
        if record.name not in self._open:
            return
        self._open.remove(record.name)
        if record.status == FAILED:  # its other parts, or the scene if it failed as a candidate
            self._waiting = deque(w for w in self._waiting if w.task.name != record.name)
        yield record

    def _drop_actor(self, call: _Call, reason: JobError) -> None:
        """Reduces the pool by an actor and returns its task to the queue; raises if no actor is left."""
        self._max_actors -= 1
        if call.work:
            self._waiting.appendleft(call.work)
        if call.candidate:
            self._candidates.appendleft(call.candidate)
        if not self._max_actors:
            raise reason
