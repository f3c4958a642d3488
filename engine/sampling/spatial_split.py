"""Counts of labelled pixels by spatial block, and the split of the blocks into training and validation.

One pass over the labels gives the pixels of each class, the validation blocks and the blocks worth reading.
Neighbouring pixels are similar, so whole blocks are held out, never random pixels; of many small scenes,
whole scenes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..datasets.label_source import UNLABELLED, LabelSource
from ..rasters.grid import Grid
from ..rasters.windows import Window

#: Number of random splits; the one with class shares closest to the target is taken.
SPLITS = 200

#: Blocks in the validation share of a small scene.
_VALIDATION_BLOCKS = 10

#: Minimum side of a block, px.
_MIN_SIDE = 16


@dataclass(frozen=True)
class Block:
    """A square of a scene with labelled pixels in it.

    Attributes:
        scene: Index of the scene.
        window: Its pixels.
        counts: Labelled pixels by class value.
        is_validation: Whether it is held out.
        corrected: The smallest part that holds all pixels labelled by corrections, with the counts of these pixels.
        fold: Number of the fold that it belongs to, from 1; 0: none, it is always learnt from.
    """

    scene: int
    window: Window
    counts: dict[int, int]
    is_validation: bool = False
    corrected: Block | None = None
    fold: int = 0

    @property
    def labelled(self) -> int:
        """Number of labelled pixels."""
        return sum(self.counts.values())


def count_blocks(
    scene: int, labels: LabelSource, parts: Iterable[Window], side: int
) -> Iterator[Block]:
    """Counts the labelled pixels of a scene by block, row by row; skips blocks without any.

    Args:
        scene: The scene's index.
        labels: Its labels.
        parts: The parts of the scene that are divided into blocks, such as all of it.
        side: Side of a block, px.
    """
    for part in parts:
        for row in range(part.row, part.row_stop, side):
            for col in range(part.col, part.col_stop, side):
                window = Window(row, col, side, side).intersection(part)
                if window is None:
                    continue
                values, counts = np.unique(labels.read(window), return_counts=True)
                labelled = {int(v): int(n) for v, n in zip(values, counts) if v != UNLABELLED}
                if labelled:
                    yield Block(scene, window, labelled)


def block_side(grid: Grid, tile_size: int, share: float) -> int:
    """Side of a scene's blocks, px: one tile, or so small that about ten make up the validation share."""
    side = (grid.height * grid.width * share / _VALIDATION_BLOCKS) ** 0.5
    return int(max(_MIN_SIDE, min(tile_size, side)))


def mark_side(tile_size: int) -> int:
    """Side of the blocks of points and lines, px: a quarter of a tile, so that marks in one view fill several.

    It does not depend on the marks, so that a block keeps its place when more are drawn.
    """
    return max(_MIN_SIDE, tile_size // 4)


def is_small(grid: Grid, tile_size: int, share: float) -> bool:
    """Whether a scene has no room for enough blocks as large as a tile."""
    return block_side(grid, tile_size, share) < tile_size


def split_blocks(
    blocks: list[Block], share: float, seed: int, whole_scenes: bool = False
) -> list[Block]:
    """Marks some of the blocks for validation.

    The best of many random splits is taken: in it every class comes closest to having ``share`` of its
    pixels in validation; a class that occurs in one block only stays in training. If few blocks leave validation
    without a class, it gets more of them.

    Args:
        blocks: Blocks with labels.
        share: Target share of labelled pixels, 0..1.
        seed: Seed of the random splits.
        whole_scenes: Whether all blocks of a scene stay together.
    """
    unit_of, table = block_units(blocks, whole_scenes)
    total = table.sum(axis=0)
    generator = np.random.default_rng(seed)
    fewest, largest = max(round(len(table) * share), 1), len(table) - 1
    best_error, best = np.inf, np.zeros(len(table), bool)
    for number in range(min(fewest, largest), min(fewest + len(total) - 1, largest) + 1):
        if best_error < 1:  # every class is in both parts
            break
        for _ in range(SPLITS):
            held_out = np.zeros(len(table), bool)
            held_out[generator.permutation(len(table))[:number]] = True
            error = imbalance(table[held_out].sum(axis=0) / total, share)
            if error < best_error:
                best_error, best = error, held_out
    return [replace(b, is_validation=bool(c)) for b, c in zip(blocks, best[unit_of])]


def block_units(
    blocks: list[Block], whole_scenes: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The parts that a split does not divide: blocks, or whole scenes.

    Args:
        blocks: Blocks with labels.
        whole_scenes: Whether all blocks of a scene stay together.

    Returns:
        The number of each block's unit, and the pixels of each unit (rows) by class (columns).
    """
    scenes = [block.scene if whole_scenes else number for number, block in enumerate(blocks)]
    unit_of = np.unique(scenes, return_inverse=True)[1]
    values = sorted({value for block in blocks for value in block.counts})
    table = np.zeros((unit_of.max(initial=-1) + 1, len(values)))
    np.add.at(table, unit_of, [[block.counts.get(v, 0) for v in values] for block in blocks])
    return unit_of, table


def imbalance(shares: NDArray[np.float64], target: float) -> float:
    """Squared distance from the target share of every class; a class without training pixels is worst.

    Args:
        shares: Share of the pixels of each class in validation, 0..1.
        target: The share that each should have.
    """
    penalty = 100.0 * float((shares >= 1).sum()) + float((shares <= 0).sum())
    return penalty + float(((shares - target) ** 2).sum())


def class_counts(blocks: list[Block]) -> dict[int, int]:
    """Labelled pixels by class value over all blocks."""
    totals: Counter[int] = Counter()
    for block in blocks:
        totals.update(block.counts)
    return dict(sorted(totals.items()))
