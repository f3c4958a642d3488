"""The datasets: random windows, blocks that are decoded once, division among processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.rasters.pixel_encoding import RawWindow
from engine.rasters.raster import Raster
from engine.rasters.windows import Window
from engine.sampling.block_sampler import RectangleIndex, WeightedBlocks
from engine.sampling.data_loader import WindowLoader
from engine.sampling.spatial_split import Block
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import TrainingWindows, ValidationWindows

SIDE, TILE = 640, 64
TILED = {"tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "deflate"}
CPU = torch.device("cpu")
Surveyed = tuple[TrainJob, Survey]


@pytest.fixture
def surveyed(write_raster: Callable[..., str]) -> Surveyed:
    """Two bands of each pixel's row and column, with a hole, and few pixels of a second class."""
    image = np.stack(np.indices((SIDE, SIDE))).astype(np.uint16) + 1
    image[:, 100:180, 100:180] = 0
    labels = np.zeros((SIDE, SIDE), np.uint8)
    labels[20::90, 30::70] = 1
    job = TrainJob(
        image=write_raster("i.tif", image, nodata=0, **TILED),
        labels=write_raster("l.tif", labels, **TILED),
        tile_size=TILE,
        crop=1.5,
        foreground=1.0,
        class_balance=0.3,
    )
    return job, survey(job, find_scenes(job))


@pytest.fixture
def pixels_read(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """How often each pixel of each file is read."""
    counts: dict[str, np.ndarray] = {}
    read = Raster.read_file

    def noted(self: Raster, window: Window, into: RawWindow | None = None) -> RawWindow:
        own = counts.setdefault(self.path, np.zeros((SIDE, SIDE), int))
        own[window.row : window.row_stop, window.col : window.col_stop] += 1
        return read(self, window, into)

    monkeypatch.setattr(Raster, "read_file", noted)
    return counts


def test_every_pixel_is_decoded_once_for_a_whole_training(
    surveyed: Surveyed, pixels_read: dict[str, np.ndarray]
) -> None:
    """Windows that must show foreground, several epochs, validation and statistics of the data."""
    job, data = surveyed
    windows, held_out = TrainingWindows(job, data), ValidationWindows(job, data)
    plain = TrainingWindows(replace(job, foreground=0.0, class_balance=0.0), data)
    seen = 0
    for epoch in range(3):
        windows.start_epoch(epoch)
        for dataset in (windows, held_out):
            seen += sum(len(batch["target"]) for batch in WindowLoader(dataset, 4, CPU))
    seen += sum((plain[index]["target"] >= 0).any() for index in range(20))
    assert seen > 300 and set(pixels_read) == {*job.image, *job.labels}
    assert all(counts.max() == 1 for counts in pixels_read.values())


def test_blocks_are_drawn_as_numpy_draws_them() -> None:
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 50, (300, 3))
    blocks = [
        Block(0, Window(n, 0, 8, 8), {value: int(c) for value, c in enumerate(own) if c})
        for n, own in enumerate(counts)
        if own.any()
    ]
    for values in (frozenset(), {1}, {0, 2}):
        sampler = WeightedBlocks(blocks, values)
        weights = np.array(
            [sum(c for v, c in b.counts.items() if not values or v in values) for b in blocks],
            float,
        )
        generator, reference = np.random.default_rng(6), np.random.default_rng(6)
        for _ in range(200):
            expected = blocks[int(reference.choice(len(blocks), p=weights / weights.sum()))]
            assert sampler.draw(generator) is expected
        assert generator.random() == reference.random()


def test_windows_are_found_by_position() -> None:
    rng = np.random.default_rng(7)

    def drawn() -> Window:
        row, col, height, width = rng.integers((0, 0, 1, 1), (100, 100, 20, 20)).tolist()
        return Window(row, col, height, width)

    windows = [drawn() for _ in range(80)]
    index = RectangleIndex(windows)
    for _ in range(50):
        window = drawn()
        parts = [other.intersection(window) for other in windows]
        assert index.intersections(window) == [part for part in parts if part is not None]
    assert RectangleIndex([]).intersections(window) == []


def test_a_neighbourhood_is_near_its_window(surveyed: Surveyed) -> None:
    windows = TrainingWindows(surveyed[0], surveyed[1])
    for index in range(40):
        raw = windows.read_raw_sample(index)
        scene, row, col = windows.neighbourhood(index)
        known = raw.image.pixels[:, raw.image.pixels[0] > 0]
        assert scene == 0
        # The window shows a pixel of the block that begins there, which has no more than a tile's side.
        assert known[0].min() - 1 < row + TILE and known[0].max() - 1 >= row
        assert known[1].min() - 1 < col + TILE and known[1].max() - 1 >= col


def test_raw_samples_take_less_memory(surveyed: Surveyed) -> None:
    windows = TrainingWindows(replace(surveyed[0], crop=1.0), surveyed[1])
    raw = windows.read_raw_sample(3)
    sample, whole = windows.decode(raw), windows[3]
    assert all(np.array_equal(sample[name], whole[name], equal_nan=True) for name in whole)
    assert raw.nbytes < 0.5 * sum(part.nbytes for part in sample.values())


def test_ranks_have_equally_many_training_batches_and_each_validation_window_once(
    surveyed: Surveyed,
) -> None:
    job, data = surveyed
    windows, held_out = TrainingWindows(job, data), ValidationWindows(job, data)
    sizes = [len(WindowLoader(windows, 3, CPU, rank, 2)) for rank in range(2)]
    assert sizes == [-(-len(windows) // 6)] * 2
    tiles: list[Any] = []
    for rank in range(2):
        for batch in WindowLoader(held_out, 3, CPU, rank, 2):
            tiles += [tile.numpy().tobytes() for tile in batch["image"]]
    alone = [held_out[index]["image"].tobytes() for index in range(len(held_out))]
    assert sorted(tiles) == sorted(alone)
