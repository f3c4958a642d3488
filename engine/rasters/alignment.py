"""Reads rasters of any grid on the image's grid.

Half a pixel of shift is a defect, so every tile is warped from its own exact transform, never cut from
a warped copy. Rasters without coordinates are assumed to cover the extent of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
from ..contract.translation import tr
from .band_selection import split_bands_by_file
from .grid import Grid
from .raster import Pixels, Raster
from .windows import Window, mirror_indices

#: A placeholder for the common coordinate system of two rasters that both name none.
_SHARED_CRS = CRS.from_epsg(3857)


class AlignedRasters:
    """A stack of the bands of several rasters, resampled to the image's grid.

    Args:
        paths: The rasters, in stacking order.
        grid: The image's grid.
        resampling: The resampling method; nearest for class rasters.
        bands: Bands of the stack to use, counted from 1 through all files, in this order; empty for all
            but alpha bands. Files without any of them are not read.

    Raises:
        RasterError: If a raster cannot be opened or aligned, or does not overlap the grid.
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
        if bands:
            files, self._order = split_bands_by_file(paths, bands)
        else:
            files, self._order = [(path, ()) for path in paths], []
        self.rasters = [Raster(path, indexes) for path, indexes in files]
        self._alignments = [_align(raster, grid) for raster in self.rasters]

    @property
    def bands(self) -> int:
        """The number of stacked bands in use."""
        return len(self._order) or sum(raster.bands for raster in self.rasters)

    @property
    def band_names(self) -> list[str]:
        """File stem and band name of every stacked band."""
        names = [f"{Path(r.path).stem}: {name}" for r in self.rasters for name in r.band_names]
        return [names[index] for index in self._order] or names

    @property
    def memory_bytes(self) -> int:
        """Bytes of pixels that the rasters keep in memory."""
        return sum(raster.memory_bytes for raster in self.rasters)

    @property
    def rasters_on_grid(self) -> list[Raster]:
        """The rasters that have the image's grid: they are read without resampling."""
        pairs = zip(self.rasters, self._alignments)
        return [raster for raster, alignment in pairs if alignment.is_image_grid]

    def read(self, window: Window, height: int, width: int) -> Pixels:
        """The window resampled to (C, height, width) pixels, NaN where a raster has no value."""
        pairs = zip(self.rasters, self._alignments)
        stack = np.concatenate([self._read(*pair, window, height, width) for pair in pairs])
        return stack[self._order] if self._order else stack

    def read_reflected(self, window: Window, height: int, width: int) -> Pixels:
        """Like ``read``, but pixels beyond the image mirror those within, as in ``Raster.read_reflected``."""
        values = self.read(window, height, width)
        inside = window.intersection(self.grid.bounds)
        if inside is None or inside == window:
            return values
        first, last = inside.row - window.row, inside.row_stop - window.row
        rows = mirror_indices(height, window.height, first, last)
        first, last = inside.col - window.col, inside.col_stop - window.col
        return values[:, rows][:, :, mirror_indices(width, window.width, first, last)]

    def pixels_across(self, window: Window) -> float:
        """The larger side of the window in pixels of the finest raster, at least 1."""
        sides = [1.0]
        for alignment in self._alignments:
            cols, rows = alignment.source_points(self._target(alignment, window, 16, 16), 16, 16)
            sides += [float(np.ptp(cols)), float(np.ptp(rows))] if len(cols) else []
        return max(sides)

    def _target(self, alignment: _Alignment, window: Window, height: int, width: int) -> Affine:
        """The transform of the window's pixels."""
        resampled = self.grid.window_transform(window, height, width)
        target: Affine = alignment.image @ ~self.grid.transform @ resampled
        return target

    def _read(
        self, raster: Raster, alignment: _Alignment, window: Window, height: int, width: int
    ) -> Pixels:
        if alignment.is_image_grid and (height, width) == (window.height, window.width):
            return raster.read(window)
        target = self._target(alignment, window, height, width)
        pixels, (row, col) = _read_source(raster, alignment, target, height, width)
        values = np.full((raster.bands, height, width), np.nan, np.float32)
        if pixels.size:
            try:
                with rasterio.Env():
                    reproject(
                        pixels,
                        values,
                        src_transform=alignment.source @ Affine.translation(col, row),
                        src_crs=alignment.source_crs,
                        src_nodata=np.nan,
                        dst_transform=target,
                        dst_crs=alignment.image_crs,
                        dst_nodata=np.nan,
                        resampling=self.resampling,
                        tolerance=0.0,
                        UNIFIED_SRC_NODATA="NO",
                    )
            except (RasterioError, CPLE_BaseError) as error:
                raise RasterError(
                    tr("{} cannot be warped to the image's grid ({}).").format(raster.path, error)
                ) from error
        return values


@dataclass(frozen=True)
class _Alignment:
    """The transforms of a source raster and the image to coordinates that can be converted into each other."""

    source: Affine
    source_crs: CRS
    image: Affine
    image_crs: CRS

    @property
    def is_image_grid(self) -> bool:
        """Whether the source has the image's grid."""
        return (self.source, self.source_crs) == (self.image, self.image_crs)

    def source_points(
        self, target: Affine, height: int, width: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Source columns and rows of a lattice of 17 x 17 target points, without those that have none."""
        steps = np.linspace(0, 1, 17)
        cols, rows = np.meshgrid(steps * width, steps * height)
        points: Any = (cols.ravel(), rows.ravel())
        xs, ys = target @ points
        if self.source_crs != self.image_crs:
            xs, ys = _convert(self.image_crs, self.source_crs, xs, ys)
        source_cols, source_rows = ~self.source @ (xs, ys)
        is_known = np.isfinite(source_cols) & np.isfinite(source_rows)
        return source_cols[is_known], source_rows[is_known]

    def overlaps(self, raster: Raster, grid: Grid) -> bool:
        """Whether the raster and the image share any ground."""
        cols, rows = self.source_points(self.image, grid.height, grid.width)
        return bool(
            len(cols)
            and cols.min() < raster.grid.width
            and cols.max() > 0
            and rows.min() < raster.grid.height
            and rows.max() > 0
        )


def _read_source(
    raster: Raster, alignment: _Alignment, target: Affine, height: int, width: int
) -> tuple[Pixels, tuple[int, int]]:
    """The source pixels under the target and a margin for resampling, and their first (row, column)."""
    if raster.in_memory is not None:
        return raster.in_memory, (0, 0)
    cols, rows = alignment.source_points(target, height, width)
    inside = None
    if len(cols):
        ratio = max(np.ptp(cols) / width, np.ptp(rows) / height, 1.0)
        margin = int(np.ceil(2 * ratio)) + 2
        top, left = int(np.floor(rows.min())) - margin, int(np.floor(cols.min())) - margin
        bottom, right = int(np.ceil(rows.max())) + margin, int(np.ceil(cols.max())) + margin
        window = Window(top, left, bottom - top, right - left)
        inside = window.intersection(raster.grid.bounds)
    if inside is None:
        return np.empty((raster.bands, 0, 0), np.float32), (0, 0)
    return raster.read(inside), (inside.row, inside.col)


def _align(raster: Raster, grid: Grid) -> _Alignment:
    source = raster.grid
    if source.crs is not None and grid.crs is not None:
        alignment = _Alignment(source.transform, source.crs, grid.transform, grid.crs)
    elif source.is_ungeoreferenced or grid.is_ungeoreferenced:
        alignment = _align_by_extent(raster, grid)
    elif source.crs is None and grid.crs is None:
        alignment = _Alignment(source.transform, _SHARED_CRS, grid.transform, _SHARED_CRS)
    else:
        text = (
            tr(
                "{} cannot be aligned: it has coordinates but names no coordinate system, while the image "
                "does. Assign the right one (Raster > Projections) and try again."
            )
            if source.crs is None
            else tr(
                "{} cannot be aligned: the image has coordinates but names no coordinate system. Assign the "
                "right one to the image (Raster > Projections) and try again."
            )
        )
        raise RasterError(text.format(raster.path))
    if source.crs is not None and source.crs.is_geographic:
        # Longitudes may run from 0 to 360 in one raster and from -180 to 180 in the other.
        turned = (
            replace(alignment, source=Affine.translation(turn, 0) @ source.transform)
            for turn in (360.0, -360.0)
        )
        candidates = (alignment, *turned)
        alignment = next((each for each in candidates if each.overlaps(raster, grid)), alignment)
    if not alignment.overlaps(raster, grid):
        raise RasterError(
            tr("{} does not overlap the image: check the coordinate systems of both.").format(
                raster.path
            )
        )
    return alignment


def _align_by_extent(raster: Raster, grid: Grid) -> _Alignment:
    source = raster.grid
    if source.gcps or grid.gcps:
        raise RasterError(
            tr(
                "{} cannot be aligned: ground control points alone do not place pixels exactly. Rectify "
                "that raster first (Raster > Projections > Warp)."
            ).format(raster.path)
        )
    across, down = grid.width / source.width, grid.height / source.height
    if abs(across - down) > 0.1 * max(across, down):
        raise RasterError(
            tr(
                "{} ({} x {} px) and the image ({} x {} px) differ in shape; without coordinates "
                "they must show the same extent."
            ).format(raster.path, source.width, source.height, grid.width, grid.height)
        )
    scale = Affine.scale(across, down)
    return _Alignment(scale, _SHARED_CRS, Affine.identity(), _SHARED_CRS)


def _convert(
    source: CRS, target: CRS, xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points in another coordinate system; infinite where they cannot be converted."""
    try:
        converted = transform(source, target, xs.tolist(), ys.tolist())[:2]
        return np.asarray(converted[0]), np.asarray(converted[1])
    except (RasterioError, CPLE_BaseError):
        if len(xs) == 1:
            return np.array([np.inf]), np.array([np.inf])
    points = [_convert(source, target, xs[i : i + 1], ys[i : i + 1]) for i in range(len(xs))]
    return np.concatenate([p[0] for p in points]), np.concatenate([p[1] for p in points])
