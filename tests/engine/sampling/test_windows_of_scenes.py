"""Windows of whole scenes: validation apart from training, and the same pixels in every process."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import rasterio
from torch.utils.data import DataLoader

from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.rasters.windows import Window
from engine.sampling.survey import survey
from engine.sampling.window_dataset import TrainingWindows, ValidationWindows
from tests.engine.synthetic import squares


def test_validation_never_shares_ground_with_training(write_raster) -> None:
    labels = squares(np.random.default_rng(0), 12)
    image = write_raster("image.tif", labels[None].astype(np.uint16))
    job = TrainJob(image=image, labels=write_raster("labels.tif", labels), tile_size=64)
    data = survey(job, find_scenes(job))
    held_out = {b.window for b in data.blocks if b.is_validation}
    assert held_out and not held_out & {b.window for b in data.blocks if not b.is_validation}
    checks = ValidationWindows(job, data)
    pixels = sum((checks[i]["target"] >= 0).sum() for i in range(len(checks)))
    assert pixels == sum(data.counts(is_validation=True).values()), "every pixel once"
    windows = TrainingWindows(job, data)
    for row in range(0, 129, 32):
        window = Window(row, 64, 64, 64)
        target = windows.window_sample(0, window)["target"]
        for block in held_out:
            if shared := window.intersection(block):
                local = shared.shift(-window.row, -window.col)
                part = target[local.row : local.row_stop, local.col : local.col_stop]
                assert (part < 0).all()
    assert all((windows[i]["target"] >= 0).any() for i in range(len(windows)))


def test_water_chips_become_samples(data) -> None:
    job = TrainJob(dataset=str(data("water")), output="m", tile_size=128, stream_dropout=0.0)
    windows = TrainingWindows(job, survey(job, find_scenes(job)))
    sample = windows[0]
    assert sample["image"].shape == (3, 128, 128) and sample["auxiliary"].shape == (3, 16, 16)
    assert np.isfinite(sample["auxiliary"]).all() and set(np.unique(sample["target"])) <= {0, 1}
    windows.start_epoch(1)
    assert not np.array_equal(sample["image"], windows[0]["image"]), "every epoch is new"


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_worker_processes_read_what_one_process_reads(write_raster) -> None:
    """Forked workers share open files with their parent unless they open their own."""
    noise = np.random.default_rng(0).integers(1, 4000, (2, 1024, 1024)).astype(np.uint16)
    tiled = {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate"}
    image = write_raster("i.tif", noise, **tiled)
    labels = write_raster("l.tif", (noise[:1] > 2000).astype(np.uint8))
    job = TrainJob(image=image, labels=labels, tile_size=64)
    # A cache far smaller than the file, or the parent's blocks would hide wrong reads of the workers.
    with rasterio.Env(GDAL_CACHEMAX=2**20):
        windows = TrainingWindows(job, survey(job, find_scenes(job)))
        assert len(windows) > 100
        expected = [windows[index]["image"] for index in range(len(windows))]
        loader = DataLoader(windows, batch_size=None, num_workers=3, multiprocessing_context="fork")
        for image, sample in zip(expected, loader, strict=True):
            assert np.array_equal(image, sample["image"])
