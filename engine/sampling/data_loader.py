"""Loader that reads batches of windows in threads and moves them to the device while the network computes.

Decoding and copying release the interpreter's lock, so threads suffice, and they share the decoded blocks.
If the blocks do not fit into memory, the windows of the next steps are read in order of their position, so that
each block is decoded once for many windows. The batches keep the order of the epoch in any case.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..contract.clean_up import CleanUp

#: Tensors by name, (B, ...) each.
Batch = dict[str, Tensor]

#: Arrays by name, of the same shapes in all samples of a dataset.
Sample = Mapping[str, NDArray[Any]]

#: Maximum number of threads that read for a GPU. A network on the CPU needs the cores itself.
_MAX_THREADS = 8

#: Batches that are ready or in preparation while the network computes on one.
_AHEAD = 2

#: Ratio of the sizes of two successive groups of batches that are read by position.
_GROWTH = 4

#: Maximum number of windows in such a group.
_MAX_GROUP_WINDOWS = 4096


class WindowDataset(ABC):
    """Map-style dataset that is read in two steps: a raw sample can wait in little memory before it is decoded."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of windows."""

    @abstractmethod
    def read_raw_sample(self, index: int) -> Any:
        """Reads a window; the result has ``nbytes`` if ``prefetch_bytes`` is not 0."""

    @abstractmethod
    def decode(self, raw: Any) -> Sample:
        """Converts a raw sample into a sample."""

    def __getitem__(self, index: int) -> Sample:
        return self.decode(self.read_raw_sample(index))

    def batch_indices(self, batch_size: int, rank: int, world_size: int) -> list[range]:
        """Window indices of each batch of one process, see ``strided_batches``."""
        return strided_batches(len(self), batch_size, rank, world_size)

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        """Sort key that brings neighbouring windows together, without reading anything."""
        return (index,)

    @property
    def prefetch_bytes(self) -> int:
        """Memory for raw samples that are read before their turn, bytes; 0 to read in order."""
        return 0

    def close_files(self) -> None:
        """Closes all files until the next window is read."""
        return


class InMemoryWindows(WindowDataset):
    """Dataset of samples in memory."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def read_raw_sample(self, index: int) -> Sample:
        """Returns the sample itself."""
        return self._samples[index]

    def decode(self, raw: Sample) -> Sample:
        """Returns the sample itself."""
        return raw


class WindowLoader:
    """Iterable over the batches of an epoch on a device; each iteration is a new epoch.

    Leaving an iteration early stops its threads. The iteration raises the errors of the reading threads.

    Args:
        windows: Dataset, or a sequence of samples in memory.
        batch_size: Windows per batch.
        device: Device of the batches.
        rank: Rank of this process.
        world_size: Number of processes that share the windows.

    Attributes:
        batch_indices: Window indices of each batch.
        threads: Number of reading threads.
    """

    def __init__(
        self,
        windows: WindowDataset | Sequence[Sample],
        batch_size: int,
        device: torch.device,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self._dataset = windows if isinstance(windows, WindowDataset) else InMemoryWindows(windows)
        self.batch_indices = self._dataset.batch_indices(batch_size, rank, world_size)
        self._device = device
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        self.threads = reader_threads(device)

    def __len__(self) -> int:
        return len(self.batch_indices)

    def __iter__(self) -> Iterator[Batch]:
        if not self.batch_indices:
            return
        pool = ThreadPoolExecutor(self.threads, "reader")
        prefetcher = _Prefetcher(self._dataset, self.batch_indices, pool)
        ahead = _AHEAD + self.threads // len(self.batch_indices[0])
        waiting: deque[Future[tuple[Batch, torch.cuda.Event | None]]] = deque()
        with CleanUp(
            partial(pool.shutdown, wait=True, cancel_futures=True), self._dataset.close_files
        ):
            for number in range(len(self)):
                # Threads only wait for tasks that were submitted earlier, so they cannot deadlock.
                raw_samples = prefetcher.raw_samples(number)
                samples = [pool.submit(self._decode, raw) for raw in raw_samples]
                waiting.append(pool.submit(self._collate, samples))
                prefetcher.prefetch(number)
                if len(waiting) > ahead:
                    yield self._receive(*waiting.popleft().result())
            while waiting:
                yield self._receive(*waiting.popleft().result())

    def _decode(self, raw: Future[Any]) -> Sample:
        return self._dataset.decode(raw.result())

    def _collate(self, samples: list[Future[Sample]]) -> tuple[Batch, torch.cuda.Event | None]:
        """The batch on its device; on a GPU the copy is complete at the event."""
        parts = [sample.result() for sample in samples]
        columns = {name: [part[name] for part in parts] for name in parts[0]}
        if self._stream is None:
            stacked = {name: torch.from_numpy(np.stack(c)) for name, c in columns.items()}
            return {name: tensor.to(self._device) for name, tensor in stacked.items()}, None
        with torch.cuda.device(self._device), torch.cuda.stream(self._stream):
            batch = {
                name: _stack_pinned(column).to(self._device, non_blocking=True)
                for name, column in columns.items()
            }
            return batch, self._stream.record_event()

    def _receive(self, batch: Batch, copied: torch.cuda.Event | None) -> Batch:
        """Makes the CUDA stream of the calling thread wait for a batch, and returns the batch."""
        if copied is not None:
            stream = torch.cuda.current_stream(self._device)
            stream.wait_event(copied)
            for tensor in batch.values():
                tensor.record_stream(stream)
        return batch


class _Prefetcher:
    """Reads raw samples for the next batches: sorted by position within groups of batches.

    The first group is a single batch, so that the network can start; each further group is four times as
    large, up to the memory for waiting samples. While one group is used up, the next one is read.
    """

    def __init__(
        self, dataset: WindowDataset, batches: Sequence[range], pool: ThreadPoolExecutor
    ) -> None:
        self._dataset = dataset
        self._batches = batches
        self._pool = pool
        self._pending: dict[int, Future[Any]] = {}
        self._queue: deque[int] = deque()  # windows of the next group that are not yet submitted
        self._sample_bytes = 0  # largest raw sample so far
        self._groups = 0
        self._group_stop = self._next_stop = 0  # first batch after the current and the next group
        self._plan_group(1)

    def raw_samples(self, number: int) -> list[Future[Any]]:
        """The raw samples of a batch; batches must be requested in order."""
        if number == self._group_stop:
            self._submit(len(self._queue))
            size = self._next_stop - self._group_stop
            self._group_stop = self._next_stop
            self._plan_group(min(_GROWTH * size, self._max_group()))
        return [self._pending.pop(index) for index in self._batches[number]]

    def prefetch(self, number: int) -> None:
        """Submits the part of the next group that is due with batch ``number`` of the current one."""
        self._submit(-(-len(self._queue) // (self._group_stop - number)))

    def _plan_group(self, size: int) -> None:
        """Queues the windows of the next ``size`` batches."""
        self._next_stop = min(self._group_stop + size, len(self._batches))
        indices = [i for batch in self._batches[self._group_stop : self._next_stop] for i in batch]
        if size > 1:
            # In alternating direction: the blocks that were decoded last are needed first.
            indices.sort(key=self._dataset.neighbourhood, reverse=self._groups % 2 == 1)
        self._groups += 1
        self._queue.extend(indices)

    def _max_group(self) -> int:
        """Maximum number of batches per group, given the memory."""
        room = self._dataset.prefetch_bytes
        if not room or not self._sample_bytes:
            return 1
        windows = min(room // self._sample_bytes, _MAX_GROUP_WINDOWS)
        return max(1, windows // len(self._batches[0]))

    def _submit(self, count: int) -> None:
        for _ in range(min(count, len(self._queue))):
            index = self._queue.popleft()
            self._pending[index] = self._pool.submit(self._read, index)

    def _read(self, index: int) -> Any:
        raw = self._dataset.read_raw_sample(index)
        if self._dataset.prefetch_bytes:
            self._sample_bytes = max(self._sample_bytes, raw.nbytes)
        return raw


def even_batches(count: int, size: int, rank: int, world_size: int) -> list[range]:
    """Window indices of each batch of one of several processes, with equally many batches for all.

    In every step the processes together have the next ``size * world_size`` windows. The remainder in the
    last step is divided evenly; if it has fewer windows than processes, some windows are used twice.

    Args:
        count: Number of windows.
        size: Windows per batch.
        rank: Rank of the process.
        world_size: Number of processes.
    """
    batches = []
    for first in range(0, count, size * world_size):
        left = min(size * world_size, count - first)
        begin, stop = (left * number // world_size for number in (rank, rank + 1))
        if begin == stop:
            begin, stop = rank % left, rank % left + 1
        batches.append(range(first + begin, first + stop))
    return batches


def strided_batches(count: int, size: int, rank: int, world_size: int) -> list[range]:
    """Window indices of every ``world_size``-th batch: all processes together have each window once.

    Some processes may have one batch less than others. See ``even_batches`` for the arguments.
    """
    starts = range(rank * size, count, size * world_size)
    return [range(start, min(start + size, count)) for start in starts]


def reader_threads(device: torch.device) -> int:
    """Number of reading threads for a device, in each of the processes that train on this machine."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    cores = max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    return min(_MAX_THREADS, cores) if device.type == "cuda" else min(2, -(-cores // 4))


def _stack_pinned(arrays: Sequence[NDArray[Any]]) -> Tensor:
    """Arrays stacked in page-locked memory, which a GPU copies asynchronously."""
    dtype = torch.from_numpy(arrays[0][:0]).dtype
    stacked = torch.empty((len(arrays), *arrays[0].shape), dtype=dtype, pin_memory=True)
    np.stack(arrays, out=stacked.numpy())
    return stacked
