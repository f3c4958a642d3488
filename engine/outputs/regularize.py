"""Right-angled outlines of buildings, from outlines that follow pixels.

The outline is cut into walls where it turns; the walls' main direction, modulo 90 degrees, is the one
that fits them best, and each wall becomes a straight line in one of the two directions, through the
middle of the pixel edges that belong to it. Neighbouring lines meet in right angles.
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

#: Walls turn where the outline leaves them by more than this, px; the stairs of a slanting wall do not.
STAIRS = 1.25

#: How far an outline's sides keep to two directions: 1 for a rectangle, 0 for a circle.
_MIN_ALIGNMENT = 0.5

#: What the new outline shares with the old one at least (intersection over union). Houses of 3 x 5 px
#: at all angles share 0.75 to 0.8 with their pixels when right-angled, and are nearer to the truth then.
_MIN_IOU = 0.7

#: How far the new outline may be from the old one, in tolerances: where blocks of several directions
#: have grown together, no one direction fits.
_MAX_DISTANCE = 4.0

#: An outline that is thinner on average, px, has too few pixels to show its walls.
_THIN = 3.0

#: An outline with more walls than this is no building.
_MAX_WALLS = 400


@dataclass(frozen=True)
class _Wall:
    """A line along one of the two directions: across 0 it runs along u, at v; across 1 along v, at u."""

    across: int
    offset: float
    weight: float

    def beside(self, other: _Wall) -> _Wall:
        """The line that stands for both."""
        weight = self.weight + other.weight
        offset = (self.weight * self.offset + other.weight * other.offset) / weight
        return _Wall(self.across, offset, weight)


@dataclass(frozen=True)
class _Ring:
    """A ring cut into walls.

    Attributes:
        corners: Where walls begin (E, 2).
        samples: Points along the ring, evenly spaced (M, 2).
        wall_of: The wall of each sample (M,).
    """

    corners: Points
    samples: Points
    wall_of: NDArray[np.int64]

    @property
    def vectors(self) -> NDArray[np.complex128]:
        """The walls as complex numbers: their lengths and directions."""
        steps = np.roll(self.corners, -1, axis=0) - self.corners
        return steps[:, 0] + 1j * steps[:, 1]


def regularize(
    outline: shapely.Polygon, pixel: float, tolerance: float = 0.0
) -> shapely.Polygon | None:
    """The outline with right angles only.

    An outline with few pixels whose walls cannot be told becomes the smallest rectangle around it.

    Args:
        outline: A polygon that follows pixel edges, with holes.
        pixel: Side of a pixel in the outline's unit.
        tolerance: Walls and recesses shorter than this may vanish; at least 1.25 pixels, and less than
            asked for where too much would change.

    Returns:
        A valid polygon; None where right angles would not be like the outline.
    """
    minimum = STAIRS * pixel
    tolerance = max(min(tolerance, math.sqrt(outline.area)), minimum)
    made = _of_walls(outline, pixel, tolerance)
    while made is None and tolerance > minimum:
        tolerance = max(tolerance / 2, minimum)
        made = _of_walls(outline, pixel, tolerance)
    return _box(outline, pixel) if made is None else made


def _of_walls(outline: shapely.Polygon, pixel: float, tolerance: float) -> shapely.Polygon | None:
    """The outline of straight walls; None where it would not be like the outline."""
    rings = [_cut(ring, pixel, tolerance) for ring in (outline.exterior, *outline.interiors)]
    if len(rings[0].corners) > _MAX_WALLS or _alignment(rings[0]) < _MIN_ALIGNMENT:
        return None
    angle = _direction(rings[0], pixel)
    shell, *holes = (_straightened(ring, angle, tolerance) for ring in rings)
    if shell is None:
        return None
    made = shapely.Polygon(shell, [hole for hole in holes if hole is not None])
    is_near = made.hausdorff_distance(outline) <= _MAX_DISTANCE * tolerance
    return made if is_near and _is_like(made, outline) else None


def _box(outline: shapely.Polygon, pixel: float) -> shapely.Polygon | None:
    """The smallest rectangle around a small or thin outline; None where it is not like it."""
    if outline.interiors or 2 * outline.area / outline.length >= _THIN * pixel:
        return None
    box = shapely.oriented_envelope(outline)
    return box if _is_like(box, outline) else None


def _is_like(made: shapely.Polygon, outline: shapely.Polygon) -> bool:
    pair = np.array([made, outline], object)
    return bool(is_similar(pair[:1], pair[1:], _MIN_IOU)[0])


def _cut(ring: shapely.LinearRing, pixel: float, tolerance: float) -> _Ring:
    corners = shapely.get_coordinates(shapely.simplify(ring, tolerance))[:-1]
    points = shapely.get_coordinates(ring)[:-1]
    # The corners are some of the points, in the same order: begin with one of them.
    first = int(np.flatnonzero((points == corners[0]).all(axis=1))[0])
    points = np.roll(points, -first, axis=0)
    closed = np.vstack([points, points[:1]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    starts, at = [], 0
    for corner in corners:
        while not (points[at] == corner).all():
            at += 1
        starts.append(along[at])
    count = math.ceil(2 * along[-1] / pixel)
    where = (np.arange(count) + 0.5) * along[-1] / count
    samples = np.column_stack([np.interp(where, along, closed[:, axis]) for axis in (0, 1)])
    return _Ring(corners, samples, np.searchsorted(starts, where, side="right") - 1)


def _alignment(ring: _Ring) -> float:
    lengths = np.abs(ring.vectors)
    turned = (ring.vectors / lengths) ** 4
    return float(abs((lengths * turned).sum()) / lengths.sum())


def _direction(ring: _Ring, pixel: float) -> float:
    """The main direction, in radians, modulo 90 degrees.

    First that of the walls, long ones counting most; then the one whose lines lie nearest to the
    samples of all long walls together (least squares), those of the other direction turned by 90 degrees.
    """
    vectors = ring.vectors
    lengths = np.abs(vectors)
    first = cmath.phase(complex((lengths**2 * (vectors / lengths) ** 4).sum())) / 4
    quarter = np.rint((np.angle(vectors) - first) / (np.pi / 2))
    off = np.abs(np.angle(vectors) - first - quarter * np.pi / 2)
    scatter = np.zeros((2, 2))
    for wall in np.flatnonzero((off < np.pi / 8) & (lengths > 3 * pixel)):
        own = ring.samples[ring.wall_of == wall]
        own = own - own.mean(axis=0)
        turned = own if quarter[wall] % 2 == 0 else np.column_stack([own[:, 1], -own[:, 0]])
        scatter += turned.T @ turned
    if not scatter.any():
        return first
    u, v = np.linalg.eigh(scatter)[1][:, 1]
    return math.atan2(v, u)


def _straightened(ring: _Ring, angle: float, tolerance: float) -> Points | None:
    """The corners of the ring of straight walls; None where that is no ring."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    walls = _merged(_walls(ring, angle, turn), ring.corners @ turn, tolerance)
    while len(walls) > 4:
        lengths = [
            abs(walls[i - 1].offset - walls[(i + 1) % len(walls)].offset) for i in range(len(walls))
        ]
        shortest = int(np.argmin(lengths))
        if lengths[shortest] >= tolerance:
            break
        walls = walls[shortest:] + walls[:shortest]
        walls = [walls[-1].beside(walls[1]), *walls[2:-1]]
    if len(walls) < 4:
        return None
    met = zip(walls, [walls[-1], *walls[:-1]])
    corners = [(b.offset, a.offset) if a.across == 0 else (a.offset, b.offset) for a, b in met]
    ring_of_walls: Points = np.asarray(corners) @ turn.T
    return ring_of_walls


def _walls(ring: _Ring, angle: float, turn: Points) -> list[_Wall]:
    """Each wall as a line through the middle of its samples."""
    samples = ring.samples @ turn
    across = np.rint((np.angle(ring.vectors) - angle) / (np.pi / 2)).astype(int) % 2
    weight = np.bincount(ring.wall_of, minlength=len(across)).clip(min=1)
    middle = [np.bincount(ring.wall_of, samples[:, axis], len(across)) / weight for axis in (0, 1)]
    return [_Wall(int(a), float(middle[1 - a][i]), float(weight[i])) for i, a in enumerate(across)]


def _merged(walls: list[_Wall], corners: Points, tolerance: float) -> list[_Wall]:
    """Walls that alternate between the two directions.

    Two in a row that run the same way become one, or are linked by a third across where they lie apart.
    """
    turns = [i for i, wall in enumerate(walls) if wall.across != walls[i - 1].across]
    if not turns:
        return []
    start = turns[0]
    made = [walls[start]]
    for index in [*range(start + 1, len(walls)), *range(start)]:
        wall, last = walls[index], made[-1]
        if wall.across != last.across:
            made.append(wall)
        elif abs(wall.offset - last.offset) <= tolerance:
            made[-1] = last.beside(wall)
        else:
            link = _Wall(1 - wall.across, float(corners[index][wall.across]), 1.0)
            made += [link, wall]
    return made
