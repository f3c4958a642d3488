"""How far a run is before its first tile, and how long it will still take, in words."""

from __future__ import annotations

import time

#: Shares of a run at which models are loaded and runtimes measured, and at which the first tile is read. Both are
#: small, and tell a user that the run has begun: what comes before the first tile may take half a minute.
PREPARING, MAPPING = 0.01, 0.02


class Pace:
    """Estimates the time left from the share of the work that is done.

    Args:
        before: Seconds that count as spent already.
    """

    def __init__(self, before: float = 0.0) -> None:
        self._start = time.monotonic() - before

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def left(self, fraction: float) -> str:
        """The time left after ``fraction`` of the work, as ``, 3 min left``; "" while unknown.

        The first seconds say little: the first pass of a network is several times slower than the rest.
        """
        if not 0 < fraction < 1 or self.seconds < 5:
            return ""
        return f", {in_words(self.seconds * (1 - fraction) / fraction)} left"


def in_words(seconds: float) -> str:
    """A duration a person can read: ``8 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 99:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
