"""One training of the accuracy benchmark, through the command line, with its scores and CPU seconds."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from engine.contract.file_jobs import EvaluateJob
from engine.contract.scene import Scene
from engine.datasets.compared_classes import ComparedClasses

from ..processes import engine_job, run
from .data_sets import Division
from .scoring import Tally


@dataclass(frozen=True)
class Result:
    """The results of a training.

    Attributes:
        tallies: Counted pixels by place.
        cpu_seconds: CPU time of the training process, with its children.
    """

    tallies: dict[str, Tally]
    cpu_seconds: float

    def __str__(self) -> str:
        lines = [f"  {place}: {tally.score()}" for place, tally in self.tallies.items()]
        return "\n".join([f"{self.cpu_seconds:.0f} CPU s", *lines])


@dataclass(frozen=True)
class Engine:
    """The engine under test.

    Attributes:
        checkout: The checkout that it is started in.
        threads: Threads of each process.
        job: Fields of all trainings, besides data, output and seed.
    """

    checkout: Path
    threads: int
    job: dict[str, str]

    def run(self, command: str, job: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """The outputs of a job, and its CPU seconds.

        Raises:
            BenchmarkError: If it fails.
        """
        settings = {"OMP_NUM_THREADS": str(self.threads), **os.environ}
        done = run(engine_job(command, job), settings, self.checkout)
        return done.outputs, done.cpu


def train_and_score(
    engine: Engine, division: Division, classes: Sequence[str], folder: Path, seed: int
) -> Result:
    """Trains with the defaults and a seed, and maps and scores all places.

    Args:
        engine: The engine.
        division: The scenes.
        classes: The reported classes; empty: all.
        folder: Folder for the model and the masks.
        seed: The seed of the training.
    """
    model = folder / "model.safetensors"
    fixed = {"dataset": division.dataset, "output": model, "seed": seed}
    _, seconds = engine.run("train", {**fixed, **engine.job})
    tallies = {
        place: _count(engine, model, scenes, classes, folder / place)
        for place, scenes in division.tests.items()
    }
    return Result(tallies, seconds)


def _count(
    engine: Engine, model: Path, scenes: list[Scene], classes: Sequence[str], folder: Path
) -> Tally:
    """Maps scenes with a model, and compares the masks with the labels."""
    folder.mkdir()
    table = folder / "scenes.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = [
            (scene.image, ";".join(scene.auxiliary), f"scene{number}")
            for number, scene in enumerate(scenes)
        ]
        csv.writer(file).writerows([("image", "auxiliary", "name"), *rows])
    engine.run(
        "segment-folder",
        {"model": model, "scenes": table, "output_folder": folder / "masks", "confidence": True},
    )
    tallies = [
        _count_scene(folder / "masks" / f"scene{number}.tif", scene.labels, classes)
        for number, scene in enumerate(scenes)
    ]
    return Tally.of_all(tallies)


def _count_scene(mask: Path, labels: str, classes: Sequence[str]) -> Tally:
    with ComparedClasses(EvaluateJob(mask=str(mask), labels=labels)) as compared:
        names = [entry.name for entry in compared.table]
        strips = [compared.read(window) for window in compared.windows()]
    mapped, true = (np.concatenate(part) for part in zip(*strips))
    with rasterio.open(mask.with_name(f"{mask.stem}_confidence.tif")) as file:
        certainty = file.read(1, masked=True).astype(float).filled(np.nan) / 100
    reported = [names.index(name) for name in classes] or range(len(names))
    tally = Tally(len(names), reported)
    tally.add(mapped, true, certainty)
    return tally
