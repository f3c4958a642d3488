"""The data sets as views that a person can label, prepared as one scene with the land on which maps are scored below them.

A view is a square of 128 px. The scene has no coordinate system, so that sizes are pixels; its upper rows hold the views
that may be labelled, its lower rows those that nobody labels. Neighbours are neighbours on the ground only for buildings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.features import rasterize

from engine.datasets.layouts import DUALSTREAM_FOLDERS
from tools.locations import DATA

from ..building_tiles import polygons, tiles_of

#: Side of a view, px; views in a row of the scene.
VIEW, COLUMNS = 128, 6

#: Value of pixels that are not labelled.
UNLABELLED = 255

#: Building tiles are used at a quarter of their resolution, 0.5 m.
_REDUCTION = 4

#: Colours of the classes of cloud patches.
_CLOUD_COLOURS = {1: (255, 0, 0), 2: (0, 255, 0), 3: (255, 255, 0)}

#: The rasters of a view by kind: image, auxiliary (if there is one) and labels.
View = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Pool:
    """A data set.

    Attributes:
        read: Function that reads the views of a part, "pool" or "test".
        views: Number of views that may be labelled, of all in the pool.
        is_contiguous: Whether the first ones are taken, which are neighbours; else each seed takes others.
        classes: Values of the classes whose IoU is the score, as their mean.
    """

    read: Callable[[str], list[View]]
    views: int
    is_contiguous: bool
    classes: tuple[int, ...]


@dataclass(frozen=True)
class PreparedScene:
    """The scene of a data set and a seed.

    Attributes:
        folder: Its files: image.tif, perhaps auxiliary.tif, and truth.tif, which only the person sees.
        rows: Rows of views that may be labelled; the others are scored.
    """

    folder: Path
    rows: int

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a job that name image and auxiliary raster."""
        auxiliary = self.folder / "auxiliary.tif"
        fields: dict[str, Any] = {"image": str(self.folder / "image.tif")}
        return {**fields, "auxiliary": [str(auxiliary)]} if auxiliary.exists() else fields

    @property
    def truth(self) -> NDArray[np.uint8]:
        """Class values (H, W) of the whole scene; ``UNLABELLED`` where there is no view."""
        with rasterio.open(self.folder / "truth.tif") as file:
            values: NDArray[np.uint8] = file.read(1)
        return values

    @property
    def pool_height(self) -> int:
        """Number of pixel rows that may be labelled."""
        return self.rows * VIEW

    @property
    def pool_extent(self) -> list[float]:
        """The extent of those rows."""
        height = len(self.truth)
        return [0, height - self.pool_height, COLUMNS * VIEW, height]


def prepare(pool: Pool, folder: Path, seed: int) -> PreparedScene:
    """Writes the scene of a seed, once."""
    rows = pool.views // COLUMNS
    scene = PreparedScene(folder, rows)
    if (folder / "truth.tif").exists():
        return scene
    folder.mkdir(parents=True, exist_ok=True)
    views = pool.read("pool")
    order = np.arange(len(views))
    if not pool.is_contiguous:
        order = np.random.default_rng(seed).permutation(order)
    chosen = [views[n] for n in order[: pool.views]]
    every = [*chosen, *pool.read("test")]
    for kind in ("image", "auxiliary", "labels"):
        if kind in every[0]:
            empty = UNLABELLED if kind == "labels" else 0
            name = "truth" if kind == "labels" else kind
            write(folder / f"{name}.tif", _mosaic([view[kind] for view in every], empty))
    return scene


def _mosaic(views: Sequence[NDArray[Any]], empty: int) -> NDArray[Any]:
    """The views (C, h, w) in rows; the last row is filled up."""
    missing = -len(views) % COLUMNS
    views = [*views, *[np.full_like(views[0], empty)] * missing]
    rows = [np.concatenate(views[n : n + COLUMNS], axis=2) for n in range(0, len(views), COLUMNS)]
    return np.concatenate(rows, axis=1)


def write(path: Path, values: NDArray[Any]) -> None:
    """Writes bands (C, h, w) as a raster as wide as the scene: a unit is a pixel of the image."""
    bands, height, width = values.shape
    unit = COLUMNS * VIEW / width
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=bands,
        height=height,
        width=width,
        dtype=values.dtype,
        nodata=UNLABELLED if path.stem in ("truth", "labels") else None,
        transform=Affine(unit, 0, 0, 0, -unit, height * unit),
    ) as file:
        file.write(values)


def _read_buildings(part: str) -> list[View]:
    features = json.loads(polygons().read_text())["features"]
    shapes = [(feature["geometry"], 1) for feature in features if feature["geometry"]]
    paths = tiles_of("train" if part == "pool" else "test")
    return [_building_view(path, shapes) for path in paths]


def _building_view(path: Path, shapes: list[tuple[Any, int]]) -> View:
    with rasterio.open(path) as file:
        shape = (file.count, file.height // _REDUCTION, file.width // _REDUCTION)
        image = file.read(out_shape=shape, resampling=Resampling.average)
        transform = file.transform @ Affine.scale(_REDUCTION)
    labels = rasterize(shapes, shape[1:], transform=transform, dtype=np.uint8)
    return {"image": image, "labels": labels[None]}


def _read_water(part: str) -> list[View]:
    images, labels, stacks = DUALSTREAM_FOLDERS["train" if part == "pool" else "validation"]
    source, views = DATA / "water", []
    for path in sorted((source / images).glob("*.tif")):
        auxiliary = [_read(source / stack / path.name) for stack in stacks]
        with Image.open((source / labels / path.name).with_suffix(".png")) as file:
            truth = np.array(file, np.uint8)
        view = {"image": _read(path), "auxiliary": np.concatenate(auxiliary), "labels": truth[None]}
        views.append(view)
    return views


def _read_clouds(part: str) -> list[View]:
    """Red, green, blue and near infrared, four views of each patch."""
    source, views = DATA / "clouds" / ("train" if part == "pool" else "val"), []
    for path in sorted((source / "rgb").iterdir()):
        colours, infrared = _read(path)[:3], _read(source / "ngr" / path.name)[:1]
        painted = _read(source / "label" / path.name)[:3]
        truth = np.zeros(painted.shape[1:], np.uint8)
        for value, colour in _CLOUD_COLOURS.items():
            truth[(painted == np.array(colour)[:, None, None]).all(axis=0)] = value
        whole = {"image": np.concatenate([colours, infrared]), "labels": truth[None]}
        for row in range(0, len(truth), VIEW):
            for col in range(0, len(truth), VIEW):
                square = (slice(None), slice(row, row + VIEW), slice(col, col + VIEW))
                views.append({kind: values[square] for kind, values in whole.items()})
    return views


def _read(path: Path) -> NDArray[Any]:
    with rasterio.open(path) as file:
        values: NDArray[Any] = file.read()
    return values


POOLS = {
    "buildings": Pool(_read_buildings, views=30, is_contiguous=True, classes=(1,)),
    "water": Pool(_read_water, views=48, is_contiguous=False, classes=(1,)),
    "clouds": Pool(_read_clouds, views=48, is_contiguous=False, classes=(0, 1, 2, 3)),
}
