"""Measures footprints object by object: how many houses ``polygons`` finds with and without splitting touching ones.

Each model maps the mosaic of a part of the building tiles, see ``building_tiles.py``; the polygons of the mask are
compared with those of the labels, where a third of the houses touch another. A house is found if a polygon and it
share more than half of the area of both together.

    python -m benchmarks.footprints MODEL ... [--part validation|test] [--necks 75 80 85] [--keep FOLDER]

It prints the number of polygons, how many of them are a house, and the object F1. The tiles come from
DUALSTREAM_DATA. Choose on the validation row, report the test rows.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from numpy.typing import NDArray

from engine.scores.objects import SAME_OBJECT, ObjectScore

from .building_tiles import polygons, tiles_of
from .processes import engine_job, run

#: Smaller polygons are left out, m2.
MINIMUM_AREA = 10.0

Shapes = NDArray[Any]


def main() -> None:
    """Maps, makes polygons and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--part", choices=("validation", "test"), default="test")
    parser.add_argument("--necks", nargs="+", type=float, default=[80.0])
    parser.add_argument("--keep", type=Path, help="folder for masks and polygons")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        mosaic = _mosaic(options.part, folder)
        houses = _houses(mosaic)
        print(
            "| model | split | polygons | of them a house | of houses | object F1 |\n"
            + "|---" * 6
            + "|"
        )
        for model in options.models:
            stem = f"{model.stem}-{options.part}"
            mask, confidence = folder / f"{stem}.tif", folder / f"{stem}-confidence.tif"
            if not mask.exists():
                job = {"model": model, "image": mosaic, "output": mask, "confidence": confidence}
                run(engine_job("segment", job), os.environ)
            for name, more in _variants(confidence, options.necks).items():
                output = folder / "polygons.gpkg"
                job = {"mask": mask, "output": output, "minimum_area": MINIMUM_AREA, **more}
                run(engine_job("polygons", job), os.environ)
                found = object_score(_read(output), houses)
                counts = f"{found.mapped} | {found.found} | {found.true} | {found.f1:.3f}"
                print(f"| {model.stem} | {name} | {counts} |", flush=True)


def object_score(ours: Shapes, theirs: Shapes) -> ObjectScore:
    """Compares polygons that do not overlap each other with true ones (N,)."""
    one, other = shapely.STRtree(theirs).query(ours, predicate="intersects")
    shared = shapely.area(shapely.intersection(ours[one], theirs[other]))
    iou = shared / (shapely.area(ours[one]) + shapely.area(theirs[other]) - shared)
    found = len(np.unique(one[iou > SAME_OBJECT]))
    return ObjectScore(len(theirs), len(ours), found)


def _variants(confidence: Path, necks: list[float]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {"no": {}}
    for neck in necks:
        split = {"split": True, "neck": neck}
        found[f"{neck:g} %"] = split
        found[f"{neck:g} %, with confidence"] = {**split, "confidence": confidence}
    return found


def _mosaic(part: str, folder: Path) -> Path:
    mosaic = folder / f"{part}.vrt"
    subprocess.run(
        ["gdalbuildvrt", "-q", "-overwrite", str(mosaic), *map(str, tiles_of(part))], check=True
    )
    return mosaic


def _houses(mosaic: Path) -> Shapes:
    """The polygons of the labels, cut to the mosaic."""
    with rasterio.open(mosaic) as raster:
        extent = shapely.box(*raster.bounds)
    houses = shapely.make_valid(_read(polygons()))
    houses = shapely.intersection(houses, extent)
    return np.asarray(houses[shapely.area(houses) > 0])


def _read(path: Path) -> Shapes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the table with the style, which is a layer too
        _, _, blobs, _ = pyogrio.raw.read(path, layer=0)
    return np.asarray(shapely.from_wkb(blobs))


if __name__ == "__main__":
    main()
