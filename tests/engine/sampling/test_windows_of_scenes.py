"""Windows of whole scenes: validation apart from training, and the same pixels in every process."""

from __future__ import annotations

import numpy as np

from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.sampling.survey import survey
from engine.sampling.window_dataset import TrainingWindows, ValidationWindows
from tests.engine.synthetic import squares


def test_validation_never_shares_ground_with_training(write_raster) -> None:
    labels = squares(np.random.default_rng(0), 12)
    places = np.arange(labels.size, dtype=np.uint16).reshape(1, *labels.shape)
    image = write_raster("image.tif", places)
    job = TrainJob(image=image, labels=write_raster("labels.tif", labels), tile_size=64)
    data = survey(job, find_scenes(job))
    held_out = {b.window for b in data.blocks if b.is_validation}
    assert held_out and not held_out & {b.window for b in data.blocks if not b.is_validation}
    checks = ValidationWindows(job, data)
    pixels = sum((checks[i]["target"] >= 0).sum() for i in range(len(checks)))
    assert pixels == sum(data.counts(is_validation=True).values()), "every pixel once"
    windows = TrainingWindows(job, data)
    learnt, shown = np.zeros(labels.size, bool), np.zeros(labels.size, bool)
    for number in range(len(windows)):
        sample = windows[number]
        is_labelled = sample["target"] >= 0
        assert is_labelled.any()
        learnt[sample["image"][0][is_labelled].astype(int)] = True
        shown[sample["image"][0].astype(int)] = True
    held = np.zeros(labels.shape, bool)
    for block in held_out:
        held[block.row : block.row_stop, block.col : block.col_stop] = True
    assert shown[held.ravel()].any(), "windows reach into held-out blocks"
    assert not learnt[held.ravel()].any()


def test_water_chips_become_samples(data) -> None:
    job = TrainJob(dataset=str(data("water")), output="m", tile_size=128, stream_dropout=0.0)
    windows = TrainingWindows(job, survey(job, find_scenes(job)))
    sample = windows[0]
    assert sample["image"].shape == (3, 128, 128) and sample["auxiliary"].shape == (3, 16, 16)
    assert np.isfinite(sample["auxiliary"]).all() and set(np.unique(sample["target"])) <= {0, 1}
    windows.start_epoch(1)
    assert not np.array_equal(sample["image"], windows[0]["image"]), "every epoch is new"
