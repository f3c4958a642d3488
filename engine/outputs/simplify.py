"""Outlines with fewer corners, as far as they stay like the pixels they came from.

Simplifying knows distances only: of a wall thinner than the tolerance it leaves a triangle, half the
wall. So what it makes is held against the outline of the pixels, and taken only where both are alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]
Numbers = NDArray[np.float64]

#: How far a new outline's area may be from that of the pixels, as a share of it.
AREA = 0.2

#: What an outline with fewer corners shares with that of the pixels at least (intersection over union).
#: Below, it is another shape: half a wall has 0.5, the triangle of three steps 0.75.
MIN_IOU = 0.8

#: The same for triangles: fewer than six steps are no slanting wall.
_MIN_TRIANGLE_IOU = 0.85

#: How often the tolerance is halved where the outline would change too much.
_HALVINGS = 5


def is_similar(made: Shapes, outlines: Shapes, least: Numbers | float) -> NDArray[np.bool_]:
    """Whether new outlines may stand for those of the pixels.

    Args:
        made: New polygons (N,), valid or not.
        outlines: Valid polygons (N,) along the pixels.
        least: The intersection over union that is asked for, (N,) or one for all.

    Returns:
        For each (N,) whether it is valid, shares that much, and has the area up to a fifth.
    """
    area, known = shapely.area(made), shapely.area(outlines)
    alike: NDArray[np.bool_] = shapely.is_valid(made) & (np.abs(area - known) <= AREA * known)
    # Overlays cost more than all else here, and fail on invalid polygons.
    common = np.zeros(len(made))
    common[alike] = shapely.area(shapely.intersection(made[alike], outlines[alike]))
    alike &= common >= least * (area + known - common)
    return alike


def simplify_outlines(outlines: Shapes, tolerances: Numbers) -> tuple[Shapes, NDArray[np.bool_]]:
    """Outlines with as few corners as the tolerance allows, or a smaller one where that is too much.

    Args:
        outlines: Valid polygons (N,) along the pixels.
        tolerances: How far each outline may move (N,), in the polygons' unit.

    Returns:
        Valid polygons (N,), and which of them (N,) have changed; the others are the outlines themselves.
    """
    made, changed = outlines.copy(), np.zeros(len(outlines), bool)
    # More than an outline is wide makes nothing of it, and would only use the halvings up.
    tolerances = np.minimum(tolerances, np.sqrt(shapely.area(outlines)))
    waiting = np.arange(len(outlines))
    for _ in range(1 + _HALVINGS):
        simple = shapely.simplify(outlines[waiting], tolerances[waiting])
        for index in np.flatnonzero(shapely.get_num_interior_rings(simple)):
            simple[index] = _with_holes(simple[index], outlines[waiting[index]])
        alike = is_similar(simple, outlines[waiting], _least(simple))
        made[waiting[alike]], changed[waiting[alike]] = simple[alike], True
        waiting, tolerances = waiting[~alike], tolerances / 2
    return made, changed


def _least(made: Shapes) -> Numbers:
    """The intersection over union that each polygon needs."""
    is_triangle = shapely.get_num_coordinates(shapely.get_exterior_ring(made)) == 4
    return np.where(is_triangle, _MIN_TRIANGLE_IOU, MIN_IOU)


def _with_holes(simple: shapely.Polygon, outline: shapely.Polygon) -> shapely.Polygon:
    """The polygon with holes along the pixels where they are no longer like them.

    A hole of one pixel weighs too little in a large polygon to be noticed there.
    """
    rings = [shapely.get_rings(polygon)[1:] for polygon in (simple, outline)]
    if len(rings[0]) != len(rings[1]):
        return simple
    holes = [shapely.polygons(one) for one in rings]
    alike = is_similar(holes[0], holes[1], _least(holes[0]))
    made = shapely.Polygon(simple.exterior, np.where(alike, *rings).tolist())
    return made if made.is_valid else simple
