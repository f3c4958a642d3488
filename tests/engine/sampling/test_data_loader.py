"""The loader: order of the batches, reading ahead, division among processes, errors, no thread left."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.contract.errors import RasterError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.sampling.block_cache import BlockCache
from engine.sampling.data_loader import (
    WindowDataset,
    WindowLoader,
    even_batches,
    reader_threads,
    strided_batches,
)
from engine.sampling.survey import survey
from engine.sampling.window_dataset import TrainingWindows

CPU = torch.device("cpu")
ROOT = Path(__file__).resolve().parents[3]


class Numbers(WindowDataset):
    """Windows of their index; records the order in which they are read."""

    prefetch_bytes = 0

    def __init__(self, count: int, delay: float = 0.0) -> None:
        self.count, self.delay = count, delay
        self.read_order: list[int] = []
        self.closed = 0
        self.waiting = self.max_waiting = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self.count

    def read_raw_sample(self, index: int) -> np.ndarray:
        time.sleep(self.delay)
        with self._lock:
            self.read_order.append(index)
            self.waiting += 1
            self.max_waiting = max(self.waiting, self.max_waiting)
        return np.full((1, 2, 2), index, np.float32)

    def decode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        with self._lock:
            self.waiting -= 1
        return {"image": raw, "target": raw[0].astype(np.int64)}

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        return (index % 10, index)

    def close_files(self) -> None:
        self.closed += 1


def build_loader(windows: Numbers, size: int, threads: int = 3) -> WindowLoader:
    loader = WindowLoader(windows, size, CPU)
    loader.threads = threads
    return loader


def numbers_of(loader: WindowLoader) -> list[list[int]]:
    return [batch["target"][:, 0, 0].tolist() for batch in loader]


def reader_names() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("reader")]


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("waiting", [0, 16 * 12, 10_000])
def test_batches_come_in_order_whatever_is_read_first(threads: int, waiting: int) -> None:
    windows = Numbers(50, 0.001)
    windows.prefetch_bytes = waiting
    loader = build_loader(windows, 4, threads)
    expected = [list(range(n, min(n + 4, 50))) for n in range(0, 50, 4)]
    for _ in range(2):  # each iteration is a new epoch
        assert numbers_of(loader) == expected and len(loader) == 13
    batch = next(iter(loader))
    assert batch["image"].shape == (4, 1, 2, 2) and batch["image"].dtype == torch.float32
    assert batch["target"].dtype == torch.int64 and batch["image"].device == CPU
    assert windows.closed == 2 + 1 and not reader_names()


def test_windows_are_read_by_position_within_the_memory_limit() -> None:
    windows = Numbers(200)
    windows.prefetch_bytes = 16 * 40  # a raw sample has 16 bytes
    numbers_of(build_loader(windows, 4, 1))
    order = windows.read_order
    assert sorted(order) == list(range(200))
    # Each group of up to ten batches visits each of ten positions once; in order it would be 199 visits.
    positions = [windows.neighbourhood(index)[0] for index in order]
    assert sum(a != b for a, b in zip(positions, positions[1:])) < 80
    ordered = Numbers(200)
    numbers_of(build_loader(ordered, 4, 1))
    assert ordered.read_order == list(range(200))
    # The samples of two groups, and the batches in preparation.
    assert windows.max_waiting <= 40 + 40 + 12
    assert ordered.max_waiting <= 4 * (1 + 3)


def test_errors_of_the_reading_threads_are_raised_by_the_iteration() -> None:
    class Broken(Numbers):
        def read_raw_sample(self, index: int) -> np.ndarray:
            if index == 9:
                raise RasterError("i.tif cannot be read at rows 3-4.")
            return super().read_raw_sample(index)

    windows, seen = Broken(40), []
    with pytest.raises(RasterError, match=r"^i\.tif cannot be read at rows 3-4\.$"):
        for batch in build_loader(windows, 4):
            seen += batch["target"][:, 0, 0].tolist()
    assert seen == list(range(8)) and not reader_names() and windows.closed == 1


def test_leaving_early_stops_the_threads() -> None:
    windows = Numbers(10_000, 0.001)
    for batch in build_loader(windows, 4):
        assert batch["target"][0, 0, 0] == 0
        break
    assert not reader_names() and windows.closed == 1
    read = len(windows.read_order)
    assert read <= 4 * 6
    time.sleep(0.02)
    assert len(windows.read_order) == read


def test_only_the_next_batches_are_read_ahead() -> None:
    windows = Numbers(1000)
    batch = iter(build_loader(windows, 4, 2))
    next(batch)
    time.sleep(0.1)
    assert len(windows.read_order) <= 4 * 4


def test_the_interpreter_exits_during_an_iteration() -> None:
    code = """
import numpy as np, torch
from engine.sampling.data_loader import WindowLoader
sample = {"image": np.zeros((1, 2, 2), np.float32)}
iterator = iter(WindowLoader([sample] * 1000, 4, torch.device("cpu")))
next(iterator)
raise SystemExit(3)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=300, check=False)
    assert done.returncode == 3


@pytest.mark.parametrize("world", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 5, 24, 47, 48, 49])
@pytest.mark.parametrize("size", [1, 4])
def test_ranks_together_have_the_batches_of_one_process(count: int, size: int, world: int) -> None:
    alone = even_batches(count, size * world, 0, 1)
    assert [i for share in alone for i in share] == list(range(count))
    ranks = [even_batches(count, size, rank, world) for rank in range(world)]
    assert {len(shares) for shares in ranks} == {len(alone)}
    for step, expected in enumerate(alone):
        seen = [i for shares in ranks for i in shares[step]]
        if len(expected) >= world:
            assert seen == list(expected)
        else:
            assert set(seen) == set(expected) and len(seen) == world
        lengths = [len(shares[step]) for shares in ranks]
        assert max(lengths) - min(lengths) <= 1 and min(lengths) >= 1
        if len(expected) == size * world:  # rank r has the batch number step * world + r
            for rank, shares in enumerate(ranks):
                begin = (step * world + rank) * size
                assert shares[step] == range(begin, begin + size)


@pytest.mark.parametrize("count", [0, 1, 5, 24, 47])
def test_validation_windows_are_neither_doubled_nor_left_out(count: int) -> None:
    for world in (1, 2, 3, 8):
        ranks = [strided_batches(count, 4, rank, world) for rank in range(world)]
        seen = [i for shares in ranks for share in shares for i in share]
        assert sorted(seen) == list(range(count))
    assert strided_batches(10, 4, 0, 1) == [range(4), range(4, 8), range(8, 10)]
    assert strided_batches(10, 4, 1, 2) == [range(4, 8)]


def test_a_share_without_windows_is_an_empty_epoch() -> None:
    sample = {"image": np.zeros((1, 2, 2), np.float32)}
    assert list(WindowLoader([sample] * 3, 4, CPU, 1, 2)) == []


def test_a_network_on_the_processor_keeps_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert reader_threads(CPU) == 2 and reader_threads(torch.device("cuda", 0)) == 6
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    assert reader_threads(CPU) == 1 and reader_threads(torch.device("cuda", 0)) == 2


def test_reading_by_position_decodes_fewer_blocks_than_reading_in_order(
    write_raster: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strips of whole rows, of which half fit into memory."""
    noise = np.random.default_rng(0).integers(1, 4000, (2, 4096, 256)).astype(np.uint16)
    job = TrainJob(
        image=write_raster("i.tif", noise, blockysize=16, compress="deflate"),
        labels=write_raster("l.tif", (noise[:1] > 2000).astype(np.uint8), blockysize=16),
        tile_size=64,
    )
    data = survey(job, find_scenes(job))
    made, seen = [], []

    class CountingCache(BlockCache):
        def get(self, key: Any, make: Callable[[], Any]) -> Any:
            return super().get(key, lambda: decoded.append(key) or make())

    for waiting in (True, False):
        decoded: list[Any] = []
        windows = TrainingWindows(job, data)
        windows.reader.block_cache = CountingCache(noise.nbytes // 2)
        if not waiting:
            monkeypatch.setattr(TrainingWindows, "prefetch_bytes", 0)
        seen.append([batch["image"] for batch in WindowLoader(windows, 4, CPU)])
        made.append(len(decoded))
        del windows
    assert all(torch.equal(a, b) for a, b in zip(*seen, strict=True))
    assert made[0] < 0.8 * made[1], made


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_batches_arrive_on_the_gpu() -> None:
    device = torch.device("cuda", 0)
    samples: list[Any] = [{"image": np.full((3, 256, 256), n, np.float32)} for n in range(64)]
    for epoch in range(3):
        for number, batch in enumerate(WindowLoader(samples, 8, device)):
            assert batch["image"].device == device
            expected = torch.arange(8 * number, 8 * number + 8, device=device).float()
            assert torch.equal(batch["image"].mean(dim=(1, 2, 3)), expected), epoch
