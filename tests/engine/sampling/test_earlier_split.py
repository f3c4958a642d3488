"""The blocks that a training held out stay held out in a training that starts from its model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.layouts import find_scenes
from engine.rasters.windows import Window
from engine.sampling.earlier_split import EarlierSplit, image_names
from engine.sampling.spatial_split import Block
from engine.sampling.survey import Survey, survey

SCENES = [Scene("a.tif"), Scene("b.tif")]
BLOCKS = [Block(n // 4, Window(64 * (n % 4), 0, 64, 64), {0: 9}, n % 4 == 0) for n in range(8)]


@pytest.fixture
def job(write_raster: Callable[..., str]) -> TrainJob:
    """Labels in the upper half of an image."""
    noise = np.random.default_rng(0)
    labels = np.kron(noise.integers(0, 2, (64, 64)), np.ones((8, 8))).astype(np.uint8)
    whole = write_raster("whole.tif", labels)
    labels[256:] = 255
    return TrainJob(
        image=write_raster("image.tif", noise.integers(1, 9, (1, 512, 512)).astype(np.uint16)),
        labels=(write_raster("labels.tif", labels, nodata=255), whole),
        tile_size=64,
        validation_share=0.25,
    )


def surveyed(job: TrainJob, before: EarlierSplit) -> Survey:
    return survey(job, find_scenes(job), before=before)


def after(data: Survey) -> EarlierSplit:
    """What the card of the model keeps, as it is read again."""
    return EarlierSplit.of_record(data.before.with_blocks(data.scenes, data.blocks).record())


def held_out(data: Survey) -> set[Window]:
    return {block.window for block in data.blocks if block.is_validation}


def test_a_block_is_known_by_its_image_and_place() -> None:
    split = EarlierSplit().with_blocks(SCENES, BLOCKS)
    assert EarlierSplit.of_record(split.record()) == split
    assert [split.is_held_out("ab"[block.scene], block) for block in BLOCKS] == [
        block.is_validation for block in BLOCKS
    ]
    assert split.is_held_out("c", BLOCKS[0]) is None
    other = replace(BLOCKS[0], window=Window(0, 0, 32, 32))
    assert split.is_held_out("a", other) is None
    assert split.has_image("a") and not split.has_image("c")


def test_images_of_one_name_are_told_apart_in_their_order() -> None:
    scenes = [Scene("2020/a.tif"), Scene("2021/a.tif"), Scene("2021/b.tif")]
    names = image_names(scenes)
    assert names[::2] == ["a", "b"] and len({*names}) == 3
    blocks = [replace(BLOCKS[0], scene=n, is_validation=n == 1) for n in (0, 1)]
    split = EarlierSplit().with_blocks(scenes, blocks)
    assert [split.is_held_out(names[n], blocks[n]) for n in (0, 1)] == [False, True]


def test_what_was_learnt_once_stays_so() -> None:
    turned = [replace(block, is_validation=not block.is_validation) for block in BLOCKS]
    split = EarlierSplit().with_blocks(SCENES, BLOCKS).with_blocks(SCENES, turned)
    assert not split.held_out and len(split.learnt) == 8


def test_a_card_keeps_no_split_of_too_many_blocks_and_other_forms_are_none() -> None:
    many = [Block(0, Window(n, 0, 1, 1), {0: 1}) for n in range(20_001)]
    assert EarlierSplit().with_blocks(SCENES, many).record() == {}
    for record in (None, "text", {"learnt": 3}, []):
        assert EarlierSplit.of_record(record) == EarlierSplit()


def test_new_labels_without_corrections_keep_the_split(job: TrainJob) -> None:
    first = surveyed(replace(job, labels=job.labels[:1]), EarlierSplit())
    second = surveyed(job, after(first))
    seen = {block.window for block in first.blocks}
    assert held_out(second) & seen == held_out(first)
    assert held_out(second) - seen, "some of the new blocks are held out too"
    third = surveyed(replace(job, seed=5), after(second))
    assert held_out(third) == held_out(second) and not third.doubts


def test_blocks_from_which_the_model_learnt_are_told(job: TrainJob) -> None:
    told = "The model to start from may have learnt from"
    first = surveyed(job, EarlierSplit())
    other_tiles = surveyed(replace(job, tile_size=32), after(first))
    assert any(told in text for text in other_tiles.warnings)
    turned = replace(after(first), learnt=after(first).learnt | after(first).held_out)
    assert any(told in text for text in surveyed(job, turned).warnings)
    assert not any(told in text for text in surveyed(job, after(first)).warnings)
