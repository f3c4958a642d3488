"""Compares a raster layer with a model before a run, by what QGIS knows: quick, and without the engine."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsPointXY,
    QgsRasterLayer,
    QgsRectangle,
)

from .. import compat
from ..engine.contract.output_files import MODEL_TAG
from ..engine.contract.stream_fit import PERCENTILES

#: Windows along each axis from which values are sampled, and side of a window in pixels.
_WINDOWS, _SIDE = 3, 16

#: Longest time for a sample, s: a dialog waits for it.
_MAX_SECONDS = 0.1

#: Files that are decoded from their beginning, and the number of pixels from which on that takes too long.
_WHOLE_SUFFIXES, _MAX_WHOLE_PIXELS = (".png", ".jpg", ".jpeg"), 10_000_000


def band_counts(layer: QgsRasterLayer) -> tuple[int, int]:
    """Returns the number of bands without alpha bands, and with them."""
    if is_web_map(layer):  # red, green and blue of its picture
        return 3, 3
    provider, count = layer.dataProvider(), layer.bandCount()
    alphas = sum(
        provider.colorInterpretation(band) == compat.ALPHA_BAND for band in range(1, count + 1)
    )
    return count - alphas, count


def is_web_map(layer: QgsMapLayer | None) -> bool:
    """Returns whether a layer shows pictures of a web service, such as XYZ, WMTS, WMS or ArcGIS REST."""
    is_raster = isinstance(layer, QgsRasterLayer) and layer.isValid()
    is_service = is_raster and layer.providerType() != "gdal"
    return is_service and layer.dataProvider().dataType(1) in compat.PICTURE_TYPES


def file_crs(layer: QgsRasterLayer) -> QgsCoordinateReferenceSystem:
    """Returns the coordinate system that the file names; QGIS may have assigned another to the layer."""
    return layer.dataProvider().crs()


def has_coordinates(layer: QgsRasterLayer) -> bool:
    """Returns whether the pixels have coordinates, with a coordinate system or without."""
    extent = layer.extent()
    is_bare = layer.rasterUnitsPerPixelX() == 1 and extent.xMinimum() == 0
    return file_crs(layer).isValid() or not is_bare


def ground_resolution(layer: QgsRasterLayer) -> float:
    """Returns the ground resolution in the middle of a raster, m per pixel; 0 if it is unknown, as of a web map.

    It is the square root of a pixel's area, as in the engine.
    """
    if is_web_map(layer):
        return 0.0
    width, height = layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
    return _ground(file_crs(layer), layer.extent().center(), width, height)


def ground_of_unit(layer: QgsRasterLayer, middle: QgsPointXY) -> float:
    """Returns how many metres a unit of a layer's coordinate system is on the ground at a point; 0 if it is unknown."""
    step = 1e-3
    return _ground(file_crs(layer), middle, step, step) / step


def _ground(
    crs: QgsCoordinateReferenceSystem, middle: QgsPointXY, width: float, height: float
) -> float:
    """Returns the side in metres of a square with the area of a small rectangle at a point; 0 if it is unknown."""
    if not crs.isValid():
        return 0.0
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, QgsCoordinateTransformContext())
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    right = QgsPointXY(middle.x() + width, middle.y())
    up = QgsPointXY(middle.x(), middle.y() + height)
    try:
        area = measure.measureLine(middle, right) * measure.measureLine(middle, up)
    except QgsCsException:  # outside of where the coordinate system is defined
        return 0.0
    return math.sqrt(area) if math.isfinite(area) else 0.0


def picture_bands(layer: QgsRasterLayer | None) -> tuple[int, ...]:
    """Returns the bands that a layer shows as red, green and blue, counted from 1; none if its style is another."""
    renderer = layer.renderer() if layer is not None else None
    if not isinstance(renderer, QgsMultiBandColorRenderer):
        return ()
    bands = (renderer.redBand(), renderer.greenBand(), renderer.blueBand())
    return bands if min(bands) > 0 else ()


def is_own_mask(layer: QgsMapLayer) -> bool:
    """Returns whether a layer is a mask that DualStream has made: its file names the model."""
    is_file = isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"
    return is_file and layer.isValid() and MODEL_TAG in layer.dataProvider().htmlMetadata()


def percentiles(bands: Sequence[tuple[QgsRasterLayer, int]]) -> list[tuple[float, ...]]:
    """Returns ``PERCENTILES`` of the values of each band in a small sample; empty if there is no quick one.

    Args:
        bands: Rasters, each with the number of a band, counted from 1.
    """
    if not all(_is_quick(layer) for layer, _ in bands):
        return []
    values: list[list[float]] = [[] for _ in bands]
    windows = {layer.id(): _windows(layer) for layer, _ in bands}
    end = time.monotonic() + _MAX_SECONDS
    for number in range(_WINDOWS**2):
        for found, (layer, band) in zip(values, bands):
            if time.monotonic() < end:
                found += _values(layer, band, windows[layer.id()][number])
    return [_percentiles(sorted(found)) for found in values] if all(values) else []


def _is_quick(layer: QgsRasterLayer) -> bool:
    """Returns whether some windows of a raster can be read at once."""
    source, pixels = layer.source().lower(), layer.width() * layer.height()
    is_whole = source.endswith(_WHOLE_SUFFIXES) and pixels > _MAX_WHOLE_PIXELS
    is_remote = source.startswith(("/vsi", "http")) or is_web_map(layer)
    return not is_whole and not is_remote


def _windows(layer: QgsRasterLayer) -> list[QgsRectangle]:
    """Returns windows that are evenly spread over a raster, the one in the middle first."""
    extent, x, y = layer.extent(), layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
    width, height = min(_SIDE, layer.width()) * x, min(_SIDE, layer.height()) * y
    shares = [index / (_WINDOWS - 1) for index in range(_WINDOWS)]
    windows = []
    for across in sorted(shares, key=lambda share: abs(share - 0.5)):
        for down in sorted(shares, key=lambda share: abs(share - 0.5)):
            left = extent.xMinimum() + across * (extent.width() - width)
            bottom = extent.yMinimum() + down * (extent.height() - height)
            windows.append(QgsRectangle(left, bottom, left + width, bottom + height))
    return windows


def _values(layer: QgsRasterLayer, band: int, window: QgsRectangle) -> list[float]:
    """Returns the values of a band in a window, without pixels that have none."""
    width, height = min(_SIDE, layer.width()), min(_SIDE, layer.height())
    block = layer.dataProvider().block(band, window, width, height)
    if not block.isValid():
        return []
    places = [(row, col) for row in range(height) for col in range(width)]
    found = [block.value(*place) for place in places if not block.isNoData(*place)]
    return [value for value in found if math.isfinite(value)]


def _percentiles(values: list[float]) -> tuple[float, ...]:
    return tuple(values[round(share / 100 * (len(values) - 1))] for share in PERCENTILES)
