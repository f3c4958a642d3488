"""Runs the engine's verbs: a process for each training and suggestion, and one that scores many models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyogrio.raw
import shapely

from ..locations import ROOT

_ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}

#: The outputs of a verb's last event.
Outputs = dict[str, Any]


def run(verb: str, job: dict[str, Any], folder: Path) -> tuple[Outputs, float]:
    """Runs one verb in a process; returns the outputs and the CPU seconds.

    Raises:
        SystemExit: If it fails, with the engine's message.
    """
    config = folder / f"{verb}.json"
    config.write_text(json.dumps(job, default=str))
    command = [sys.executable, "-m", "engine", "--config", str(config), "--events", "json", verb]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=_ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    outputs = _outputs(cast("IO[str]", process.stdout), f"{verb} in {folder}")
    _, _, usage = os.wait4(process.pid, 0)
    return outputs, usage.ru_utime + usage.ru_stime


class Scorer:
    """An engine that segments and evaluates, without a start for each model.

    Args:
        process: ``python -m engine serve`` with pipes.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def iou(self, model: Path, scene: dict[str, Any], overlap: int, labels: Path) -> float:
        """IoU of the second class of a model's mask of a scene."""
        mask = model.with_suffix(".tif")
        job = {"model": [str(model)], "output": str(mask), "overlap": overlap, "device": "cpu"}
        self._request("segment", {**scene, **job})
        scores = self._request("evaluate", {"mask": str(mask), "labels": str(labels)})
        mask.unlink()
        return float([*scores["iou"].values()][1])

    def _request(self, verb: str, job: dict[str, Any]) -> Outputs:
        requests = cast("IO[str]", self._process.stdin)
        requests.write(json.dumps({"verb": verb, "job": job}) + "\n")
        requests.flush()
        return _outputs(cast("IO[str]", self._process.stdout), verb)


@contextmanager
def scorer() -> Iterator[Scorer]:
    """Starts an engine that scores."""
    command = [sys.executable, "-m", "engine", "--events", "json", "serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=_ENVIRONMENT,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield Scorer(process)


def suggested_places(path: Path, side: int, height: int) -> list[tuple[int, int]]:
    """Row and column of suggested squares in a mosaic without a coordinate system, the best first."""
    _, _, geometries, (ranks,) = pyogrio.raw.read(path, layer=path.stem, columns=["rank"])
    shapes = shapely.from_wkb(geometries[ranks.argsort()])
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    return [(int((height - y) // side), int(x // side)) for x, y in middles]


def _outputs(lines: IO[str], title: str) -> Outputs:
    """Reads events up to the last one of a run."""
    for line in lines:
        event = json.loads(line)
        if event["event"] == "done":
            outputs: Outputs = event["outputs"]
            return outputs
        if event["event"] == "failed":
            raise SystemExit(f"{title}: {event['message']}")
    raise SystemExit(f"{title}: the engine ended without a result.")
