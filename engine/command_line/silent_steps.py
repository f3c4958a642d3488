"""Reports a step that takes long without any event, such as a query in a file that never ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..compute.eta import format_duration
from ..contract.clean_up import CleanUp
from ..contract.protocol import Emit, Event, Progress
from ..contract.translation import tr

#: Seconds without an event after which there is a word; each further one of a step comes after twice the time.
SILENCE = 20.0


@contextmanager
def with_reminders(emit: Emit, silence: float = SILENCE) -> Iterator[Emit]:
    """Yields a callback for a run's events that repeats the last progress while nothing else comes.

    Libraries that read a file, repair polygons or run a network report nothing, and no bound of their work is known
    before.

    Args:
        emit: Callback for events; it is never called by two threads at once.
        silence: Seconds until the first reminder.
    """
    reminders = _Reminders(emit, silence)
    with suppress(RuntimeError):  # without memory there is no thread
        threading.Thread(target=reminders.watch, name="reminders", daemon=True).start()
    with CleanUp(reminders.end):
        yield reminders.emit


class _Reminders:
    """The last progress of a run, and when the last event came."""

    def __init__(self, emit: Emit, silence: float) -> None:
        self._emit, self._silence = emit, silence
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._last = Progress(0.0)
        self._since = time.monotonic()
        self._due = silence

    def emit(self, event: Event) -> None:
        """Passes an event on."""
        with self._lock:
            if isinstance(event, Progress):
                self._last = event
            self._emit(event)
            self._since, self._due = time.monotonic(), self._silence

    def watch(self) -> None:
        """Runs in the thread: waits for a long silence, and reports it."""
        while not self._ended.wait(max(self._since + self._due - time.monotonic(), 0.01)):
            with self._lock:
                seconds = time.monotonic() - self._since
                if seconds >= self._due and not self._ended.is_set():
                    self._due *= 2
                    with suppress(OSError, ValueError):  # the reader has ended: the run will notice
                        self._emit(Progress(self._last.fraction, self._text(seconds)))

    def end(self) -> None:
        """Ends the thread; from now on nothing is reported."""
        with self._lock:
            self._ended.set()

    def _text(self, seconds: float) -> str:
        duration = format_duration(seconds)
        if not self._last.message:
            return tr("Still working after {}").format(duration)
        return tr("{} (still working after {})").format(self._last.message, duration)
