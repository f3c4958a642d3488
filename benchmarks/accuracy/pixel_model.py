"""Boosted trees on single pixels, the reference that uses no neighbourhood."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from engine.assessment.pixel_baseline import PixelClassifier
from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.labels import open_labels
from engine.datasets.layouts import find_scenes
from engine.rasters.alignment import AlignedRasters
from engine.rasters.raster import Raster
from engine.sampling.labelled_pixels import LabelledPixels, pixels_of_blocks
from engine.sampling.survey import Survey, survey

from .data_sets import Division
from .runs import Result
from .scoring import Tally

#: About the number of pixels that are learnt.
_SAMPLE = 200_000


def score_pixel_model(division: Division, classes: Sequence[str], seed: int) -> Result:
    """Learns the pixels of the training's scenes and scores all places."""
    began = time.process_time()
    job = TrainJob(dataset=str(division.dataset), tile_size=128)
    data = survey(job, find_scenes(job))
    sample = pixels_of_blocks(data, data.blocks, job.tile_size, _SAMPLE, seed)
    model = PixelClassifier(len(data.classes), seed)
    model.learn(LabelledPixels.join([*sample]))
    seconds = time.process_time() - began
    names = [entry.name for entry in data.classes]
    reported = [names.index(name) for name in classes] or range(len(names))
    tallies = {}
    for place, scenes in division.tests.items():
        tally = tallies[place] = Tally(len(names), reported)
        for scene in scenes:
            values, truth = _pixels(scene, data)
            chances = model.probabilities(values.reshape(len(values), -1).T)
            mapped = chances.argmax(1).reshape(truth.shape)
            tally.add(mapped, truth, chances.max(1).reshape(truth.shape))
    return Result(tallies, seconds)


def _pixels(scene: Scene, data: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Bands of all streams on the image's grid (C, H, W), and class indices (H, W), negative without a label."""
    with Raster(scene.image, scene.image_bands) as image:
        grid, whole = image.grid, image.grid.bounds
        bands = image.read(whole)
    if scene.auxiliary:
        stack = AlignedRasters(scene.auxiliary, grid, bands=scene.auxiliary_bands)
        bands = np.concatenate([bands, stack.read(whole, whole.height, whole.width)])
    truth = open_labels(scene.labels, grid, data.labels).read(whole)
    values = np.array([entry.value for entry in data.classes])
    numbers = np.searchsorted(values, truth).clip(max=len(values) - 1)
    return bands, np.where(values[numbers] == truth, numbers, -1)
