"""The engine's events -> Processing's log and progress bar."""

from __future__ import annotations

import time
from typing import Any

from qgis.core import QgsProcessingFeedback

from ..engine import protocol

#: A progress message is a line in the log: more than one in this time is a flood.
SECONDS_BETWEEN_LINES = 5.0


class Reporter:
    """Says what the engine says.

    Args:
        feedback: Where to say it.

    Attributes:
        outputs: The result values, once the engine is done.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self.outputs: dict[str, Any] = {}
        self._feedback = feedback
        self._last_line = ("", float("-inf"))

    def report(self, event: protocol.Event) -> None:
        """Shows one event."""
        if isinstance(event, protocol.Progress):
            self._feedback.setProgress(100.0 * event.fraction)
            self._say(event.message)
        elif isinstance(event, protocol.Warned):
            self._feedback.pushWarning(event.message)
        elif isinstance(event, protocol.Metric):
            self._feedback.pushInfo(event.message)
        elif isinstance(event, protocol.Done):
            self._feedback.setProgress(100.0)
            self._feedback.pushInfo(event.message)
            self.outputs = dict(event.outputs)

    def _say(self, message: str) -> None:
        said, when = self._last_line
        now = time.monotonic()
        if message and message != said and now - when >= SECONDS_BETWEEN_LINES:
            self._feedback.setProgressText(message)
            self._last_line = (message, now)
