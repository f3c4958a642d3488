"""Corrected blocks: where they are, how they are split, and how often windows show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.contract.errors import LabelError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.rasters.windows import Window
from engine.sampling.corrected_blocks import corrected_share, place_of, split_around
from engine.sampling.earlier_split import EarlierSplit
from engine.sampling.spatial_split import Block
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import TrainingWindows
from tests.engine.synthetic import box, write_geojson

SIDE, TILE = 512, 64


def write_squares(path: Path, *squares: tuple[int, int]) -> str:
    """Squares of one tile at rows and columns."""
    boxes = ((box(row, col, TILE, TILE), {"checked": True}) for row, col in squares)
    return write_geojson(path, *boxes)


@pytest.fixture
def job(write_raster: Callable[..., str]) -> TrainJob:
    """Labels in the upper half; a mask that could correct any of it."""
    noise = np.random.default_rng(0)
    labels = np.kron(noise.integers(0, 2, (64, 64)), np.ones((8, 8))).astype(np.uint8)
    mask = write_raster("mask.tif", labels)
    labels[SIDE // 2 :] = 255
    return TrainJob(
        image=write_raster("image.tif", noise.integers(1, 9, (1, SIDE, SIDE)).astype(np.uint16)),
        labels=write_raster("labels.tif", labels, nodata=255),
        corrections=mask,
        tile_size=TILE,
        validation_share=0.25,
        foreground=0.0,
        class_balance=0.0,
        crop=1.0,
    )


def surveyed(job: TrainJob) -> Survey:
    return survey(job, find_scenes(job))


def held_out(data: Survey) -> set[Window]:
    return {block.window for block in data.blocks if block.is_validation}


def test_earlier_blocks_keep_their_part_and_new_ones_follow(job: TrainJob, tmp_path: Path) -> None:
    before = surveyed(replace(job, corrections=()))
    places = [(row, col) for row in (384, 448) for col in range(0, SIDE, TILE)]
    some = surveyed(replace(job, checked=write_squares(tmp_path / "1.geojson", *places[:8])))
    more = surveyed(replace(job, checked=write_squares(tmp_path / "2.geojson", *places, (64, 64))))
    old = {block.window for block in before.blocks}
    assert held_out(some) & old == held_out(more) & old == held_out(before)
    seen = {block.window for block in some.blocks}
    assert held_out(more) & seen == held_out(some)
    new = {block.window for block in more.blocks} - old
    assert len(new) == 16 and 0 < len(held_out(more) & new) < 10


def test_blocks_know_the_part_that_was_corrected(job: TrainJob, tmp_path: Path) -> None:
    data = surveyed(replace(job, checked=write_squares(tmp_path / "s.geojson", (300, 100))))
    parts = [block.corrected for block in data.blocks if block.corrected]
    assert sum(part.labelled for part in parts) == TILE**2
    assert sum(part.window.height * part.window.width for part in parts) == TILE**2
    assert {min(part.window.row for part in parts), min(part.window.col for part in parts)} == {
        300,
        100,
    }
    told = data.describe()
    assert "Corrected pixels among them:" in told and "show them 8.0 times as often" in told
    assert "Corrected" not in surveyed(replace(job, corrections=())).describe()


OLD = [Block(0, Window(0, 64 * n, 64, 64), {0: 9, 1: 9}, n % 2 == 0) for n in range(8)]
KNOWN = {place_of(block): block.is_validation for block in OLD}


def test_few_corrections_are_never_all_held_out() -> None:
    for seed in range(30):
        new = Block(0, Window(64, 64 * seed, 64, 64), {1: 9})
        split = split_around([*OLD, replace(new, corrected=new)], KNOWN, 0.5, seed)
        assert split[:-1] == OLD and not split[-1].is_validation


def test_a_class_that_only_corrections_have_is_never_all_held_out() -> None:
    for seed in range(30):
        new = [Block(0, Window(64, 64 * n, 64, 64), {1: 9}) for n in (seed, seed + 1)]
        new[1].counts[2] = 5
        split = split_around([*OLD, *(replace(b, corrected=b) for b in new)], KNOWN, 0.5, seed)
        assert split[:-2] == OLD and not split[-1].is_validation


def test_a_class_of_held_out_blocks_is_learnt_from_the_one_with_most_of_it() -> None:
    new = [Block(1, Window(0, 64 * n, 64, 64), {0: 9, 2: n + 1}) for n in range(2)]
    known = {**KNOWN, **{place_of(block): True for block in new}}
    split = split_around([*OLD, *new], known, 0.5, 0)
    assert split[:-2] == OLD and [block.is_validation for block in split[-2:]] == [True, False]
    whole = split_around([*OLD, *new], known, 0.5, 0, whole_scenes=True)
    assert [block.is_validation for block in whole[-2:]] == [False, False]


def test_windows_show_corrections_as_often_as_they_say(job: TrainJob, tmp_path: Path) -> None:
    squares = write_squares(tmp_path / "s.geojson", (448, 192), (384, 320))
    data = surveyed(replace(job, checked=squares))
    training = [block for block in data.blocks if not block.is_validation]
    parts = [block.corrected for block in training if block.corrected]
    share, factor = corrected_share(training)
    natural = sum(part.labelled for part in parts) / sum(block.labelled for block in training)
    assert share * (1 - natural) + natural == pytest.approx(factor * natural)
    windows = TrainingWindows(replace(job, checked=squares), data)
    windows.set_epoch_windows(600)
    corners = {(part.window.row, part.window.col) for part in parts}
    drawn = [windows.neighbourhood(index)[1:] in corners for index in range(600)]
    assert np.mean(drawn) == pytest.approx(factor * natural, abs=0.06)
    first = drawn.index(True)
    assert (windows[first]["target"] >= 0).any()


@pytest.mark.parametrize(
    ("corrected", "share", "factor"), [(10, 0.07 / 0.99, 8.0), (100, 4 / 9, 5.0), (600, 0.0, 1.0)]
)
def test_the_factor_is_eight_until_half_of_the_windows(
    corrected: int, share: float, factor: float
) -> None:
    part = Block(0, Window(0, 0, 8, 8), {1: corrected})
    blocks = [replace(part, corrected=part), Block(0, Window(8, 0, 8, 8), {0: 1000 - corrected})]
    assert corrected_share(blocks) == (pytest.approx(share), pytest.approx(factor))
    assert corrected_share(blocks[1:]) == (0.0, 1.0)


def test_corrections_alone_are_labels(job: TrainJob, tmp_path: Path) -> None:
    places = [(row, col) for row in (0, 64, 256) for col in (0, 128, 256)]
    squares = write_squares(tmp_path / "s.geojson", *places)
    data = surveyed(replace(job, labels=(), checked=squares))
    assert sum(data.counts(True).values()) and sum(data.counts(False).values())
    assert sum(block.labelled for block in data.blocks) == 9 * TILE**2


def test_corrections_alone_keep_the_split_of_the_round_before(
    job: TrainJob, tmp_path: Path
) -> None:
    alone = replace(job, labels=())
    places = [(row, col) for row in range(0, SIDE, 2 * TILE) for col in range(0, SIDE, TILE)]
    first = surveyed(replace(alone, checked=write_squares(tmp_path / "1.geojson", *places[:16])))
    more = replace(alone, checked=write_squares(tmp_path / "2.geojson", *places))
    before = EarlierSplit().with_blocks(first.scenes, first.blocks)
    second = survey(more, find_scenes(more), before=before)
    seen = {block.window for block in first.blocks}
    assert held_out(second) & seen == held_out(first)
    assert held_out(surveyed(more)) & seen != held_out(first), "the case to be tested"


def test_squares_beside_the_image_are_refused(job: TrainJob, tmp_path: Path) -> None:
    squares = write_squares(tmp_path / "s.geojson", (2 * SIDE, 0))
    with pytest.raises(LabelError, match="No checked square covers a pixel of the images"):
        surveyed(replace(job, checked=squares))


def test_corrections_that_nobody_learns_from_are_told(job: TrainJob, tmp_path: Path) -> None:
    window = min(held_out(surveyed(replace(job, corrections=()))), key=lambda one: one.row)
    told = "All checked squares are in blocks that are held out"
    inside = write_squares(tmp_path / "s.geojson", (window.row, window.col))
    assert any(told in text for text in surveyed(replace(job, checked=inside)).warnings)
    both = write_squares(tmp_path / "t.geojson", (window.row, window.col), (448, 64))
    assert not any(told in text for text in surveyed(replace(job, checked=both)).warnings)


def test_folds_tell_the_corrections_too(job: TrainJob, tmp_path: Path) -> None:
    squares = write_squares(tmp_path / "s.geojson", (448, 64))
    data = surveyed(replace(job, checked=squares, folds=3))
    assert "in 3 folds: " in data.describe()
    assert f"Corrected pixels among them: {TILE**2:,}. Training tiles show" in data.describe()
