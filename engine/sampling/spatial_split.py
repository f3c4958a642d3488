"""Which class lies where: labelled pixels counted by spatial blocks, and the split made from them.

One pass over the labels answers all that training asks of them: how many pixels each class has, which
blocks to validate on, and where a window is worth reading. Neighbouring pixels are alike, so whole
blocks are held out, never random pixels; of many small scenes, whole scenes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..datasets.label_source import UNLABELLED, Labels
from ..rasters.grid import Grid
from ..rasters.windows import Window

#: Candidate splits that are drawn; the one whose class shares come closest to the target wins.
_DRAWS = 200


@dataclass(frozen=True)
class Block:
    """A square of a scene with labelled pixels in it.

    Attributes:
        scene: Index of the scene.
        window: Its pixels.
        counts: Labelled pixels by class value.
        is_validation: Whether it is held out.
    """

    scene: int
    window: Window
    counts: dict[int, int]
    is_validation: bool = False

    @property
    def labelled(self) -> int:
        """All labelled pixels."""
        return sum(self.counts.values())


def count_blocks(scene: int, labels: Labels, grid: Grid, side: int) -> Iterator[Block]:
    """The blocks of a scene that hold labelled pixels, row by row.

    Args:
        scene: The scene's index.
        labels: Its labels.
        grid: Its grid.
        side: Side of a block, px.
    """
    for row in range(0, grid.height, side):
        for col in range(0, grid.width, side):
            window = Window(row, col, side, side).intersection(grid.bounds)
            if window is None:
                continue
            values, counts = np.unique(labels.read(window), return_counts=True)
            found = {int(v): int(n) for v, n in zip(values, counts) if v != UNLABELLED}
            if found:
                yield Block(scene, window, found)


def block_side(grid: Grid, tile_size: int, share: float) -> int:
    """A block's side: a tile where the scene has room for many, less where it has not.

    Small scenes get blocks small enough that about ten make up the validation share.
    """
    few = (grid.height * grid.width * share / 10) ** 0.5
    return int(max(16, min(tile_size, few)))


def is_small(grid: Grid, tile_size: int, share: float) -> bool:
    """Whether a scene has no room for blocks as large as a tile, so that cutting it makes crumbs."""
    return block_side(grid, tile_size, share) < tile_size


def split_blocks(
    blocks: list[Block], share: float, seed: int, whole_scenes: bool = False
) -> list[Block]:
    """The blocks, some of them marked for validation.

    Of many random choices the one is taken in which every class comes closest to having ``share`` of
    its pixels in validation; a class that sits in one block only stays in training.

    Args:
        blocks: Blocks with labels.
        share: The wanted share of labelled pixels, 0..1.
        seed: Seed of the draws.
        whole_scenes: Whether all blocks of a scene go the same way.
    """
    scenes = [block.scene if whole_scenes else number for number, block in enumerate(blocks)]
    unit_of = np.unique(scenes, return_inverse=True)[1]
    values = sorted({value for block in blocks for value in block.counts})
    table = np.zeros((unit_of.max(initial=-1) + 1, len(values)))
    np.add.at(table, unit_of, [[block.counts.get(v, 0) for v in values] for block in blocks])
    total = table.sum(axis=0)
    generator = np.random.default_rng(seed)
    number = min(max(round(len(table) * share), 1), len(table) - 1)
    if number < 1:
        return blocks
    best, chosen = np.inf, np.zeros(len(table), bool)
    for _ in range(_DRAWS):
        drawn = np.zeros(len(table), bool)
        drawn[generator.permutation(len(table))[:number]] = True
        error = _imbalance(table[drawn].sum(axis=0) / total, share)
        if error < best:
            best, chosen = error, drawn
    return [replace(b, is_validation=bool(c)) for b, c in zip(blocks, chosen[unit_of])]


def _imbalance(shares: NDArray[np.float64], wanted: float) -> float:
    """How far validation is from the wanted share of every class; a class lost to training is worst."""
    lost = 100.0 * float((shares >= 1).sum()) + float((shares <= 0).sum())
    return lost + float(((shares - wanted) ** 2).sum())


def class_counts(blocks: list[Block]) -> dict[int, int]:
    """Labelled pixels by class value over all blocks."""
    totals: dict[int, int] = {}
    for block in blocks:
        for value, count in block.counts.items():
            totals[value] = totals.get(value, 0) + count
    return dict(sorted(totals.items()))
