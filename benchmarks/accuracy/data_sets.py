"""The data sets of the benchmark: as one stream, the other and both, and as pixels for a random forest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from engine.contract.jobs import TrainJob
from engine.datasets.label_source import LabelOptions
from engine.datasets.labels import open_labels
from engine.datasets.layouts import DUALSTREAM_FOLDERS, find_scenes
from engine.rasters.alignment import AlignedRasters
from engine.rasters.raster import Raster
from engine.sampling.survey import Survey, survey

from ..locations import DATA

#: Features (N, C) and class values (N,) of one scene's pixels.
Pixels = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Experiment:
    """A data set and its comparison.

    Attributes:
        folder: The folder of the data.
        setups: The compared setups by name: whether each uses the image, and the auxiliary rasters.
        prepare: Writes the folder of one setup; files that it does not change become links.
        job: The training job's fields.
        scores: The reported scores: "miou", or a class's name for its IoU.
    """

    folder: Path
    setups: dict[str, tuple[bool, bool]]
    prepare: Callable[[Path, Path, tuple[bool, bool]], None]
    job: dict[str, Any]
    scores: tuple[str, ...]

    @property
    def class_names(self) -> list[str]:
        """The classes' names in the order of their values."""
        return [entry.name for entry in self._survey.classes]

    @cached_property
    def _survey(self) -> Survey:
        return survey(self._whole, find_scenes(self._whole))

    @property
    def _whole(self) -> TrainJob:
        return TrainJob(dataset=str(self.folder), **self.job)

    def pixels(self, setup: str, split: str) -> Iterator[Pixels]:
        """Yields the pixels of every scene of a split, with the bands that a setup uses."""
        uses_image, uses_auxiliary = self.setups[setup]
        for scene in self._survey.scenes:
            if scene.split == split:
                yield _pixels(scene, self._survey.labels, uses_image, uses_auxiliary)


def _pixels(scene: Any, options: LabelOptions, uses_image: bool, uses_auxiliary: bool) -> Pixels:
    with Raster(scene.image, scene.image_bands) as image:
        grid, whole = image.grid, image.grid.bounds
        bands = [image.read(whole)] if uses_image else []
    if uses_auxiliary:
        stack = AlignedRasters(scene.auxiliary, grid, bands=scene.auxiliary_bands)
        bands.append(stack.read(whole, whole.height, whole.width))
    truth = open_labels(scene.labels, grid, options).read(whole).ravel()
    features = np.concatenate(bands).reshape(-1, whole.pixels).T
    known = truth >= 0
    return features[known], truth[known]


def _water(source: Path, target: Path, uses: tuple[bool, bool]) -> None:
    for image, labels, stacks in DUALSTREAM_FOLDERS.values():
        for name in (image, labels, *(stacks if uses[1] else ())):
            (target / name).mkdir(parents=True)
            for file in (source / name).iterdir():
                if name == image and not uses[0]:
                    _write_zeros(file, target / name / file.name)
                else:
                    (target / name / file.name).symlink_to(file.resolve())


def _write_zeros(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o644)
    with rasterio.open(target, "r+") as file:
        file.write(np.zeros((file.count, file.height, file.width), file.dtypes[0]))


def _clouds(source: Path, target: Path, uses: tuple[bool, bool]) -> None:
    for split in ("train", "val"):
        (target / split).mkdir(parents=True)
        for name in ("rgb", "label", *(("ngr",) if uses[1] else ())):
            (target / split / name).symlink_to((source / split / name).resolve())


SETS: dict[str, Experiment] = {
    "water": Experiment(
        DATA / "water",
        {
            "image only": (True, False),
            "auxiliary only": (False, True),
            "both": (True, True),
        },
        _water,
        {"encoder": "mit-b0", "tile_size": 128, "epochs": 12, "learning_rate": 1e-3},
        ("class 1",),
    ),
    "clouds": Experiment(
        DATA / "clouds",
        {"RGB": (True, False), "RGB + NIR": (True, True)},
        _clouds,
        {
            "architecture": "cmx-b0",
            "tile_size": 64,
            "epochs": 8,
            "learning_rate": 2e-3,
            "accumulation": 1,
            "validate_every": 2,
            "augmentation": "flips+copy-paste",
            "loss": "ce+dice",
            "logit_adjustment": 0.5,
        },
        ("miou", "thick cloud", "thin cloud", "cloud shadow"),
    ),
}
