"""Turns outlines along pixel edges into map polygons.

The steps are: fill holes, remove small polygons (both measured on the pixel outline), then make the others
right-angled or simplify them. A polygon's area changes by at most a fifth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..rasters.ground_resolution import GroundScale, Matrices, Points
from .polygonize import Outlines, Shapes
from .regularize import STAIRS, regularize
from .simplify import simplify_outlines

#: Relative tolerance when areas are compared.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class PolygonOptions:
    """Options of polygons.

    Attributes:
        minimum_area: Smaller polygons are removed, m2.
        fill_holes: Holes up to this area are filled, m2.
        simplify: Maximum distance by which an outline moves when it is simplified, m.
        right_angles: Whether to make nearly right-angled outlines right-angled.
    """

    minimum_area: float = 0.0
    fill_holes: float = 0.0
    simplify: float = 0.0
    right_angles: bool = False


def generalize(
    outlines: Outlines, options: PolygonOptions, metres: GroundScale
) -> tuple[Outlines, NDArray[np.float64]]:
    """Applies the options to outlines.

    Args:
        outlines: Areas along pixel edges.
        options: The steps to apply.
        metres: Size of a pixel on the ground.

    Returns:
        The remaining outlines, valid polygons in pixel coordinates, and the areas of these polygons in m2.
    """
    shapes = outlines.shapes.copy()
    per_pixel, pixel_area = _pixel_sizes(shapes, metres)
    if options.fill_holes > 0:
        for index in np.flatnonzero(shapely.get_num_interior_rings(shapes)):
            limit = options.fill_holes / pixel_area[index]
            shapes[index] = _fill_holes(shapes[index], limit * (1 + _ROUNDING))
    areas = shapely.area(shapes) * pixel_area
    kept = areas >= options.minimum_area * (1 - _ROUNDING)
    outlines, shapes, areas = outlines[kept], shapes[kept], areas[kept]
    if (options.right_angles or options.simplify > 0) and len(shapes):
        shapes = _simplify(shapes, per_pixel[kept], options)
        areas = shapely.area(shapes) * _pixel_sizes(shapes, metres)[1]
    return replace(outlines, shapes=shapes), areas


def _pixel_sizes(shapes: Shapes, metres: GroundScale) -> tuple[Matrices, NDArray[np.float64]]:
    """Matrices (N, 2, 2) from pixels to metres at each shape's centroid, and the area of a pixel there (N,), m2."""
    per_pixel = metres.per_pixel(shapely.get_coordinates(shapely.centroid(shapes)))
    return per_pixel, np.abs(np.linalg.det(per_pixel))


def _fill_holes(polygon: shapely.Polygon, limit: float) -> shapely.Polygon:
    """The polygon without holes up to an area of ``limit`` px."""
    holes = [hole for hole in polygon.interiors if shapely.Polygon(hole).area > limit]
    return shapely.Polygon(polygon.exterior, holes)


def _simplify(shapes: Shapes, per_pixel: Matrices, options: PolygonOptions) -> Shapes:
    """Right-angled or simplified outlines; computed in metres, returned in pixels."""
    centroids = shapely.get_coordinates(shapely.centroid(shapes))
    origins = np.zeros_like(centroids)
    metric = _transform(shapes, per_pixel, centroids, origins)
    sides = np.linalg.svd(per_pixel, compute_uv=False)[:, 0]  # the longer side of a pixel, m
    minimum = STAIRS * sides if options.right_angles else np.zeros(len(shapes))
    simplified, changed = simplify_outlines(metric, np.maximum(options.simplify, minimum))
    if options.right_angles:
        for index, outline in enumerate(metric):
            polygon = regularize(outline, float(sides[index]), options.simplify)
            if polygon is not None:
                simplified[index], changed[index] = polygon, True
    # An unchanged outline keeps its pixel edges to the last digit.
    pixels = _transform(simplified, np.linalg.inv(per_pixel), origins, centroids)
    return np.where(changed & shapely.is_valid(pixels), pixels, shapes)


def _transform(shapes: Shapes, matrices: NDArray[Any], before: Points, after: Points) -> Shapes:
    """Applies to each shape its matrix (N, 2, 2) about the point ``before`` (N, 2), and moves that to ``after``."""
    points, index = shapely.get_coordinates(shapes, return_index=True)
    steps = np.einsum("nij,nj->ni", matrices[index], points - before[index])
    moved: NDArray[Any] = shapely.set_coordinates(shapes.copy(), steps + after[index])
    return moved
