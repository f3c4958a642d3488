"""A run as a person at a terminal sees it: progress in one line, everything else below it."""

from __future__ import annotations

import sys
import time

from ..contract.protocol import Done, Event, Failed, Metric, Progress, Warned

#: Seconds between progress lines where they cannot be overwritten, as in a log file.
_LOG_INTERVAL = 10.0


class Console:
    """Prints events: progress, metrics and warnings to stderr, the result to stdout."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._has_open_line = False
        self._last = 0.0

    def send(self, event: Event) -> None:
        """Prints one event."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Metric):
            self._line(event.message)
        elif isinstance(event, Warned):
            self._line(f"Warning: {event.message}")
        elif isinstance(event, Failed):
            self._line(f"Error: {event.message}")
            if event.details:
                print(event.details, file=sys.stderr)
        elif isinstance(event, Done):
            self._line("")
            print(event.message)
        # Nothing for Started: the person has just typed the command.

    def _progress(self, event: Progress) -> None:
        text = f"{event.fraction:4.0%}  {event.message}"
        if self._is_terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
            self._has_open_line = True
        elif time.monotonic() - self._last > _LOG_INTERVAL:
            self._last = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    def _line(self, text: str) -> None:
        if self._has_open_line:
            print("\r\x1b[K", end="", file=sys.stderr)
            self._has_open_line = False
        if text:
            print(text, file=sys.stderr, flush=True)
