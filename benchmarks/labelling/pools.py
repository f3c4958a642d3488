"""The data sets as pools of tiles that a simulated labeller can label, prepared as plain rasters and mosaics.

Every tile has an image, perhaps auxiliary bands, and its labels, all without a coordinate system, so that sizes are
pixels. Mosaics of the tiles let ``suggest`` and ``segment`` see them as one scene.
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

#: Value of pixels that are not labelled.
UNLABELLED = 255

#: Rows of building tiles (y) of each part.

#: Building tiles are used at a quarter of their resolution, 0.5 m, so that a training takes a minute.
_REDUCTION = 4

#: The rasters of a tile by kind: image, auxiliary (if there is one) and labels.
Tile = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Pool:
    """A data set whose tiles are labelled step by step.

    Attributes:
        read: Reads the tiles of a part by name.
        parts: The parts: "train", "validation", and "test" if another part than validation is scored.
        columns: Tiles in a row of the mosaic of the training tiles, which are in its order.
        side: Side of a tile, px.
        step: Tiles that are labelled at a time.
        most: Random tiles that are labelled in the end; the other arm ends a round earlier.
        job: Fields of the first training, which the later ones inherit from its model.
        first_windows: About how many training windows the first training takes.
        windows: The same of a later training, whatever the number of tiles.
        overlap: Overlap of the network's tiles in the mosaic; 0 if neighbours are not neighbours on the ground.
    """

    read: Callable[[str], dict[str, Tile]]
    parts: tuple[str, ...]
    columns: int
    side: int
    step: int
    most: int
    job: dict[str, Any]
    first_windows: int
    windows: int
    overlap: int = -1


def prepare(pool: Pool, folder: Path) -> None:
    """Writes tiles and mosaics into ``folder / PART``, once."""
    for part in pool.parts:
        if (folder / part / "names.json").exists():
            continue
        (folder / part).mkdir(parents=True, exist_ok=True)
        tiles = pool.read(part)
        for name, tile in tiles.items():
            for kind, values in tile.items():
                _write(folder / part / f"{name}-{kind}.tif", values, pool.side)
        columns = pool.columns if len(tiles) % pool.columns == 0 else len(tiles)
        for kind in next(iter(tiles.values())):
            mosaic = _mosaic([tile[kind] for tile in tiles.values()], columns)
            _write(folder / part / f"{kind}.tif", mosaic, columns * pool.side)
        (folder / part / "names.json").write_text(json.dumps([*tiles]))


def names(folder: Path, part: str) -> list[str]:
    """The names of the tiles of a part, in the order of its mosaic."""
    found: list[str] = json.loads((folder / part / "names.json").read_text())
    return found


def scene(folder: Path, part: str) -> dict[str, Any]:
    """The fields of a job that name the mosaic of a part."""
    auxiliary = folder / part / "auxiliary.tif"
    fields = {"image": str(folder / part / "image.tif")}
    return {**fields, "auxiliary": [str(auxiliary)]} if auxiliary.exists() else fields


def write_data_set(folder: Path, labelled: Sequence[str], path: Path) -> None:
    """Writes the table of scenes of a training with some labelled tiles."""
    lines = ["image,auxiliary,labels,split"]
    for part, chosen in (("train", labelled), ("validation", names(folder, "validation"))):
        for name in chosen:
            files = [folder / part / f"{name}-{k}.tif" for k in ("image", "auxiliary", "labels")]
            lines.append(",".join([*(str(f) if f.exists() else "" for f in files), part]))
    path.write_text("\n".join([*lines, ""]))


def write_labels(pool: Pool, folder: Path, labelled: Sequence[str], path: Path) -> None:
    """Writes the labels of some training tiles as a class raster of the mosaic."""
    with rasterio.open(folder / "train" / "labels.tif") as file:
        values = file.read()
    for index, name in enumerate(names(folder, "train")):
        row, col = (place * pool.side for place in divmod(index, pool.columns))
        if name not in labelled:
            values[:, row : row + pool.side, col : col + pool.side] = UNLABELLED
    _write(path, values, pool.columns * pool.side)


def _mosaic(tiles: Sequence[NDArray[Any]], columns: int) -> NDArray[Any]:
    rows = [
        np.concatenate(tiles[begin : begin + columns], axis=2)
        for begin in range(0, len(tiles), columns)
    ]
    return np.concatenate(rows, axis=1)


def _write(path: Path, values: NDArray[Any], width: int) -> None:
    """Writes bands (C, h, w) as a raster that is ``width`` units wide: a unit is a pixel of the image."""
    bands, height, columns = values.shape
    unit = width / columns
    nodata = UNLABELLED if path.stem.endswith("labels") else None
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=bands,
        height=height,
        width=columns,
        dtype=values.dtype,
        nodata=nodata,
        transform=Affine(unit, 0, 0, 0, -unit, height * unit),
    ) as file:
        file.write(values)


def _read_buildings(part: str) -> dict[str, Tile]:
    features = json.loads(polygons().read_text())["features"]
    shapes = [(feature["geometry"], 1) for feature in features if feature["geometry"]]
    paths = tiles_of(part)
    return {path.stem: _building_tile(path, shapes) for path in paths}


def _building_tile(path: Path, shapes: list[tuple[Any, int]]) -> Tile:
    with rasterio.open(path) as file:
        height, width = file.height // _REDUCTION, file.width // _REDUCTION
        shape = (file.count, height, width)
        image = file.read(out_shape=shape, resampling=Resampling.average)
        transform = file.transform @ Affine.scale(_REDUCTION)
    labels = rasterize(shapes, (height, width), transform=transform, dtype=np.uint8)
    return {"image": image, "labels": labels[None]}


def _read_water(part: str) -> dict[str, Tile]:
    images, labels, stacks = DUALSTREAM_FOLDERS[part]
    source = DATA / "water"
    tiles = {}
    for path in sorted((source / images).glob("*.tif")):
        auxiliary = [_read(source / stack / path.name) for stack in stacks]
        with Image.open((source / labels / path.name).with_suffix(".png")) as file:
            truth = np.array(file, np.uint8)
        tiles[path.stem] = {
            "image": _read(path),
            "auxiliary": np.concatenate(auxiliary),
            "labels": truth[None],
        }
    return tiles


def _read(path: Path) -> NDArray[Any]:
    with rasterio.open(path) as file:
        values: NDArray[Any] = file.read()
    return values


POOLS = {
    "buildings": Pool(
        read=_read_buildings,
        parts=("train", "validation", "test"),
        columns=6,
        side=128,
        step=6,
        most=30,
        job={"architecture": "smp:Unet:tu-tf_efficientnet_lite0", "tile_size": 128},
        first_windows=360,
        windows=216,
    ),
    "water": Pool(
        read=_read_water,
        parts=("train", "validation"),
        columns=12,
        side=128,
        step=12,
        most=60,
        job={"tile_size": 128},
        first_windows=288,
        windows=216,
        overlap=0,
    ),
}
