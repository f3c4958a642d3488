"""Lanes: threads that run forward passes at the same time, each on its share of the processor's cores.

When all cores share one pass, every operator ends with its slowest core, and the others sleep and are woken
again. With hundreds of operators in a network, one pass per share of the cores saves at least a tenth of
the time.

torch has a number of threads for each calling thread: a lane sets its share, the thread that started it keeps its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from ..contract.clean_up import CleanUp
from .threads import set_thread_count, thread_count

#: Maximum number of lanes; every lane needs additional memory.
_MAX_LANES = 4

#: Largest ratio of the passes that the lanes could make to the tiles of a scene. If lanes would be idle for longer at
#: the end of a scene, fewer lanes are used.
_MAX_IDLE_RATIO = 1.1

#: Set in lanes only: ``lanes``, their number, and ``threads``, the number of threads that they share.
_thread_state = threading.local()


def max_lanes(threads: int) -> int:
    """The largest number of lanes, at most 4, that divides a number of threads."""
    return max(count for count in range(1, _MAX_LANES + 1) if threads % count == 0)


def useful_lanes(lanes: int, tiles: int) -> int:
    """The number of lanes that a scene keeps busy: all of them if it has many tiles, else a divisor of their number.

    Args:
        lanes: Number of available lanes.
        tiles: Number of tiles of the scene.
    """
    divisors = (count for count in range(lanes, 0, -1) if lanes % count == 0)
    return next(
        count for count in divisors if -(-tiles // count) * count <= _MAX_IDLE_RATIO * tiles
    )


@contextmanager
def lane_executor(lanes: int) -> Iterator[ThreadPoolExecutor]:
    """An executor with one thread per lane, each with its share of the threads; shut down at the end."""
    threads = thread_count()

    def start_lane() -> None:
        _thread_state.lanes, _thread_state.threads = lanes, threads
        # A thread's first call of torch.get_num_threads sets its number to the one that any thread set last, such
        # as the share of another model's lanes: called now, it cannot override the next line.
        thread_count()
        set_thread_count(_share(lanes))

    pool = ThreadPoolExecutor(lanes, "lane", initializer=start_lane)
    with CleanUp(
        partial(pool.shutdown, wait=True, cancel_futures=True),
        partial(set_thread_count, threads),  # new threads begin with the number that was set last
    ):
        yield pool


def limit_lanes(lanes: int) -> None:
    """Gives this thread, if it is a lane, the share of cores for ``lanes`` remaining lanes."""
    if getattr(_thread_state, "lanes", lanes) > lanes:
        _thread_state.lanes = lanes
        set_thread_count(_share(lanes))


def _share(lanes: int) -> int:
    return max(1, int(_thread_state.threads) // lanes)
