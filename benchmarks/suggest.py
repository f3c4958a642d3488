"""Measures time and peak memory of ``suggest`` against ``segment``, on a large scene of real tiles.

    python -m benchmarks.suggest --model MODEL.safetensors [--side 10000] [--runs 2] [--cores 0]

The building tiles are put together and mirrored to a scene of any size, in the folder of
``--cache``. MODEL is a model that was trained on these tiles, such as ``python -m benchmarks.accuracy`` makes. Every
run is a process of its own, the commands take turns, and the table shows medians. "suggest, labels" has labels in so
many places that as many labelled squares are compared as ever are. On a machine that is busy with other work, even CPU
seconds change from minute to minute: --together runs all commands of a round at the same time, each with one thread.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from tools.locations import DATA, ROOT, cache_folder

from .processes import Run, emit, engine, environment, pin, run

#: Side of a tile in px, of a pixel in metres, and of a row of blocks of the scene in px.
_TILE, _METRES, _BLOCK = 512, 0.132, 256
_LEFT, _TOP, _CRS = 380_000.0, 3_057_000.0, "EPSG:32645"
#: Labelled places along each side of the scene, and their side in px.
_PLACES, _PLACE = 18, 40
#: Passed to every run, so that no run measures runtimes.
_RUNTIME = ("--runtime", "torch", "--device", "cpu")


def main() -> None:
    """Makes the files, runs the commands in turn and prints the table."""
    options = _options()
    if options.make:
        make_scene(options.make, options.side)
        return
    cores = pin(options.cores)
    folder = options.cache.absolute() / f"suggest-{options.side}"
    image, labels = folder / "scene.tif", folder / "labels.geojson"
    if not image.exists():
        emit(f"Making a scene of {options.side} x {options.side} px ...")
        folder.mkdir(parents=True, exist_ok=True)
        words = ["--make", str(image), "--side", str(options.side), "--model", options.model]
        subprocess.run([sys.executable, "-m", "benchmarks.suggest", *words], cwd=ROOT, check=True)
    labels.write_text(json.dumps(_labels(options.side)), "utf-8")
    shared = ["--model", str(Path(options.model).absolute()), "--image", str(image), *_RUNTIME]
    commands = {
        "segment": engine("engine", "segment", [*shared, "--output", str(folder / "mask.tif")]),
        "suggest": engine("engine", "suggest", [*shared, "--output", str(folder / "next.gpkg")]),
    }
    words = ["--output", str(folder / "more.gpkg"), "--labels", str(labels)]
    commands["suggest, labels"] = engine("engine", "suggest", [*shared, *words])
    threads = 1 if options.together else len(cores)
    settings = environment(options.cache.absolute(), threads)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(options.runs):
        (folder / "mask.tif").unlink(missing_ok=True)
        with ThreadPoolExecutor(len(commands) if options.together else 1) as pool:
            found = {
                name: pool.submit(run, command, settings) for name, command in commands.items()
            }
            for name, one in found.items():
                runs[name].append(one.result())
                emit(_line(name, runs[name][-1:], runs["segment"][-1:]))
    emit("\nMedians:")
    for name, found in runs.items():
        emit(_line(name, found, runs["segment"]))


def make_scene(path: Path, side: int) -> None:
    """Writes the tiles as one tiled GeoTIFF of ``side`` x ``side`` px, mirrored at their edges."""
    import numpy as np
    import rasterio
    from affine import Affine

    from .segment.scenes import mirrored

    places = {
        (int(found[2]), int(found[1])): file
        for file in (DATA / "buildings" / "train").glob("*.tif")
        if (found := re.search(r"-(\d+)-(\d+)-", file.name))
    }
    if not places:
        raise SystemExit(f"There are no building tiles in {DATA}: set DUALSTREAM_DATA.")
    top, left = min(row for row, _ in places), min(col for _, col in places)
    rows, cols = max(row for row, _ in places) - top + 1, max(c for _, c in places) - left + 1
    town = np.zeros((3, rows * _TILE, cols * _TILE), np.uint8)
    for (row, col), file in places.items():
        y, x = (row - top) * _TILE, (col - left) * _TILE
        with rasterio.open(file) as tile:
            town[:, y : y + _TILE, x : x + _TILE] = tile.read()

    place = Affine(_METRES, 0, _LEFT, 0, -_METRES, _TOP)
    profile = {"driver": "GTiff", "count": 3, "dtype": "uint8", "crs": _CRS, "transform": place}
    tiled = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK, "compress": "deflate"}
    positions = np.arange(side)
    across = mirrored(positions, town.shape[2])
    down = mirrored(positions, town.shape[1])
    with rasterio.open(path, "w", width=side, height=side, **profile, **tiled) as scene:
        for row in range(0, side, _BLOCK):
            pixels = town[:, down[row : row + _BLOCK]][:, :, across]
            window = rasterio.windows.Window(0, row, side, pixels.shape[1])
            scene.write(pixels, window=window)


def _labels(side: int) -> dict[str, object]:
    """GeoJSON of small labelled rectangles that are spread evenly over the scene."""
    step, metres = side * _METRES / _PLACES, _PLACE * _METRES
    features = []
    for row in range(_PLACES):
        for col in range(_PLACES):
            x, y = _LEFT + col * step + metres, _TOP - row * step - metres
            ring = [(x, y), (x + metres, y), (x + metres, y - metres), (x, y - metres), (x, y)]
            shape = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": {}, "geometry": shape})
    crs = {"type": "name", "properties": {"name": _CRS}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}


def _line(name: str, runs: list[Run], base: list[Run]) -> str:
    """The medians of runs, and their ratios to those of ``segment``."""
    values = {key: median(getattr(one, key) for one in runs) for key in ("wall", "cpu", "peak")}
    ratios = {
        key: value / median(getattr(one, key) for one in base) for key, value in values.items()
    }
    return (
        f"{name:16} wall {values['wall']:.0f} s ({ratios['wall']:.2f} x), CPU {values['cpu']:.0f} s "
        f"({ratios['cpu']:.2f} x), peak {values['peak']:.0f} MiB ({ratios['peak'] - 1:+.1%})"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True)
    parser.add_argument("--side", type=int, default=10_000, help="of the scene, px")
    parser.add_argument("--runs", type=int, default=2, help="rounds")
    parser.add_argument("--cores", type=int, nargs="*", default=[], help="default: all")
    parser.add_argument("--together", action="store_true", help="all commands at the same time")
    parser.add_argument("--cache", type=Path, default=cache_folder())
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
