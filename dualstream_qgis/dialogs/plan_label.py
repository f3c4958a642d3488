"""The line in the training dialogs that shows, before Run, the data, the automatic choices and the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import (
    QCoreApplication,
    QProcess,
    QProcessEnvironment,
    Qt,
    QTemporaryFile,
    QTimer,
)
from qgis.PyQt.QtGui import QHideEvent, QResizeEvent, QShowEvent
from qgis.PyQt.QtWidgets import QLabel, QWidget

from .. import ROOT, environment
from ..engine.contract import protocol
from ..engine.contract.job_json import to_json
from ..engine.contract.jobs import TrainJob
from ..engine_process.worker import Launch
from ..i18n import tr

#: Time without a change after which the data are looked at, ms.
_PAUSE = 1500


class PlanLabel(QLabel):
    """Runs the engine's ``plan`` in the background and shows its answer; an older question is dropped.

    Args:
        job: Returns the job that the dialog describes, or a sentence to show in place of its plan; "" while it is
            incomplete.
        parent: The widget that shows the line.
    """

    def __init__(self, job: Callable[[], TrainJob | str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)  # names of classes and files are not markup
        self._job = job
        self._process: QProcess | None = None
        self._asked: TrainJob | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._ask)

    def request(self, *_: Any) -> None:
        """Asks again once nothing has changed for a moment."""
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        # The dialog closes, or a run begins, shows its log and needs the computer.
        self._timer.stop()
        self._stop()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self.request()
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()
        super().resizeEvent(event)

    def _show(self, text: str) -> None:
        self.setText(text)
        self._fit_height()

    def _fit_height(self) -> None:
        # A layout within a layout does not ask for the height that a wrapped text needs.
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.text() else 0)

    def _stop(self) -> None:
        """Ends the engine, which may still be looking at data that are no longer asked for."""
        process, self._process = self._process, None
        if process is not None:
            self._asked = None
            for signal in (
                process.finished,
                process.errorOccurred,
                process.readyReadStandardOutput,
            ):
                signal.disconnect()
            # Not here: QGIS would wait for a process that ends slowly, as one that reads from the network may do.
            process.setParent(QCoreApplication.instance())
            process.finished.connect(process.deleteLater)
            process.kill()
            self._show("")

    def _ask(self) -> None:
        """Starts the engine if the job is complete and another one than before."""
        job = self._job() if self.isVisible() else ""
        if job == self._asked and job:
            return
        self._stop()
        self._asked = None if isinstance(job, str) else job
        self._show(job if isinstance(job, str) else "")
        if isinstance(job, str):
            return
        try:
            launch = Launch(environment.find(), ROOT)
        except environment.EnvironmentMissingError:
            return
        self._start(launch, job)

    def _start(self, launch: Launch, job: TrainJob) -> None:
        file = QTemporaryFile()
        if not file.open():
            return
        file.write(to_json(job).encode())
        file.close()  # it is removed with the process
        command = launch.command(
            "plan", "--config", file.fileName(), "--events", "json", "--stop_on_eof"
        )
        process = self._process = QProcess(self)
        process.setWorkingDirectory(str(launch.folder))
        variables = QProcessEnvironment()
        for name, value in launch.variables.items():
            variables.insert(name, value)
        process.setProcessEnvironment(variables)
        file.setParent(process)
        lines: list[str] = []
        process.readyReadStandardOutput.connect(lambda: self._read(process, lines))
        for end in (process.finished, process.errorOccurred):
            end.connect(lambda *_: self._finish(process, lines))
        self._show(tr("Looking at the data…"))
        process.start(command[0], command[1:])

    def _read(self, process: QProcess, lines: list[str]) -> None:
        """Shows what is known so far: the data at once, the time when it is measured."""
        while process.canReadLine():
            lines.append(bytes(process.readLine()).decode("utf-8", "replace"))
        text = _answer(lines)
        if text is not None:
            self._show(text)

    def _finish(self, process: QProcess, lines: list[str]) -> None:
        if _answer(lines) is None:  # it crashed, and a run would say why
            self._show("")
        self._process = None
        process.deleteLater()


def _answer(lines: list[str]) -> str | None:
    """Returns the text for the events so far: the result and warnings, or what the user has to change; None at first."""
    events = [event for event in map(_decoded, lines) if event is not None]
    warnings = [event.message for event in events if isinstance(event, protocol.Warned)]
    results = [event for event in events if isinstance(event, (protocol.Metric, protocol.Done))]
    last = events[-1] if events else None
    if isinstance(last, protocol.Failed):
        return "" if last.details else last.message
    return "\n".join([results[-1].message, *warnings]) if results else None


def _decoded(line: str) -> protocol.Event | None:
    """Returns the event of a line; None for a line that a library has printed."""
    try:
        return protocol.decode(line)
    except ValueError:
        return None
