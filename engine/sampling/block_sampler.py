"""Weighted sampler of labelled blocks, and an index of windows by position."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from ..rasters.windows import Window
from .spatial_split import Block


class WeightedBlocks:
    """Sampler of blocks with probabilities proportional to their labelled pixels.

    Args:
        blocks: At least one block.
        values: Class values whose pixels count; empty: all.
    """

    def __init__(self, blocks: Sequence[Block], values: Set[int] = frozenset()) -> None:
        self._blocks = blocks
        weights = [class_pixels(block, values) if values else block.labelled for block in blocks]
        cumulative = (np.array(weights, float) / sum(weights)).cumsum()
        self._cumulative = cumulative / cumulative[-1]

    def draw(self, generator: np.random.Generator) -> Block:
        """Draws a block, the same that ``Generator.choice`` draws with these weights."""
        return self._blocks[int(self._cumulative.searchsorted(generator.random(), "right"))]


class RectangleIndex:
    """Index of the windows of one scene by position."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = windows
        edges = [(w.row, w.col, w.row_stop, w.col_stop) for w in windows]
        self._rows, self._cols, self._row_stops, self._col_stops = np.array(edges).reshape(-1, 4).T

    def intersections(self, window: Window) -> list[Window]:
        """The non-empty intersections of the indexed windows with ``window``."""
        touched = (self._rows < window.row_stop) & (self._row_stops > window.row)
        touched &= (self._cols < window.col_stop) & (self._col_stops > window.col)
        parts = (
            self._windows[index].intersection(window) for index in touched.nonzero()[0].tolist()
        )
        return [part for part in parts if part is not None]


def class_pixels(block: Block, values: Set[int]) -> int:
    """Number of a block's pixels with these class values."""
    return sum(count for value, count in block.counts.items() if value in values)
