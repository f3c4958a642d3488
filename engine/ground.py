"""Ground resolution: how many metres of ground a pixel covers, whatever the coordinate system's unit.

Degrees are no metres, and those of a web map are longer than the ground's away from the equator: so a
pixel is measured on the ellipsoid, in the middle of its raster.
"""

from __future__ import annotations

import math

import numpy as np
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError

from .errors import JobError
from .grids import Grid
from .metres import on_ellipsoid

#: Ground resolutions that are nearer than this factor are taken for the same.
ALIKE = 1.1

#: Beyond this factor one picture of the ground has nothing of the other.
FARTHEST = 8.0


def ground_size(grid: Grid) -> float:
    """Metres of ground along a pixel's side in the middle of a raster; 0 where that is unknown.

    Of pixels that are not square it is the side of a square of their area.
    """
    if grid.crs is None:
        return 0.0
    middle = np.array([[grid.width / 2, grid.height / 2]])
    try:
        pixel = on_ellipsoid(grid, grid.crs, middle)[0]
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
    if not trained or not own or 1 / ALIKE <= trained / own <= ALIKE:
        return tile_size
    if not 1 / FARTHEST <= trained / own <= FARTHEST:
        raise JobError(
            f"{path} has pixels of {own:.3g} m, {model} was trained on {trained:.3g} m: that is more "
            f"than {FARTHEST:g} times apart. Choose another model, or switch match_resolution off to "
            "segment pixel by pixel all the same."
        )
    return max(8, round(tile_size * trained / own))
