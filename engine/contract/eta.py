"""How far a run is before its first tile, and how long it will still take, in words."""

from __future__ import annotations

import time
from collections.abc import Callable

from .protocol import Event, Progress

#: Shares of a run at which models are loaded and runtimes measured, and at which the first tile is read. Both are
#: small, and tell a user that the run has begun: what comes before the first tile may take half a minute.
PREPARING, SEGMENTING = 0.01, 0.02


class Stopwatch:
    """Estimates the time left from the share of the work that is done.

    Args:
        begun: The share that was done when the clock started, as of an earlier run; None: the first share reported.
        before: Seconds that count as spent already.

    Attributes:
        begun: The same.
    """

    def __init__(self, begun: float | None = 0.0, before: float = 0.0) -> None:
        self._start, self.begun = time.monotonic() - before, begun

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def time_left(self, fraction: float) -> str:
        """The time left after ``fraction`` of the work, as ``, 3 min left``; "" while unknown.

        The first seconds say little: the first pass of a network is several times slower than the rest.
        """
        if self.begun is None:
            self.begun = fraction
        done = fraction - self.begun
        if not 0 < done < 1 - self.begun or self.seconds < 5:
            return ""
        return f", {format_duration(self.seconds * (1 - fraction) / done)} left"

    def progress(self, fraction: float, text: str) -> Progress:
        """The event that ``fraction`` of the work is done, with the time left behind its text."""
        return Progress(fraction, f"{text}{self.time_left(fraction)}")


def tile_progress(
    emit: Callable[[Event], None], stopwatch: Stopwatch, begin: float, end: float, scene: str = ""
) -> Callable[[int, int], None]:
    """Callback (tile, tiles) that emits the progress of a run of which a scene's tiles are a part.

    Args:
        emit: Callback for events.
        stopwatch: The run's.
        begin: The share of the run that is done before the first tile.
        end: The share that is done after the last.
        scene: What goes before the tile's number.
    """

    def on_progress(tile: int, tiles: int) -> None:
        share = begin + (end - begin) * tile / tiles
        emit(stopwatch.progress(share, f"{scene}tile {tile} of {tiles}"))

    return on_progress


def format_duration(seconds: float) -> str:
    """A duration a person can read: ``8 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 99:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
