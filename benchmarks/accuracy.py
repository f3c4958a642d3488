"""Does fusing two streams pay? Water IoU from image only, auxiliary only and both, beside a random forest.

    python -m benchmarks.accuracy [--seeds 0 1 2] [--epochs 12] [--parallel 2]

Trains on the real water chips (DUALSTREAM_DATA, default ../shared/data) through ``python -m engine train``
and prints one table. Every number comes from one confusion matrix over all validation pixels. "Auxiliary
only" keeps the network and sets every image band to zero. The forest sees each pixel by itself: the bands
of the image and, resampled to its grid, those of the auxiliary rasters.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
from sklearn.ensemble import RandomForestClassifier

from engine.alignment import Aligned
from engine.layouts import DUALSTREAM_FOLDERS, Scene, from_dualstream_folder
from engine.rasters import Raster

ROOT = Path(__file__).resolve().parents[1]
SETUPS = ("image only", "auxiliary only", "both")
WATER = 1


def main() -> None:
    options = _options()
    data = Path(os.environ.get("DUALSTREAM_DATA") or ROOT.parent / "shared" / "data") / "water"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        datasets = {
            setup: _dataset(data, work / setup.replace(" ", "-"), setup) for setup in SETUPS
        }
        runs = [(setup, seed) for seed in options.seeds for setup in SETUPS]
        with ThreadPoolExecutor(options.parallel) as pool:
            network = dict(
                zip(runs, pool.map(lambda run: _train(datasets[run[0]], work, run, options), runs))
            )
        forest = {run: _forest(data, *run) for run in runs}
    _print(network, forest, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--encoder", default="mit-b0")
    parser.add_argument("--learning_rate", type=float, default=1e-3)
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time, a core each")
    return parser.parse_args()


def _dataset(data: Path, target: Path, setup: str) -> Path:
    """The water folder as one setup sees it; the files themselves are linked, or zeroed."""
    for image, labels, stacks in DUALSTREAM_FOLDERS.values():
        for name in (image, labels, *(() if setup == "image only" else stacks)):
            (target / name).mkdir(parents=True)
            for file in (data / name).iterdir():
                if name == image and setup == "auxiliary only":
                    _zeroed(file, target / name / file.name)
                else:
                    (target / name / file.name).symlink_to(file.resolve())
    return target


def _zeroed(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o644)
    with rasterio.open(target, "r+") as file:
        file.write(np.zeros((file.count, file.height, file.width), file.dtypes[0]))


def _train(dataset: Path, work: Path, run: tuple[str, int], options: argparse.Namespace) -> float:
    """Water IoU in validation of one training, best epoch by mIoU."""
    setup, seed = run
    job = {
        "dataset": dataset,
        "output": work / f"{setup}-{seed}.safetensors",
        "encoder": options.encoder,
        "tile_size": 128,
        "epochs": options.epochs,
        "learning_rate": options.learning_rate,
        "checkpoint_every": 0,
        "seed": seed,
    }
    command = [sys.executable, "-m", "engine", "train", "--events", "json"]
    command += [part for name, value in job.items() for part in (f"--{name}", str(value))]
    threads = str(max(1, (os.cpu_count() or 1) // options.parallel))
    environment = {**os.environ, "OMP_NUM_THREADS": threads}
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    last = json.loads(answer.stdout.splitlines()[-1])
    if last["event"] != "done":
        raise SystemExit(f"{setup}, seed {seed}: {last['message']}")
    score = float(last["outputs"]["metrics"]["iou"]["class 1"])
    print(f"{setup}, seed {seed}: {score:.3f} ({last['outputs']['seconds']:.0f} s)", flush=True)
    return score


def _forest(data: Path, setup: str, seed: int) -> float:
    """Water IoU of a random forest on single pixels."""
    scenes = from_dualstream_folder(data)
    train = [_pixels(scene, setup) for scene in scenes if scene.split == "train"]
    held = [_pixels(scene, setup) for scene in scenes if scene.split == "validation"]
    forest = RandomForestClassifier(100, min_samples_leaf=5, n_jobs=-1, random_state=seed)
    chosen = np.random.default_rng(seed)
    features, labels = (np.concatenate(parts) for parts in zip(*train))
    some = chosen.choice(len(features), 100_000, replace=False)
    forest.fit(features[some], labels[some])
    features, labels = (np.concatenate(parts) for parts in zip(*held))
    water, truth = forest.predict(features) == WATER, labels == WATER
    return float((water & truth).sum() / (water | truth).sum())


def _pixels(scene: Scene, setup: str) -> tuple[np.ndarray, np.ndarray]:
    with Raster(scene.image) as image:
        whole = image.grid.bounds
        bands = [] if setup == "auxiliary only" else [image.read(whole)]
        if setup != "image only":
            bands.append(
                Aligned(scene.auxiliary, image.grid).read(whole, whole.height, whole.width)
            )
    with Raster(scene.labels) as labels:
        truth = labels.read(whole)[0].ravel()
    return np.concatenate(bands).reshape(-1, whole.pixels).T, truth


def _print(
    network: dict[tuple[str, int], float],
    forest: dict[tuple[str, int], float],
    options: argparse.Namespace,
) -> None:
    print(
        f"\nWater IoU in validation; DualStream-DFormer, {options.encoder}, random weights, "
        f"{options.epochs} epochs, learning rate {options.learning_rate:g}\n"
    )
    print(
        "| streams | "
        + " | ".join(f"seed {seed}" for seed in options.seeds)
        + " | median | forest |"
    )
    print("|---|" + "---|" * (len(options.seeds) + 2))
    for setup in SETUPS:
        scores = [network[setup, seed] for seed in options.seeds]
        trees = statistics.median(forest[setup, seed] for seed in options.seeds)
        cells = [
            *(f"{score:.3f}" for score in scores),
            f"{statistics.median(scores):.3f}",
            f"{trees:.3f}",
        ]
        print(f"| {setup} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
