"""Warns if a stream's values are not on the scale of a model's training.

A network trained on reflectances from 0 to 10000 sees reflectances from 0 to 1 as one dark surface, without an error.
The type of a file often does not show its scale, so some windows are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..rasters.alignment import AlignedRasters
from ..rasters.grid import Grid
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window

#: Windows along each axis, and side of a window in px: quickly read from any scene.
_WINDOWS, _SIDE = 4, 64

#: Plausible spread of an image's values, as a share of the training's range. A chip of a homogeneous surface
#: spreads over a sixth of the range; reflectances on another scale spread over less than a thirtieth.
_MIN_SPREAD, _MAX_SPREAD = 1 / 20, 10.0

#: Minimum spread of an auxiliary stream: a scene covers few pixels of a coarse raster, with similar values.
_MIN_AUXILIARY_SPREAD = 1 / 200

#: The range of an auxiliary stream in training: the mean plus or minus so many standard deviations.
_DEVIATIONS = 3.0

#: Maximum distance of the median from the training's range, in widths of that range.
_MAX_DISTANCE = 1.0


def range_warning(image: Raster, low: Sequence[float], high: Sequence[float]) -> str:
    """A warning if an image's values seem to be on another scale than in training, else "".

    Args:
        image: The image, with the bands that the model takes.
        low: Lower end of each band's values in training, physical units.
        high: Upper end of each band's values in training; empty: there is never a warning.

    Raises:
        RasterError: If the image is damaged.
    """
    return _warning(image.path, _sample(image.grid, image.read), low, high, _MIN_SPREAD)


def auxiliary_warning(stack: AlignedRasters, mean: Sequence[float], std: Sequence[float]) -> str:
    """Like ``range_warning`` for the auxiliary stack, by mean and standard deviation of each band in training.

    Raises:
        RasterError: If a raster is damaged.
    """
    low, high = (np.add(mean, sign * _DEVIATIONS * np.asarray(std)).tolist() for sign in (-1, 1))
    name = ", ".join(raster.path for raster in stack.rasters)
    values = _sample(stack.grid, lambda window: stack.read(window, _SIDE, _SIDE))
    return _warning(name, values, low, high, _MIN_AUXILIARY_SPREAD)


def _warning(
    name: str, values: Pixels, low: Sequence[float], high: Sequence[float], min_spread: float
) -> str:
    bands = [band[np.isfinite(band)] for band in values]
    if len(bands) != len(high) or not all(band.size for band in bands):
        return ""
    width = np.subtract(high, low)
    minimum, median, maximum = np.transpose([np.percentile(band, (2, 50, 98)) for band in bands])
    spread = float(np.mean((maximum - minimum) / width))
    centre = float(np.mean((median - low) / width))
    if min_spread <= spread <= _MAX_SPREAD and -_MAX_DISTANCE <= centre <= 1 + _MAX_DISTANCE:
        return ""
    return (
        f"{name}: most values lie between {minimum.min():g} and {maximum.max():g}, those of the training "
        f"between {min(low):g} and {max(high):g}. If they are on another scale (reflectance from 0 to 1 "
        "instead of 0 to 10000, say), the mask will be wrong: bring them to the training's first "
        "(Raster > Raster Calculator)."
    )


def _sample(grid: Grid, read: Callable[[Window], Pixels]) -> Pixels:
    """Pixels (C, n) of windows that are evenly spread over the image."""
    height, width = grid.height, grid.width
    rows = np.linspace(0, max(height - _SIDE, 0), _WINDOWS).astype(int)
    cols = np.linspace(0, max(width - _SIDE, 0), _WINDOWS).astype(int)
    windows = [Window(int(row), int(col), _SIDE, _SIDE) for row in rows for col in cols]
    return np.concatenate([part.reshape(len(part), -1) for part in map(read, windows)], axis=1)
