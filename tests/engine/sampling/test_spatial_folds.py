"""The division into folds: every block in one, a share of every class in each, and no class in a single one."""

from __future__ import annotations

import pytest

from engine.contract.errors import LabelError
from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.rasters.windows import Window
from engine.sampling.spatial_folds import divide_into_folds, split_folds
from engine.sampling.spatial_split import Block, class_counts

COMMON = [Block(i // 10, Window(0, 32 * i, 32, 32), {1: 600, 2: 424}) for i in range(40)]
RARE = [Block(4, Window(32, 32 * i, 32, 32), {1: 900, 3: 124}) for i in range(5)]


def test_each_fold_has_about_its_share_of_every_class() -> None:
    blocks = split_folds([*COMMON, *RARE], 5, seed=0)
    assert {block.fold for block in blocks} == {1, 2, 3, 4, 5}
    for fold in range(1, 6):
        counts = class_counts([block for block in blocks if block.fold == fold])
        assert counts[3] == 124 and counts[2] == 8 * 424
    assert blocks == split_folds([*COMMON, *RARE], 5, seed=0)
    assert blocks != split_folds([*COMMON, *RARE], 5, seed=1)


def test_scenes_stay_together() -> None:
    blocks = split_folds(COMMON, 2, 0, whole_scenes=True)
    assert len({(block.scene, block.fold) for block in blocks}) == 4


def test_a_class_of_one_place_is_learnt_by_every_model() -> None:
    blocks = split_folds([*COMMON, RARE[0]], 5, 0)
    assert blocks[-1].fold == 0 and all(block.fold for block in blocks[:-1])
    assert not any(block.is_validation for block in blocks)


def test_too_few_blocks_and_a_split_of_the_data_are_refused() -> None:
    job, scenes = TrainJob(folds=5), [Scene("a.tif")]
    with pytest.raises(LabelError, match="3 of 5 folds only; blocks or scenes with labels: 3"):
        divide_into_folds(job, scenes, COMMON[:3], False)
    with pytest.raises(LabelError, match=r"that 1 of \d scenes are for validation.*column split"):
        split = [Scene("a.tif", split="train"), Scene("b.tif", split="validation")]
        divide_into_folds(job, split, COMMON, False)
