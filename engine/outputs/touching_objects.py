"""Splits touching objects of a class at their necks, so that a row of houses becomes houses: a watershed.

The mask is a relief: the height of a pixel is its distance from the edge of its class, so each object is a hill. The
steepest ascent leads every pixel to a hilltop. Hills that no narrow neck separates are merged into one object, so a
bump of the outline makes no object of its own (Chazal et al. 2013, ToMATo). With a confidence raster the height is the
mean distance from the edges at some confidences: models are less sure between houses than inside them.

Strips are read twice, first for the hills and what merges them, then for the objects. Memory holds one strip and the
list of hills. A border class in training was tried instead and not kept (docs/benchmarks.md, touching buildings).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt  # type: ignore[import-untyped]
from scipy.ndimage import find_objects as boxes_of

from ..rasters.raster import Pixels
from .mask_reader import NO_CLASS, MaskStrip

#: Largest height, px; a strip is seen with that many rows above and below it.
HALO = 128

#: Most rows of a strip, and pixels of a strip of a wide raster: each takes some 60 bytes, halo included.
_STRIP_ROWS, _STRIP_PIXELS = 512, 2**21

#: Least depth of a neck below the lower hilltop, px: the stairs of pixels are not necks.
_MIN_DEPTH = 1.0

#: Confidences, percent, at whose edges the distance is measured.
_CONFIDENCES = (60, 70, 80, 90)

#: Weight of the distance from the class's own edge beside those: it decides where they are all 0.
_OWN_EDGE = 1e-3

Values = NDArray[np.uint16]
Heights = NDArray[np.float32]
Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class _Hills:
    """The hills of one strip.

    Attributes:
        strip: The strip.
        numbers: The hill of each pixel (H, W), counted from 1 over all strips; 0 without a class.
        relief: Heights (H, W), px.
        tops: Heights of the hilltops (N,), px.
    """

    strip: MaskStrip
    numbers: Numbers
    relief: Heights
    tops: Heights


def strip_rows(width: int) -> int:
    """The rows of a strip of a mask of ``width`` px."""
    return max(HALO, min(_STRIP_ROWS, _STRIP_PIXELS // width))


def find_objects(strips: Iterable[MaskStrip], neck: float) -> Numbers:
    """The object of each hill (hills + 1,), counted from 1; 0 for the number 0, no hill.

    Args:
        strips: The strips of a mask from top to bottom, of ``HALO`` rows or more but for the last.
        neck: Two objects are separate if their neck is narrower than this share of the narrower one's width.
    """
    tops = [np.zeros(1, np.float32)]
    saddles: list[tuple[Numbers, Heights]] = []
    above: _Hills | None = None
    for hills in _hills(strips):
        tops.append(hills.tops)
        saddles += [
            _saddles(hills, np.s_[:, :-1], np.s_[:, 1:]),
            _saddles(hills, np.s_[:-1], np.s_[1:]),
        ]
        if above is not None:
            saddles.append(_saddles(_border(above, hills), np.s_[:1], np.s_[1:]))
        above = _last_row(hills)
    return _merge(np.concatenate(tops), saddles, neck)


def label_objects(strips: Iterable[MaskStrip], object_of: Numbers) -> Iterator[MaskStrip]:
    """The same strips with the object of each pixel.

    Args:
        strips: The strips from which ``find_objects`` made ``object_of``.
        object_of: The object of each hill.
    """
    for hills in _hills(strips):
        yield replace(hills.strip, objects=object_of[hills.numbers])


def _hills(strips: Iterable[MaskStrip]) -> Iterator[_Hills]:
    """The hills of each strip."""
    count = 0
    for strip, values, confidence, rows in _with_halo(strips):
        relief = _relief(values, confidence)[rows]
        summit = _climb(strip.values, relief)
        is_inside = (strip.values != NO_CLASS).ravel()
        is_top = is_inside & (summit == np.arange(summit.size))
        numbers = np.where(is_top, np.cumsum(is_top, dtype=np.int32) + np.int32(count), 0)[summit]
        tops = relief.ravel()[is_top]
        count += len(tops)
        yield _Hills(strip, numbers.reshape(relief.shape), relief, tops)


def _with_halo(
    strips: Iterable[MaskStrip],
) -> Iterator[tuple[MaskStrip, Values, Pixels | None, slice]]:
    """Each strip, values and confidences of it and of up to ``HALO`` rows above and below, and its rows in these."""
    end: list[MaskStrip | None] = [None]
    before: MaskStrip | None = None
    strip: MaskStrip | None = None
    for after in chain(strips, end):
        if strip is not None:
            halo = (before, slice(-HALO, None)), (strip, slice(None)), (after, slice(HALO))
            pieces = [(piece, rows) for piece, rows in halo if piece is not None]
            values = np.concatenate([piece.values[rows] for piece, rows in pieces])
            known = [p.confidence[rows] for p, rows in pieces if p.confidence is not None]
            first = 0 if before is None else min(HALO, len(before.values))
            place = slice(first, first + len(strip.values))
            yield strip, values, np.concatenate(known) if known else None, place
        before, strip = strip, after


def _relief(values: Values, confidence: Pixels | None) -> Heights:
    """The height of each pixel (H, W), px; 0 without a class."""
    relief = np.zeros(values.shape, np.float32)
    # Where the confidence is unknown, nothing speaks against the class.
    sure = None if confidence is None else np.nan_to_num(confidence, nan=100)
    numbers = np.where(values == NO_CLASS, 0, values.astype(np.int32) + 1)
    for value, box in enumerate(boxes_of(numbers)):
        if box is None:
            continue
        # With its neighbours: beyond the box no pixel is of the class.
        place = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)
        inside = values[place] == value
        height = _height(inside, None if sure is None else sure[place])
        relief[place][inside] = height[inside]
    return relief


def _height(inside: NDArray[np.bool_], sure: Pixels | None) -> Heights:
    """The height (H, W) of the pixels of one class, px, with their confidences if these are known."""
    height = _distance(inside)
    if sure is None:
        return height
    levels = [_distance(inside & (sure >= percent)) for percent in _CONFIDENCES]
    return np.asarray(np.mean(levels, axis=0) + _OWN_EDGE * height, np.float32)


def _distance(inside: NDArray[np.bool_]) -> Heights:
    """Distance of each pixel from the nearest one outside (H, W), px, up to ``HALO``."""
    if inside.all():
        return np.full(inside.shape, HALO, np.float32)
    return np.asarray(np.minimum(distance_transform_edt(inside), HALO), np.float32)


def _climb(values: Values, relief: Heights) -> Numbers:
    """The flat index of the hilltop to which the steepest ascent within its class leads each pixel (H * W,)."""
    height, width = relief.shape
    index = np.arange(relief.size, dtype=np.int32).reshape(relief.shape)
    classes = np.pad(values, 1, constant_values=NO_CLASS)
    heights = np.pad(relief, 1)
    best, target = np.full(relief.shape, -1, np.float32), index
    # In ascending order of the index: of equal heights the last wins, so that no ascent is a circle.
    for down, right in ((-1, 0), (0, -1), (0, 0), (0, 1), (1, 0)):
        place = np.s_[1 + down : 1 + down + height, 1 + right : 1 + right + width]
        is_higher = (heights[place] >= best) & (classes[place] == values)
        best = np.where(is_higher, heights[place], best)
        target = np.where(is_higher, index + down * width + right, target)
    summit: Numbers = np.where(values == NO_CLASS, index, target).ravel()
    while True:
        further = summit[summit]
        if np.array_equal(further, summit):
            return summit
        summit = further


def _saddles(hills: _Hills, one: Any, other: Any) -> tuple[Numbers, Heights]:
    """Pairs of hills (2, N) of one class with neighbouring pixels in the slices, and the height of their saddle (N,)."""
    values = hills.strip.values
    numbers = hills.numbers
    relief = hills.relief
    touch = (values[one] == values[other]) & (numbers[one] != numbers[other])
    pairs = np.stack([numbers[one][touch], numbers[other][touch]])
    heights = np.minimum(relief[one][touch], relief[other][touch])
    return _highest(np.sort(pairs, axis=0), heights)


def _highest(pairs: Numbers, heights: Heights) -> tuple[Numbers, Heights]:
    """The distinct pairs and the largest height of each, the largest first."""
    order = np.argsort(-heights, kind="stable")
    pairs, heights = pairs[:, order], heights[order]
    keys = pairs[0].astype(np.int64) * (int(pairs.max(initial=0)) + 1) + pairs[1]
    first = np.sort(np.unique(keys, return_index=True)[1])
    return pairs[:, first], heights[first]


def _last_row(hills: _Hills) -> _Hills:
    """The last row of a strip, without the hilltops."""
    strip = MaskStrip(hills.strip.row, hills.strip.values[-1:].copy())
    return _Hills(strip, hills.numbers[-1:].copy(), hills.relief[-1:].copy(), hills.tops[:0])


def _border(above: _Hills, below: _Hills) -> _Hills:
    """The last row of a strip over the first row of the next."""
    values = np.concatenate([above.strip.values, below.strip.values[:1]])
    numbers = np.concatenate([above.numbers, below.numbers[:1]])
    relief = np.concatenate([above.relief, below.relief[:1]])
    return _Hills(MaskStrip(above.strip.row, values), numbers, relief, above.tops)


def _merge(tops: Heights, saddles: list[tuple[Numbers, Heights]], neck: float) -> Numbers:
    """The object of each hill: from the highest saddle down, two hills are joined unless the saddle is a neck."""
    pairs, heights = _highest(
        np.concatenate([np.zeros((2, 0), np.int32), *(pair for pair, _ in saddles)], axis=1),
        np.concatenate([np.zeros(0, np.float32), *(height for _, height in saddles)]),
    )
    parent, top = list(range(len(tops))), tops.tolist()

    def find(hill: int) -> int:
        while parent[hill] != hill:
            parent[hill] = hill = parent[parent[hill]]
        return hill

    for one, other, saddle in zip(*pairs.tolist(), heights.tolist(), strict=True):
        higher, lower = find(one), find(other)
        if top[higher] < top[lower]:
            higher, lower = lower, higher
        depth = top[lower] - saddle
        if depth < _MIN_DEPTH or saddle >= neck * top[lower]:
            parent[lower] = higher
    roots = np.array([find(hill) for hill in range(len(tops))])
    return np.unique(roots, return_inverse=True)[1].astype(np.int32)
