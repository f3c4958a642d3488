"""Metres on the ground per pixel, for any coordinate system.

Lengths are measured in the raster's coordinate system if that is true to scale there, as UTM and national systems
are. Otherwise (degrees; web Mercator, whose metres are 13 % too long in Nepal) they are measured on the ellipsoid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import transform

from ..contract.errors import JobError
from ..contract.stream_fit import resolution_flaw
from .grid import Grid

Points = NDArray[np.float64]
Matrices = NDArray[np.float64]

#: WGS 84: semi-major axis in metres and squared eccentricity.
_SEMI_MAJOR_AXIS, _SQUARED_ECCENTRICITY = 6378137.0, 0.0066943799901413165

#: Largest relative error of lengths in a coordinate system that counts as true to scale.
_SCALE_TOLERANCE = 0.01

#: Ground resolutions that differ by less than this factor count as equal.
SAME_RESOLUTION = 1.1


class GroundScale:
    """Converts steps of pixels to metres on the ground.

    Args:
        grid: The raster's grid.

    Attributes:
        unit: "m", or "px" for a raster without a coordinate system on Earth, whose pixels count as 1 x 1.
        is_on_ground: Whether lengths are measured on the ellipsoid, not in the coordinate system.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        height, width = grid.height, grid.width
        corners = [(0, 0), (width, 0), (0, height), (width, height)]
        ground = _finite_jacobians(grid, [*corners, (width / 2, height / 2)])
        # Degrees without a position on Earth, such as another planet's, cannot be converted to metres.
        if grid.crs is None or (ground is None and grid.crs.is_geographic):
            self.unit, self._planar_jacobian = "px", np.eye(2)
        else:
            self.unit, self._planar_jacobian = "m", _planar_jacobian(grid, grid.crs)
        self.is_on_ground = ground is not None and not self._is_true_to_scale(ground)

    def per_pixel(self, points: Points) -> Matrices:
        """Metres per pixel around points.

        Args:
            points: Pixel coordinates (N, 2), column and row.

        Returns:
            Matrices (N, 2, 2) that convert a small step (columns, rows) to metres.
        """
        if self.is_on_ground and self._grid.crs is not None:
            return _ellipsoidal_jacobians(self._grid, self._grid.crs, points)
        return np.broadcast_to(self._planar_jacobian, (len(points), 2, 2))

    def pixel_areas(self, points: Points) -> NDArray[np.float64]:
        """The areas (N,) of the pixels around points (N, 2), column and row, in squares of ``unit``."""
        areas: NDArray[np.float64] = np.abs(np.linalg.det(self.per_pixel(points)))
        return areas

    def _is_true_to_scale(self, ground: Matrices) -> bool:
        if self._grid.crs is None or self._grid.crs.is_geographic:
            return False
        stretch = np.linalg.svd(ground @ np.linalg.inv(self._planar_jacobian), compute_uv=False)
        return bool(np.all(np.abs(stretch - 1) <= _SCALE_TOLERANCE))


def _finite_jacobians(grid: Grid, points: Sequence[tuple[float, float]]) -> Matrices | None:
    """``_ellipsoidal_jacobians`` at points (column, row); None if a point has no position on Earth."""
    if grid.crs is None:
        return None
    try:
        ground = _ellipsoidal_jacobians(grid, grid.crs, np.asarray(points, float))
    except (RasterioError, CPLE_BaseError):
        return None
    return ground if np.isfinite(ground).all() else None


def _planar_jacobian(grid: Grid, crs: CRS) -> Matrices:
    """Metres per pixel in the coordinate system, (2, 2); degrees count as metres."""
    t = grid.transform
    try:
        factor = 1.0 if crs.is_geographic else float(crs.units_factor[1])
    except CRSError:
        factor = 1.0
    return factor * np.array([[t.a, t.b], [t.d, t.e]])


def _ellipsoidal_jacobians(grid: Grid, crs: CRS, points: Points) -> Matrices:
    """Metres east and north per column and row at points, (N, 2, 2), by the radii of curvature.

    Snyder, Map Projections: A Working Manual (1987), equations 4-18 and 4-20.
    """
    ends = points[:, None] + np.array([[-0.5, 0], [0.5, 0], [0, -0.5], [0, 0.5]])
    xs, ys = grid.transform @ (ends[..., 0], ends[..., 1])
    lon, lat = transform(crs, CRS.from_epsg(4326), xs.ravel().tolist(), ys.ravel().tolist())[:2]
    longitudes, latitudes = (np.radians(v).reshape(len(points), 2, 2) for v in (lon, lat))
    middle = latitudes.mean(axis=(1, 2))[:, None]
    denominator = 1 - _SQUARED_ECCENTRICITY * np.sin(middle) ** 2
    delta_lon = np.diff(longitudes, axis=2)[..., 0]
    # Across the 180th meridian the short way counts.
    delta_lon = (delta_lon + np.pi) % (2 * np.pi) - np.pi
    east = delta_lon * np.cos(middle) * _SEMI_MAJOR_AXIS / np.sqrt(denominator)
    delta_lat = np.diff(latitudes, axis=2)[..., 0]
    north = delta_lat * _SEMI_MAJOR_AXIS * (1 - _SQUARED_ECCENTRICITY) / denominator**1.5
    return np.stack([east, north], axis=1)


def ground_size(grid: Grid) -> float:
    """Ground resolution in the middle of a raster, in metres; 0 if it is unknown.

    It is the square root of a pixel's area, so pixels need not be square.
    """
    jacobians = _finite_jacobians(grid, [(grid.width / 2, grid.height / 2)])
    return 0.0 if jacobians is None else math.sqrt(abs(float(np.linalg.det(jacobians[0]))))


def span(tile_size: int, trained: float, grid: Grid, path: str, model: str) -> int:
    """Side of the raster window that, resized to a tile, has the ground resolution of the training.

    Args:
        tile_size: The model's tile size, px.
        trained: Ground resolution of the training, m; 0: unknown.
        grid: The raster's grid.
        path: The raster's path, for messages.
        model: The model's name, for messages.

    Returns:
        The side in raster pixels; ``tile_size`` if a resolution is unknown or both are nearly equal.

    Raises:
        JobError: If the resolutions differ too much.
    """
    actual = ground_size(grid)
    if not trained or not actual or 1 / SAME_RESOLUTION <= trained / actual <= SAME_RESOLUTION:
        return tile_size
    if flaw := resolution_flaw(path, actual, model, trained):
        raise JobError(flaw)
    return max(8, round(tile_size * trained / actual))
