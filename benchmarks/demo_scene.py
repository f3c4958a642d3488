"""Makes the demo's scenes: two made-up but realistic places with smoke and mist in the air.

Each scene is a folder with ``image.tif`` (4 bands, 10 m, UTM), ``air.tif`` (6 pollutants x 8 hours on
a grid in degrees that is some eleven times coarser) and ``labels.gpkg`` (polygons with a class).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio.raw
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.features import shapes
from rasterio.transform import Affine, from_origin
from rasterio.warp import Resampling, reproject, transform_bounds
from shapely.geometry import shape as to_shape

from .demo_haze import HOURS, POLLUTANTS, Source, air, blurred, cover, opacity, plume, site, sources
from .demo_land import Field, land

IMAGE_CRS = CRS.from_epsg(32633)
AIR_CRS = CRS.from_epsg(4326)
PIXEL = 10.0
#: Degrees of a pixel of air: about 115 m x 111 m at these latitudes.
AIR_PIXEL = (0.0016, 0.0010)
AIR_NODATA = -9999.0
#: Pollution is computed at this share of the image's resolution, then brought to its own grid.
AIR_SCALE = 0.25
#: A pixel belongs to a plume when so much of its ground is hidden.
VISIBLE = 0.16


@dataclass(frozen=True)
class Place:
    """What one scene is made from.

    Attributes:
        name: The folder's name.
        seed: Seed of everything in it.
        shape: Rows and columns of the image.
        west: Easting of its left edge, m.
        north: Northing of its upper edge, m.
        wind: Where the wind blows to: down and right parts.
        plumes: Sources, half of them smoke, half of them mist.
    """

    name: str
    seed: int
    shape: tuple[int, int]
    west: float
    north: float
    wind: tuple[float, float]
    plumes: int


TRAINING = Place("training", 11, (1152, 1152), 318_000.0, 5_574_000.0, (0.42, 0.91), 20)
UNSEEN = Place("unseen", 5, (768, 1024), 389_400.0, 5_541_200.0, (-0.34, 0.94), 8)


@dataclass(frozen=True)
class Scene:
    """One scene in memory.

    Attributes:
        place: What it was made from.
        image: Reflectance x 10000, (4, rows, columns).
        pollution: Pollution on the image's grid at ``AIR_SCALE``.
        hidden: How much of the ground smoke and mist hide, (2, rows, columns).
    """

    place: Place
    image: NDArray[np.uint16]
    pollution: NDArray[np.float32]
    hidden: Field

    @property
    def transform(self) -> Affine:
        """The image's grid."""
        return from_origin(self.place.west, self.place.north, PIXEL, PIXEL)

    @property
    def classes(self) -> NDArray[np.uint8]:
        """The truth: 0 clear, 1 smoke, 2 mist."""
        smooth = np.array([blurred(hidden, 4) for hidden in self.hidden])
        thicker = 1 + np.argmax(smooth, axis=0)
        return np.where(smooth.max(axis=0) > VISIBLE, thicker, 0).astype(np.uint8)


def make_scene(place: Place) -> Scene:
    """The scene of a place; the same place gives the same scene."""
    rng = np.random.default_rng(place.seed)
    ground, town, _ = land(rng, place.shape)
    found = sources(rng, place.shape, place.wind, place.plumes)
    for source in found:
        site(ground, source)
    hidden = np.array([_hidden(rng, place, found, smoke) for smoke in (True, False)])
    scene = cover(rng, ground, 1 - (1 - hidden[0]) * (1 - hidden[1]))
    step = int(1 / AIR_SCALE)
    coarse_town = town.reshape(place.shape[0] // step, step, -1, step).mean(axis=(1, 3))
    pollution = air(rng, found, place.wind, coarse_town, AIR_SCALE)
    image = np.round(scene * 10_000).astype(np.uint16).transpose(2, 0, 1)
    return Scene(place, np.ascontiguousarray(image), pollution, hidden)


def _hidden(rng: np.random.Generator, place: Place, found: list[Source], smoke: bool) -> Field:
    same = [plume(source, place.wind, place.shape) for source in found if source.smoke == smoke]
    return opacity(rng, np.sum(same, axis=0))


def write_scene(scene: Scene, folder: Path) -> Path:
    """Writes image, air and labels into ``folder/name`` and returns that folder."""
    target = folder / scene.place.name
    target.mkdir(parents=True, exist_ok=True)
    _write_image(scene, target / "image.tif")
    _write_air(scene, target / "air.tif")
    write_labels(scene, target / "labels.gpkg")
    return target


def _write_image(scene: Scene, path: Path) -> None:
    height, width = scene.place.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=4, dtype="uint16",
        crs=IMAGE_CRS, transform=scene.transform, nodata=0, tiled=True, blockxsize=256,
        blockysize=256, compress="deflate", predictor=2,
    ) as target:  # fmt: skip
        target.write(scene.image)
        target.descriptions = ("blue", "green", "red", "near infrared")


def _write_air(scene: Scene, path: Path) -> None:
    """Warps the pollution to its own coarse grid in degrees; cells outside the scene are nodata."""
    height, width = scene.place.shape
    right, bottom = scene.place.west + width * PIXEL, scene.place.north - height * PIXEL
    bounds = transform_bounds(
        IMAGE_CRS, AIR_CRS, scene.place.west, bottom, right, scene.place.north
    )
    west, north = bounds[0] - 3 * AIR_PIXEL[0], bounds[3] + 3 * AIR_PIXEL[1]
    cols = int((bounds[2] - west) / AIR_PIXEL[0]) + 4
    rows = int((north - bounds[1]) / AIR_PIXEL[1]) + 4
    grid = from_origin(west, north, *AIR_PIXEL)
    coarse = np.full((len(scene.pollution), rows, cols), AIR_NODATA, np.float32)
    reproject(
        scene.pollution, coarse, src_transform=scene.transform @ Affine.scale(1 / AIR_SCALE),
        src_crs=IMAGE_CRS, dst_transform=grid, dst_crs=AIR_CRS, dst_nodata=AIR_NODATA,
        resampling=Resampling.average,
    )  # fmt: skip
    with rasterio.open(
        path, "w", driver="GTiff", width=cols, height=rows, count=len(coarse), dtype="float32",
        crs=AIR_CRS, transform=grid, nodata=AIR_NODATA, compress="deflate", predictor=3,
    ) as target:  # fmt: skip
        target.write(coarse)
        target.descriptions = [f"{name} {hour + 3:02d}:00" for name in POLLUTANTS for hour in range(HOURS)]  # fmt: skip


def write_labels(scene: Scene, path: Path) -> None:
    """Writes the outlines of all plumes as polygons with the field ``class``."""
    outlines, names = [], []
    for value, name in ((1, "smoke"), (2, "mist")):
        plumes = (scene.classes == value).astype(np.uint8)
        for geometry, inside in shapes(plumes, mask=plumes > 0, transform=scene.transform):
            polygon = to_shape(geometry).simplify(0.75 * PIXEL)
            if inside and polygon.area >= 30 * PIXEL**2:
                outlines.append(polygon)
                names.append(name)
    path.unlink(missing_ok=True)
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(outlines), field_data=[np.array(names, dtype=object)],
        fields=["class"], geometry_type="Polygon", crs=IMAGE_CRS.to_string(), layer="plumes",
        dataset_options={"VERSION": "1.2"},  # the newest that the oldest QGIS reads silently
    )  # fmt: skip
