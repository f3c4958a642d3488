"""Run lengths: a mask as text, as competitions exchange it in their tables.

Pixels are counted from 1, row by row (or column by column), and every run of the mask is a pair "start
length": in a picture 4 px wide, ``2 3 7 1`` is the last three pixels of the first row and the third of
the second. A mask without a pixel is ``-1``.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import JobError, LabelError, format_count

#: Where each run of a mask begins and where it has ended, in pixels counted from 0.
Runs = tuple[NDArray[np.int64], NDArray[np.int64]]

#: Directions in which pixels may be counted, and what numpy calls them.
ORDERS: dict[str, Literal["C", "F"]] = {"row": "C", "column": "F"}

#: What stands for a mask without a pixel; an empty text is understood too.
EMPTY = "-1"

#: Longer numbers than any picture needs would not fit the integers that are computed with.
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


def check_order(order: str) -> str:
    """The order, if it is one.

    Raises:
        JobError: If it is unknown.
    """
    if order not in ORDERS:
        raise JobError(f"The order {order!r} of run lengths is unknown: use {' or '.join(ORDERS)}.")
    return order


def encode(mask: NDArray[np.bool_], order: str = "row") -> str:
    """The run lengths of a mask (H, W).

    Args:
        mask: True where the class is.
        order: "row": counted along the rows, from the top; "column": down the columns, from the left.

    Raises:
        JobError: If the order is unknown.
    """
    pixels = mask.astype(bool, copy=False).ravel(order=ORDERS[check_order(order)])
    # A run begins and ends where a pixel differs from the one before it; outside there is none.
    edges = np.flatnonzero(np.diff(pixels, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    pairs = np.stack((starts + 1, stops - starts), axis=1)
    return " ".join(map(str, pairs.ravel().tolist())) or EMPTY


def decode(text: str, height: int, width: int, order: str = "row") -> NDArray[np.bool_]:
    """The mask (height, width) that run lengths stand for.

    Args:
        text: Pairs "start length" in ascending order; -1 or nothing: a mask without a pixel.
        height: Rows of the mask.
        width: Columns of the mask.
        order: As for ``encode``.

    Raises:
        JobError: If the order is unknown.
        LabelError: If the text is no run lengths of a picture of that size.
    """
    direction = ORDERS[check_order(order)]
    pixels = pixels_between(parse_runs(text, (height, width)), 0, height * width)
    return pixels.reshape(height, width, order=direction)


def pixels_between(mask: Runs, begin: int, end: int) -> NDArray[np.bool_]:
    """Which of the pixels from ``begin`` up to ``end`` are in a mask, in the order it is counted in."""
    starts, stops = mask
    first, last = np.searchsorted(stops, begin, side="right"), np.searchsorted(starts, end)
    # +1 where a run begins, -1 behind its end: summed up, 1 within runs and 0 between them.
    steps = np.zeros(end - begin + 1, np.int8)
    np.add.at(steps, np.maximum(starts[first:last] - begin, 0), 1)
    np.subtract.at(steps, np.minimum(stops[first:last], end) - begin, 1)
    return np.cumsum(steps[:-1], dtype=np.int8).astype(bool)


def parse_runs(text: str, size: tuple[int, int] | None = None) -> Runs:
    """Where each run begins and where it has ended, counted from 0; none for a mask without a pixel.

    Args:
        text: As for ``decode``.
        size: Rows and columns of the picture; none: any.

    Raises:
        LabelError: If the text is no run lengths of any picture, or of none of that size.
    """
    words = text.split()
    if words == [EMPTY]:
        words = []
    strange = next((word for word in words if not _NUMBER.fullmatch(word)), None)
    if strange is not None:
        raise LabelError(
            f"The run lengths hold {strange[:20]!r}: they are pairs of whole numbers, start and length, "
            f"or {EMPTY} alone for a mask without a pixel."
        )
    if len(words) % 2:
        raise LabelError(
            f"The run lengths hold {format_count(len(words), 'number')}, the last {words[-1]}: pairs of start and length "
            "need an even count; the text seems to be cut off."
        )
    pairs = np.array([int(word) for word in words], np.int64).reshape(-1, 2)
    starts, stops = pairs[:, 0] - 1, pairs[:, 0] - 1 + pairs[:, 1]
    _refuse(starts, stops, (starts < 0) | (stops <= starts), "starts and lengths count from 1")
    overlaps = np.zeros(len(starts), bool)
    overlaps[1:] = starts[1:] < stops[:-1]
    _refuse(starts, stops, overlaps, "it begins before the run ahead of it ends")
    if size is not None:
        height, width = size
        beyond = f"it ends beyond the picture, whose {width} x {height} px are {height * width}"
        _refuse(starts, stops, stops > height * width, beyond)
    return starts, stops


def shared_pixels(one: Runs, other: Runs) -> int:
    """Pixels that are in both of two masks, counted in the same order; no picture is made of either."""
    (starts, stops), (begins, ends) = one, other
    total = np.concatenate(([0], np.cumsum(ends - begins)))

    def ahead(places: NDArray[np.int64]) -> Any:
        """The other mask's pixels ahead of a place: of runs that begin there, but for the last's rest."""
        number = np.searchsorted(begins, places)
        return total[number] - np.maximum(np.concatenate(([0], ends))[number] - places, 0)

    return int((ahead(stops) - ahead(starts)).sum())


def _refuse(
    starts: NDArray[np.int64], stops: NDArray[np.int64], is_wrong: NDArray[np.bool_], reason: str
) -> None:
    """Names the first run that is wrong."""
    if is_wrong.any():
        index = int(np.argmax(is_wrong))
        start, length = starts[index] + 1, stops[index] - starts[index]
        raise LabelError(f"The run {start} {length} is impossible: {reason}.")
