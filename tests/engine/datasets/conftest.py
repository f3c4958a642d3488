"""The grid of an image that the tests of label sources share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.rasters.grid import Grid
from engine.rasters.raster import Raster


@pytest.fixture
def grid(write_raster: Callable[..., str]) -> Grid:
    """40 rows and 50 columns."""
    return Raster(write_raster("image.tif", np.zeros((40, 50), np.uint8))).grid
