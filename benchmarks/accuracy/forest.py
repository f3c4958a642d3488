"""A random forest on single pixels, the reference that uses no neighbourhood."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier

from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.label_source import LabelOptions
from engine.datasets.labels import open_labels
from engine.datasets.layouts import find_scenes
from engine.rasters.alignment import AlignedRasters
from engine.rasters.raster import Raster
from engine.sampling.survey import survey
from engine.training.metrics import Scores

from .data_sets import Experiment, Streams

#: Features (N, C) and class values (N,) of one scene's pixels.
Pixels = tuple[np.ndarray, np.ndarray]

#: Pixels that a forest learns from.
_SAMPLE = 100_000


def forest_score(experiment: Experiment, streams: Streams, seed: int) -> float:
    """The score of a forest with the streams of a row, on the validation scenes."""
    job = TrainJob(dataset=str(experiment.folder), tile_size=128)
    data = survey(job, find_scenes(job))

    def pixels(split: str) -> Pixels:
        scenes = [scene for scene in data.scenes if scene.split == split]
        features, labels = zip(*_scene_pixels(scenes, data.labels, streams))
        return np.concatenate(features), np.concatenate(labels)

    features, labels = pixels("train")
    sample = np.random.default_rng(seed).choice(len(features), _SAMPLE, replace=False)
    forest = RandomForestClassifier(100, min_samples_leaf=5, n_jobs=-1, random_state=seed)
    forest.fit(features[sample], labels[sample])
    features, truth = pixels("validation")
    count = int(max(labels.max(), truth.max())) + 1
    pairs = truth.astype(np.int64) * count + forest.predict(features)
    matrix = np.bincount(pairs, minlength=count * count).reshape(count, count)
    names = [entry.name for entry in data.classes]
    return experiment.select(Scores.of(torch.from_numpy(matrix)).as_dict(names))


def _scene_pixels(scenes: list[Scene], options: LabelOptions, streams: Streams) -> Iterator[Pixels]:
    for scene in scenes:
        with Raster(scene.image, scene.image_bands) as image:
            grid, whole = image.grid, image.grid.bounds
            bands = [image.read(whole)] if streams != "auxiliary only" else []
        if streams != "image only":
            stack = AlignedRasters(scene.auxiliary, grid, bands=scene.auxiliary_bands)
            bands.append(stack.read(whole, whole.height, whole.width))
        truth = open_labels(scene.labels, grid, options).read(whole).ravel()
        features = np.concatenate(bands).reshape(-1, whole.pixels).T
        known = truth >= 0
        yield features[known], truth[known]
