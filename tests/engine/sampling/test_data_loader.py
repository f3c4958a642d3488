"""Batches read ahead by threads: the same windows in the same order, dealt out evenly, errors told, no thread left."""

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
from engine.rasters.block_cache import BlockCache
from engine.sampling.data_loader import WindowLoader, even_batches, reader_threads, strided_batches
from engine.sampling.survey import survey
from engine.sampling.window_dataset import TrainingWindows, batches

CPU = torch.device("cpu")
ROOT = Path(__file__).resolve().parents[3]


class Numbers:
    """Windows that show their number; notes in which order they are cut."""

    prefetch_bytes = 0

    def __init__(self, count: int, delay: float = 0.0) -> None:
        self.count, self.delay = count, delay
        self.cut_order: list[int] = []
        self.closed = 0
        self.waiting = self.most_waiting = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self.count

    def read_raw_sample(self, index: int) -> np.ndarray:
        time.sleep(self.delay)
        with self._lock:
            self.cut_order.append(index)
            self.waiting += 1
            self.most_waiting = max(self.waiting, self.most_waiting)
        return np.full((1, 2, 2), index, np.float32)

    def sample(self, cut: np.ndarray) -> dict[str, np.ndarray]:
        with self._lock:
            self.waiting -= 1
        return {"image": cut, "target": cut[0].astype(np.int64)}

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        return (index % 10, index)

    def close_files(self) -> None:
        self.closed += 1


def loaded(windows: Numbers, size: int, threads: int = 3) -> WindowLoader:
    loader = WindowLoader(windows, lambda: even_batches(len(windows), size, 0, 1), CPU)
    loader.threads = threads
    return loader


def numbers_of(loader: WindowLoader) -> list[list[int]]:
    return [batch["target"][:, 0, 0].tolist() for batch in loader]


def readers() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("reader")]


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("waiting", [0, 16 * 12, 10_000])
def test_batches_come_in_order_whatever_is_read_first(threads: int, waiting: int) -> None:
    windows = Numbers(50, 0.001)
    windows.prefetch_bytes = waiting
    loader = loaded(windows, 4, threads)
    expected = [list(range(n, min(n + 4, 50))) for n in range(0, 50, 4)]
    for _ in range(2):  # each iteration is a new epoch
        assert numbers_of(loader) == expected and len(loader) == 13
    batch = next(iter(loader))
    assert batch["image"].shape == (4, 1, 2, 2) and batch["image"].dtype == torch.float32
    assert batch["target"].dtype == torch.int64 and batch["image"].device == CPU
    assert windows.closed == 2 + 1 and not readers()


def test_windows_are_cut_by_place_within_what_may_wait() -> None:
    windows = Numbers(200)
    windows.prefetch_bytes = 16 * 40  # of a cut's 16 bytes
    loader = loaded(windows, 4, 1)
    numbers_of(loader)
    order = windows.cut_order
    assert sorted(order) == list(range(200))
    # Ten places, of which each group of up to ten batches visits each once; in turn it is 199 visits.
    assert (
        sum(
            windows.neighbourhood(a)[0] != windows.neighbourhood(b)[0]
            for a, b in zip(order, order[1:])
        )
        < 80
    )
    in_turn = Numbers(200)
    numbers_of(loaded(in_turn, 4, 1))
    assert in_turn.cut_order == list(range(200))
    # What waits of one group and of the next, and the batches on their way.
    assert windows.most_waiting <= 40 + 40 + 12
    assert in_turn.most_waiting <= 4 * (1 + 3)


def test_what_reading_raises_is_raised_where_batches_are_taken() -> None:
    class Broken(Numbers):
        def read_raw_sample(self, index: int) -> np.ndarray:
            if index == 9:
                raise RasterError("i.tif cannot be read at rows 3-4.")
            return super().read_raw_sample(index)

    windows, seen = Broken(40), []
    with pytest.raises(RasterError, match=r"^i\.tif cannot be read at rows 3-4\.$"):
        for batch in loaded(windows, 4):
            seen += batch["target"][:, 0, 0].tolist()
    assert seen == list(range(8)) and not readers() and windows.closed == 1


def test_leaving_early_stops_the_threads() -> None:
    windows = Numbers(10_000, 0.001)
    for batch in loaded(windows, 4):
        assert batch["target"][0, 0, 0] == 0
        break
    assert not readers() and windows.closed == 1
    read = len(windows.cut_order)
    assert read <= 4 * 6
    time.sleep(0.02)
    assert len(windows.cut_order) == read


def test_no_more_is_read_than_is_wanted_soon() -> None:
    windows = Numbers(1000)
    batch = iter(loaded(windows, 4, 2))
    next(batch)
    time.sleep(0.1)
    assert len(windows.cut_order) <= 4 * 4


def test_the_interpreter_ends_while_batches_are_on_their_way() -> None:
    """With an iteration left open, and with an error that nobody catches."""
    code = """
import numpy as np, torch
from engine.sampling.window_dataset import batches
sample = {"image": np.zeros((1, 2, 2), np.float32)}
kept = iter(batches([sample] * 1000, 4, torch.device("cpu")))
next(kept)
raise SystemExit(3)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 3


@pytest.mark.parametrize("world", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 5, 24, 47, 48, 49])
@pytest.mark.parametrize("size", [1, 4])
def test_ranks_see_together_what_one_process_sees(count: int, size: int, world: int) -> None:
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
    assert list(batches([sample] * 3, 4, CPU, 1, 2)) == []


def test_a_network_on_the_processor_keeps_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert reader_threads(CPU) == 2 and reader_threads(torch.device("cuda", 0)) == 6
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    assert reader_threads(CPU) == 1 and reader_threads(torch.device("cuda", 0)) == 2


def test_what_does_not_fit_into_memory_is_decoded_less_often_by_place(
    write_raster: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strips, whole rows of which are decoded for every window; room for half of them."""
    noise = np.random.default_rng(0).integers(1, 4000, (2, 4096, 256)).astype(np.uint16)
    job = TrainJob(
        image=write_raster("i.tif", noise, blockysize=16, compress="deflate"),
        labels=write_raster("l.tif", (noise[:1] > 2000).astype(np.uint8), blockysize=16),
        tile_size=64,
    )
    data = survey(job, find_scenes(job))
    made, seen = [], []
    for waiting in (True, False):
        windows = TrainingWindows(job, data)
        windows.reader.block_cache = BlockCache(noise.nbytes // 2)
        if not waiting:
            monkeypatch.setattr(TrainingWindows, "prefetch_bytes", 0)
        seen.append([batch["image"] for batch in batches(windows, 4, CPU)])
        made.append(windows.reader.block_cache.made)
        del windows
    assert all(torch.equal(a, b) for a, b in zip(*seen, strict=True))
    assert made[0] < 0.8 * made[1], made


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_batches_arrive_on_the_gpu() -> None:
    place = torch.device("cuda", 0)
    samples: list[Any] = [{"image": np.full((3, 256, 256), n, np.float32)} for n in range(64)]
    for epoch in range(3):
        first = 0
        for batch in batches(samples, 8, place):
            assert batch["image"].device == place
            expected = torch.arange(first, first + 8, device=place).float()
            assert torch.equal(batch["image"].mean(dim=(1, 2, 3)), expected), epoch
            first += 8
