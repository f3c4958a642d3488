"""Shows the engine's events in Processing's log and progress bar."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from qgis.core import QgsProcessingFeedback

from ..engine.contract import protocol
from ..i18n import tr

#: Progress messages that differ only in their numbers appear in the log at most this often.
SECONDS_BETWEEN_LINES = 5.0

#: This many warnings, lines about single scenes and new steps are shown at once; further ones are throttled.
UNTHROTTLED_LINES = 50

#: Position of the progress bar while the engine starts, %: at 0 the user does not see that the run has begun.
START_PERCENT = 1.0


class FeedbackReporter:
    """Translates the events of one run.

    Args:
        feedback: The log and progress bar.

    Attributes:
        outputs: The engine's result values, after ``Done``.
        progress: The numbers of the last progress event, shown or not.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self.outputs: dict[str, Any] = {}
        self.progress: dict[str, Any] = {}
        self._feedback = feedback
        self._last_message = ("", float("-inf"))
        self._shown: Counter[str] = Counter()
        self._hidden = 0
        self._shown_at: dict[str, float] = {}
        self._percent = 0.0
        self._is_warm = False

    def start(self, is_warm: bool = False) -> None:
        """Shows that the engine is starting, which takes a second or two, unless it is running already.

        Args:
            is_warm: Whether the engine of an earlier run is still running.
        """
        self._is_warm = is_warm
        self._advance(START_PERCENT)
        if not is_warm:
            self._feedback.setProgressText(tr("Starting the engine…"))

    def report(self, event: protocol.Event) -> None:
        """Shows one event."""
        if isinstance(event, protocol.Started):
            if not self._is_warm:
                text = tr("The engine is running and loads its libraries…")
                self._feedback.setProgressText(text)
        elif isinstance(event, protocol.Progress):
            self.progress = event.values
            self._advance(100.0 * event.fraction)
            self._log_progress(event.message)
        elif isinstance(event, protocol.Warned):
            if self._allow_line("warning"):
                self._feedback.pushWarning(event.message)
        elif isinstance(event, protocol.Metric):
            if "scene" not in event.values or self._allow_line("scene"):
                self._feedback.pushInfo(event.message)
        elif isinstance(event, protocol.Done):
            self._advance(100.0)
            if self._hidden:
                hidden = tr("Lines about scenes that are not shown here: {}. See the summary.")
                self._feedback.pushInfo(hidden.format(self._hidden))
            self._feedback.pushInfo(event.message)
            self.outputs = dict(event.outputs)

    def _advance(self, percent: float) -> None:
        """Moves the progress bar, never backwards."""
        self._percent = max(percent, self._percent)
        self._feedback.setProgress(self._percent)

    def _log_progress(self, message: str) -> None:
        """Logs a new step at once, and a message with other numbers after some seconds."""
        last, shown_at = self._last_message
        now = time.monotonic()
        is_due = now - shown_at >= SECONDS_BETWEEN_LINES
        is_step = _step(message) != _step(last) and self._shown["step"] < UNTHROTTLED_LINES
        if message and message != last and (is_due or is_step):
            self._shown["step"] += is_step
            self._feedback.setProgressText(message)
            self._last_message = (message, now)

    def _allow_line(self, kind: str) -> bool:
        """Counts a line of a kind and returns whether to show it."""
        now = time.monotonic()
        is_due = now - self._shown_at.get(kind, 0.0) >= SECONDS_BETWEEN_LINES
        if self._shown[kind] >= UNTHROTTLED_LINES and not is_due:
            self._hidden += 1
            return False
        self._shown[kind] += 1
        self._shown_at[kind] = now
        return True


def _step(message: str) -> str:
    """Returns the part of a progress message before the first comma, without numbers."""
    return re.sub(r"\d+", "", message.split(",")[0])
