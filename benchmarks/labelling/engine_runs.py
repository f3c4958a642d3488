"""Runs jobs of the engine's verbs in this process, so that only the first of many small ones waits for the start."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import rasterio
import shapely
from numpy.typing import NDArray

from engine.command_line.registry import VERBS, run_to_end, verb_function
from engine.compute.process_state import preserve_process_state
from engine.contract.job_json import from_json
from engine.contract.protocol import Failed

from .person import Click
from .pools import UNLABELLED, PreparedScene

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


def read_mask(path: Path) -> NDArray[np.uint8]:
    """The class values (H, W) of a mask."""
    with rasterio.open(path) as file:
        values: NDArray[np.uint8] = file.read(1)
    return values


def score(mask: NDArray[np.uint8], scene: PreparedScene, classes: Sequence[int]) -> float:
    """The mean IoU of some classes on the land that nobody labels."""
    truth, mapped = scene.truth[scene.pool_height :], mask[scene.pool_height :]
    known = truth != UNLABELLED
    found = []
    for value in classes:
        true, map_of = known & (truth == value), known & (mapped == value)
        found.append((true & map_of).sum() / max((true | map_of).sum(), 1))
    return float(np.mean(found))


def write_clicks(path: Path, clicks: Sequence[Click], height: int) -> None:
    """Writes clicks as points of a scene of ``height`` rows without a coordinate system."""
    points = shapely.points(
        [click.col + 0.5 for click in clicks], [height - click.row - 0.5 for click in clicks]
    )
    values = np.array([click.value for click in clicks], np.int32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the missing coordinate system
        pyogrio.raw.write(
            path,
            shapely.to_wkb(points),
            [values],
            ["class"],
            geometry_type="Point",
            crs=None,
            driver="GPKG",
        )


def suggested_places(path: Path, height: int) -> list[tuple[int, int]]:
    """Rows and columns of the middles of suggested squares or points, the best first."""
    _, _, geometries, (ranks,) = pyogrio.raw.read(path, layer=path.stem, columns=["rank"])
    shapes = shapely.from_wkb(geometries[ranks.argsort()])
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    return [(int(height - y), int(x)) for x, y in middles]
