"""Batches of windows on their device, read ahead by threads while the network works.

Rasters are decoded and pixels copied without the interpreter's lock, so threads do, and share what they
decoded. Where that does not fit into memory, windows are *cut* out of turn: those of the next steps by
their place, so that each neighbourhood is decoded once for many of them, and wait until it is their turn.
The network sees the same windows in the same order in any case.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Batch = dict[str, Tensor]
Sample = Mapping[str, NDArray[Any]]

#: Threads that read for a GPU, at most. A network on the processor wants the cores itself.
_MAX_THREADS = 8

#: Batches that are ready or on their way while the network works on one.
_AHEAD = 2

#: How many times the group before a group of windows is that is read out of turn.
_GROWTH = 4

#: Windows that may be read out of turn, at most.
_MAX_WAITING = 4096


class Windows(Protocol):
    """Windows by number, read in two steps, see ``window_dataset.SceneWindows``."""

    def __len__(self) -> int: ...

    def read_raw_sample(self, index: int, /) -> Any:
        """What a sample is made of; its ``nbytes`` are asked for where it may wait."""
        ...  # a protocol's body

    def sample(self, cut: Any, /) -> Sample:
        """Arrays by name, of the same shapes in all samples."""
        ...  # a protocol's body

    def neighbourhood(self, index: int, /) -> tuple[int, ...]:
        """What neighbouring windows have nearly in common."""
        ...  # a protocol's body

    @property
    def prefetch_bytes(self) -> int:
        """What cuts may take that are read before their turn."""
        ...  # a protocol's body

    def close_files(self) -> None:
        """Is called when nothing is read for the time being."""
        ...  # a protocol's body


class InMemoryWindows:
    """Samples that are there already, as windows."""

    prefetch_bytes = 0

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def read_raw_sample(self, index: int) -> Sample:
        """The sample itself."""
        return self._samples[index]

    def sample(self, cut: Sample) -> Sample:
        """The sample itself."""
        return cut

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        """Its number."""
        return (index,)

    def close_files(self) -> None:
        """There are none."""


class WindowLoader:
    """Batches of windows on a device: dictionaries of tensors (B, ...).

    Each iteration is an epoch of its own. Leaving it early stops its threads. What reading raises is
    raised in whoever iterates.

    Args:
        windows: The windows.
        batch_ranges: Says of which windows each batch of an epoch consists.
        device: Where the batches are wanted.

    Attributes:
        threads: How many threads read.
    """

    def __init__(
        self, windows: Windows, batch_ranges: Callable[[], Sequence[range]], device: torch.device
    ) -> None:
        self._windows, self._shares, self._device = windows, batch_ranges, device
        self._stream = _stream(device) if device.type == "cuda" else None
        self.threads = reader_threads(device)

    def __len__(self) -> int:
        return len(self._shares())

    def __iter__(self) -> Iterator[Batch]:
        batch_ranges = self._shares()
        pool = ThreadPoolExecutor(self.threads, "reader")
        prefetcher = _Prefetcher(self._windows, batch_ranges, pool)
        ahead = _AHEAD + self.threads // max(len(batch_ranges[0]), 1) if batch_ranges else 0
        waiting: deque[Future[tuple[Batch, torch.cuda.Event | None]]] = deque()
        try:
            for number in range(len(batch_ranges)):
                # A thread waits for nothing but what was handed to the threads before.
                cuts = prefetcher.raw_samples(number)
                samples = [pool.submit(self._sample, cut) for cut in cuts]
                waiting.append(pool.submit(self._batch, samples))
                prefetcher.prefetch_raw_samples(number)
                if len(waiting) > ahead:
                    yield self._arrived(*waiting.popleft().result())
            while waiting:
                yield self._arrived(*waiting.popleft().result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            self._windows.close_files()

    def _sample(self, cut: Future[Any]) -> Sample:
        return self._windows.sample(cut.result())

    def _batch(self, samples: list[Future[Sample]]) -> tuple[Batch, torch.cuda.Event | None]:
        """The batch on its device, or on its way there until the event."""
        parts = [sample.result() for sample in samples]
        if self._stream is None:
            return {
                name: torch.from_numpy(np.stack([part[name] for part in parts])).to(self._device)
                for name in parts[0]
            }, None
        with torch.cuda.device(self._device), torch.cuda.stream(self._stream):
            batch = {
                name: _pinned([part[name] for part in parts]).to(self._device, non_blocking=True)
                for name in parts[0]
            }
            return batch, self._stream.record_event()

    def _arrived(self, batch: Batch, sent: torch.cuda.Event | None) -> Batch:
        """The batch, for the stream of whoever iterates."""
        if sent is not None:
            own = torch.cuda.current_stream(self._device)
            own.wait_event(sent)
            for tensor in batch.values():
                tensor.record_stream(own)
        return batch


class _Prefetcher:
    """Cuts windows for the batches to come: by place within groups of batches, the groups in turn.

    The first group is one batch, so that the network can begin; each is four times the one before until
    what waits takes the memory that it may. While one is used up, the next one is cut.
    """

    def __init__(
        self, windows: Windows, batch_ranges: Sequence[range], pool: ThreadPoolExecutor
    ) -> None:
        self._windows, self._shares, self._pool = windows, batch_ranges, pool
        self._cuts: dict[int, Future[Any]] = {}
        self._largest = 0  # bytes of a cut
        self._groups = 0
        self._stop = 0  # the number of the first batch of the next group
        self._next_stop = 0
        self._to_cut: deque[int] = deque()
        self._plan(1)

    def raw_samples(self, number: int) -> list[Future[Any]]:
        """The cuts of a batch; to be asked for batch by batch."""
        if number == self._stop:
            self._submit(len(self._to_cut))
            before = self._next_stop - self._stop
            self._stop = self._next_stop
            self._plan(min(_GROWTH * before, self._most()))
        return [self._cuts.pop(index) for index in self._shares[number]]

    def prefetch_raw_samples(self, number: int) -> None:
        """Begins as much of the next group as is due beside a batch of this one."""
        self._submit(-(-len(self._to_cut) // (self._stop - number)))

    def _plan(self, count: int) -> None:
        """Sorts the windows of the next group of so many batches."""
        self._next_stop = min(self._stop + count, len(self._shares))
        indices = [i for share in self._shares[self._stop : self._next_stop] for i in share]
        if count > 1:
            # There and back again: what was decoded last is needed first.
            indices.sort(key=self._windows.neighbourhood, reverse=self._groups % 2 == 1)
        self._groups += 1
        self._to_cut.extend(indices)

    def _most(self) -> int:
        """Batches that may wait."""
        room = self._windows.prefetch_bytes
        if not room or not self._largest:
            return 1
        windows = min(room // self._largest, _MAX_WAITING)
        return max(1, windows // len(self._shares[0]))

    def _submit(self, count: int) -> None:
        for _ in range(min(count, len(self._to_cut))):
            index = self._to_cut.popleft()
            self._cuts[index] = self._pool.submit(self._read_raw_sample, index)

    def _read_raw_sample(self, index: int) -> Any:
        cut = self._windows.read_raw_sample(index)
        if self._windows.prefetch_bytes:
            self._largest = max(self._largest, cut.nbytes)
        return cut


def even_batches(count: int, size: int, rank: int, world_size: int) -> list[range]:
    """The windows of each batch of one of several processes that learn together.

    In every step they together have the next ``size * world`` windows. All have equally many steps: in
    the last one what is left is dealt out evenly; of fewer windows than processes some have the same.

    Args:
        count: How many windows there are.
        size: Windows a batch.
        rank: Number of the process, from 0.
        world_size: How many processes there are.
    """
    batch_ranges = []
    for first in range(0, count, size * world_size):
        left = min(size * world_size, count - first)
        begin, stop = (left * number // world_size for number in (rank, rank + 1))
        if begin == stop:
            begin, stop = rank % left, rank % left + 1
        batch_ranges.append(range(first + begin, first + stop))
    return batch_ranges


def strided_batches(count: int, size: int, rank: int, world_size: int) -> list[range]:
    """The windows of every ``world_size``-th batch: of all processes together each window once.

    Some processes may have a batch less than others. Arguments as of ``even_batches``.
    """
    firsts = range(rank * size, count, size * world_size)
    return [range(first, min(first + size, count)) for first in firsts]


def reader_threads(device: torch.device) -> int:
    """How many threads read for a device, in each of the processes that train on this machine."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    cores = max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    return min(_MAX_THREADS, cores) if device.type == "cuda" else min(2, -(-cores // 4))


def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def _pinned(arrays: Sequence[NDArray[Any]]) -> Tensor:
    """Arrays stacked where a GPU fetches them by itself."""
    kind = torch.from_numpy(arrays[0][:0]).dtype
    stacked = torch.empty((len(arrays), *arrays[0].shape), dtype=kind, pin_memory=True)
    np.stack(arrays, out=stacked.numpy())
    return stacked
