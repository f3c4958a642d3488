"""Outlines of the connected areas of a mask, read strip by strip; no area is cut at a strip's border.

An area is a set of 4-connected pixels of one class, and of one object where objects are distinguished. An area at the
lower border of a strip stays open: its parts are kept until a strip does not continue it, and are then joined once. So
memory holds one strip and the open outlines, and the number of strips that an area crosses does not matter.
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

from .mask_reader import NO_CLASS, MaskStrip

Shapes = NDArray[Any]


@dataclass(frozen=True)
class Outlines:
    """A table of areas with one array (N,) per column.

    Attributes:
        shapes: Polygons in pixel coordinates (column, row), with holes.
        values: Class values.
        pixels: Numbers of pixels.
        percent: Sums of the known confidences, percent.
        known: Numbers of pixels with a known confidence.
    """

    shapes: Shapes
    values: NDArray[np.int64]
    pixels: NDArray[np.int64]
    percent: NDArray[np.float64]
    known: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, rows: NDArray[Any]) -> Outlines:
        """The areas at some indices, or where a boolean array is true."""
        return Outlines(*(column[rows] for column in vars(self).values()))

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Mean confidence (N,) in percent; NaN where it is unknown."""
        mean = np.full(len(self), np.nan)
        np.divide(self.percent, self.known, out=mean, where=self.known > 0)
        return mean

    @staticmethod
    def merge(parts: Iterable[Outlines]) -> Outlines:
        """The concatenation of one or more tables."""
        columns = zip(*(vars(part).values() for part in parts))
        return Outlines(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True)
class _Open:
    """Areas that may continue in the next strip.

    Attributes:
        parts: Parts of areas.
        areas: The area of each part: 0, 1, 2, ...
        border: The area of each pixel of the last row (W,); -1: none.
        last: The class value or object of each pixel of the last row (W,), see ``MaskStrip.parts``.
    """

    parts: Outlines
    areas: NDArray[np.int64]
    border: NDArray[np.int64]
    last: NDArray[Any]


def outlines(strips: Iterable[MaskStrip]) -> Iterator[Outlines]:
    """The areas of all classes.

    Args:
        strips: The strips of a mask from top to bottom.

    Yields:
        After each strip the areas that end in it, and finally the areas at the lower border of the mask.
    """
    before: _Open | None = None
    for strip in strips:
        labels, areas = _trace(strip)
        ended, before = _continue(before, labels, areas, strip.parts)
        yield ended
    if before is not None:
        yield _join(before.parts, before.areas)


def _trace(strip: MaskStrip) -> tuple[NDArray[np.int32], Outlines]:
    """The areas of one strip: the label of each pixel (H, W), counted from 1, and the outlines."""
    labels, values = _label(strip.values, strip.parts)
    total = len(values)
    shapes = np.empty(total, object)
    transform = Affine.translation(0, strip.row)
    for shape, label in features.shapes(labels, labels > 0, connectivity=4, transform=transform):
        shell, *holes = shape["coordinates"]
        shapes[int(label) - 1] = shapely.Polygon(shell, holes)
    percent, known = _sum_confidence(strip, labels, total)
    pixels = np.bincount(labels.ravel(), minlength=total + 1)[1:]
    return labels, Outlines(shapes, values, pixels, percent, known)


def _label(
    values: NDArray[np.uint16], parts: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The label of each pixel's area (H, W), counted from 1, 0 for NOTHING, and each area's class value (N,).

    Runs of equal ``parts`` are connected with the runs above them: one pass for any number of class values.
    """
    begins = np.ones(values.shape, bool)
    begins[:, 1:] = parts[:, 1:] != parts[:, :-1]
    runs = np.cumsum(begins, dtype=np.int32).reshape(values.shape) - 1
    # Two runs share several pixels: the first is enough, where one of the two begins.
    shared = (parts[1:] == parts[:-1]) & (begins[1:] | begins[:-1])
    run_values = values[begins].astype(np.int64)
    count, area_of = _components(runs[:-1][shared], runs[1:][shared], len(run_values))
    area_values = np.empty(count, np.int64)
    area_values[area_of] = run_values
    is_area = area_values != NO_CLASS
    label_of = np.where(is_area, np.cumsum(is_area, dtype=np.int32), np.int32(0))
    return label_of[area_of][runs], area_values[is_area]


def _components(one: NDArray[Any], other: NDArray[Any], size: int) -> tuple[int, NDArray[Any]]:
    """The number of connected components of a graph with edges from ``one`` to ``other``, and each node's component."""
    graph = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(size, size))
    count, component_of = connected_components(graph, directed=False)
    return count, component_of


def _sum_confidence(
    strip: MaskStrip, labels: NDArray[np.int32], total: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Sum and number of the known confidences of each area (N,)."""
    if strip.confidence is None:
        return np.zeros(total), np.zeros(total, np.int64)
    known = np.isfinite(strip.confidence) & (labels > 0)
    percent = np.bincount(labels[known], strip.confidence[known], minlength=total + 1)
    return percent[1:], np.bincount(labels[known], minlength=total + 1)[1:]


def _continue(
    before: _Open | None, labels: NDArray[np.int32], found: Outlines, kinds: NDArray[Any]
) -> tuple[Outlines, _Open]:
    """Connects the areas of a strip with the open ones above; returns the ended areas and the open ones."""
    if before is None:
        no_border = np.full(labels.shape[1], -1)
        before = _Open(found[np.empty(0, int)], np.empty(0, int), no_border, kinds[0])
    count = int(before.areas.max(initial=-1)) + 1
    touching = (before.border >= 0) & (labels[0] > 0) & (before.last == kinds[0])
    new_areas = count + labels[0][touching] - 1
    total, area_of = _components(before.border[touching], new_areas, count + len(found))

    parts = Outlines.merge([before.parts, found])
    areas = area_of[np.concatenate([before.areas, count + np.arange(len(found))])]
    inside = labels[-1] > 0
    border = np.full(labels.shape[1], -1)
    border[inside] = area_of[count + labels[-1][inside] - 1]
    is_open = np.zeros(total, bool)
    is_open[border[inside]] = True
    number = np.cumsum(is_open) - 1
    border[inside] = number[border[inside]]
    stays = is_open[areas]
    ended = _join(parts[~stays], areas[~stays])
    return ended, _Open(parts[stays], number[areas[stays]], border, kinds[-1])


def _join(parts: Outlines, areas: NDArray[np.int64]) -> Outlines:
    """One outline per area, from all of its parts."""
    if not len(parts):
        return parts
    order = np.argsort(areas, kind="stable")
    parts = parts[order]
    _, starts, counts = np.unique(areas[order], return_index=True, return_counts=True)
    shapes = parts.shapes[starts]
    for index in np.flatnonzero(counts > 1):
        start = starts[index]
        shapes[index] = _join_shapes(parts.shapes[start : start + counts[index]])
    return Outlines(
        shapes=shapes,
        values=parts.values[starts],
        pixels=np.add.reduceat(parts.pixels, starts),
        percent=np.add.reduceat(parts.percent, starts),
        known=np.add.reduceat(parts.known, starts),
    )


def _join_shapes(parts: Shapes) -> shapely.Polygon:
    """The polygon of all parts of an area.

    A part's own holes are inside its strip and stay as they are; only shells are joined, which is fast for a large
    area with many holes.
    """
    union = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    shell, *holes = (_corners(ring) for ring in (union.exterior, *union.interiors))
    return shapely.Polygon(shell, [*holes, *(hole for part in parts for hole in part.interiors)])


def _corners(ring: shapely.LinearRing) -> NDArray[np.float64]:
    """A ring's corners (M, 2), without the points inside straight sides that strip borders leave."""
    points: NDArray[np.float64] = shapely.get_coordinates(ring)[:-1]
    into, out = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    turns: NDArray[np.bool_] = into[:, 0] * out[:, 1] != into[:, 1] * out[:, 0]
    return points[turns]
