"""Several processes of one training speak with one voice: rank 0's, and who fails first says why.

When a rank fails the others notice, each in its own way and much less helpful; what it says first is the
reason, and it is said once. ``torchrun`` then ends all ranks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from .errors import JobError
from .protocol import Event, Failed
from .ranks import Ranks

#: How long the ranks wait for each other at the start, and for the one that says what failed.
_START, _LAST_WORD = timedelta(minutes=10), timedelta(seconds=20)

#: Names under which the ranks note who fails first, and that it has been said.
_CLAIM, _SAID = "dualstream/failed", "dualstream/said"

#: What libraries say, in small letters, when the process at the other end is no more.
_LOST = (
    "connection closed by peer",
    "connection reset by peer",
    "broken pipe",
    "remote process exited",
    "socket timeout",
)


def voice_here(send: Callable[[Event], None]) -> Voice | None:
    """The voice of this process where ``torchrun`` has started it as one of several; else None."""
    ranks = Ranks.here()
    return Voice(ranks, send) if ranks.are_many else None


class Voice:
    """What one of several ranks sends its events to, instead of the reader.

    Args:
        ranks: Which rank this is.
        send: Sends an event to the reader, who is the same for all ranks.
        store: What all ranks share; none: torchrun's.
    """

    def __init__(
        self, ranks: Ranks, send: Callable[[Event], None], store: Store | None = None
    ) -> None:
        self._ranks, self._send = ranks, send
        self._store = store or next(iter(rendezvous("env://", timeout=_START)))[0]

    def say(self, event: Event) -> None:
        """Sends rank 0's events, and the first rank's last word that fails."""
        if isinstance(event, Failed):
            self._fail(event)
        elif self._ranks.is_first:
            self._send(event)

    def check(self, verb: str) -> None:
        """Refuses what is not done by several processes that learn together.

        Raises:
            JobError: If the verb is another than train.
        """
        if verb != "train":
            raise JobError(
                f"torchrun has started {self._ranks.world} processes, and {verb} is done by one: start it "
                "without torchrun. Many scenes are mapped on many devices by segment-folder with --on ray."
            )

    def end(self, exit_code: int) -> NoReturn:
        """Ends this process at once: winding down could wait for processes that are gone already."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(exit_code)

    def _fail(self, event: Failed) -> None:
        try:
            if self._store.add(_CLAIM, 1) > 1:
                # Whoever ends first ends all: not before the reason is out.
                with suppress(RuntimeError):
                    self._store.wait([_SAID], _LAST_WORD)
                return
        except RuntimeError:  # whoever kept the store is gone, and with it the others
            if not self._ranks.is_first:
                return
        self._send(explained(event, self._ranks.world))
        with suppress(RuntimeError):
            self._store.set(_SAID, "1")


def explained(event: Failed, world: int) -> Failed:
    """The failure, or a sentence where it only means that another process is gone."""
    if not any(sign in event.details.lower() for sign in _LOST):
        return event
    return Failed(
        f"One of the {world} processes of this training has stopped without a word, most likely because "
        "memory ran out. Choose a smaller batch size or tile size, or fewer processes."
    )
