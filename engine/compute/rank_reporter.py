"""Reporting by one of several training processes: rank 0, or the first rank that fails.

When a rank fails, the others lose their connection and fail with less helpful errors, so only the first failure is
reported; ``torchrun`` then ends all ranks. The error files of torch's ``@record`` do not show which was first: their
times are whole seconds, and among equal times the lowest rank counts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from ..contract.errors import JobError
from ..contract.protocol import Event, Failed
from ..contract.translation import tr
from .rank_info import RankInfo

#: Timeouts for the other ranks at the start, and for the report of the first failure.
_START_TIMEOUT, _REPORT_TIMEOUT = timedelta(minutes=10), timedelta(seconds=20)

#: Keys in the store: the number of failed ranks, and whether the first failure is reported.
_FAILURES_KEY, _REPORTED_KEY = "dualstream/failed", "dualstream/said"

#: Parts of the libraries' messages, in lower case, about a lost connection.
_CONNECTION_LOST = (
    "connection closed by peer",
    "connection reset by peer",
    "broken pipe",
    "remote process exited",
    "socket timeout",
)


def rank_reporter(send: Callable[[Event], None]) -> RankReporter | None:
    """The reporter of this process if ``torchrun`` has started it as one of several, else None."""
    ranks = RankInfo.from_environment()
    return RankReporter(ranks, send) if ranks.is_distributed else None


class RankReporter:
    """Sends the events of rank 0 and the first failure of any rank.

    Args:
        ranks: The rank of this process.
        send: Callback that sends an event.
        store: The key-value store of all ranks; None: that of torchrun.
    """

    def __init__(
        self, ranks: RankInfo, send: Callable[[Event], None], store: Store | None = None
    ) -> None:
        self._ranks, self._send = ranks, send
        self._store = store or next(iter(rendezvous("env://", timeout=_START_TIMEOUT)))[0]

    def emit(self, event: Event) -> None:
        """Sends an event if this is rank 0, and a failure if it is the first of all ranks."""
        if isinstance(event, Failed):
            self._report_failure(event)
        elif self._ranks.is_main_process:
            self._send(event)

    def check(self, verb: str) -> None:
        """Checks that several processes can do a command together.

        Raises:
            JobError: If the command is not ``train``.
        """
        if verb != "train":
            raise JobError(
                tr(
                    "torchrun has started {} processes, and {} is done by one: start it without "
                    "torchrun. Many scenes are mapped on many devices by segment-folder with --on ray."
                ).format(self._ranks.world_size, verb)
            )

    def _report_failure(self, event: Failed) -> None:
        try:
            if self._store.add(_FAILURES_KEY, 1) > 1:
                # torchrun ends all ranks as soon as one has ended: wait for the first rank's report.
                with suppress(RuntimeError):
                    self._store.wait([_REPORTED_KEY], _REPORT_TIMEOUT)
                return
        except RuntimeError:  # the process with the store has ended
            if not self._ranks.is_main_process:
                return
        self._send(explain_failure(event, self._ranks.world_size))
        with suppress(RuntimeError):
            self._store.set(_REPORTED_KEY, "1")


def explain_failure(event: Failed, world_size: int) -> Failed:
    """Replaces a failure by an explanation if its cause is the end of another process."""
    if not any(text in event.details.lower() for text in _CONNECTION_LOST):
        return event
    return Failed(
        tr(
            "One of the {} processes of this training has stopped without a message, most likely because memory ran "
            "out. Choose a smaller batch size or tile size, or fewer processes."
        ).format(world_size)
    )
