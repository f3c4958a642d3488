"""Writes sample scenes: two synthetic sites with smoke and mist, to try the program on.

Each scene is a folder with ``image.tif`` (4 bands, 10 m, UTM), ``air.tif`` (6 pollutants x 8 hours on a
grid in degrees, about eleven times coarser) and ``labels.gpkg`` (polygons with the field ``class``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.features import shapes
from rasterio.transform import Affine, from_origin
from rasterio.warp import Resampling, reproject, transform_bounds

from ..rasters.source_files import write_geotiff
from .sample_land import Field, generate_land
from .sample_plumes import (
    HOURS,
    POLLUTANTS,
    Source,
    add_haze,
    air_quality,
    blurred,
    opacity,
    paint_site,
    place_sources,
    plume,
)

IMAGE_CRS = CRS.from_epsg(32633)
AIR_CRS = CRS.from_epsg(4326)
#: Side of an image pixel, m.
PIXEL = 10.0
#: Width and height of an air pixel in degrees: about 115 m x 111 m at these latitudes.
AIR_PIXEL = (0.0016, 0.0010)
AIR_NODATA = -9999.0
#: Air pixels per image pixel while the pollution is computed; it is then warped to its own grid.
AIR_SCALE = 0.25
#: A pixel belongs to a plume from this opacity on.
VISIBLE = 0.16


@dataclass(frozen=True)
class SampleSpec:
    """Describes one sample scene.

    Attributes:
        name: Name of the scene's folder.
        seed: Seed of the random number generator.
        shape: Rows and columns of the image.
        west: Easting of the left edge, m.
        north: Northing of the upper edge, m.
        wind: Unit vector of the wind: components down and right.
        plumes: Number of sources; every second one emits smoke, the others mist.
    """

    name: str
    seed: int
    shape: tuple[int, int]
    west: float
    north: float
    wind: tuple[float, float]
    plumes: int


TRAINING = SampleSpec("training", 11, (1152, 1152), 318_000.0, 5_574_000.0, (0.42, 0.91), 20)
UNSEEN = SampleSpec("unseen", 5, (768, 1024), 389_400.0, 5_541_200.0, (-0.34, 0.94), 8)


@dataclass(frozen=True)
class SampleScene:
    """One sample scene in memory.

    Attributes:
        spec: The description it was generated from.
        image: Reflectance x 10000 (4, H, W).
        pollution: Air pollution (48, H, W) on the image's grid, scaled by ``AIR_SCALE``.
        hidden: Opacity of smoke and of mist (2, H, W).
    """

    spec: SampleSpec
    image: NDArray[np.uint16]
    pollution: NDArray[np.float32]
    hidden: Field

    @property
    def transform(self) -> Affine:
        """Transform from (column, row) of the image to coordinates."""
        return from_origin(self.spec.west, self.spec.north, PIXEL, PIXEL)

    @property
    def classes(self) -> NDArray[np.uint8]:
        """The ground truth (H, W): 0 clear, 1 smoke, 2 mist."""
        smooth = np.array([blurred(hidden, 4) for hidden in self.hidden])
        thicker = 1 + np.argmax(smooth, axis=0)
        return np.where(smooth.max(axis=0) > VISIBLE, thicker, 0).astype(np.uint8)


def generate_scene(spec: SampleSpec) -> SampleScene:
    """Generates a scene; equal specs give equal scenes."""
    rng = np.random.default_rng(spec.seed)
    ground, town = generate_land(rng, spec.shape)
    sources = place_sources(rng, spec.shape, spec.wind, spec.plumes)
    for source in sources:
        paint_site(ground, source)
    hidden = np.array([_opacity_of(rng, spec, sources, smoke) for smoke in (True, False)])
    reflectance = add_haze(rng, ground, 1 - (1 - hidden[0]) * (1 - hidden[1]))
    step = int(1 / AIR_SCALE)
    coarse_town = town.reshape(spec.shape[0] // step, step, -1, step).mean(axis=(1, 3))
    pollution = air_quality(rng, sources, spec.wind, coarse_town, AIR_SCALE)
    image = np.round(reflectance * 10_000).astype(np.uint16).transpose(2, 0, 1)
    return SampleScene(spec, np.ascontiguousarray(image), pollution, hidden)


def _opacity_of(
    rng: np.random.Generator, spec: SampleSpec, sources: list[Source], smoke: bool
) -> Field:
    """Returns the opacity (H, W) of all plumes of smoke, or of all plumes of mist."""
    plumes = [plume(source, spec.wind, spec.shape) for source in sources if source.smoke == smoke]
    return opacity(rng, np.sum(plumes, axis=0))


def write_scene(scene: SampleScene, folder: Path) -> Path:
    """Writes image, air quality and labels into a folder of the scene's name, and returns that folder.

    Raises:
        RasterError: If a raster cannot be written.
    """
    target = folder / scene.spec.name
    target.mkdir(parents=True, exist_ok=True)
    _write_image(scene, target / "image.tif")
    _write_air(scene, target / "air.tif")
    write_labels(scene, target / "labels.gpkg")
    return target


def _write_image(scene: SampleScene, path: Path) -> None:
    write_geotiff(
        path, scene.image, ("blue", "green", "red", "near infrared"), crs=IMAGE_CRS,
        transform=scene.transform, nodata=0, tiled=True, blockxsize=256, blockysize=256,
        compress="deflate", predictor=2,
    )  # fmt: skip


def _write_air(scene: SampleScene, path: Path) -> None:
    """Warps the pollution to its own coarse grid in degrees; cells outside the scene are nodata."""
    spec = scene.spec
    height, width = spec.shape
    right, bottom = spec.west + width * PIXEL, spec.north - height * PIXEL
    bounds = transform_bounds(IMAGE_CRS, AIR_CRS, spec.west, bottom, right, spec.north)
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
    bands = [f"{name} {hour + 3:02d}:00" for name in POLLUTANTS for hour in range(HOURS)]
    write_geotiff(
        path, coarse, bands, crs=AIR_CRS, transform=grid, nodata=AIR_NODATA,
        compress="deflate", predictor=3,
    )  # fmt: skip


def write_labels(scene: SampleScene, path: Path) -> None:
    """Writes the outlines of all plumes as polygons with the field ``class``."""
    outlines, names = [], []
    for value, name in ((1, "smoke"), (2, "mist")):
        plumes = (scene.classes == value).astype(np.uint8)
        for geometry, inside in shapes(plumes, mask=plumes > 0, transform=scene.transform):
            polygon = shapely.geometry.shape(geometry).simplify(0.75 * PIXEL)
            if inside and polygon.area >= 30 * PIXEL**2:
                outlines.append(polygon)
                names.append(name)
    path.unlink(missing_ok=True)
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(outlines), field_data=[np.array(names, dtype=object)],
        fields=["class"], geometry_type="Polygon", crs=IMAGE_CRS.to_string(), layer="plumes",
        dataset_options={"VERSION": "1.2"},  # the newest that the oldest QGIS reads silently
    )  # fmt: skip
