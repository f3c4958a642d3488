"""Run-length encoding: a mask as text, as competitions exchange it in their tables.

Pixels are counted from 1, row by row (or column by column), and every run of the mask is a pair "start
length": in a picture 4 px wide, ``2 3 7 1`` is the last three pixels of the first row and the third of
the second. An empty mask is ``-1``.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import LabelError, format_count
from ..contract.translation import tr

#: First pixel of each run of a mask, and the pixel after its last, counted from 0.
Runs = tuple[NDArray[np.int64], NDArray[np.int64]]

#: Directions in which pixels may be counted, as numpy's memory orders.
ORDERS: dict[str, Literal["C", "F"]] = {"row": "C", "column": "F"}

#: The text of an empty mask; empty text is read as such, too.
EMPTY = "-1"

#: Longer numbers, which no picture needs, would overflow 64 bits.
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


def encode(mask: NDArray[np.bool_], order: str = "row") -> str:
    """The run lengths of a mask.

    Args:
        mask: Boolean mask (H, W).
        order: "row": pixels are counted along the rows from the top; "column": down the columns from the left.
    """
    pixels = mask.astype(bool, copy=False).ravel(order=ORDERS[order])
    # A run begins and ends where a pixel differs from the previous one; outside the mask all are False.
    edges = np.flatnonzero(np.diff(pixels, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    pairs = np.stack((starts + 1, stops - starts), axis=1)
    return " ".join(map(str, pairs.ravel().tolist())) or EMPTY


def decode(text: str, height: int, width: int, order: str = "row") -> NDArray[np.bool_]:
    """The mask (height, width) of run lengths.

    Args:
        text: Pairs "start length" in ascending order; -1 or empty text: an empty mask.
        height: Rows of the mask.
        width: Columns of the mask.
        order: As for ``encode``.

    Raises:
        LabelError: If the text holds no valid run lengths of a picture of that size.
    """
    direction = ORDERS[order]
    pixels = pixels_between(parse_runs(text, (height, width)), 0, height * width)
    return pixels.reshape(height, width, order=direction)


def pixels_between(runs: Runs, begin: int, end: int) -> NDArray[np.bool_]:
    """Whether each pixel from ``begin`` up to ``end`` is in the mask (end - begin,), in counting order."""
    starts, stops = runs
    first, last = np.searchsorted(stops, begin, side="right"), np.searchsorted(starts, end)
    # +1 where a run begins, -1 behind its end: the running sum is 1 within runs and 0 between them.
    steps = np.zeros(end - begin + 1, np.int8)
    np.add.at(steps, np.maximum(starts[first:last] - begin, 0), 1)
    np.subtract.at(steps, np.minimum(stops[first:last], end) - begin, 1)
    return np.cumsum(steps[:-1], dtype=np.int8).astype(bool)


def parse_runs(text: str, size: tuple[int, int] | None = None) -> Runs:
    """The runs of a mask.

    Args:
        text: As for ``decode``.
        size: Rows and columns of the picture; None: any size.

    Raises:
        LabelError: If the text holds no valid run lengths of a picture of that size.
    """
    words = text.split()
    if words == [EMPTY]:
        words = []
    malformed = next((word for word in words if not _NUMBER.fullmatch(word)), None)
    if malformed is not None:
        raise LabelError(
            tr(
                "The run lengths hold {!r}: they are pairs of whole numbers, start and length, or {} "
                "alone for a mask without a pixel."
            ).format(malformed[:20], EMPTY)
        )
    if len(words) % 2:
        raise LabelError(
            tr(
                "The run lengths hold {}, the last {}: pairs of start and length need an even count; "
                "the text seems to be cut off."
            ).format(format_count(len(words), "{} number", "{} numbers"), words[-1])
        )
    pairs = np.array([int(word) for word in words], np.int64).reshape(-1, 2)
    starts, stops = pairs[:, 0] - 1, pairs[:, 0] - 1 + pairs[:, 1]
    runs = starts, stops
    _refuse(runs, (starts < 0) | (stops <= starts), tr("starts and lengths count from 1"))
    overlaps = np.append(False, starts[1:] < stops[:-1])[: len(starts)]
    _refuse(runs, overlaps, tr("it begins before the run ahead of it ends"))
    if size is not None:
        height, width = size
        beyond = tr("it ends beyond the picture, whose {} x {} px are {}")
        _refuse(runs, stops > height * width, beyond.format(width, height, height * width))
    return runs


def count_common_pixels(one: Runs, other: Runs) -> int:
    """The number of pixels in both of two masks, counted in the same order; neither mask is decoded."""
    (starts, stops), (other_starts, other_stops) = one, other
    total = np.append(0, np.cumsum(other_stops - other_starts))
    last_stop = np.append(0, other_stops)

    def pixels_before(positions: NDArray[np.int64]) -> Any:
        """Pixels of the other mask before each position: of all runs that begin there, less the last one's rest."""
        number = np.searchsorted(other_starts, positions)
        return total[number] - np.maximum(last_stop[number] - positions, 0)

    return int((pixels_before(stops) - pixels_before(starts)).sum())


def _refuse(runs: Runs, is_wrong: NDArray[np.bool_], reason: str) -> None:
    """Raises an error that names the first wrong run."""
    if is_wrong.any():
        start, stop = (ends[int(np.argmax(is_wrong))] for ends in runs)
        raise LabelError(
            tr("The run {} {} is impossible: {}.").format(start + 1, stop - start, reason)
        )
