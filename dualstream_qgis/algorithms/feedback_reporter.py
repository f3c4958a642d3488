"""The engine's events -> Processing's log and progress bar."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from qgis.core import QgsProcessingFeedback

from ..engine.contract import protocol
from ..i18n import tr

#: A progress message is a line in the log: messages that differ in their numbers alone are shown this often.
SECONDS_BETWEEN_LINES = 5.0

#: So many warnings, lines about single scenes and steps are shown at any pace; further ones as progress is.
UNTHROTTLED_LINES = 50

#: Where the progress bar stands while the engine starts, in percent: at 0 nobody sees that a run has begun.
STARTING = 1.0


class Reporter:
    """Says what the engine says.

    Args:
        feedback: Where to say it.

    Attributes:
        outputs: The result values, once the engine is done.
        progress: The latest progress message.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self.outputs: dict[str, Any] = {}
        self.progress = ""
        self._feedback = feedback
        self._last_line = ("", float("-inf"))
        self._shown: Counter[str] = Counter()
        self._left_out = 0
        self._last_of: dict[str, float] = {}
        self._percent = 0.0

    def start(self) -> None:
        """Shows that the engine is being started, which takes a second or two."""
        self._advance(STARTING)
        self._feedback.setProgressText(tr("Starting the engine…"))

    def report(self, event: protocol.Event) -> None:
        """Shows one event."""
        if isinstance(event, protocol.Started):
            self._feedback.setProgressText(tr("The engine is running and loads its libraries…"))
        elif isinstance(event, protocol.Progress):
            self.progress = event.message
            self._advance(100.0 * event.fraction)
            self._log(event.message)
        elif isinstance(event, protocol.Warned):
            if self._has_room("warning"):
                self._feedback.pushWarning(event.message)
        elif isinstance(event, protocol.Metric):
            if "scene" not in event.values or self._has_room("scene"):
                self._feedback.pushInfo(event.message)
        elif isinstance(event, protocol.Done):
            self._advance(100.0)
            if self._left_out:
                words = tr("Lines about scenes that are not shown here: {}. See the summary.")
                self._feedback.pushInfo(words.format(self._left_out))
            self._feedback.pushInfo(event.message)
            self.outputs = dict(event.outputs)

    def _advance(self, percent: float) -> None:
        """Moves the bar, never back: a run that has begun has come somewhere."""
        self._percent = max(percent, self._percent)
        self._feedback.setProgress(self._percent)

    def _log(self, message: str) -> None:
        said, when = self._last_line
        now = time.monotonic()
        is_late = now - when >= SECONDS_BETWEEN_LINES
        is_step = _step(message) != _step(said) and self._shown["step"] < UNTHROTTLED_LINES
        if message and message != said and (is_late or is_step):
            self._shown["step"] += is_step
            self._feedback.setProgressText(message)
            self._last_line = (message, now)

    def _has_room(self, kind: str) -> bool:
        """Whether another line of a kind is no flood; counts those that would be one."""
        now = time.monotonic()
        is_late = now - self._last_of.get(kind, 0.0) >= SECONDS_BETWEEN_LINES
        if self._shown[kind] >= UNTHROTTLED_LINES and not is_late:
            self._left_out += 1
            return False
        self._shown[kind] += 1
        self._last_of[kind] = now
        return True


def _step(message: str) -> str:
    """What a progress message says besides numbers and the time that is left."""
    return re.sub(r"\d+", "", message.split(",")[0])
