"""Measures whether two streams are better than one: validation scores from each stream and both, beside a random forest.

    python -m benchmarks.accuracy [water|clouds ...] [--seeds 0 1 2] [--parallel 2] [--epochs 12]

Trains on real chips (DUALSTREAM_DATA, default ../shared/data) through ``python -m engine train`` and prints
one table for each data set. Every number comes from one confusion matrix over all validation pixels after the
last epoch, so validation selects nothing. "Auxiliary only" keeps the network and sets every image band to zero.
The forest classifies single pixels: the bands of the image and those of the auxiliary rasters, resampled to its grid.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier

from engine.training.metrics import Scores

from ..locations import ROOT
from .data_sets import SETS, Experiment

#: Setup and seed of a run. Scores by name.
Run = tuple[str, int]
ScoreByName = dict[str, float]


def main() -> None:
    """Trains networks and forests and prints a table for every data set."""
    options = _options()
    for name in options.sets:
        experiment = SETS[name]
        runs = [(setup, seed) for seed in options.seeds for setup in experiment.setups]
        networks = _train_all(experiment, runs, options)
        forests = {run: _forest(experiment, *run) for run in runs}
        _print(name, experiment, networks, forests, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", default=[*SETS], help=f"of {', '.join(SETS)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time, a core each")
    parser.add_argument("--epochs", type=int, default=0, help="instead of the set's own number")
    parser.add_argument(
        "--keep", default="", help="folder for the models; default: they are not kept"
    )
    return parser.parse_args()


def _train_all(
    experiment: Experiment, runs: list[Run], options: argparse.Namespace
) -> dict[Run, ScoreByName]:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for number, uses in enumerate(experiment.setups.values()):
            experiment.prepare(experiment.folder, work / str(number), uses)
        with ThreadPoolExecutor(options.parallel) as pool:
            scores = pool.map(lambda run: _train(experiment, work, run, options), runs)
            return dict(zip(runs, scores))


def _train(
    experiment: Experiment, work: Path, run: Run, options: argparse.Namespace
) -> ScoreByName:
    """Trains once and returns the validation scores after the last epoch."""
    setup, seed = run
    number = [*experiment.setups].index(setup)
    job = {
        **experiment.job,
        "dataset": work / str(number),
        "output": Path(options.keep or work).absolute() / f"{number}-{seed}.safetensors",
        "checkpoint_every": 0,
        "seed": seed,
    }
    if options.epochs:
        job["epochs"] = options.epochs
    command = [sys.executable, "-m", "engine", "train", "--events", "json"]
    command += [part for name, value in job.items() for part in (f"--{name}", str(value))]
    threads = str(max(1, (os.cpu_count() or 1) // options.parallel))
    environment = {**os.environ, "OMP_NUM_THREADS": threads}
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    last = events[-1]
    if last["event"] != "done":
        raise SystemExit(f"{setup}, seed {seed}: {last['message']}")
    scored = [event["values"] for event in events if "miou" in event.get("values", {})]
    scores = _select_scores(experiment, scored[-1])
    text = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
    print(f"{setup}, seed {seed}: {text} ({last['outputs']['seconds']:.0f} s)", flush=True)
    return scores


def _select_scores(experiment: Experiment, metrics: dict[str, Any]) -> ScoreByName:
    return {
        name: float(metrics["miou"] if name == "miou" else metrics["iou"][name] or 0)
        for name in experiment.scores
    }


def _forest(experiment: Experiment, setup: str, seed: int) -> ScoreByName:
    """Returns the same scores of a random forest on single pixels."""
    features, labels = (np.concatenate(parts) for parts in zip(*experiment.pixels(setup, "train")))
    sample = np.random.default_rng(seed).choice(len(features), 100_000, replace=False)
    forest = RandomForestClassifier(100, min_samples_leaf=5, n_jobs=-1, random_state=seed)
    forest.fit(features[sample], labels[sample])
    features, truth = (
        np.concatenate(parts) for parts in zip(*experiment.pixels(setup, "validation"))
    )
    count = int(max(labels.max(), truth.max())) + 1
    pairs = truth.astype(np.int64) * count + forest.predict(features)
    matrix = np.bincount(pairs, minlength=count * count).reshape(count, count)
    names = experiment.class_names
    return _select_scores(experiment, Scores.of(torch.from_numpy(matrix)).as_dict(names))


def _print(
    name: str,
    experiment: Experiment,
    networks: dict[Run, ScoreByName],
    forests: dict[Run, ScoreByName],
    options: argparse.Namespace,
) -> None:
    job = {**experiment.job, **({"epochs": options.epochs} if options.epochs else {})}
    settings = ", ".join(f"{key} {value}" for key, value in job.items())
    print(f"\n{name}: IoU in validation, random weights; {settings}\n")
    seeds = " | ".join(f"seed {seed}" for seed in options.seeds)
    print(f"| streams | score | {seeds} | median | forest, median |")
    print("|---|---|" + "---|" * (len(options.seeds) + 2))
    for setup in experiment.setups:
        for score in experiment.scores:
            values = [networks[setup, seed][score] for seed in options.seeds]
            forest = statistics.median(forests[setup, seed][score] for seed in options.seeds)
            cells = " | ".join(
                f"{value:.3f}" for value in (*values, statistics.median(values), forest)
            )
            print(f"| {setup} | {score} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
