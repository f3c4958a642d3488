"""Metres on the ground per pixel, for any coordinate system.

A coordinate system that is true to scale over the raster (UTM and other national ones) is used as it is, as GIS
do. Elsewhere (degrees; web Mercator, whose metres are 13 % too long in Nepal) pixels are measured on the ellipsoid.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import transform

from ..contract.errors import JobError
from .grid import Grid

Points = NDArray[np.float64]
Matrices = NDArray[np.float64]

#: WGS 84: semi-major axis in metres, and squared eccentricity.
_AXIS, _ECCENTRICITY = 6378137.0, 0.0066943799901413165

#: How far lengths may be from those on the ground before the ground is measured instead.
_TRUE = 0.01


class GroundScale:
    """Measures on a raster's grid.

    Args:
        grid: The raster's grid.

    Attributes:
        unit: "m", or "px" for a raster without a coordinate system: there a pixel counts as 1 x 1.
        is_on_ground: Whether the ellipsoid is measured, not the coordinate system's plane.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        ground = _probed(grid)
        # Degrees that nobody can place on Earth, those of another planet, are no metres either.
        is_nowhere = grid.crs is None or (ground is None and grid.crs.is_geographic)
        self.unit = "px" if is_nowhere else "m"
        self._plane = np.eye(2) if is_nowhere or grid.crs is None else _plane(grid, grid.crs)
        self.is_on_ground = ground is not None and not self._is_true(ground)

    def per_pixel(self, points: Points) -> Matrices:
        """From one pixel to metres, around points.

        Args:
            points: Pixel coordinates (N, 2), column and row.

        Returns:
            Matrices (N, 2, 2) that turn a small step (columns, rows) into metres.
        """
        if self.is_on_ground and self._grid.crs is not None:
            return pixel_size_on_ellipsoid(self._grid, self._grid.crs, points)
        return np.broadcast_to(self._plane, (len(points), 2, 2))

    def _is_true(self, ground: Matrices) -> bool:
        """Whether the plane's lengths are the ground's, at the places that were probed."""
        if self._grid.crs is None or self._grid.crs.is_geographic:
            return False
        stretch = np.linalg.svd(ground @ np.linalg.inv(self._plane), compute_uv=False)
        return bool(np.all(np.abs(stretch - 1) <= _TRUE))


def _probed(grid: Grid) -> Matrices | None:
    """A pixel's sides in metres at the corners and in the middle; None if they have no place on Earth."""
    if grid.crs is None:
        return None
    height, width = grid.height, grid.width
    places = [(0, 0), (width, 0), (0, height), (width, height), (width / 2, height / 2)]
    try:
        ground = pixel_size_on_ellipsoid(grid, grid.crs, np.asarray(places, float))
    except (RasterioError, CPLE_BaseError):
        return None
    return ground if np.isfinite(ground).all() else None


def _plane(grid: Grid, crs: CRS) -> Matrices:
    """A pixel's sides in the coordinate system's own unit, as metres."""
    t = grid.transform
    try:
        factor = 1.0 if crs.is_geographic else float(crs.units_factor[1])
    except CRSError:
        factor = 1.0
    return factor * np.array([[t.a, t.b], [t.d, t.e]])


def pixel_size_on_ellipsoid(grid: Grid, crs: CRS, points: Points) -> Matrices:
    """A pixel's sides as metres east and north, by the radii of curvature.

    Snyder, Map Projections: A Working Manual (1987), equations 4-18 and 4-20.
    """
    steps = points[:, None] + np.array([[-0.5, 0], [0.5, 0], [0, -0.5], [0, 0.5]])
    t = grid.transform
    xs = t.a * steps[..., 0] + t.b * steps[..., 1] + t.c
    ys = t.d * steps[..., 0] + t.e * steps[..., 1] + t.f
    lon, lat = transform(crs, CRS.from_epsg(4326), xs.ravel().tolist(), ys.ravel().tolist())[:2]
    longitudes, latitudes = (np.radians(v).reshape(len(points), 2, 2) for v in (lon, lat))
    middle = latitudes.mean(axis=(1, 2))[:, None]
    bend = 1 - _ECCENTRICITY * np.sin(middle) ** 2
    turns = np.diff(longitudes, axis=2)[..., 0]
    turns = (turns + np.pi) % (2 * np.pi) - np.pi  # a step over the 180th meridian is short
    east = turns * np.cos(middle) * _AXIS / np.sqrt(bend)
    north = np.diff(latitudes, axis=2)[..., 0] * _AXIS * (1 - _ECCENTRICITY) / bend**1.5
    return np.stack([east, north], axis=1)


#: Ground resolutions that are nearer than this factor are taken for the same.
SAME_RESOLUTION = 1.1

#: Beyond this factor one picture of the ground has nothing of the other.
MAX_RESOLUTION_RATIO = 8.0


def ground_size(grid: Grid) -> float:
    """Metres of ground along a pixel's side in the middle of a raster; 0 where that is unknown.

    Of pixels that are not square it is the side of a square of their area.
    """
    if grid.crs is None:
        return 0.0
    middle = np.array([[grid.width / 2, grid.height / 2]])
    try:
        pixel = pixel_size_on_ellipsoid(grid, grid.crs, middle)[0]
    except (RasterioError, CPLE_BaseError):
        return 0.0  # a system without a place on Earth
    area = abs(float(np.linalg.det(pixel)))
    return math.sqrt(area) if math.isfinite(area) else 0.0


def span(tile_size: int, trained: float, grid: Grid, path: str, model: str) -> int:
    """How many of a raster's pixels a tile spans so that the model sees its own ground resolution.

    Args:
        tile_size: The model's tile size, px.
        trained: Metres of ground a pixel had in training; 0: unknown.
        grid: The raster's grid.
        path: The raster, for messages.
        model: The model, for messages.

    Returns:
        ``tile_size`` where either resolution is unknown or both are alike.

    Raises:
        JobError: If the two are too far apart.
    """
    own = ground_size(grid)
    if not trained or not own or 1 / SAME_RESOLUTION <= trained / own <= SAME_RESOLUTION:
        return tile_size
    if not 1 / MAX_RESOLUTION_RATIO <= trained / own <= MAX_RESOLUTION_RATIO:
        raise JobError(
            f"{path} has pixels of {own:.3g} m, {model} was trained on {trained:.3g} m: that is more "
            f"than {MAX_RESOLUTION_RATIO:g} times apart. Choose another model, or switch match_resolution off to "
            "segment pixel by pixel all the same."
        )
    return max(8, round(tile_size * trained / own))
