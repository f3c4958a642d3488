"""The pixel grid of a raster: size, transform and coordinate reference system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine
from rasterio.crs import CRS

from .windows import Window


@dataclass(frozen=True)
class Grid:
    """The pixel grid of a raster.

    Attributes:
        height: Number of rows.
        width: Number of columns.
        transform: Transform from (column, row) to coordinates.
        crs: The coordinate reference system, or None if the raster names none.
        gcps: Ground control points and their CRS, for a raster that has these instead of a transform.
    """

    height: int
    width: int
    transform: Affine
    crs: CRS | None
    gcps: tuple[Any, ...] = ()

    @property
    def bounds(self) -> Window:
        """All pixels as one window."""
        return Window(0, 0, self.height, self.width)

    @property
    def is_ungeoreferenced(self) -> bool:
        """Whether the raster is a picture without coordinates."""
        return self.crs is None and self.transform in (Affine.identity(), Affine.scale(1, -1))

    @property
    def pixel_size(self) -> tuple[float, float]:
        """Width and height of a pixel, in units of the CRS."""
        t = self.transform
        return float(np.hypot(t.a, t.d)), float(np.hypot(t.b, t.e))

    def window_transform(self, window: Window, height: int, width: int) -> Affine:
        """The transform of ``window`` resampled to ``height`` x ``width`` pixels."""
        scale = Affine.scale(window.width / width, window.height / height)
        return self.transform @ Affine.translation(window.col, window.row) @ scale
