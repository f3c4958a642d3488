"""Warns if a stream's values are not on the scale of a model's training.

A network trained on reflectances from 0 to 10000 sees reflectances from 0 to 1 as one dark surface, without an error.
The type of a file often does not show its scale, so some windows are read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..contract.stream_fit import (
    DEVIATIONS,
    MIN_AUXILIARY_SPREAD,
    MIN_SPREAD,
    PERCENTILES,
    scale_flaw,
)
from ..rasters.alignment import AlignedRasters
from ..rasters.grid import Grid
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window

#: Most windows along each axis, and side of a window in px: quickly read from any scene.
_WINDOWS, _SIDE = 4, 64


def range_warning(image: Raster, low: Sequence[float], high: Sequence[float]) -> str:
    """A warning if an image's values seem to be on another scale than in training, else "".

    Args:
        image: The image, with the bands that the model takes.
        low: Lower end of each band's values in training, physical units.
        high: Upper end of each band's values in training; empty: there is never a warning.

    Raises:
        RasterError: If the image is damaged.
    """
    return _warning(image.path, _sample(image.grid, image.read), low, high, MIN_SPREAD)


def auxiliary_warning(stack: AlignedRasters, mean: Sequence[float], std: Sequence[float]) -> str:
    """Like ``range_warning`` for the auxiliary stack, by mean and standard deviation of each band in training.

    Raises:
        RasterError: If a raster is damaged.
    """
    low, high = (np.add(mean, sign * DEVIATIONS * np.asarray(std)).tolist() for sign in (-1, 1))
    name = ", ".join(raster.path for raster in stack.rasters)

    def read(window: Window) -> Pixels:
        finest = math.ceil(stack.pixels_across(window))  # coarse rasters have few values
        height, width = min(window.height, finest), min(window.width, finest)
        return stack.read(window, height, width)

    return _warning(name, _sample(stack.grid, read), low, high, MIN_AUXILIARY_SPREAD)


def _warning(
    name: str, values: Pixels, low: Sequence[float], high: Sequence[float], min_spread: float
) -> str:
    bands = [band[np.isfinite(band)] for band in values]
    if len(bands) != len(high) or not all(band.size for band in bands):
        return ""
    percentiles = [np.percentile(band, PERCENTILES).tolist() for band in bands]
    return scale_flaw(name, percentiles, low, high, min_spread)


def _sample(grid: Grid, read: Callable[[Window], Pixels]) -> Pixels:
    """Pixels (C, n) of windows that are evenly spread over the image, or of all of it if it is small."""
    rows, cols = _begins(grid.height), _begins(grid.width)
    windows = [Window(row, col, _SIDE, _SIDE) for row in rows for col in cols]
    if max(grid.height, grid.width) <= _WINDOWS * _SIDE:
        windows = [grid.bounds]
    return np.concatenate([part.reshape(len(part), -1) for part in map(read, windows)], axis=1)


def _begins(length: int) -> list[int]:
    """First rows or columns of the windows."""
    count = min(_WINDOWS, -(-length // _SIDE))
    begins: list[int] = np.linspace(0, max(length - _SIDE, 0), count).astype(int).tolist()
    return begins
