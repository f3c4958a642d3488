"""Keeps an engine for the next job, so that of many jobs only the first pays for its start. Qt-free.

An engine has one job at a time; jobs at the same time have engines of their own. Of those without a job
the one that was used last is kept, with the model it has in memory, until it has waited too long (it ends by
itself, see ``protocol``) or ``stop`` is called. It never outlives this process, which holds its input open.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from . import worker
from .child_process import clean_environment
from .engine.contract import protocol
from .engine.contract.job_json import Job


@dataclass(frozen=True)
class _LaunchKey:
    """All that a new engine would be started with now; another one does not do its work."""

    launch: worker.Launch
    variables: dict[str, str]
    made: int

    @classmethod
    def of(cls, launch: worker.Launch) -> _LaunchKey:
        """How ``launch`` starts now; an environment that was built anew is another one."""
        try:
            made = Path(launch.python).lstat().st_mtime_ns
        except OSError:
            made = 0
        return cls(launch, clean_environment(), made)


class _ServingEngine:
    """A running engine that takes job after job.

    Attributes:
        start: What it was started with.
        has_begun: Whether it has said anything about its last job.
    """

    def __init__(self, start: _LaunchKey) -> None:
        self.start = start
        self.has_begun = False
        launch = start.launch
        self._child = worker.start_process(launch.command("serve", "--events", "json"), launch.root)

    @property
    def is_alive(self) -> bool:
        """Whether it may take a job."""
        return self._child.exit_code is None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def events(self, request: str, cancelled: Callable[[], bool]) -> Iterator[protocol.Event]:
        """Sends a request and yields what the engine answers; raises as ``worker.events``."""
        self.has_begun = False
        # One that is gone answers with the end of its output, which says more.
        with suppress(OSError):
            self._child.send(request)
        for event in worker.events(self._child, cancelled, leaves=False):
            self.has_begun = True
            yield event

    def stop(self) -> None:
        """Ends it at once, whatever it does."""
        self._child.stop()


class EnginePool:
    """Runs jobs in engines that are already there, or starts them; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: _ServingEngine | None = None
        self._stops = 0

    @property
    def idle(self) -> int | None:
        """The process id of the engine that waits for a job, if one does."""
        engine = self._idle
        return engine.pid if engine is not None and engine.is_alive else None

    def run(
        self, launch: worker.Launch, verb: str, job: Job, cancelled: Callable[[], bool]
    ) -> Iterator[protocol.Event]:
        """Runs one job and yields its events, ``Done`` being the last; as ``worker.run``.

        Args:
            launch: Where the engine is.
            verb: A verb that the engine serves.
            job: What to do.
            cancelled: Asked about ten times a second; once it says yes, the engine is stopped.

        Raises:
            CancelledError: The engine has been stopped because ``cancelled`` said so.
            FailedError: The engine said what is wrong.
            CrashedError: The engine ended without saying anything, or could not be started.
        """
        request = protocol.encode_request(protocol.Request(verb, asdict(job)))
        start, stops = _LaunchKey.of(launch), self._stops
        waiting = self._take(start)
        if waiting is not None:
            try:
                yield from self._job(waiting, request, cancelled, stops)
                return
            except worker.CrashedError:
                # It ended while it waited, and the job was not begun: it is not lost, nor done twice.
                if waiting.has_begun:
                    raise
        yield from self._job(_ServingEngine(start), request, cancelled, stops)

    def stop(self) -> None:
        """Stops the engine without a job; those that have one end after it."""
        with self._lock:
            engine, self._idle = self._idle, None
            self._stops += 1
        if engine is not None:
            engine.stop()

    def _job(
        self, engine: _ServingEngine, request: str, cancelled: Callable[[], bool], stops: int
    ) -> Iterator[protocol.Event]:
        """One job in one engine, which is kept if it ended as it should."""
        is_sound = False
        try:
            for event in engine.events(request, cancelled):
                is_sound = isinstance(event, protocol.Done)
                yield event
        except worker.FailedError as failure:
            # With a traceback it is a defect, after which the engine ends.
            is_sound = not failure.details
            raise
        finally:
            if is_sound:
                self._keep(engine, stops)
            else:
                engine.stop()

    def _take(self, start: _LaunchKey) -> _ServingEngine | None:
        """The engine that waits for a job, if it was started as a new one would be."""
        with self._lock:
            engine = self._idle
            if engine is None or engine.start != start:
                return None
            self._idle = None
        if engine.is_alive:
            return engine
        engine.stop()
        return None

    def _keep(self, engine: _ServingEngine, stops: int) -> None:
        """Lets ``engine`` wait for a job instead of the one that did, unless ``stop`` came meanwhile."""
        leaving: _ServingEngine | None = engine
        with self._lock:
            if stops == self._stops:
                leaving, self._idle = self._idle, engine
        if leaving is not None:
            leaving.stop()


#: The engines of this QGIS. They go with the plugin, and with the process.
ENGINES = EnginePool()
