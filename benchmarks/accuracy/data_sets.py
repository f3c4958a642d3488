"""The data sets of the benchmark, each divided into land to train on, land beside it, and land elsewhere."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from sklearn.cluster import KMeans

from engine.contract.scene import Scene
from engine.datasets.layouts import DUALSTREAM_FOLDERS
from tools.locations import DATA

from .. import building_tiles

#: Land of the training's own town, sites or images, which it has not seen; and land elsewhere.
HOME, AWAY = "home", "away"

#: Areas of the other town, for the training there: the larger one is learnt.
_OTHER_TRAINED, _OTHER_HOME = "area_1", "area_2"

#: Groups of water chips that look alike, parts in which they are left out in turn, and held-out chips of the others.
_SITES, _FOLDS, _HOME_CHIPS = 12, 3, 12

#: Cloud classes: their colours in the labels of the patches, and their values in the scene classification of Sentinel-2.
_THICK, _THIN, _SHADOW = 1, 2, 3
_COLOURS = {_THICK: (255, 0, 0), _THIN: (0, 255, 0), _SHADOW: (255, 255, 0)}
_SCENE_CLASSES = {9: _THICK, 8: _THIN, 10: _THIN}

#: B08 of the scenes is reflectance x 65535; the patches have 8 bits.
_TO_8_BITS = 257


@dataclass(frozen=True)
class Division:
    """The scenes of one seed.

    Attributes:
        dataset: The scenes table that the training reads.
        tests: Labelled scenes that the training does not see, by place: ``HOME`` or ``AWAY``.
    """

    dataset: Path
    tests: dict[str, list[Scene]]


@dataclass(frozen=True)
class Experiment:
    """A data set.

    Attributes:
        divide: Writes the scenes of a seed into a folder.
        classes: Classes whose IoU is reported, as their mean; empty: the mean of all.
        has_pixel_model: Whether boosted trees on single pixels are measured too.
    """

    divide: Callable[[Path, int], Division]
    classes: tuple[str, ...] = ()
    has_pixel_model: bool = True


def _divide_water(folder: Path, seed: int) -> Division:
    """Leaves a third of the sites out, another one for each of three seeds."""
    source = DATA / "water"
    chips = []
    for image, labels, stacks in DUALSTREAM_FOLDERS.values():
        for file in sorted((source / image).glob("*.tif")):
            auxiliary = tuple(str(source / stack / file.name) for stack in stacks)
            truth = str(source / labels / f"{file.stem}.png")
            chips.append(Scene(str(file), truth, auxiliary))
    fold = _folds(chips) == seed % _FOLDS
    near = np.flatnonzero(~fold)
    home = set(np.random.default_rng(seed).choice(near, _HOME_CHIPS, replace=False))
    trained = [chips[n] for n in near if n not in home]
    parts = {HOME: [chips[n] for n in sorted(home)], AWAY: [chips[n] for n in np.flatnonzero(fold)]}
    return Division(_write_table(folder, trained), parts)


def _folds(chips: list[Scene]) -> np.ndarray:
    """The fold of each chip (N,): chips of about the same colours are one site and stay together."""
    looks = []
    for chip in chips:
        with rasterio.open(chip.image) as file:
            bands = file.read().reshape(file.count, -1).astype(float)
        looks.append([*np.percentile(bands, (10, 50, 90), axis=1).ravel()])
    values = np.array(looks)
    values = (values - values.mean(0)) / values.std(0)
    sites = KMeans(_SITES, n_init=10, random_state=0).fit_predict(values)
    fold_of, sizes = {}, [0] * _FOLDS
    counts = np.bincount(sites, minlength=_SITES)
    for site in np.argsort(-counts):  # the largest first, each to the smallest fold
        fold_of[site] = int(np.argmin(sizes))
        sizes[fold_of[site]] += int(counts[site])
    return np.array([fold_of[site] for site in sites])


def _divide_clouds(folder: Path, _seed: int) -> Division:
    """Landsat patches, some held out, and two scenes of Sentinel-2 with weak labels."""
    source, parts = DATA / "clouds", {}
    for part in ("train", "val"):
        names = sorted(path.name for path in (source / part / "rgb").iterdir())
        parts[part] = [_cloud_patch(source / part, name, folder) for name in names]
    away = [_cloud_scene(date, folder) for date in sorted((source / "scenes").iterdir())]
    return Division(_write_table(folder, parts["train"]), {HOME: parts["val"], AWAY: away})


def _cloud_patch(source: Path, name: str, folder: Path) -> Scene:
    """A patch with the near infrared and the classes as rasters of their own."""
    with rasterio.open(source / "label" / name) as file:
        colours = file.read((1, 2, 3))
    classes = np.zeros(colours.shape[1:], np.uint8)
    for value, colour in _COLOURS.items():
        classes[(colours == np.array(colour)[:, None, None]).all(axis=0)] = value
    with rasterio.open(source / "ngr" / name) as file:
        infrared, profile = file.read(1), file.profile
    labels = _write_band(folder / f"labels-{name}", classes, profile)
    nir = _write_band(folder / f"nir-{name}", infrared, profile)
    return Scene(str(source / "rgb" / name), labels, (nir,))


def _cloud_scene(source: Path, folder: Path) -> Scene:
    """A scene with 8 bits of infrared, and its classes as the patches have them."""
    with rasterio.open(source / "SCL.tif") as file:
        found, profile = file.read(1), file.profile
    with rasterio.open(source / "shadowBaseline.tif") as file:
        painted = file.read((1, 2, 3))
    classes = np.where((painted != painted[:1]).any(axis=0), _SHADOW, 0).astype(np.uint8)
    for value, known in _SCENE_CLASSES.items():
        classes[found == value] = known
    with rasterio.open(source / "B08.tif") as file:
        infrared = (file.read(1) // _TO_8_BITS).astype(np.uint8)
    labels = _write_band(folder / f"labels-{source.name}.tif", classes, profile)
    nir = _write_band(folder / f"nir-{source.name}.tif", infrared, profile)
    return Scene(str(source / "RGB.tif"), labels, (nir,))


def _write_band(target: Path, band: np.ndarray, profile: dict[str, Any]) -> str:
    options = {**profile, "count": 1, "dtype": "uint8", "nodata": None}
    with rasterio.open(target, "w", **options) as file:
        file.write(band, 1)
    return str(target)


def _divide_banepa(folder: Path, _seed: int) -> Division:
    """Learns Banepa; the other town is away."""
    polygons, tiles = _copy_banepa(folder)
    rows = [
        Scene(str(tile), polygons, split=part)
        for part in ("train", "validation")
        for tile in tiles[part]
    ]
    tests = {
        HOME: [Scene(_mosaic(folder / "home.vrt", tiles["test"]), polygons)],
        AWAY: [_other_town(name) for name in (_OTHER_TRAINED, _OTHER_HOME)],
    }
    return Division(_write_table(folder, rows), tests)


def _divide_other_town(folder: Path, _seed: int) -> Division:
    """Learns one area of the other town; its other area is at home, all of Banepa is away."""
    polygons, tiles = _copy_banepa(folder)
    everything = [tile for part in tiles.values() for tile in part]
    tests = {
        HOME: [_other_town(_OTHER_HOME)],
        AWAY: [Scene(_mosaic(folder / "away.vrt", everything), polygons)],
    }
    return Division(_write_table(folder, [_other_town(_OTHER_TRAINED)]), tests)


def _other_town(area: str) -> Scene:
    source = DATA / "buildings_other_town"
    return Scene(str(source / f"{area}.tif"), str(source / "polygons.geojson"))


def _copy_banepa(folder: Path) -> tuple[str, dict[str, list[Path]]]:
    """The polygons and the tiles of each part, copied: GDAL writes files beside them."""
    outlines, tiles = folder / "polygons.geojson", {}
    shutil.copy(building_tiles.polygons(), outlines)
    for part in ("train", "validation", "test"):
        found = sorted(building_tiles.tiles_of(part))
        for tile in found:
            for file in tile.parent.glob(f"{tile.name}*"):  # with its georeference
                shutil.copy(file, folder / file.name)
        tiles[part] = [folder / tile.name for tile in found]
    return str(outlines), tiles


def _mosaic(target: Path, tiles: Iterable[Path]) -> str:
    subprocess.run(["gdalbuildvrt", "-q", str(target), *map(str, tiles)], check=True)
    return str(target)


def _write_table(folder: Path, scenes: Iterable[Scene]) -> Path:
    table = folder / "scenes.csv"
    lines = [
        ",".join((scene.image, ";".join(scene.auxiliary), scene.labels, scene.split))
        for scene in scenes
    ]
    table.write_text("\n".join(["image,auxiliary,labels,split", *lines, ""]), "utf-8")
    return table


SETS: dict[str, Experiment] = {
    "buildings": Experiment(_divide_banepa, ("foreground",), has_pixel_model=False),
    "buildings-back": Experiment(_divide_other_town, ("foreground",), has_pixel_model=False),
    "water": Experiment(_divide_water, ("class 1",)),
    "clouds": Experiment(_divide_clouds),
}
