"""Prints the events of a run for a person at a terminal or for a log file."""

from __future__ import annotations

import io
import sys
import time

from ..contract.protocol import Done, Event, Failed, Metric, Progress, Warned
from ..contract.translation import tr

#: Seconds between progress lines in a log file, where they cannot be overwritten.
_LOG_INTERVAL = 10.0


class Console:
    """Prints progress, metrics, warnings and errors to stderr, the result to stdout."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._open_length = 0
        for stream in (sys.stdout, sys.stderr):
            # A redirected console of Windows has few letters; a result must not end in an error.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        self._last_printed = 0.0

    def send(self, event: Event) -> None:
        """Prints one event; nothing for ``Started``."""
        if isinstance(event, Progress):
            self._print_progress(event)
        elif isinstance(event, Metric):
            self._print_line(event.message)
        elif isinstance(event, Warned):
            self._print_line(tr("Warning: {}").format(event.message))
        elif isinstance(event, Failed):
            self._print_line(tr("Error: {}").format(event.message))
            if event.details:
                print(event.details, file=sys.stderr)
        elif isinstance(event, Done):
            self._print_line("")
            print(event.message)

    def _print_progress(self, event: Progress) -> None:
        text = f"{event.fraction:4.0%}  {event.message}"
        if self._is_terminal:
            # Blanks, because not every console of Windows knows the escape sequence that clears a line.
            print(f"\r{text.ljust(self._open_length)}", end="", file=sys.stderr, flush=True)
            self._open_length = len(text)
        elif time.monotonic() - self._last_printed > _LOG_INTERVAL:
            self._last_printed = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    def _print_line(self, text: str) -> None:
        if self._open_length:
            print(f"\r{' ' * self._open_length}\r", end="", file=sys.stderr)
            self._open_length = 0
        if text:
            print(text, file=sys.stderr, flush=True)
