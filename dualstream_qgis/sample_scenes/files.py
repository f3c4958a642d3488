"""Writes a sample scene with GDAL: ``image.tif``, ``air.tif`` and ``labels.gpkg`` in a folder of the scene's name.

The image has 4 bands of 10 m in UTM. The air quality has 6 pollutants x 8 hours on a grid in degrees, about eleven
times coarser. The labels are polygons with the field ``class``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal, ogr, osr

from ..engine.contract.clean_up import temporary_folder
from .plumes import HOURS, POLLUTANTS
from .scene import AIR_SCALE, SampleScene

IMAGE_EPSG, AIR_EPSG = 32633, 4326
#: Side of an image pixel, m.
PIXEL = 10.0
#: Width and height of an air pixel in degrees: about 115 m x 111 m at these latitudes.
AIR_PIXEL = (0.0016, 0.0010)
AIR_NODATA = -9999.0
#: Smallest polygon of the labels in square metres, and the tolerance of its outline in metres.
_SMALLEST, _TOLERANCE = 30 * PIXEL**2, 0.75 * PIXEL

IMAGE, AIR, LABELS = "image.tif", "air.tif", "labels.gpkg"


def write_scene(scene: SampleScene, folder: Path) -> None:
    """Writes the files of a scene into a folder of the scene's name; a file that is there already is kept.

    Raises:
        OSError: If a file cannot be written.
    """
    target = folder / scene.spec.name
    target.mkdir(parents=True, exist_ok=True)
    with temporary_folder(target, ".unfinished-") as unfinished:
        for name, write in ((IMAGE, _write_image), (AIR, _write_air), (LABELS, _write_labels)):
            if not (target / name).exists():
                part = unfinished / name
                try:
                    write(scene, str(part))
                except RuntimeError as error:  # some programs make GDAL raise its errors
                    raise OSError(f"{target / name}: {error}") from error
                part.replace(target / name)


def _write_image(scene: SampleScene, path: str) -> None:
    bands = ("blue", "green", "red", "near infrared")
    image = _in_memory(scene, scene.image, PIXEL, gdal.GDT_UInt16)
    options = ("TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "PREDICTOR=2")
    _save(image, path, bands, 0, options)


def _write_air(scene: SampleScene, path: str) -> None:
    """Warps the pollution to its own coarse grid in degrees; cells outside the scene are nodata."""
    fine = _in_memory(scene, scene.pollution, PIXEL / AIR_SCALE, gdal.GDT_Float32)
    to_air = osr.CoordinateTransformation(_crs(IMAGE_EPSG), _crs(AIR_EPSG))
    west, north, width, height = _rectangle(scene)
    corners = [(x, y) for x in (west, west + width) for y in (north, north - height)]
    places = np.array([to_air.TransformPoint(x, y)[:2] for x, y in corners])
    low, high = places.min(axis=0) - 4 * np.array(AIR_PIXEL), places.max(axis=0)
    # The grid begins at the upper left corner, and its size is a whole number of pixels.
    size = np.ceil((high - low) / AIR_PIXEL).astype(int) + 4
    top = low[1] + size[1] * AIR_PIXEL[1]
    coarse = gdal.GetDriverByName("MEM").Create(
        "", *map(int, size), len(scene.pollution), gdal.GDT_Float32
    )
    coarse.SetGeoTransform((low[0], AIR_PIXEL[0], 0, top, 0, -AIR_PIXEL[1]))
    coarse.SetProjection(_crs(AIR_EPSG).ExportToWkt())
    for number in range(1, coarse.RasterCount + 1):
        coarse.GetRasterBand(number).SetNoDataValue(AIR_NODATA)
        coarse.GetRasterBand(number).Fill(AIR_NODATA)
    gdal.Warp(coarse, fine, resampleAlg="average")
    bands = [f"{name} {hour + 3:02d}:00" for name in POLLUTANTS for hour in range(HOURS)]
    _save(coarse, path, bands, AIR_NODATA, ("PREDICTOR=3",))


def _write_labels(scene: SampleScene, path: str) -> None:
    """Writes the outlines of all plumes as polygons with the field ``class``."""
    # Version 1.2 is the newest that the oldest QGIS reads without a message.
    file = ogr.GetDriverByName("GPKG").CreateDataSource(path, options=["VERSION=1.2"])
    if file is None:
        raise OSError(_problem(path))
    layer = file.CreateLayer("plumes", _crs(IMAGE_EPSG), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("class", ogr.OFTString))
    layer.StartTransaction()
    for value, name in ((1, "smoke"), (2, "mist")):
        for outline in _outlines(scene, value):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetField("class", name)
            feature.SetGeometry(outline)
            layer.CreateFeature(feature)
    if layer.CommitTransaction() != ogr.OGRERR_NONE:
        raise OSError(_problem(path))


def _outlines(scene: SampleScene, value: int) -> list[Any]:
    """Returns the polygons of a class, simplified, without the smallest."""
    plumes = (scene.classes == value).astype(np.uint8)
    raster = _in_memory(scene, plumes[None], PIXEL, gdal.GDT_Byte)
    driver = gdal.GetDriverByName("MEM")
    if not driver.GetMetadataItem("DCAP_VECTOR"):  # up to GDAL 3.10
        driver = gdal.GetDriverByName("Memory")
    shapes = driver.Create("", 0, 0, 0, gdal.GDT_Unknown)
    layer = shapes.CreateLayer("outlines", _crs(IMAGE_EPSG), ogr.wkbPolygon)
    band = raster.GetRasterBand(1)
    gdal.Polygonize(band, band, layer, -1)
    outlines = [feature.GetGeometryRef().Simplify(_TOLERANCE) for feature in layer]
    return [outline for outline in outlines if outline.GetArea() >= _SMALLEST]


def _in_memory(scene: SampleScene, pixels: Any, side: float, kind: int) -> Any:
    """Returns pixels (C, H, W) as a raster in memory on the scene's rectangle, with pixels of ``side`` m."""
    count, height, width = pixels.shape
    raster = gdal.GetDriverByName("MEM").Create("", width, height, count, kind)
    raster.SetGeoTransform((scene.spec.west, side, 0, scene.spec.north, 0, -side))
    raster.SetProjection(_crs(IMAGE_EPSG).ExportToWkt())
    for number, band in enumerate(pixels, 1):
        # Not WriteArray: where GDAL and numpy do not fit together, that alone is missing.
        raster.GetRasterBand(number).WriteRaster(0, 0, width, height, band.tobytes())
    return raster


def _save(
    raster: Any, path: str, bands: Sequence[str], nodata: float, options: Sequence[str]
) -> None:
    for number, name in enumerate(bands, 1):
        raster.GetRasterBand(number).SetDescription(name)
        raster.GetRasterBand(number).SetNoDataValue(nodata)
    gdal.ErrorReset()
    saved = gdal.GetDriverByName("GTiff").CreateCopy(
        path, raster, options=["COMPRESS=DEFLATE", *options]
    )
    if saved is None:
        raise OSError(_problem(path))
    saved.FlushCache()
    if gdal.GetLastErrorType() >= gdal.CE_Failure:
        raise OSError(_problem(path))


def _rectangle(scene: SampleScene) -> tuple[float, float, float, float]:
    """Returns left and upper edge, width and height of a scene in metres."""
    height, width = scene.spec.shape
    return scene.spec.west, scene.spec.north, width * PIXEL, height * PIXEL


def _crs(epsg: int) -> Any:
    """Returns a coordinate system whose first axis is to the east."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs


def _problem(path: str) -> str:
    return f"{path}: {gdal.GetLastErrorMsg()}"
