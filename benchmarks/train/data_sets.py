"""The data sets of the benchmark: small scenes and one big raster.

The synthetic scenes are those of ``benchmarks.segment``, with labels of four land cover classes.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..segment import scenes
from ..segment.cases import COARSE
from ..segment.scenes import SEED_SIDE, make_scene, write, write_large

#: Side of a small scene, px.
SMALL = 512

_SEED, _PIXEL = 7, 10.0
_TILED = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
_MAKERS = (Path(scenes.__file__), Path(__file__))


def data_sets(cache: Path, side: int, tiles: int) -> dict[str, dict[str, Any]]:
    """Returns the training job's fields for each data set by title, and makes the files that are missing.

    Args:
        cache: The folder that keeps the files.
        side: Side of the big raster, px.
        tiles: Number of small scenes.
    """
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in _MAKERS))
    folder = cache / f"train-{digest.hexdigest()[:8]}"
    return {
        f"{tiles} scenes of {SMALL} px": small_scenes(folder / f"small-{tiles}", tiles),
        f"one raster of {side} px": big_raster(folder / f"big-{side}", side),
    }


def small_scenes(folder: Path, count: int) -> dict[str, Any]:
    """Makes scenes of four bands, each with a coarse stack and a class raster, and a table of them."""
    table = folder / "scenes.csv"
    if not table.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            image, land, air = make_scene(SMALL, _SEED + 10 * number)
            write(folder / f"image-{number}.tif", image, _PIXEL, **_TILED)
            write(folder / f"land-{number}.tif", land[np.newaxis], _PIXEL, **_TILED)
            write(folder / f"air-{number}.tif", air, _PIXEL * COARSE, compress="deflate")
        rows = ([f"{kind}-{n}.tif" for kind in ("image", "land", "air")] for n in range(count))
        _write_table(table, rows)
    return {"dataset": str(table)}


def big_raster(folder: Path, side: int) -> dict[str, Any]:
    """Makes one raster of four bands, its coarse stack and its class raster."""
    labels = folder / "land.tif"
    if not labels.exists():
        write_large(folder, side)
        land = make_scene(SEED_SIDE, _SEED)[1]
        more = max(side - SEED_SIDE, 0)
        wide = np.pad(land, ((0, more), (0, more)), mode="symmetric")[:side, :side]
        write(labels, wide[np.newaxis], _PIXEL, **_TILED)
    image, air = folder / "uint16-tiled.tif", folder / "air.tif"
    return {"image": str(image), "auxiliary": (str(air),), "labels": str(labels)}


def _write_table(path: Path, rows: Iterable[list[str]]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["image", "labels", "auxiliary"], *rows])
    part.replace(path)
