"""Threads in which forward passes go on side by side, each with its share of the processor's cores.

An operator that all cores share ends when the last of them has done its part, and on most machines the
others then sleep and have to be woken for the next: of networks of hundreds of operators, cores that work for
themselves spare a tenth of the time and more.

How many threads torch takes is each thread's own affair: a lane takes its share, whoever started it keeps his.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

#: The most passes at a time: each takes memory for itself.
_MOST = 4

#: Where a scene's last tiles would leave cores idle for a larger share of the time, fewer lanes do better.
_IDLE = 1.1

#: Of a thread that is a lane: how many there are, and what all of them share.
_here = threading.local()


def most_lanes(threads: int) -> int:
    """How many lanes so many threads are best shared between, without a rest."""
    return max(count for count in range(1, _MOST + 1) if threads % count == 0)


def worth(lanes: int, tiles: int) -> int:
    """How many of so many lanes are worth while for a scene of a few tiles; all for one of many."""
    fitting = (count for count in range(lanes, 0, -1) if lanes % count == 0)
    return next(count for count in fitting if -(-tiles // count) * count <= _IDLE * tiles)


@contextmanager
def threads_of(lanes: int) -> Iterator[ThreadPoolExecutor]:
    """A thread for each lane, in which torch takes its share of this thread's cores; at the end they have stopped."""
    threads = torch.get_num_threads()

    def begin() -> None:
        _here.lanes, _here.threads = lanes, threads
        # A thread's first question about threads gives it the number that any thread has set last, such as the
        # share of another model's lanes: asked now, it cannot undo what is set next.
        torch.get_num_threads()
        torch.set_num_threads(_share(lanes))

    pool = ThreadPoolExecutor(lanes, "lane", initializer=begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(threads)  # new threads begin with the number set last


def at_most(lanes: int) -> None:
    """Says in a lane how many there are at most by now: those that are left share the cores of the others."""
    if getattr(_here, "lanes", lanes) > lanes:
        _here.lanes = lanes
        torch.set_num_threads(_share(lanes))


def _share(lanes: int) -> int:
    return max(1, int(_here.threads) // lanes)
