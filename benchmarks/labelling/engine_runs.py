"""Runs jobs of the engine's verbs in this process, so that only the first of many small ones waits for the start."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyogrio.raw
import shapely

from engine.command_line.registry import VERBS, run_to_end, verb_function
from engine.compute.process_state import preserve_process_state
from engine.contract.job_json import from_json
from engine.contract.protocol import Failed

#: The outputs of a verb's last event.
Outputs = dict[str, Any]


def run(verb: str, fields: dict[str, Any]) -> tuple[Outputs, float]:
    """Runs a job; returns its outputs and the CPU seconds of this process.

    Raises:
        SystemExit: If it fails, with the engine's message.
    """
    job = from_json(VERBS[verb], json.dumps(fields, default=str))
    function, begin = verb_function(verb), time.process_time()
    with preserve_process_state():
        result = run_to_end(lambda: function(job, lambda event: None))
    if isinstance(result.event, Failed):
        raise SystemExit(f"{verb}: {result.event.message} {result.event.details}")
    return result.event.outputs, time.process_time() - begin


def iou(model: Path, scene: dict[str, Any], overlap: int, labels: Path) -> float:
    """IoU of the second class of a model's mask of a scene."""
    mask = model.with_name("mask.tif")
    run("segment", {**scene, "model": [model], "output": mask, "overlap": overlap, "device": "cpu"})
    scores, _ = run("evaluate", {"mask": mask, "labels": labels})
    mask.unlink()
    return float([*scores["iou"].values()][1])


def suggested_places(path: Path, side: int, height: int) -> list[tuple[int, int]]:
    """Row and column of suggested squares in a mosaic without a coordinate system, the best first."""
    _, _, geometries, (ranks,) = pyogrio.raw.read(path, layer=path.stem, columns=["rank"])
    shapes = shapely.from_wkb(geometries[ranks.argsort()])
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    return [(int((height - y) // side), int(x // side)) for x, y in middles]
