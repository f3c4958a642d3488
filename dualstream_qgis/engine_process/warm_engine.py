"""Keeps an engine with its models in memory, so that only the first of many jobs waits for its start. Free of Qt.

An engine runs one job at a time; jobs at the same time run in several engines. After a job, one idle engine is kept
until ``stop`` is called, or until it ends by itself after some minutes (see ``protocol``). It ends with QGIS, because
then its standard input closes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ..engine.contract import protocol
from ..engine.contract.clean_up import CleanUp
from ..engine.contract.job_json import Job
from . import worker


@dataclass(frozen=True)
class _LaunchKey:
    """Start parameters of an engine; an idle engine is reused only if its key is the same."""

    launch: worker.Launch
    variables: dict[str, str]
    modified: int  # time of the Python in ns: "Set up DualStream" may have replaced the environment

    @classmethod
    def of(cls, launch: worker.Launch) -> _LaunchKey:
        try:
            modified = Path(launch.python).lstat().st_mtime_ns
        except OSError:
            modified = 0
        return cls(launch, launch.variables, modified)


class _ServingEngine:
    """A running engine that accepts one job after another.

    Attributes:
        key: What it was started with.
        has_answered: Whether it has sent an event of its current job.
    """

    def __init__(self, key: _LaunchKey) -> None:
        self.key = key
        self.has_answered = False
        self._child = worker.start_process(key.launch, "serve", "--events", "json")

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self._child.exit_code is None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    def events(self, request: str, cancelled: Callable[[], bool]) -> Iterator[protocol.Event]:
        """Sends a request and yields the engine's events; raises the errors of ``worker.events``."""
        self.has_answered = False
        # If the process has ended, worker.events raises an error with the reason.
        with suppress(OSError):
            self._child.send(request)
        for event in worker.events(self._child, cancelled, exits_after_run=False):
            self.has_answered = True
            yield event

    def stop(self) -> None:
        """Kills the process."""
        self._child.stop()


class EnginePool:
    """Runs jobs in an idle engine or a new one; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: _ServingEngine | None = None
        self._stops = 0

    @property
    def idle_pid(self) -> int | None:
        """The process id of the idle engine, or None."""
        engine = self._idle
        return engine.pid if engine is not None and engine.is_alive else None

    def is_warm(self, launch: worker.Launch) -> bool:
        """Returns whether an idle engine waits that would run the next job of this launch."""
        engine = self._idle
        return engine is not None and engine.is_alive and engine.key == _LaunchKey.of(launch)

    def run(
        self, launch: worker.Launch, verb: str, job: Job, cancelled: Callable[[], bool]
    ) -> Iterator[protocol.Event]:
        """Runs one job and yields its events; see ``worker.run`` for arguments and errors."""
        request = protocol.encode_request(protocol.Request(verb, asdict(job)))
        key, stops = _LaunchKey.of(launch), self._stops
        idle = self._take_idle(key)
        if idle is not None:
            try:
                yield from self._run_in(idle, request, cancelled, stops)
                return
            except worker.CrashedError:
                # An engine that ended before the job began has done none of it: a new one may run it.
                if idle.has_answered:
                    raise
        yield from self._run_in(_ServingEngine(key), request, cancelled, stops)

    def stop(self) -> None:
        """Stops the idle engine; engines at work end after their job."""
        with self._lock:
            engine, self._idle = self._idle, None
            self._stops += 1
        if engine is not None:
            engine.stop()

    def _run_in(
        self, engine: _ServingEngine, request: str, cancelled: Callable[[], bool], stops: int
    ) -> Iterator[protocol.Event]:
        """Runs one job in one engine, and keeps the engine unless it failed or was cancelled."""
        is_reusable = False
        with CleanUp(lambda: self._keep(engine, stops) if is_reusable else engine.stop()):
            try:
                for event in engine.events(request, cancelled):
                    is_reusable = isinstance(event, protocol.Done)
                    yield event
            except worker.FailedError as failure:
                # After a defect, which has a traceback, the engine ends.
                is_reusable = not failure.details
                raise

    def _take_idle(self, key: _LaunchKey) -> _ServingEngine | None:
        """Returns the idle engine if it is running and has the same key."""
        with self._lock:
            engine = self._idle
            if engine is None or engine.key != key:
                return None
            self._idle = None
        if engine.is_alive:
            return engine
        engine.stop()
        return None

    def _keep(self, engine: _ServingEngine, stops: int) -> None:
        """Makes ``engine`` the idle one and stops its predecessor; if ``stop`` was called since, stops it too."""
        surplus: _ServingEngine | None = engine
        with self._lock:
            if stops == self._stops:
                surplus, self._idle = self._idle, engine
        if surplus is not None:
            surplus.stop()


#: The engines of this QGIS process. ``plugin.py`` stops them when the plugin is unloaded.
ENGINES = EnginePool()
