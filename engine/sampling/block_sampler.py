"""Blocks of labelled pixels, drawn by chance and found by place, without a look at each of them."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from ..rasters.windows import Window
from .spatial_split import Block


class WeightedBlocks:
    """Blocks that are drawn in proportion to their pixels.

    Args:
        blocks: The blocks, at least one.
        values: The class values whose pixels count; none: all that are labelled.
    """

    def __init__(self, blocks: Sequence[Block], values: Set[int] = frozenset()) -> None:
        self._blocks = blocks
        weights = [class_pixels(block, values) if values else block.labelled for block in blocks]
        ends = (np.array(weights, float) / sum(weights)).cumsum()
        self._ends = ends / ends[-1]

    def draw(self, generator: np.random.Generator) -> Block:
        """One of the blocks: the one that ``Generator.choice`` gives for these weights."""
        return self._blocks[int(self._ends.searchsorted(generator.random(), "right"))]


class RectangleIndex:
    """Windows of one scene.

    Args:
        windows: The windows, in any order.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = windows
        edges = [(own.row, own.col, own.row_stop, own.col_stop) for own in windows]
        self._rows, self._cols, self._row_stops, self._col_stops = np.array(edges).reshape(-1, 4).T

    def shared_with(self, window: Window) -> list[Window]:
        """What each of them shares with ``window``, where it shares anything."""
        touched = (self._rows < window.row_stop) & (self._row_stops > window.row)
        touched &= (self._cols < window.col_stop) & (self._col_stops > window.col)
        shared = (
            self._windows[index].intersection(window) for index in touched.nonzero()[0].tolist()
        )
        return [part for part in shared if part is not None]


def class_pixels(block: Block, values: Set[int]) -> int:
    """The pixels of some class values in a block."""
    return sum(count for value, count in block.counts.items() if value in values)


def class_share(block: Block, values: Set[int]) -> float:
    """Their share among its labelled pixels."""
    return class_pixels(block, values) / block.labelled


def class_values_of_blocks(blocks: Sequence[Block]) -> Set[int]:
    """The class values that occur in any of some blocks."""
    return frozenset(value for block in blocks for value in block.counts)
