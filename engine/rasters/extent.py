"""Converts an extent in any coordinate system to a window of the image."""

from __future__ import annotations

import numpy as np
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from ..contract.errors import RasterError
from ..contract.jobs import Extent
from ..contract.translation import tr
from .grid import Grid
from .windows import Window


def extent_to_window(extent: Extent, crs: str, grid: Grid, path: str) -> Window:
    """The pixels of the image that an extent touches.

    Args:
        extent: Left, bottom, right and top, in ``crs``.
        crs: The coordinate system of the extent; empty: that of the image.
        grid: The grid of the image.
        path: The image, for messages.

    Raises:
        RasterError: If the coordinate system is unknown or the extent lies outside the image.
    """
    if grid.gcps:
        raise RasterError(
            tr(
                "{} has ground control points only, so an extent has no exact place on it: rectify "
                "it first (Raster > Projections > Warp), or segment the whole image."
            ).format(path)
        )
    if grid.is_ungeoreferenced and grid.transform.e > 0 and extent[1] < 0:
        # QGIS shows a picture without coordinates below the x axis.
        extent = (extent[0], -extent[3], extent[2], -extent[1])
    try:
        if crs and grid.crs is not None:
            extent = transform_bounds(CRS.from_user_input(crs), grid.crs, *extent, densify_pts=21)
    except (RasterioError, CPLE_BaseError, ValueError) as error:
        raise RasterError(
            tr(
                "The extent cannot be brought from {} to the image's coordinate system ({})."
            ).format(crs, error)
        ) from error
    xs = np.asarray([extent[0], extent[2], extent[0], extent[2]])
    ys = np.asarray([extent[1], extent[1], extent[3], extent[3]])
    cols, rows = ~grid.transform @ (xs, ys)
    # A pixel of which the extent covers less than a thousandth of a side is left out.
    top, left = int(np.floor(rows.min() + 1e-3)), int(np.floor(cols.min() + 1e-3))
    bottom, right = int(np.ceil(rows.max() - 1e-3)), int(np.ceil(cols.max() - 1e-3))
    window = Window(top, left, max(bottom - top, 1), max(right - left, 1))
    region = window.intersection(grid.bounds)
    if region is None:
        raise RasterError(tr("The extent {} lies outside the image {}.").format(extent, path))
    return region
