"""Progress of what comes before the first scene: lists of a million scenes are read, named and looked up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from ..contract.protocol import Event, Progress

T = TypeVar("T")

#: Seconds between two events.
_INTERVAL = 1.0


class ProgressIterable(Protocol):
    """Passes items on and tells how many there have been."""

    def __call__(self, items: Iterable[T], doing: str) -> Iterable[T]:
        """Passes ``items`` on; ``doing`` says what is done with them, such as "reading the table"."""
        ...


def without_progress(items: Iterable[T], doing: str) -> Iterable[T]:
    """A ``ProgressIterable`` that tells nothing."""
    return items


class ProgressIterator:
    """A ``ProgressIterable`` that tells at once what begins, and every second how far it is.

    Args:
        emit: Callback for progress events. Their fraction is 0: no scene is done yet.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit, self._last = emit, 0.0

    def __call__(self, items: Iterable[T], doing: str) -> Iterator[T]:
        """As ``ProgressIterable``."""
        self.report(doing)
        for number, item in enumerate(items):
            if time.monotonic() - self._last > _INTERVAL:
                self.report(f"{doing}: {number:,} so far")
            yield item

    def report(self, doing: str) -> None:
        """Says what is done."""
        self._last = time.monotonic()
        self._emit(Progress(0.0, doing))
