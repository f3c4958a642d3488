"""Threads in which forward passes go on side by side, each with its share of the processor's cores.

An operator that all cores share ends when the last of them has done its part, and on most machines the
others then sleep and have to be woken for the next: of networks of hundreds of operators, cores that work for
themselves spare a tenth of the time and more.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch


def share(lanes: int, threads: int) -> int:
    """How many of torch's ``threads`` work in each lane."""
    return max(1, threads // lanes)


@contextmanager
def threads_of(lanes: int) -> Iterator[ThreadPoolExecutor]:
    """A thread for each lane, in which torch takes its share of the cores; at the end they have stopped.

    Meanwhile torch takes no more in this thread either: what goes on here goes on beside the lanes.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(share(lanes, threads))  # new threads begin with the number set last
    pool = ThreadPoolExecutor(lanes, "lane")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(threads)
