"""A feedback that records an algorithm's messages and can cancel it."""

from __future__ import annotations

import time

from qgis.core import QgsProcessingFeedback


class Log(QgsProcessingFeedback):
    """Records messages; cancels at the first progress message that contains ``cancel_at``."""

    def __init__(self, cancel_at: str = "") -> None:
        super().__init__(False)
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.commands: list[str] = []
        self.percents: list[float] = []
        self.cancelled_at = 0.0
        self._cancel_at = cancel_at
        self.progressChanged.connect(self.percents.append)

    def pushInfo(self, info):
        self.lines.append(info)

    def setProgressText(self, text):
        self.lines.append(text)
        if self._cancel_at and self._cancel_at in text:
            self.cancelled_at = time.monotonic()
            self.cancel()

    def pushWarning(self, warning):
        self.warnings.append(warning)

    def pushCommandInfo(self, info):
        self.commands.append(info)

    def reportError(self, error, *_):
        self.errors.append(error)
