"""Lanes: threads that compute forward passes at the same time, each on its share of the processor's cores.

When all cores share one pass, every operator ends with its slowest core, and the others sleep and are woken
again. With hundreds of operators in a network, one pass for each share of the cores saves a tenth of the time
and more.

torch counts its threads for each calling thread: a lane sets its share, the thread that started it keeps its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

#: The most lanes: each takes memory of its own.
_MAX_LANES = 4

#: The passes that the lanes could make until the last tile is done may be at most so many times the tiles of a
#: scene; where more lanes would stay idle at its end, fewer are used.
_IDLE = 1.1

#: Set in lanes only: ``lanes``, how many there are, and ``threads``, the number of threads that they share.
_thread_state = threading.local()


def max_lanes(threads: int) -> int:
    """The largest number of lanes, at most ``_MAX_LANES``, that divides a number of threads.

    Args:
        threads: How many threads torch takes.
    """
    return max(count for count in range(1, _MAX_LANES + 1) if threads % count == 0)


def useful_lanes(lanes: int, tiles: int) -> int:
    """How many lanes a scene uses: all of them if it has many tiles, else as many as few tiles keep busy.

    Args:
        lanes: How many lanes there are.
        tiles: How many tiles the scene has.
    """
    fitting = (count for count in range(lanes, 0, -1) if lanes % count == 0)
    return next(count for count in fitting if -(-tiles // count) * count <= _IDLE * tiles)


@contextmanager
def lane_executor(lanes: int) -> Iterator[ThreadPoolExecutor]:
    """A pool with one thread per lane, in which torch takes its share of this thread's cores; stopped at the end.

    Args:
        lanes: How many threads the pool has.
    """
    threads = torch.get_num_threads()

    def begin() -> None:
        _thread_state.lanes, _thread_state.threads = lanes, threads
        # A thread's first call of get_num_threads sets its number to the one that any thread has set last, such as
        # the share of another model's lanes: called now, it cannot undo what is set next.
        torch.get_num_threads()
        torch.set_num_threads(_share(lanes))

    pool = ThreadPoolExecutor(lanes, "lane", initializer=begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(threads)  # new threads begin with the number that was set last


def limit_lanes(lanes: int) -> None:
    """Tells a lane that only so many are left, so that it takes its share of the lost lanes' cores; else no change.

    Args:
        lanes: How many lanes are left.
    """
    if getattr(_thread_state, "lanes", lanes) > lanes:
        _thread_state.lanes = lanes
        torch.set_num_threads(_share(lanes))


def _share(lanes: int) -> int:
    return max(1, int(_thread_state.threads) // lanes)
