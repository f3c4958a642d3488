"""Simplifies outlines as far as they stay similar to the pixels.

Simplification limits distances only: a wall thinner than the tolerance becomes a triangle of half its area. So each
simplified polygon is compared with its pixel outline, and discarded if the two differ too much.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]
Numbers = NDArray[np.float64]

#: Maximum relative change of a polygon's area.
_MAX_AREA_CHANGE = 0.2

#: Minimum intersection over union of a simplified polygon and its pixel outline. Half a wall has 0.5, the
#: triangle of three steps 0.75.
_MIN_IOU = 0.8

#: Minimum intersection over union of a triangle: fewer than six steps are not a slanting wall.
_MIN_TRIANGLE_IOU = 0.85

#: Maximum number of times that the tolerance of a polygon is halved.
_HALVINGS = 5


def is_similar(polygons: Shapes, outlines: Shapes, min_iou: Numbers | float) -> NDArray[np.bool_]:
    """Whether polygons are similar to their pixel outlines.

    Args:
        polygons: Polygons (N,), valid or not.
        outlines: Valid pixel outlines (N,).
        min_iou: Minimum intersection over union, (N,) or one for all.

    Returns:
        For each polygon (N,) whether it is valid, and both its area and the intersection over union are within
        the limits.
    """
    area, pixel_area = shapely.area(polygons), shapely.area(outlines)
    similar: NDArray[np.bool_] = shapely.is_valid(polygons)
    similar &= np.abs(area - pixel_area) <= _MAX_AREA_CHANGE * pixel_area
    # Intersections are the slowest step, and fail on invalid polygons.
    common = np.zeros(len(polygons))
    common[similar] = shapely.area(shapely.intersection(polygons[similar], outlines[similar]))
    similar &= common >= min_iou * (area + pixel_area - common)
    return similar


def simplify_outlines(outlines: Shapes, tolerances: Numbers) -> tuple[Shapes, NDArray[np.bool_]]:
    """Simplifies outlines by the Douglas-Peucker algorithm; halves the tolerance where the result is not similar.

    Args:
        outlines: Valid pixel outlines (N,).
        tolerances: Maximum distance by which each outline may move (N,), in the polygons' unit.

    Returns:
        Valid polygons (N,), and whether each has changed (N,); the others are the outlines themselves.
    """
    result, changed = outlines.copy(), np.zeros(len(outlines), bool)
    # A tolerance above the outline's width makes it vanish, and would only use up the halvings.
    tolerances = np.minimum(tolerances, np.sqrt(shapely.area(outlines)))
    pending = np.arange(len(outlines))
    for _ in range(1 + _HALVINGS):
        simple = shapely.simplify(outlines[pending], tolerances[pending])
        for index in np.flatnonzero(shapely.get_num_interior_rings(simple)):
            simple[index] = _restore_holes(simple[index], outlines[pending[index]])
        similar = is_similar(simple, outlines[pending], _min_iou(simple))
        result[pending[similar]], changed[pending[similar]] = simple[similar], True
        pending, tolerances = pending[~similar], tolerances / 2
    return result, changed


def _min_iou(polygons: Shapes) -> Numbers:
    """The minimum intersection over union of each polygon (N,)."""
    is_triangle = shapely.get_num_coordinates(shapely.get_exterior_ring(polygons)) == 4
    return np.where(is_triangle, _MIN_TRIANGLE_IOU, _MIN_IOU)


def _restore_holes(simple: shapely.Polygon, outline: shapely.Polygon) -> shapely.Polygon:
    """The polygon with the outline's holes in place of holes that are no longer similar.

    A hole of one pixel has too little weight in the intersection over union of a large polygon.
    """
    rings = [shapely.get_rings(polygon)[1:] for polygon in (simple, outline)]
    if len(rings[0]) != len(rings[1]):
        return simple
    holes = [shapely.polygons(each) for each in rings]
    similar = is_similar(holes[0], holes[1], _min_iou(holes[0]))
    restored = shapely.Polygon(simple.exterior, np.where(similar, *rings).tolist())
    return restored if restored.is_valid else simple
