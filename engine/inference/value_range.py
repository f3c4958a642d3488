"""Whether a stream's values are on the scale that a model was trained on.

A network takes reflectances from 0 to 1 as readily as from 0 to 10000 and maps them as one dark
surface; the files' types often tell nothing of it. So some windows are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..rasters.alignment import Aligned
from ..rasters.grid import Grid
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window

#: A lattice of so many windows each way, of so many pixels a side: a moment's reading on any scene.
_WINDOWS, _SIDE = 4, 64

#: How wide an image's values may spread, as shares of the training's range. One chip of a homogeneous
#: surface has a sixth of it; reflectances on another scale have less than a thirtieth.
_MIN_SPREAD, _MAX_SPREAD = 1 / 20, 10.0

#: The least spread of an auxiliary stream: of a coarse raster a scene sees a few pixels, nearly alike.
_MIN_AUXILIARY_SPREAD = 1 / 200

#: Standard deviations each way that stand for an auxiliary stream's range.
_DEVIATIONS = 3.0

#: How far below or above the training's range, in its widths, the middle of the values may lie.
_BEYOND = 1.0


def range_warning(image: Raster, low: Sequence[float], high: Sequence[float]) -> str:
    """A sentence where an image's values seem to be on another scale than the training's, else "".

    Args:
        image: The image, with the bands that the model takes.
        low: Lower end of each band's values in training, physical units.
        high: Upper end of each band's values in training; none: nothing can be said.

    Raises:
        RasterError: If the image is damaged.
    """
    return _warning(image.path, _sample(image.grid, image.read), low, high, _MIN_SPREAD)


def auxiliary_warning(stack: Aligned, mean: Sequence[float], std: Sequence[float]) -> str:
    """The same for the auxiliary stack, by the mean and the deviation of each band in training.

    Raises:
        RasterError: If a raster is damaged.
    """
    low, high = (np.add(mean, sign * _DEVIATIONS * np.asarray(std)).tolist() for sign in (-1, 1))
    name = ", ".join(raster.path for raster in stack.rasters)
    values = _sample(stack.grid, lambda window: stack.read(window, _SIDE, _SIDE))
    return _warning(name, values, low, high, _MIN_AUXILIARY_SPREAD)


def _warning(
    name: str, values: Pixels, low: Sequence[float], high: Sequence[float], narrowest: float
) -> str:
    bands = [band[np.isfinite(band)] for band in values]
    if len(bands) != len(high) or not all(band.size for band in bands):
        return ""
    width = np.subtract(high, low)
    minimum, middle, maximum = np.transpose([np.percentile(band, (2, 50, 98)) for band in bands])
    spread = float(np.mean((maximum - minimum) / width))
    place = float(np.mean((middle - low) / width))
    if narrowest <= spread <= _MAX_SPREAD and -_BEYOND <= place <= 1 + _BEYOND:
        return ""
    return (
        f"{name}: most values lie between {minimum.min():g} and {maximum.max():g}, those of the training "
        f"between {min(low):g} and {max(high):g}. If they are on another scale (reflectance from 0 to 1 "
        "instead of 0 to 10000, say), the mask will be wrong: bring them to the training's first "
        "(Raster > Raster Calculator)."
    )


def _sample(grid: Grid, read: Callable[[Window], Pixels]) -> Pixels:
    """Some of a stream's pixels (C, n), evenly spread over the image."""
    height, width = grid.height, grid.width
    rows = np.linspace(0, max(height - _SIDE, 0), _WINDOWS).astype(int)
    cols = np.linspace(0, max(width - _SIDE, 0), _WINDOWS).astype(int)
    windows = [Window(int(row), int(col), _SIDE, _SIDE) for row in rows for col in cols]
    return np.concatenate([part.reshape(len(part), -1) for part in map(read, windows)], axis=1)
