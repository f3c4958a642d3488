"""Which pixels of an image polygons, lines and points cover."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from ..rasters.grid import Grid
from ..rasters.ground_resolution import GroundScale
from ..rasters.windows import Window

Shapes = NDArray[Any]
Indices = NDArray[np.int32]

#: Dimensions of shapes.
POINT, LINE, POLYGON = 0, 1, 2


@dataclass(frozen=True)
class MarkSize:
    """How large points and lines are, in metres on the ground; in pixels for an image without coordinates.

    Attributes:
        point_radius: Radius of the disc around a point; 0: only the pixel in which it lies.
        line_width: Width of a line; 0: only the pixels that it crosses.
    """

    point_radius: float = 0.0
    line_width: float = 0.0

    @property
    def reach(self) -> float:
        """Largest distance between a point or line and a place that it covers."""
        return max(self.point_radius, self.line_width / 2)


class CoveredPixels:
    """Finds the pixels that shapes cover.

    A polygon covers the pixels whose centre it contains, a line those that it crosses, a point the one in which it lies.
    With a size, points and lines also cover the pixels whose centre lies within it.

    Args:
        grid: The image's grid.
        size: The size of points and lines.
    """

    def __init__(self, grid: Grid, size: MarkSize) -> None:
        self._grid, self._size = grid, size

    def box(self, window: Window) -> shapely.Polygon:
        """The place, in the grid's coordinates, of all shapes that can cover a pixel of a window."""
        margin = self._margin(window) if self._size.reach else 0
        left, top = window.col - margin, window.row - margin
        right, bottom = window.col_stop + margin, window.row_stop + margin
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return shapely.Polygon([self._grid.transform @ corner for corner in corners])

    def last(self, shapes: Shapes, window: Window) -> Indices:
        """Index of the last shape that covers each pixel of a window (H, W); -1: no shape does.

        Args:
            shapes: Polygons, lines and points (N,) in the grid's coordinates.
            window: The window.
        """
        dimensions, order = shapely.get_dimensions(shapes), np.arange(len(shapes))
        areas, lines, points = (order[dimensions == kind] for kind in (POLYGON, LINE, POINT))
        places = shapes
        if len(lines) and self._size.line_width:
            places = shapes.copy()
            places[lines] = self._strips(shapes[lines])
            areas = order[dimensions != POINT]
        found = self._burn(places, areas, window)
        if len(lines):
            found = np.maximum(found, self._burn(shapes, lines, window, crossed=True))
        if len(points):
            found = np.maximum(found, self._pixels_of_points(shapes[points], points, window))
        return found

    def squares(self, shapes: Shapes, side: int) -> list[Window]:
        """The squares of a lattice over the grid that shapes may touch, row by row.

        Args:
            shapes: Polygons, lines and points (N,) in the grid's coordinates.
            side: Side of a square, px.
        """
        pixels = shapely.transform(shapes, partial(_moved, ~self._grid.transform))
        margin = self._margin(self._grid.bounds) if self._size.reach else 0
        height, width = self._grid.height, self._grid.width
        boxes = np.add(shapely.bounds(pixels), (-margin, -margin, margin, margin))
        inside = (boxes[:, :2] < (width, height)).all(axis=1) & (boxes[:, 2:] >= 0).all(axis=1)
        limits = (width - 1, height - 1, width - 1, height - 1)
        cells = (np.clip(boxes[inside], 0, limits) // side).astype(int)
        found: set[tuple[int, int]] = set()
        for left, top, right, bottom in np.unique(cells, axis=0).tolist():
            found |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        return [Window(row * side, col * side, side, side) for row, col in sorted(found)]

    @cached_property
    def _scale(self) -> GroundScale:
        return GroundScale(self._grid)

    def _margin(self, window: Window) -> int:
        """The reach of points and lines near a window, px."""
        rows, cols = (window.row, window.row_stop), (window.col, window.col_stop)
        corners = np.array([(col, row) for col in cols for row in rows], float)
        steps = np.linalg.svd(self._scale.per_pixel(corners), compute_uv=False)
        return int(np.ceil(1.1 * self._size.reach / steps.min())) + 1

    def _burn(
        self, shapes: Shapes, chosen: Indices, window: Window, crossed: bool = False
    ) -> Indices:
        """Index of the last one of the chosen shapes in each pixel of a window (H, W), -1 for none."""
        shape = window.height, window.width
        if not len(chosen):
            return np.full(shape, -1, np.int32)
        found: Indices = rasterize(
            [(shapes[index], int(index) + 1) for index in chosen],
            out_shape=shape,
            transform=self._grid.window_transform(window, *shape),
            all_touched=crossed,
            dtype=np.int32,
        )
        return found - 1

    def _pixels_of_points(self, shapes: Shapes, numbers: Indices, window: Window) -> Indices:
        """The number (N,) of the last one of some points in each pixel of a window (H, W), -1 for none."""
        places, owners = shapely.get_coordinates(shapes, return_index=True)
        pixels, numbers = _moved(~self._grid.transform, places), numbers[owners]
        local = pixels - (window.col, window.row)
        found = np.full((window.height, window.width), -1, np.int32)
        if self._size.point_radius:
            for place, matrix, number in zip(local, self._scale.per_pixel(pixels), numbers):
                _draw_disc(found, place, matrix, self._size.point_radius, int(number))
        cols, rows = np.floor(local).T
        inside = (rows >= 0) & (rows < window.height) & (cols >= 0) & (cols < window.width)
        at = rows[inside].astype(int), cols[inside].astype(int)
        # Of several points in one pixel NumPy keeps the last; a disc may be of a later point.
        own = np.full_like(found, -1)
        own[at] = numbers[inside]
        return np.maximum(found, own)

    def _strips(self, lines: Shapes) -> Shapes:
        """The polygons (N,) of all places within half of the width of lines (N,) on the ground."""
        to_crs = self._grid.transform
        pixels = shapely.transform(lines, partial(_moved, ~to_crs))
        centres = shapely.get_coordinates(shapely.centroid(pixels))
        per_pixel = self._scale.per_pixel(centres)
        wide = shapely.buffer(_scaled(pixels, per_pixel), self._size.line_width / 2)
        covered = _scaled(wide, np.linalg.inv(per_pixel))
        return np.asarray(shapely.transform(covered, partial(_moved, to_crs)))


def _draw_disc(
    found: Indices, place: NDArray[Any], per_pixel: NDArray[Any], radius: float, number: int
) -> None:
    """Writes a number into the pixels whose centre is within a radius on the ground of a place.

    Args:
        found: Numbers (H, W), changed in place.
        place: Column and row in ``found``.
        per_pixel: Metres of a step (columns, rows), (2, 2).
        radius: The radius, m.
        number: The number.
    """
    # The half sides of the box around the ellipse that is a disc on the ground.
    half_sides = radius * np.linalg.norm(np.linalg.inv(per_pixel), axis=1)
    (left, top), (right, bottom) = (
        np.clip(edge, 0, found.shape[::-1]).astype(int)
        for edge in (np.floor(place - half_sides), np.ceil(place + half_sides))
    )
    x, y = np.arange(left, right) + 0.5 - place[0], np.arange(top, bottom)[:, None] + 0.5 - place[1]
    (a, b), (c, d) = per_pixel
    near = (a * x + b * y) ** 2 + (c * x + d * y) ** 2 <= radius**2
    found[top:bottom, left:right][near] = number


def _scaled(shapes: Shapes, matrices: NDArray[Any]) -> Shapes:
    """Shapes (N,), each multiplied with a matrix of its own (N, 2, 2)."""
    owners = shapely.get_coordinates(shapes, return_index=True)[1]
    return np.asarray(
        shapely.transform(shapes, lambda at: np.einsum("mij,mj->mi", matrices[owners], at))
    )


def _moved(transform: Any, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places (N, 2) after an affine transform."""
    return np.column_stack(transform @ (places[:, 0], places[:, 1]))
