"""One training of the accuracy benchmark, through the command line, with its scores and CPU seconds."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ..locations import ROOT
from .data_sets import Experiment


@dataclass(frozen=True)
class Result:
    """What a training gives.

    Attributes:
        score: IoU, see ``Experiment.score``.
        cpu_seconds: CPU time of the training process.
        calibration_errors: Expected calibration error before and after calibration, on validation pixels that did not
            fit it; NaN without calibration.
    """

    score: float
    cpu_seconds: float
    calibration_errors: tuple[float, float]

    def __str__(self) -> str:
        before, after = self.calibration_errors
        return f"{self.score:.3f}, {self.cpu_seconds:.0f} CPU s, calibration error {before:.3f} -> {after:.3f}"


def train_and_score(
    experiment: Experiment, folder: Path, name: str, seed: int, parallel: int
) -> Result:
    """Trains a row of the table with a seed and scores it."""
    row = experiment.rows[name]
    model = folder / f"{''.join(c if c.isalnum() else '_' for c in name)}-{seed}.safetensors"
    job = {
        "dataset": experiment.dataset(folder, row.streams),
        "output": model,
        "seed": seed,
        "checkpoint_every": 0,
        **row.job,
    }
    words = [part for key, value in job.items() for part in (f"--{key}", str(value))]
    threads = str(max(1, (os.cpu_count() or 1) // parallel))
    environment = {"OMP_NUM_THREADS": threads, **os.environ}
    lines, cpu_seconds = _run(["train", "--events", "json", *words], environment)
    events = [json.loads(line) for line in lines]
    if events[-1]["event"] != "done":
        raise SystemExit(f"{name}, seed {seed}: {events[-1]['message']}")
    epochs = [e["values"] for e in events if e["event"] == "metric" and "epoch" in e["values"]]
    scored = [values for values in epochs if "iou" in values]
    record = events[-1]["outputs"]["metrics"].get("calibration", {})
    errors = record.get("ece_before", math.nan), record.get("ece_after", math.nan)
    score = experiment.select(scored[-1])
    if experiment.test:
        score = _test_score(model, experiment.test(folder), environment)
    return Result(score, cpu_seconds, errors)


def _test_score(model: Path, scene: tuple[Path, Path], environment: dict[str, str]) -> float:
    """IoU of the second class on a scene that was not in the training: its image and labels."""
    image, labels = scene
    mask = model.with_suffix(".tif")
    segment = ["segment", "--model", str(model), "--image", str(image), "--output", str(mask)]
    _run(segment, environment)
    compare = ["evaluate", "--json", "--mask", str(mask), "--labels", str(labels)]
    lines, _ = _run(compare, environment)
    scores: dict[str, Any] = json.loads("\n".join(lines))["iou"]
    return float([*scores.values()][1])


def _run(words: list[str], environment: dict[str, str]) -> tuple[list[str], float]:
    """Runs a command of the engine; returns the lines of its output and its CPU seconds."""
    command = [sys.executable, "-m", "engine", *words]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = cast("IO[str]", process.stdout).read().splitlines()
    _, _, usage = os.wait4(process.pid, 0)
    return lines, usage.ru_utime + usage.ru_stime
