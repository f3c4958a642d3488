"""The split: whole blocks or scenes for validation, with a share of every class."""

from __future__ import annotations

import numpy as np

from engine.datasets.label_source import UNLABELLED
from engine.rasters.grid import Grid
from engine.rasters.windows import Window
from engine.sampling.spatial_split import (
    Block,
    block_side,
    class_counts,
    count_blocks,
    split_blocks,
)


class Stripes:
    """Class 1 in the left third, 2 in the right third, no labels in the first ten rows."""

    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    declared: frozenset[int] = frozenset()

    def read(self, window: Window) -> np.ndarray:
        cols = np.arange(window.col, window.col_stop)
        rows = np.arange(window.row, window.row_stop)
        values = np.where(cols < 100, 1, np.where(cols < 200, UNLABELLED, 2))
        grid = np.broadcast_to(values, (window.height, window.width)).copy()
        grid[rows < 10] = UNLABELLED
        return grid.astype(np.int32)


GRID = Grid(300, 300, None, None)  # type: ignore[arg-type]


def test_every_labelled_pixel_is_counted_once() -> None:
    blocks = list(count_blocks(0, Stripes(), [GRID.bounds], 64))
    assert class_counts(blocks) == {1: 290 * 100, 2: 290 * 100}
    assert all(block.labelled for block in blocks)


def test_each_class_gets_about_its_share_in_validation() -> None:
    blocks = split_blocks(list(count_blocks(0, Stripes(), [GRID.bounds], 32)), 0.2, seed=0)
    held = class_counts([block for block in blocks if block.is_validation])
    assert set(held) == {1, 2}
    for count in held.values():
        assert 0.15 < count / 29_000 < 0.25


def test_the_seed_fixes_the_split() -> None:
    blocks = list(count_blocks(0, Stripes(), [GRID.bounds], 32))
    assert split_blocks(blocks, 0.2, 3) == split_blocks(blocks, 0.2, 3)
    assert split_blocks(blocks, 0.2, 3) != split_blocks(blocks, 0.2, 4)


def test_a_class_in_one_block_only_stays_in_training() -> None:
    common = [Block(0, Window(0, 32 * i, 32, 32), {1: 1024}) for i in range(9)]
    blocks = split_blocks([*common, Block(0, Window(32, 0, 32, 32), {2: 1024})], 0.3, 0)
    assert not blocks[-1].is_validation and any(b.is_validation for b in blocks)


def test_whole_scenes_go_one_way_with_their_share_of_every_class() -> None:
    window = Window(0, 0, 32, 32)
    blocks = [
        Block(n // 4, window, {0: 800 + n % 5, **({1: 200} if n % 3 else {})}) for n in range(80)
    ]
    split = split_blocks(blocks, 0.2, 0, whole_scenes=True)
    held = {block.scene for block in split if block.is_validation}
    assert len(held) == 4 and all(b.is_validation == (b.scene in held) for b in split)
    counts = class_counts([block for block in split if block.is_validation])
    for value, total in class_counts(blocks).items():
        assert 0.15 < counts[value] / total < 0.25


def test_blocks_are_tiles_in_large_scenes_and_smaller_in_small_ones() -> None:
    assert block_side(Grid(20_000, 20_000, None, None), 512, 0.2) == 512  # type: ignore[arg-type]
    assert block_side(Grid(512, 512, None, None), 512, 0.2) < 100  # type: ignore[arg-type]
