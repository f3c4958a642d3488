"""Outlines of the connected areas of a class, strip by strip, none cut at a strip's border.

An area is made of pixels of one class that share sides (4-connected). What touches the lower border of
a strip stays open: its parts wait until a strip comes that does not continue it, and are joined once.
So memory holds one strip and the outlines that are open, never the scene; and no area is joined twice,
however many strips it crosses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import features
from scipy.sparse import coo_matrix  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from .mask_reader import NOTHING, MaskStrip

Shapes = NDArray[Any]


@dataclass(frozen=True)
class Outlines:
    """Areas, each at the same position of every attribute.

    Attributes:
        shapes: Polygons (N,) in pixel coordinates (column, row), with their holes.
        values: The class of each.
        pixels: How many pixels of that class it has.
        percent: Sum of the confidence of those whose confidence is known.
        known: The number of these.
    """

    shapes: Shapes
    values: NDArray[np.int64]
    pixels: NDArray[np.int64]
    percent: NDArray[np.float64]
    known: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, chosen: NDArray[Any]) -> Outlines:
        """Those at some positions, or where a mask is true."""
        return Outlines(*(column[chosen] for column in vars(self).values()))

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Mean confidence in percent; NaN where it is unknown."""
        nothing = np.full(len(self), np.nan)
        np.divide(self.percent, self.known, out=nothing, where=self.known > 0)
        return nothing

    @staticmethod
    def merge(parts: Iterable[Outlines]) -> Outlines:
        """All areas of several, in order; at least one is needed."""
        columns = zip(*(vars(part).values() for part in parts))
        return Outlines(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True)
class _Open:
    """What continues in the next strip.

    Attributes:
        parts: Parts of areas.
        areas: The number of the area that each part belongs to, from 0 without a gap.
        border: The area of each pixel of the last row, -1 where there is none.
        values: The class of each pixel of the last row.
    """

    parts: Outlines
    areas: NDArray[np.int64]
    border: NDArray[np.int64]
    values: NDArray[np.uint16]


def outlines(strips: Iterable[MaskStrip]) -> Iterator[Outlines]:
    """The areas of all classes.

    Args:
        strips: A mask from top to bottom.

    Yields:
        After each strip the areas that end in it, and at last those that reach the lower border.
    """
    waiting: _Open | None = None
    for strip in strips:
        labels, found = _areas(strip)
        ended, waiting = _continued(waiting, labels, found, strip.values)
        yield ended
    if waiting is not None:
        yield _joined(waiting.parts, waiting.areas)


def _areas(strip: MaskStrip) -> tuple[NDArray[np.int32], Outlines]:
    """The areas within one strip: their numbers per pixel (H, W), from 1, and their outlines."""
    labels, column = _labelled(strip.values)
    total = len(column)
    shapes = np.empty(total, object)
    place = Affine.translation(0, strip.row)
    for shape, number in features.shapes(labels, labels > 0, connectivity=4, transform=place):
        shell, *holes = shape["coordinates"]
        shapes[int(number) - 1] = shapely.Polygon(shell, holes)
    percent, known = _confidence(strip, labels, total)
    pixels = np.bincount(labels.ravel(), minlength=total + 1)[1:]
    return labels, Outlines(shapes, column, pixels, percent, known)


def _labelled(values: NDArray[np.uint16]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The number of each pixel's area (H, W), from 1, 0 for nothing, and the value of each area.

    Runs of equal pixels are joined with those above them: one pass, however many values there are.
    """
    begins = np.ones(values.shape, bool)
    begins[:, 1:] = values[:, 1:] != values[:, :-1]
    runs = np.cumsum(begins, dtype=np.int32).reshape(values.shape) - 1
    # Of the pixels two runs share, the first is enough: one of them begins there.
    joined = (values[1:] == values[:-1]) & (begins[1:] | begins[:-1])
    pairs = (runs[:-1][joined], runs[1:][joined])
    value_of = values[begins].astype(np.int64)
    graph = coo_matrix((np.ones(len(pairs[0]), np.int8), pairs), shape=(len(value_of),) * 2)
    count, area_of = connected_components(graph, directed=False)
    column = np.empty(count, np.int64)
    column[area_of] = value_of
    is_area = column != NOTHING
    number = np.where(is_area, np.cumsum(is_area, dtype=np.int32), np.int32(0))
    return number[area_of][runs], column[is_area]


def _confidence(
    strip: MaskStrip, labels: NDArray[np.int32], total: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Sum and number of the known confidences of each area."""
    if strip.confidence is None:
        return np.zeros(total), np.zeros(total, np.int64)
    here = np.isfinite(strip.confidence) & (labels > 0)
    numbers = labels[here]
    percent = np.bincount(numbers, strip.confidence[here], minlength=total + 1)
    return percent[1:], np.bincount(numbers, minlength=total + 1)[1:]


def _continued(
    before: _Open | None,
    labels: NDArray[np.int32],
    found: Outlines,
    values: NDArray[np.uint16],
) -> tuple[Outlines, _Open]:
    """Puts a strip below what is open: the areas that have ended, and those open now."""
    if before is None:
        nothing = np.full(labels.shape[1], -1)
        before = _Open(found[np.empty(0, int)], np.empty(0, int), nothing, values[0])
    count = int(before.areas.max(initial=-1)) + 1
    touching = (before.border >= 0) & (labels[0] > 0) & (before.values == values[0])
    pairs = (before.border[touching], count + labels[0][touching] - 1)
    size = count + len(found)
    graph = coo_matrix((np.ones(len(pairs[0]), np.int8), pairs), shape=(size, size))
    total, area_of = connected_components(graph, directed=False)

    parts = Outlines.merge([before.parts, found])
    areas = area_of[np.concatenate([before.areas, count + np.arange(len(found))])]
    inside = labels[-1] > 0
    border = np.full(labels.shape[1], -1)
    border[inside] = area_of[count + labels[-1][inside] - 1]
    is_precision_auto = np.zeros(total, bool)
    is_precision_auto[border[inside]] = True
    number = np.cumsum(is_precision_auto) - 1
    border[inside] = number[border[inside]]
    stays = is_precision_auto[areas]
    ended = _joined(parts[~stays], areas[~stays])
    return ended, _Open(parts[stays], number[areas[stays]], border, values[-1])


def _joined(parts: Outlines, areas: NDArray[np.int64]) -> Outlines:
    """One outline an area, of all its parts."""
    if not len(parts):
        return parts
    order = np.argsort(areas, kind="stable")
    parts = parts[order]
    _, starts, counts = np.unique(areas[order], return_index=True, return_counts=True)
    shapes = parts.shapes[starts]
    for index in np.flatnonzero(counts > 1):
        start = starts[index]
        shapes[index] = _whole(parts.shapes[start : start + counts[index]])
    sums = (np.add.reduceat(v, starts) for v in (parts.pixels, parts.percent, parts.known))
    return Outlines(shapes, parts.values[starts], *sums)


def _whole(parts: Shapes) -> shapely.Polygon:
    """The polygon of all parts of an area.

    A part's own holes lie within its strip: they stay as they are, and only shells are joined, which
    makes a large area with many holes cheap.
    """
    shells = shapely.polygons(shapely.get_exterior_ring(parts))
    joined = shapely.union_all(shells)
    rings = [_corners(ring) for ring in (joined.exterior, *joined.interiors)]
    holes = [hole for part in parts for hole in part.interiors]
    return shapely.Polygon(rings[0], [*rings[1:], *holes])


def _corners(ring: shapely.LinearRing) -> NDArray[np.float64]:
    """A ring's points but those in the middle of a side, which strips' borders leave."""
    points: NDArray[np.float64] = shapely.get_coordinates(ring)[:-1]
    into, out = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    turns: NDArray[np.bool_] = into[:, 0] * out[:, 1] != into[:, 1] * out[:, 0]
    return points[turns]
