"""Where a mark helps most: the least confident place of the map of the view, away from all marks. Free of Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

#: Number of cells along the longer side of the view in which its confidence is averaged.
CELLS = 48

#: A place is at least this many cells away from all marks and from the places that were shown before.
_DISTANCE = 3.0

#: Mean confidence from which on a place is not doubtful, %.
SURE = 90.0

#: Mean confidence of each cell, row by row; None where there is no map.
Cells = Sequence[Sequence[Optional[float]]]

#: Row and column of a cell, whole or between two cells.
Place = tuple[float, float]


def next_place(cells: Cells, taken: Iterable[Place]) -> tuple[int, int] | None:
    """Returns row and column of the least confident cell, None if all are sure or near a taken place.

    Args:
        cells: Mean confidence, %.
        taken: Places of marks, and places that were shown before.
    """
    places = [*taken]
    doubtful = [
        (value, row, col)
        for row, values in enumerate(cells)
        for col, value in enumerate(values)
        if value is not None and value < SURE
    ]
    for _, row, col in sorted(doubtful):
        if all((row - y) ** 2 + (col - x) ** 2 >= _DISTANCE**2 for y, x in places):
            return row, col
    return None
