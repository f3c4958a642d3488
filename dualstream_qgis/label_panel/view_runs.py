"""Runs algorithms for the map of the view: in a task of QGIS, so that its window never waits, and the newest run only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsTask,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..algorithms.base_algorithm import EngineAlgorithm
from ..compat import QUIET_TASK
from ..i18n import tr
from .mark_layers import MarksError, MarkSnapshot
from .run_schedule import RunSchedule

#: Time between two looks at the schedule, ms.
_TICK = 100


@dataclass(frozen=True)
class ViewRun:
    """One run of an algorithm.

    Attributes:
        algorithm: The algorithm.
        parameters: Its parameters, with paths in place of layers: another thread reads them.
        snapshot: Marks that are written to ``labels`` first; None: none are.
        labels: Path of these.
    """

    algorithm: EngineAlgorithm
    parameters: dict[str, Any]
    snapshot: MarkSnapshot | None = None
    labels: str = ""


class _Feedback(QgsProcessingFeedback):
    """Remembers the error."""

    def __init__(self) -> None:
        super().__init__(False)
        self.error = ""

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self.error = error


class RunTask(QgsTask):
    """A run in another thread.

    Args:
        run: The run.
        title: What QGIS's status bar says.
        ended: Called in the main thread with the task when it has ended, cancelled or not.

    Attributes:
        run_of: The run.
        results: The algorithm's results; empty if it failed or was cancelled.
        error: Why it failed, "" if it did not.
    """

    def __init__(self, run: ViewRun, title: str, ended: Callable[[RunTask], None]) -> None:
        super().__init__(title, QUIET_TASK)
        self.run_of, self._ended = run, ended
        self.results: dict[str, Any] = {}
        self._feedback = _Feedback()

    @property
    def error(self) -> str:
        """Why it failed, "" if it did not."""
        return self._feedback.error

    def run(self) -> bool:
        """Writes the marks, checks the parameters and runs the algorithm; QGIS calls this in another thread."""
        run, context = self.run_of, QgsProcessingContext()
        context.setFeedback(self._feedback)
        try:
            if run.snapshot is not None:
                run.snapshot.write(run.labels)
            is_right, flaw = run.algorithm.checkParameterValues(run.parameters, context)
            if not is_right:
                raise QgsProcessingException(flaw)
            results, is_done = run.algorithm.run(run.parameters, context, self._feedback)
        except (MarksError, QgsProcessingException) as error:
            self._feedback.reportError(str(error))
            return False
        self.results = dict(results) if is_done else {}
        return bool(self.results)

    def finished(self, result: bool) -> None:
        """Hands the results over; QGIS calls this in the main thread."""
        self._ended(self)

    def cancel(self) -> None:
        """Ends the engine at once."""
        self._feedback.cancel()
        super().cancel()


class ViewRuns(QObject):
    """Starts the newest run when nothing has changed for half a second.

    Args:
        make: Returns the run of the current marks and view, or the sentence that says why there is none.

    Attributes:
        started: Signal: a run has started.
        mapped: Signal: the task of a run that has succeeded.
        refused: Signal: the sentence about why there is no map.
    """

    started = pyqtSignal()
    mapped = pyqtSignal(object)
    refused = pyqtSignal(str)

    def __init__(self, make: Callable[[], ViewRun | str], parent: QObject) -> None:
        super().__init__(parent)
        self._make, self._schedule = make, RunSchedule()
        self._task: RunTask | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def is_idle(self) -> bool:
        """Whether there is neither a run nor a wish for one."""
        return not self._schedule.is_running and not self._schedule.is_waiting

    def change(self, view: Any) -> None:
        """Notes that marks, image or view have changed."""
        self._schedule.change(view)
        self._timer.start()

    def stop(self) -> None:
        """Cancels the run under way and forgets the next one."""
        self._schedule.withdraw()
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()

    def _tick(self) -> None:
        if self._schedule.must_cancel() and self._task is not None:
            self._task.cancel()
        elif self._schedule.must_start():
            self._start()
        if not self._schedule.is_waiting:
            self._timer.stop()

    def _start(self) -> None:
        made = self._make()
        if isinstance(made, str):
            self._schedule.withdraw()
            self.refused.emit(made)
            return
        self._schedule.start()
        self._task = start_task(made, tr("Map of the view"), self._end)
        self.started.emit()

    def _end(self, task: RunTask) -> None:
        self._task = None
        self._schedule.end()
        if task.results:
            self.mapped.emit(task)
        elif not task.isCanceled():
            self.refused.emit(task.error)


#: Tasks under way: QGIS does not own their Python part.
_TASKS: set[RunTask] = set()


def start_task(run: ViewRun, title: str, ended: Callable[[RunTask], None]) -> RunTask:
    """Starts a run in another thread.

    Args:
        run: The run.
        title: What QGIS's status bar says.
        ended: Called in the main thread with the task when it has ended, cancelled or not.
    """

    def end(task: RunTask) -> None:
        _TASKS.discard(task)
        ended(task)

    task = RunTask(run, title, end)
    _TASKS.add(task)
    QgsApplication.taskManager().addTask(task)
    return task
