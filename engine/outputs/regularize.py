"""Makes outlines of buildings right-angled.

The pixel outline is split into walls at its corners. The building's main direction, modulo 90 degrees, is the one
that fits the walls best. Each wall becomes a straight line in this direction or across it, through the mean of its
pixel edges; neighbouring lines meet in right angles.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .simplify import is_similar

Points = NDArray[np.float64]

#: Tolerance of corner detection, px: the pixel stairs of a slanting wall have no corners above it.
STAIRS = 1.25

#: Minimum alignment of an outline's sides with two directions: 1 for a rectangle, 0 for a circle.
_MIN_ALIGNMENT = 0.5

#: Minimum intersection over union with the pixel outline. Right-angled houses of 3 x 5 px have 0.75 to 0.8, and are
#: closer to the truth than their pixels.
_MIN_IOU = 0.7

#: Maximum Hausdorff distance to the pixel outline, in tolerances: adjoining blocks of several directions exceed it.
_MAX_DISTANCE = 4.0

#: Mean width of an outline, px, below which its walls cannot be recognised.
_MIN_WIDTH = 3.0

#: Maximum number of walls of a building.
_MAX_WALLS = 400


@dataclass(frozen=True)
class _Wall:
    """A line in one of the two directions: along u at v = offset (across 0), or along v at u = offset (across 1)."""

    across: int
    offset: float
    weight: float

    def merge(self, other: _Wall) -> _Wall:
        """The weighted mean of two parallel lines."""
        weight = self.weight + other.weight
        offset = (self.weight * self.offset + other.weight * other.offset) / weight
        return _Wall(self.across, offset, weight)


@dataclass(frozen=True)
class _Ring:
    """A ring split into walls.

    Attributes:
        corners: First point of each wall (E, 2).
        samples: Evenly spaced points along the ring (M, 2).
        wall_of: Index of each sample's wall (M,).
    """

    corners: Points
    samples: Points
    wall_of: NDArray[np.int64]

    @property
    def vectors(self) -> NDArray[np.complex128]:
        """The walls as complex numbers (E,), with their lengths and directions."""
        steps = np.roll(self.corners, -1, axis=0) - self.corners
        return steps[:, 0] + 1j * steps[:, 1]


def regularize(
    outline: shapely.Polygon, pixel: float, tolerance: float = 0.0
) -> shapely.Polygon | None:
    """The right-angled polygon of a pixel outline.

    A small outline without recognisable walls becomes its smallest enclosing rectangle.

    Args:
        outline: A polygon along pixel edges, with holes.
        pixel: Side of a pixel in the outline's unit.
        tolerance: Walls and recesses shorter than this may vanish; at least 1.25 pixels. It is halved while the
            result differs too much from the outline.

    Returns:
        A valid polygon; None if no right-angled polygon is similar to the outline.
    """
    minimum = STAIRS * pixel
    tolerance = max(min(tolerance, math.sqrt(outline.area)), minimum)
    polygon = _build(outline, pixel, tolerance)
    while polygon is None and tolerance > minimum:
        tolerance = max(tolerance / 2, minimum)
        polygon = _build(outline, pixel, tolerance)
    return _rectangle(outline, pixel) if polygon is None else polygon


def _build(outline: shapely.Polygon, pixel: float, tolerance: float) -> shapely.Polygon | None:
    """The polygon of straight walls; None if it is not similar to the outline."""
    rings = [_split(ring, pixel, tolerance) for ring in (outline.exterior, *outline.interiors)]
    if len(rings[0].corners) > _MAX_WALLS or _alignment(rings[0]) < _MIN_ALIGNMENT:
        return None
    angle = _main_direction(rings[0], pixel)
    shell, *holes = (_straighten(ring, angle, tolerance) for ring in rings)
    if shell is None:
        return None
    polygon = shapely.Polygon(shell, [hole for hole in holes if hole is not None])
    is_near = polygon.hausdorff_distance(outline) <= _MAX_DISTANCE * tolerance
    return polygon if is_near and _is_similar(polygon, outline) else None


def _rectangle(outline: shapely.Polygon, pixel: float) -> shapely.Polygon | None:
    """The smallest rectangle around a small or thin outline; None if it is not similar."""
    if outline.interiors or 2 * outline.area / outline.length >= _MIN_WIDTH * pixel:
        return None
    rectangle = shapely.oriented_envelope(outline)
    return rectangle if _is_similar(rectangle, outline) else None


def _is_similar(polygon: shapely.Polygon, outline: shapely.Polygon) -> bool:
    pair = np.array([polygon, outline], object)
    return bool(is_similar(pair[:1], pair[1:], _MIN_IOU)[0])


def _split(ring: shapely.LinearRing, pixel: float, tolerance: float) -> _Ring:
    corners = shapely.get_coordinates(shapely.simplify(ring, tolerance))[:-1]
    points = shapely.get_coordinates(ring)[:-1]
    # The corners are a subset of the points in the same order: start at one of them.
    first = int(np.flatnonzero((points == corners[0]).all(axis=1))[0])
    points = np.roll(points, -first, axis=0)
    closed = np.vstack([points, points[:1]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    starts, index = [], 0
    for corner in corners:
        while not (points[index] == corner).all():
            index += 1
        starts.append(along[index])
    count = math.ceil(2 * along[-1] / pixel)
    distances = (np.arange(count) + 0.5) * along[-1] / count
    samples = np.column_stack([np.interp(distances, along, closed[:, axis]) for axis in (0, 1)])
    return _Ring(corners, samples, np.searchsorted(starts, distances, side="right") - 1)


def _alignment(ring: _Ring) -> float:
    lengths = np.abs(ring.vectors)
    turned = (ring.vectors / lengths) ** 4
    return float(abs((lengths * turned).sum()) / lengths.sum())


def _main_direction(ring: _Ring, pixel: float) -> float:
    """The main direction, in radians, modulo 90 degrees.

    The first estimate is the mean direction of the walls, weighted by the square of their lengths. The second fits
    lines to the samples of all long walls (least squares), with the walls across turned by 90 degrees.
    """
    vectors = ring.vectors
    lengths = np.abs(vectors)
    first = cmath.phase(complex((lengths**2 * (vectors / lengths) ** 4).sum())) / 4
    quarter = np.rint((np.angle(vectors) - first) / (np.pi / 2))
    off = np.abs(np.angle(vectors) - first - quarter * np.pi / 2)
    scatter = np.zeros((2, 2))
    for wall in np.flatnonzero((off < np.pi / 8) & (lengths > 3 * pixel)):
        samples = ring.samples[ring.wall_of == wall]
        samples = samples - samples.mean(axis=0)
        if quarter[wall] % 2:
            samples = np.column_stack([samples[:, 1], -samples[:, 0]])
        scatter += samples.T @ samples
    if not scatter.any():
        return first
    u, v = np.linalg.eigh(scatter)[1][:, 1]
    return math.atan2(v, u)


def _straighten(ring: _Ring, angle: float, tolerance: float) -> Points | None:
    """The corners (4 or more, 2) of the ring of straight walls; None if fewer than four walls remain."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    walls = _merge_parallel(_fit_walls(ring, angle, turn), ring.corners @ turn, tolerance)
    while len(walls) > 4:
        lengths = [
            abs(walls[i - 1].offset - walls[(i + 1) % len(walls)].offset) for i in range(len(walls))
        ]
        shortest = int(np.argmin(lengths))
        if lengths[shortest] >= tolerance:
            break
        walls = walls[shortest:] + walls[:shortest]
        walls = [walls[-1].merge(walls[1]), *walls[2:-1]]
    if len(walls) < 4:
        return None
    neighbours = zip(walls, [walls[-1], *walls[:-1]])
    corners = [
        (b.offset, a.offset) if a.across == 0 else (a.offset, b.offset) for a, b in neighbours
    ]
    turned: Points = np.asarray(corners) @ turn.T
    return turned


def _fit_walls(ring: _Ring, angle: float, turn: Points) -> list[_Wall]:
    """Each wall as a line through the mean of its samples."""
    samples = ring.samples @ turn
    across = np.rint((np.angle(ring.vectors) - angle) / (np.pi / 2)).astype(int) % 2
    weight = np.bincount(ring.wall_of, minlength=len(across)).clip(min=1)
    mean = [np.bincount(ring.wall_of, samples[:, axis], len(across)) / weight for axis in (0, 1)]
    return [_Wall(int(a), float(mean[1 - a][i]), float(weight[i])) for i, a in enumerate(across)]


def _merge_parallel(walls: list[_Wall], corners: Points, tolerance: float) -> list[_Wall]:
    """Walls that alternate between the two directions.

    Parallel neighbours are merged if they are close, else linked by a wall across.
    """
    turns = [i for i, wall in enumerate(walls) if wall.across != walls[i - 1].across]
    if not turns:
        return []
    start = turns[0]
    merged = [walls[start]]
    for index in [*range(start + 1, len(walls)), *range(start)]:
        wall, last = walls[index], merged[-1]
        if wall.across != last.across:
            merged.append(wall)
        elif abs(wall.offset - last.offset) <= tolerance:
            merged[-1] = last.merge(wall)
        else:
            link = _Wall(1 - wall.across, float(corners[index][wall.across]), 1.0)
            merged += [link, wall]
    return merged
