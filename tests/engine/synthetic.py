"""Synthetic rasters: an analytic field, which can be checked against coordinates alone, and labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform, transform_geom

UTM = "EPSG:32645"
UTM_GRID = Affine(10, 0, 500_000, 0, -10, 3_050_000)


def field(crs: str, grid: Affine, height: int, width: int) -> np.ndarray:
    """``x + 1000 y`` (metres and kilometres from a corner, in UTM) at the pixels' centres, float64."""
    cols, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    xs, ys = grid @ (cols.ravel(), rows.ravel())
    if crs != UTM:
        xs, ys = transform(CRS.from_string(crs), CRS.from_string(UTM), list(xs), list(ys))[:2]
    x, y = np.asarray(xs) - 500_000, np.asarray(ys) - 3_050_000
    return (x + 1000 * (y / 1000)).reshape(height, width)


def squares(noise: np.random.Generator, count: int, classes: int = 2) -> np.ndarray:
    """Labels of ``count`` x ``count`` squares of 16 x 16 pixels, each of one class, uint8."""
    return np.kron(noise.integers(0, classes, (count, count)), np.ones((16, 16), int)).astype(
        np.uint8
    )


def box(row: int, col: int, height: int, width: int) -> dict[str, Any]:
    """A polygon of GeoJSON over whole pixels of ``UTM_GRID``."""
    corners = ((0, 0), (width, 0), (width, height), (0, height), (0, 0))
    return {
        "type": "Polygon",
        "coordinates": [[UTM_GRID @ (col + x, row + y) for x, y in corners]],
    }


def write_geojson(
    path: Path, *features: tuple[dict[str, Any], dict[str, Any]], in_degrees: bool = False
) -> str:
    """Writes shapes in UTM, each with its fields, as GeoJSON in UTM or in degrees; returns the path."""
    records = []
    for shape, fields in features:
        placed = transform_geom(UTM, "EPSG:4326", shape, precision=12) if in_degrees else shape
        records.append({"type": "Feature", "geometry": placed, "properties": fields})
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{UTM.replace(':', '::')}"}}
    system = {} if in_degrees else {"crs": crs}
    path.write_text(json.dumps({"type": "FeatureCollection", **system, "features": records}))
    return str(path)


def read_band(path: str | Path) -> np.ndarray:
    """The first band (H, W) of a raster, as it is in the file."""
    with rasterio.open(path) as file:
        return file.read(1)
