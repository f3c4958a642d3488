"""Footprints of windows of rasters on Earth, as GeoJSON geometries in WGS 84."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform_geom

from .grid import Grid
from .windows import Window

#: Decimals of a coordinate: a tenth of a metre.
_DECIMALS = 6

#: Most polygons of a footprint; it is the rectangle around all if there were more.
MAX_POLYGONS = 100

#: Corners (longitude, latitude) of a polygon's outline, closed.
Ring = list[list[float]]


def outlines(grid: Grid, windows: Sequence[Window]) -> list[Ring]:
    """Outlines on Earth of the rectangle around some windows of a raster.

    Args:
        grid: The raster's grid.
        windows: Some of its windows.

    Returns:
        One outline; two where the 180th meridian cuts the rectangle; none without windows or without a known position.
    """
    if grid.crs is None or not windows:
        return []
    top, left = (min(getattr(w, name) for w in windows) for name in ("row", "col"))
    bottom = max(w.row + w.height for w in windows)
    right = max(w.col + w.width for w in windows)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    ring = [[float(number) for number in grid.transform @ corner] for corner in corners]
    try:
        found = transform_geom(
            grid.crs,
            CRS.from_epsg(4326),
            {"type": "Polygon", "coordinates": [ring]},
            antimeridian_cutting=True,
            precision=_DECIMALS,
        )
    except (RasterioError, CPLE_BaseError):  # of another planet, or damaged
        return []
    parts = found["coordinates"] if found["type"] == "MultiPolygon" else [found["coordinates"]]
    rings = [[[float(x), float(y)] for x, y, *_ in part[0]] for part in parts]
    return rings if all(map(_is_on_earth, rings)) else []


def footprint(rings: Iterable[Ring]) -> dict[str, Any] | None:
    """The outlines as one geometry of GeoJSON, a MultiPolygon; None if there are none."""
    different = [*{str(ring): ring for ring in rings}.values()]
    if not different:
        return None
    if len(different) > MAX_POLYGONS:
        points = np.array([point for ring in different for point in ring])
        (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        different = [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in different]}


def _is_on_earth(ring: Ring) -> bool:
    points = np.array(ring)
    return bool(np.isfinite(points).all() and (np.abs(points) <= (180, 90)).all())
