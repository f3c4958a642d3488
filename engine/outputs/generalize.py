"""From outlines along pixel edges to the polygons of a map: holes, smallest area, simpler sides.

In this order: holes are filled, what is too small is left out (both measured on the pixel outline), and
what remains is made right-angled or simpler, as far as it stays like its pixels: its area is theirs up
to a fifth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..rasters.ground_resolution import GroundScale, Matrices, Points
from .polygonize import Outlines, Shapes
from .regularize import STAIRS, regularize
from .simplify import simplify_outlines

#: Areas are compared up to rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class PolygonOptions:
    """How polygons shall be.

    Attributes:
        minimum_area: Smaller ones are left out, m2.
        fill_holes: Holes up to this area are filled, m2.
        simplify: How far an outline may move to have fewer corners, m.
        right_angles: Whether to make outlines right-angled where they nearly are.
    """

    minimum_area: float = 0.0
    fill_holes: float = 0.0
    simplify: float = 0.0
    right_angles: bool = False


def generalize(
    outlines: Outlines, options: PolygonOptions, metres: GroundScale
) -> tuple[Outlines, NDArray[np.float64]]:
    """The outlines as wished.

    Args:
        outlines: Areas along pixel edges.
        options: What to change.
        metres: What a pixel measures.

    Returns:
        Those that remain, valid polygons in pixel coordinates, and their areas in m2: of the polygons
        as they are now, not of their pixels.
    """
    shapes = outlines.shapes.copy()
    per_pixel, pixel_area = _measures(shapes, metres)
    if options.fill_holes > 0:
        for index in np.flatnonzero(shapely.get_num_interior_rings(shapes)):
            limit = options.fill_holes / pixel_area[index]
            shapes[index] = _without_holes(shapes[index], limit * (1 + _ROUNDING))
    areas = shapely.area(shapes) * pixel_area
    kept = areas >= options.minimum_area * (1 - _ROUNDING)
    outlines, shapes, per_pixel = outlines[kept], shapes[kept], per_pixel[kept]
    if not (options.right_angles or options.simplify > 0) or not len(shapes):
        return Outlines(shapes, *list(vars(outlines).values())[1:]), areas[kept]
    shapes = _simpler(shapes, per_pixel, options)
    areas = shapely.area(shapes) * _measures(shapes, metres)[1]
    return Outlines(shapes, *list(vars(outlines).values())[1:]), areas


def _measures(shapes: Shapes, metres: GroundScale) -> tuple[Matrices, NDArray[np.float64]]:
    """From pixels to metres around each shape's middle, and the area of a pixel there."""
    per_pixel = metres.per_pixel(shapely.get_coordinates(shapely.centroid(shapes)))
    return per_pixel, np.abs(np.linalg.det(per_pixel))


def _without_holes(polygon: shapely.Polygon, limit: float) -> shapely.Polygon:
    """The polygon without holes up to an area, in pixels."""
    holes = [hole for hole in polygon.interiors if shapely.Polygon(hole).area > limit]
    return shapely.Polygon(polygon.exterior, holes)


def _simpler(shapes: Shapes, per_pixel: Matrices, options: PolygonOptions) -> Shapes:
    """Right-angled, else simpler outlines; measured in metres, given back in pixels."""
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    nowhere = np.zeros_like(middles)
    plane = _moved(shapes, per_pixel, middles, nowhere)
    # Longer sides of pixels: their stairs go where right angles are wished for.
    sides = np.linalg.svd(per_pixel, compute_uv=False)[:, 0]
    minimum = STAIRS * sides if options.right_angles else np.zeros(len(shapes))
    made, changed = simplify_outlines(plane, np.maximum(options.simplify, minimum))
    if options.right_angles:
        for index, outline in enumerate(plane):
            square = regularize(outline, float(sides[index]), options.simplify)
            if square is not None:
                made[index], changed[index] = square, True
    # An outline that stays keeps every pixel edge, to the last digit.
    back = _moved(made, np.linalg.inv(per_pixel), nowhere, middles)
    return np.where(changed & shapely.is_valid(back), back, shapes)


def _moved(shapes: Shapes, matrices: NDArray[Any], before: Points, after: Points) -> Shapes:
    """Each shape under its own matrix, from around one point to around another."""
    points, index = shapely.get_coordinates(shapes, return_index=True)
    steps = np.einsum("nij,nj->ni", matrices[index], points - before[index])
    moved: NDArray[Any] = shapely.set_coordinates(shapes.copy(), steps + after[index])
    return moved
