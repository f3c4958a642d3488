"""Measures the raster "Unlike the training": whether it finds the errors of masks at home and in another town.

    python -m benchmarks.unlike [--epochs 5] [--seed 0] [--keep FOLDER] [--pairs 5]

Trains on the tiles of Banepa (DUALSTREAM_DATA, default ../shared/data), maps its test rows and the areas of another town,
and prints for both: IoU of buildings, share of wrong pixels, expected calibration error (ECE), the share that is unlike
the training, the share of errors there, and the area under the ROC curve of the errors by the raster alone, by low
confidence alone and by both (the mean of their ranks). At last it maps an area with and without the summary in turns and
prints the CPU seconds. The models start from ImageNet weights.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import rasterio
from numpy.typing import NDArray

from engine.contract.unlike import UNLIKE_PERCENT, without_land_summary
from engine.datasets.label_source import LabelOptions
from engine.datasets.labels import open_labels
from engine.models.model_file import load_model, save_model
from engine.rasters.raster import open_image

from .accuracy.data_sets import SETS
from .locations import DATA, ROOT

#: Percents, and the value of no data.
_PERCENTS, _NODATA = 101, 255

#: Scenes by name: image and labels of each.
Scenes = dict[str, list[tuple[Path, Path]]]


@dataclass(frozen=True)
class Counts:
    """Pixels by confidence and by how unlike the training they are, in percent.

    Attributes:
        right: Pixels (101, 101) whose class is right.
        wrong: The others.
        shared: Pixels that are buildings in mask and labels.
        either: Pixels that are buildings in one of them.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    shared: int
    either: int

    def auc(self, scores: NDArray[np.float64]) -> float:
        """The area under the ROC curve of the errors by a score (101, 101)."""
        _, cells = np.unique(scores, return_inverse=True)
        right, wrong = (np.bincount(cells.ravel(), n.ravel()) for n in (self.right, self.wrong))
        below = np.cumsum(right) - right / 2
        return float((wrong * below).sum() / (right.sum() * wrong.sum()))

    def row(self) -> list[float]:
        """The numbers of the table."""
        every, confidence = self.right + self.wrong, np.arange(_PERCENTS) / 100
        bins = np.minimum(confidence * 15, 14).astype(int)
        of_class = self.right.sum(axis=1), every.sum(axis=1), every.sum(axis=1) * confidence
        hits, pixels, sure = (np.bincount(bins, values, 15) for values in of_class)
        unsure = np.broadcast_to(-np.arange(_PERCENTS)[:, None], every.shape)
        unlike = np.broadcast_to(np.arange(_PERCENTS)[None], every.shape)
        both = _ranks(unsure, every) + _ranks(unlike, every)
        beyond = unlike > UNLIKE_PERCENT
        return [
            self.shared / self.either,
            self.wrong.sum() / every.sum(),
            np.abs(hits - sure).sum() / pixels.sum(),
            every[beyond].sum() / every.sum(),
            self.wrong[beyond].sum() / max(every[beyond].sum(), 1),
            *map(self.auc, (unlike, unsure, both)),
        ]


def main() -> None:
    """Trains, maps and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the model and its masks")
    parser.add_argument("--pairs", type=int, default=5, help="maps with and without the summary")
    options = parser.parse_args()
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        scenes = _scenes(folder)
        model = folder / f"banepa-{options.epochs}-{options.seed}.safetensors"
        if not model.exists():
            data = SETS["buildings"].dataset(folder, "both")
            job = {"dataset": data, "output": model, "epochs": options.epochs}
            print(f"training: {_run('train', {**job, 'seed': options.seed}):.0f} CPU s", flush=True)
        columns = "IoU | wrong | ECE | unlike | wrong there | AUC unlike | AUC unsure | AUC both"
        print(f"\n| | {columns} |\n|---|{'---|' * 8}")
        for place, pairs in scenes.items():
            counts = _joined([_map(folder, model, *pair) for pair in pairs])
            print(f"| {place} | {' | '.join(f'{n:.3f}' for n in counts.row())} |", flush=True)
        _print_times(folder, model, scenes["another town"][-1][0], options.pairs)


def _scenes(folder: Path) -> Scenes:
    experiment, town = SETS["buildings"], DATA / "buildings_other_town"
    experiment.prepare(folder, "both")
    home = experiment.test(folder) if experiment.test else None
    areas = [(path, town / "polygons.geojson") for path in sorted(town.glob("area_*.tif"))]
    return {"home": [home] if home else [], "another town": areas}


def _map(folder: Path, model: Path, image: Path, labels: Path) -> Counts:
    """Maps a scene and counts its pixels."""
    names = "output", "confidence", "unlike"
    paths = {name: folder / f"{image.stem}-{name}.tif" for name in names}
    _run("segment", {"model": model, "image": image, **paths})
    mask, confidence, unlike = (rasterio.open(path).read(1) for path in paths.values())
    with open_image(str(image)) as raster:
        source = open_labels(str(labels), raster.grid, LabelOptions())
        truth = source.read(raster.grid.bounds) > 0
    known, found = confidence != _NODATA, mask > 0
    cells = confidence[known].astype(np.int64) * _PERCENTS + unlike[known]
    is_right = (truth == found)[known]
    right, wrong = (
        np.bincount(cells[part], minlength=_PERCENTS**2).reshape(_PERCENTS, _PERCENTS).astype(float)
        for part in (is_right, ~is_right)
    )
    return Counts(right, wrong, (truth & found)[known].sum(), (truth | found)[known].sum())


def _joined(parts: Sequence[Counts]) -> Counts:
    """The counts of several scenes together."""
    names = [field.name for field in fields(Counts)]
    return Counts(*(np.sum([getattr(part, name) for part in parts], axis=0) for name in names))


def _ranks(scores: NDArray[Any], pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean rank of each cell's pixels by a score, 0..1."""
    _, cells = np.unique(scores, return_inverse=True)
    counts = np.bincount(cells.ravel(), pixels.ravel())
    ranks: NDArray[np.float64] = ((np.cumsum(counts) - counts / 2) / counts.sum())[cells]
    return ranks.reshape(scores.shape)


def _print_times(folder: Path, model: Path, image: Path, pairs: int) -> None:
    """CPU seconds of maps with the summary and without it, in turns."""
    network, card = load_model(model)
    network.land_summary = None  # type: ignore[assignment]
    without = folder / "without.safetensors"
    save_model(without, network, without_land_summary(card))
    job = {"image": image, "output": folder / "timed.tif", "runtime": "torch"}
    times = [[_run("segment", {"model": m, **job}) for m in (model, without)] for _ in range(pairs)]
    if times:
        ratios = [one / other - 1 for one, other in times]
        means = [statistics.mean(column) for column in zip(*times)]
        print(
            f"\nCPU s with and without the summary: {means[0]:.1f}, {means[1]:.1f}; the median of {pairs} pairs: "
            f"{100 * statistics.median(ratios):+.1f} %"
        )


def _run(command: str, job: dict[str, Any]) -> float:
    """Runs a command of the engine, prints its warnings and returns its CPU seconds."""
    words = [part for name, value in job.items() for part in (f"--{name}", str(value))]
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", command, "--events", "json", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = cast("IO[str]", process.stdout).read().splitlines()
    _, _, usage = os.wait4(process.pid, 0)
    events = [json.loads(line) for line in lines]
    for event in events:
        if event["event"] == "warned":
            print(f"({event['message']})", flush=True)
    if events[-1]["event"] != "done":
        raise SystemExit(f"{command}: {events[-1]['message']}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
