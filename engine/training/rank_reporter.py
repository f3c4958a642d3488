"""One of several processes of a training reports: rank 0, and if a rank fails, the one that fails first.

When a rank fails the others lose their connection and fail too, with less helpful errors; only the first failure is the
reason, and only it is reported. ``torchrun`` then ends all ranks. The error files of torch's own ``@record`` cannot
tell which was first: their times are whole seconds, and of equal ones the lowest rank's counts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from ..compute.distributed import RankInfo
from ..contract.errors import JobError
from ..contract.protocol import Event, Failed

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


def rank_reporter(send: Callable[[Event], None]) -> RankReporter | None:
    """What reports for this process where ``torchrun`` has started it as one of several; else None."""
    ranks = RankInfo.from_environment()
    return RankReporter(ranks, send) if ranks.is_distributed else None


class RankReporter:
    """Sends those of a rank's events to the reader that all ranks together should send.

    Args:
        ranks: Which rank this is.
        send: Sends an event to the reader, who is the same for all ranks.
        store: The key-value store of all ranks; none: torchrun's.
    """

    def __init__(
        self, ranks: RankInfo, send: Callable[[Event], None], store: Store | None = None
    ) -> None:
        self._ranks, self._send = ranks, send
        self._store = store or next(iter(rendezvous("env://", timeout=_START)))[0]

    def emit(self, event: Event) -> None:
        """Sends an event if this is rank 0, and a failure if it is the first of all ranks."""
        if isinstance(event, Failed):
            self._fail(event)
        elif self._ranks.is_main_process:
            self._send(event)

    def check(self, verb: str) -> None:
        """Refuses commands that several processes cannot do together.

        Raises:
            JobError: If the verb is another than train.
        """
        if verb != "train":
            raise JobError(
                f"torchrun has started {self._ranks.world_size} processes, and {verb} is done by one: start it "
                "without torchrun. Many scenes are mapped on many devices by segment-folder with --on ray."
            )

    def _fail(self, event: Failed) -> None:
        try:
            if self._store.add(_CLAIM, 1) > 1:
                # torchrun ends all ranks as soon as one has ended: wait until the first has sent its reason.
                with suppress(RuntimeError):
                    self._store.wait([_SAID], _LAST_WORD)
                return
        except RuntimeError:  # the process that kept the store is gone, and with it the others
            if not self._ranks.is_main_process:
                return
        self._send(explained(event, self._ranks.world_size))
        with suppress(RuntimeError):
            self._store.set(_SAID, "1")


def explained(event: Failed, world_size: int) -> Failed:
    """The failure, or a sentence where it only means that another process is gone."""
    if not any(sign in event.details.lower() for sign in _LOST):
        return event
    return Failed(
        f"One of the {world_size} processes of this training has stopped without a word, most likely because "
        "memory ran out. Choose a smaller batch size or tile size, or fewer processes."
    )
