"""Progress of a run with an estimate of the time left."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..contract.protocol import Emit, Progress
from ..contract.translation import tr

#: Progress at which models are loaded, and at which the first tile is read. Small, but above
#: 0, because the work before the first tile may take half a minute.
PREPARING, SEGMENTING = 0.01, 0.02


class Stopwatch:
    """Estimates the time left from the share of the work that is done.

    Args:
        begun: Share of the work that an earlier run had done; None: the first share reported.
        before: Seconds that an earlier run has spent.
        clock: Returns a time in seconds that only increases.

    Attributes:
        begun: Share of the work that was done before; None: no share was reported yet.
    """

    def __init__(
        self,
        begun: float | None = 0.0,
        before: float = 0.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._clock = clock or time.monotonic
        self._start, self.begun = self._clock() - before, begun

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._start

    def time_left(self, fraction: float) -> str:
        """The time left after ``fraction`` of the work, as ``, 3 min left``; "" while unknown."""
        if self.begun is None:
            self.begun = fraction
        done = fraction - self.begun
        # Not in the first seconds: the first pass of a network is several times slower than the others.
        if not 0 < done < 1 - self.begun or self.seconds < 5:
            return ""
        return tr(", {} left").format(format_duration(self.seconds * (1 - fraction) / done))

    def progress(self, fraction: float, text: str) -> Progress:
        """The progress event for ``fraction`` of the work: ``text`` followed by the time left."""
        return Progress(fraction, f"{text}{self.time_left(fraction)}")


def tile_progress(
    emit: Emit, stopwatch: Stopwatch, begin: float, end: float, scene: str = ""
) -> Callable[[int, int], None]:
    """Callback (tile, tiles) for the tiles of one scene that emits the progress of the whole run.

    Args:
        emit: Callback for events.
        stopwatch: The stopwatch of the run.
        begin: Progress of the run before the scene's first tile, 0..1.
        end: Progress of the run after its last tile.
        scene: Text before the number of the tile, with its own punctuation.
    """

    def on_progress(tile: int, tiles: int) -> None:
        share = begin + (end - begin) * tile / tiles
        emit(stopwatch.progress(share, scene + tr("tile {} of {}").format(tile, tiles)))

    return on_progress


def format_duration(seconds: float) -> str:
    """A duration in words: ``8 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 99:
        return tr("{:.0f} s").format(seconds)
    minutes = round(seconds / 60)
    if minutes < 100:
        return tr("{} min").format(minutes)
    return tr("{} h {} min").format(minutes // 60, minutes % 60)
