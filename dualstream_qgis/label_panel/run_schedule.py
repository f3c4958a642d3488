"""Decides when a map of the view is computed: half a second after the last change, one run at a time. Free of Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

#: Time without a change after which a run starts, s.
DELAY = 0.5

#: Time that a newer view waits for the run of an older view, s. Then that run is cancelled.
PATIENCE = 2.0


class RunSchedule:
    """Remembers the newest wish for a run, and the run under way.

    A run of the same view is never cancelled by further marks: it keeps what it computes of the view for the next run, and a
    cancel ends the engine, whose start takes longer than the next run.

    Args:
        clock: Returns the time, s.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wanted: Hashable = None
        self._running: Hashable = None
        self._changed = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether a run is wanted that has not started."""
        return self._wanted is not None

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._running is not None

    def change(self, view: Hashable) -> None:
        """Notes that marks, image or view have changed.

        Args:
            view: What the map shows; equal values stand for the same view of the same image.
        """
        self._wanted, self._changed = view, self._clock()

    def withdraw(self) -> None:
        """Forgets the wish for a run."""
        self._wanted = None

    def must_start(self) -> bool:
        """Returns whether the newest run is to be started now."""
        is_due = self._clock() - self._changed >= DELAY
        return self.is_waiting and not self.is_running and is_due

    def must_cancel(self) -> bool:
        """Returns whether the run under way is of an older view, and a newer one has waited long enough."""
        is_older = self.is_waiting and self.is_running and self._running != self._wanted
        return is_older and self._clock() - self._changed >= PATIENCE

    def start(self) -> None:
        """Notes that the newest run has started."""
        self._running, self._wanted = self._wanted, None

    def end(self) -> None:
        """Notes that the run under way has ended."""
        self._running = None
