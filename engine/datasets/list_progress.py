"""Progress while lists of scenes are read, named and checked: they may hold a million."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from ..contract.protocol import Event, Progress
from ..contract.translation import tr

T = TypeVar("T")

#: Seconds between two events.
_INTERVAL = 1.0


class ProgressIterator:
    """Passes items on and reports progress every second: a step that takes less is not reported.

    Args:
        emit: Callback for progress events. Their fraction is 0: no scene is done yet.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit, self._last = emit, time.monotonic()

    def __call__(self, items: Iterable[T], doing: str) -> Iterator[T]:
        """Passes ``items`` on; ``doing`` is the text of the events, such as "Reading the table"."""
        for number, item in enumerate(items):
            if time.monotonic() - self._last > _INTERVAL:
                self.report(tr("{}: {:,} so far").format(doing, number))
            yield item

    def report(self, doing: str) -> None:
        """Emits one progress event."""
        self._last = time.monotonic()
        self._emit(Progress(0.0, doing))


#: Reports nothing.
SILENT = ProgressIterator(lambda event: None)
