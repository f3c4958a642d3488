"""The same footprint in every raster: whatever grid it has, read on the image's.

Half a pixel of shift is a defect, so every tile is warped from its own exact transform, never cut from
a warped copy. Rasters without coordinates are laid over the image by their extent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.warp import reproject, transform

from ..contract.errors import RasterError
from .band_selection import split_bands_by_file
from .grid import Grid
from .raster import Pixels, Raster
from .windows import Window, mirror_indices

#: Stands for "the coordinates both rasters share" where neither says which those are.
_SHARED_PLANE = CRS.from_epsg(3857)


class Aligned:
    """Rasters on whatever grids, read on the image's: stacked band by band.

    Args:
        paths: The rasters, in stacking order.
        grid: The image's grid.
        resampling: How to resample; nearest for classes.
        bands: Bands of the stack to use, counted from 1 through all files, in this order; none: all
            but those marked as alpha. Files without any of them are not read.

    Raises:
        RasterError: If a raster cannot be opened, placed on the grid, or does not touch it.
    """

    def __init__(
        self,
        paths: Sequence[str],
        grid: Grid,
        resampling: Resampling = Resampling.bilinear,
        bands: tuple[int, ...] = (),
    ) -> None:
        self.grid = grid
        self.resampling = resampling
        files, self._order = (
            split_bands_by_file(paths, bands) if bands else ([(p, ()) for p in paths], [])
        )
        self.rasters = [Raster(path, chosen) for path, chosen in files]
        self._planes = [_common_plane(raster, grid) for raster in self.rasters]

    @property
    def bands(self) -> int:
        """The number of stacked bands in use."""
        return len(self._order) or sum(raster.bands for raster in self.rasters)

    @property
    def band_names(self) -> list[str]:
        """File stem and band name of every stacked band."""
        names = [f"{Path(r.path).stem}: {name}" for r in self.rasters for name in r.band_names]
        return [names[place] for place in self._order] or names

    @property
    def memory_bytes(self) -> int:
        """What the rasters keep in memory."""
        return sum(raster.memory_bytes for raster in self.rasters)

    @property
    def rasters_on_grid(self) -> list[Raster]:
        """The rasters that have the image's own grid, and so are read without resampling."""
        pairs = zip(self.rasters, self._planes)
        return [raster for raster, plane in pairs if plane.is_image_grid]

    def read(self, window: Window, height: int, width: int) -> Pixels:
        """The window's footprint as (C, height, width) pixels, NaN where a raster has no value."""
        pairs = zip(self.rasters, self._planes)
        stack = np.concatenate([self._one(*pair, window, height, width) for pair in pairs])
        return stack[self._order] if self._order else stack

    def read_reflected(self, window: Window, height: int, width: int) -> Pixels:
        """As ``read``, but what lies beyond the image mirrors what lies within, as in the image."""
        values = self.read(window, height, width)
        inside = window.intersection(self.grid.bounds)
        if inside is None or inside == window:
            return values
        first, last = inside.row - window.row, inside.row_stop - window.row
        rows = mirror_indices(height, window.height, first, last)
        first, last = inside.col - window.col, inside.col_stop - window.col
        return values[:, rows][:, :, mirror_indices(width, window.width, first, last)]

    def pixels_across(self, window: Window) -> float:
        """How many of the finest raster's own pixels the window is wide or high."""
        place = self.grid.transform_of(window, 16, 16)
        counts = [1.0]
        for plane in self._planes:
            target = plane.image_to_plane @ ~self.grid.transform @ place
            cols, rows = _footprint(plane, target, 16, 16)
            counts += [float(np.ptp(cols)), float(np.ptp(rows))] if len(cols) else []
        return max(counts)

    def _one(
        self, raster: Raster, plane: _Plane, window: Window, height: int, width: int
    ) -> Pixels:
        place = self.grid.transform_of(window, height, width)
        if plane.is_image_grid and (height, width) == (window.height, window.width):
            return raster.read(window)
        target = plane.image_to_plane @ ~self.grid.transform @ place
        part, corner = self._source(raster, plane, target, height, width)
        values = np.full((raster.bands, height, width), np.nan, np.float32)
        if part.size:
            with _warping(raster.path):
                reproject(
                    part,
                    values,
                    src_transform=plane.source @ Affine.translation(*corner),
                    src_crs=plane.source_crs,
                    src_nodata=np.nan,
                    dst_transform=target,
                    dst_crs=plane.grid_crs,
                    dst_nodata=np.nan,
                    resampling=self.resampling,
                    tolerance=0.0,
                    UNIFIED_SRC_NODATA="NO",
                )
        return values

    def _source(
        self, raster: Raster, plane: _Plane, target: Affine, height: int, width: int
    ) -> tuple[Pixels, tuple[int, int]]:
        """The source pixels that matter for the target, and the (column, row) they begin at."""
        if raster.in_memory is not None:
            return raster.in_memory, (0, 0)
        cols, rows = _footprint(plane, target, height, width)
        if not len(cols):
            return np.empty((raster.bands, 0, 0), np.float32), (0, 0)
        ratio = max(np.ptp(cols) / width, np.ptp(rows) / height, 1.0)
        margin = int(np.ceil(2 * ratio)) + 2
        low = int(np.floor(rows.min())) - margin, int(np.floor(cols.min())) - margin
        high = int(np.ceil(rows.max())) + margin, int(np.ceil(cols.max())) + margin
        window = Window(low[0], low[1], high[0] - low[0], high[1] - low[1])
        inside = window.intersection(raster.grid.bounds)
        if inside is None:
            return np.empty((raster.bands, 0, 0), np.float32), (0, 0)
        return raster.read(inside), (inside.col, inside.row)


@dataclass(frozen=True)
class _Plane:
    """Coordinates in which a source raster and the image both have a place."""

    source: Affine
    source_crs: CRS
    image_to_plane: Affine
    grid_crs: CRS

    @property
    def is_image_grid(self) -> bool:
        """Whether the source's pixels are the image's."""
        return (self.source, self.source_crs) == (self.image_to_plane, self.grid_crs)


def _common_plane(raster: Raster, grid: Grid) -> _Plane:
    own = raster.grid
    if own.crs is not None and grid.crs is not None:
        plane = _Plane(own.transform, own.crs, grid.transform, grid.crs)
    elif own.crs is None and grid.crs is None and not own.is_plain and not grid.is_plain:
        plane = _Plane(own.transform, _SHARED_PLANE, grid.transform, _SHARED_PLANE)
    elif own.is_plain or grid.is_plain:
        plane = _by_extent(raster, grid)
    else:
        bare, placed = (raster.path, "the image") if own.crs is None else ("the image", raster.path)
        raise RasterError(
            f"{raster.path} cannot be aligned: {bare} has coordinates but names no coordinate "
            f"system, while {placed} does. Assign the right one (Raster > Projections) and try again."
        )
    for turn in (360.0, -360.0):
        if own.crs is not None and own.crs.is_geographic and not _touches(raster, plane, grid):
            # Longitudes may run from 0 to 360 in one raster and from -180 to 180 in the other.
            turned = replace(plane, source=Affine.translation(turn, 0) @ own.transform)
            plane = turned if _touches(raster, turned, grid) else plane
    if not _touches(raster, plane, grid):
        raise RasterError(
            f"{raster.path} does not overlap the image: check the coordinate systems of both."
        )
    return plane


def _by_extent(raster: Raster, grid: Grid) -> _Plane:
    own = raster.grid
    if own.gcps or grid.gcps:
        raise RasterError(
            f"{raster.path} cannot be aligned: ground control points alone place no pixel exactly. "
            "Rectify that raster first (Raster > Projections > Warp)."
        )
    across, down = grid.width / own.width, grid.height / own.height
    if abs(across - down) > 0.1 * max(across, down):
        raise RasterError(
            f"{raster.path} ({own.width} x {own.height} px) and the image ({grid.width} x "
            f"{grid.height} px) differ in shape; without coordinates they must show the same extent."
        )
    scale = Affine.scale(across, down)
    return _Plane(scale, _SHARED_PLANE, Affine.identity(), _SHARED_PLANE)


def _footprint(
    plane: _Plane, target: Affine, height: int, width: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Source columns and rows under a lattice of target points; empty where none has a place."""
    steps = np.linspace(0, 1, 17)
    cols, rows = np.meshgrid(steps * width, steps * height)
    xs, ys = apply_affine_to_points(target, cols.ravel(), rows.ravel())
    if plane.source_crs != plane.grid_crs:
        xs, ys = _transformed(plane.grid_crs, plane.source_crs, xs, ys)
    across, down = apply_affine_to_points(~plane.source, np.asarray(xs), np.asarray(ys))
    known = np.isfinite(across) & np.isfinite(down)
    return across[known], down[known]


def _transformed(
    source: CRS, target: CRS, xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points in another coordinate system; infinite where they have no place in it."""
    try:
        moved = transform(source, target, xs.tolist(), ys.tolist())[:2]
        return np.asarray(moved[0]), np.asarray(moved[1])
    except (RasterioError, CPLE_BaseError):
        if len(xs) == 1:
            return np.array([np.inf]), np.array([np.inf])
    points = [_transformed(source, target, xs[i : i + 1], ys[i : i + 1]) for i in range(len(xs))]
    return np.concatenate([p[0] for p in points]), np.concatenate([p[1] for p in points])


def apply_affine_to_points(
    affine: Affine, xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The affine transform of many points."""
    return affine.a * xs + affine.b * ys + affine.c, affine.d * xs + affine.e * ys + affine.f


def _touches(raster: Raster, plane: _Plane, grid: Grid) -> bool:
    target = plane.image_to_plane
    cols, rows = _footprint(plane, target, grid.height, grid.width)
    if not len(cols):
        return False
    own = raster.grid
    meets = cols.min() < own.width and cols.max() > 0 and rows.min() < own.height and rows.max() > 0
    return bool(meets)


@contextmanager
def _warping(path: str) -> Iterator[None]:
    try:
        with rasterio.Env():
            yield
    except (RasterioError, CPLE_BaseError) as error:
        raise RasterError(f"{path} cannot be warped to the image's grid ({error}).") from error
