"""Measures how long a sketch takes in a warm engine: its first map, and the map after a further stroke.

    python -m benchmarks.sketch [--side 1024] [--runs 3] [--cores 0 1]

The scene is made up: four bands of ``--side`` x ``--side`` px, and 48 bands on a coarse grid. One engine (``serve``) answers
all requests, as the one that QGIS keeps. For each run the image is a new copy, so that the engine remembers nothing of it;
then one stroke after the other is added. A request ends with the written map, its confidence and the model file.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
import rasterio
from affine import Affine

from engine.contract.protocol import Request, encode_request
from tools.locations import ROOT, cache_folder

from .processes import BenchmarkError, emit, environment, pin

#: Corner and pixel size of the scene in metres, and its coordinate system.
_LEFT, _TOP, _METRES, _CRS = 500_000.0, 3_050_000.0, 10.0, "EPSG:32645"
_AIR_BANDS, _AIR_SIDE = 48, 12

#: Strokes before the first map, and those that are added one by one.
_FIRST, _FURTHER = 12, 3


def main() -> None:
    """Makes the scene, sends the requests and prints the medians."""
    options = _options()
    cores = pin(options.cores)
    folder = options.cache.absolute() / "sketch"
    folder.mkdir(parents=True, exist_ok=True)
    _make_scene(folder, options.side)
    first: list[tuple[float, float]] = []
    further: list[tuple[float, float]] = []
    with _engine(folder, len(cores)) as process:
        start = _ask(process, folder, "image.tif", _FIRST)
        for number in range(options.runs):
            shutil.copy(folder / "image.tif", folder / f"copy-{number}.tif")
            first.append(_ask(process, folder, f"copy-{number}.tif", _FIRST))
            strokes = range(_FIRST + 1, _FIRST + 1 + _FURTHER)
            further += [_ask(process, folder, f"copy-{number}.tif", n) for n in strokes]
        peak = _peak(process)
    emit(f"{options.side} x {options.side} px, {len(cores)} cores: wall s, CPU s (medians)")
    emit(f"new engine, first map: {start[0]:.2f}, {start[1]:.2f}")
    for name, found in (("warm, first map", first), ("warm, further stroke", further)):
        walls, seconds = zip(*found, strict=True)
        emit(f"{name}: {median(walls):.2f}, {median(seconds):.2f}")
    emit(f"peak memory of the engine: {peak:.0f} MiB")


def _make_scene(folder: Path, side: int) -> None:
    """Writes the image, whose classes are brightness in large spots, and the coarse stack."""
    noise = np.random.default_rng(0)
    spots = np.kron(noise.normal(size=(side // 64, side // 64)), np.ones((64, 64)))
    bands = [2000 + 300 * n * spots + noise.normal(0, 100, spots.shape) for n in range(1, 5)]
    np.save(folder / "spots.npy", spots)
    image = np.clip(bands, 1, 60_000).astype(np.uint16)
    _write(folder / "image.tif", image, _METRES)
    coarse = noise.normal(size=(_AIR_BANDS, _AIR_SIDE, _AIR_SIDE)).astype(np.float32)
    _write(folder / "air.tif", coarse, _METRES * side / _AIR_SIDE)


def _write(path: Path, values: np.ndarray[Any, Any], metres: float) -> None:
    count, height, width = values.shape
    grid = Affine(metres, 0, _LEFT, 0, -metres, _TOP)
    profile = {"driver": "GTiff", "crs": _CRS, "transform": grid, "dtype": values.dtype}
    with rasterio.open(path, "w", count=count, height=height, width=width, **profile) as file:
        file.write(values)


def _strokes(folder: Path, count: int) -> dict[str, Any]:
    """Strokes of three classes as GeoJSON; the first ones are always the same."""
    spots, noise = np.load(folder / "spots.npy"), np.random.default_rng(1)
    features = []
    for row, col in noise.integers(8, len(spots) - 40, (count, 2)).tolist():
        x, y = _LEFT + _METRES * col, _TOP - _METRES * row
        name = str(np.digitize(spots[row, col], [-0.5, 0.5]))
        line = {"type": "LineString", "coordinates": [[x, y], [x + 200, y - 100]]}
        features.append({"type": "Feature", "properties": {"class": name}, "geometry": line})
    crs = {"type": "name", "properties": {"name": _CRS}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}


@contextmanager
def _engine(folder: Path, cores: int) -> Iterator[subprocess.Popen[str]]:
    """A running engine that answers requests."""
    command = [sys.executable, "-m", "engine", "serve", "--events", "json"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(folder, cores),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _ask(
    process: subprocess.Popen[str], folder: Path, image: str, strokes: int
) -> tuple[float, float]:
    """Wall and CPU seconds until the engine has answered."""
    marks = folder / "marks.geojson"
    marks.write_text(json.dumps(_strokes(folder, strokes)), "utf-8")
    job = {
        "image": str(folder / image),
        "auxiliary": [str(folder / "air.tif")],
        "labels": [str(marks)],
        "class_field": "class",
        "output": str(folder / "map.tif"),
        "confidence": str(folder / "sure.tif"),
        "output_model": str(folder / "sketch.safetensors"),
    }
    begin, used = time.monotonic(), _cpu_seconds(process)
    if process.stdin is None or process.stdout is None:
        raise BenchmarkError("The engine has no pipes.")
    process.stdin.write(encode_request(Request("sketch", job)) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("event") == "failed":
            raise BenchmarkError(str(event))
        if event.get("event") == "done":
            return time.monotonic() - begin, _cpu_seconds(process) - used
    raise BenchmarkError("The engine has ended.")


def _cpu_seconds(process: subprocess.Popen[str]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def _peak(process: subprocess.Popen[str]) -> float:
    """Peak memory, MiB; where the system does not report it, the present one."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return float(psutil.Process(process.pid).memory_info().rss) / 2**20


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--side", type=int, default=1024, help="side of the scene in px")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cores", type=int, nargs="*", default=[])
    parser.add_argument("--cache", type=Path, default=cache_folder())
    return parser.parse_args()


if __name__ == "__main__":
    main()
