"""Training windows: their size, their classes, and blocks that are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from engine.compute.tile_transforms import resize_tile
from engine.contract.class_table import IGNORE_INDEX
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import TrainingWindows, ValidationWindows
from tests.engine.synthetic import UTM_GRID

SIDE, TILE = 512, 64
Surveyed = tuple[TrainJob, Survey]


def buildings() -> np.ndarray:
    """Class 1, of 3 x 3 pixels, in every third square of 64 x 64."""
    labels = np.zeros((SIDE, SIDE), np.uint8)
    for number in range(0, 64, 3):
        row, col = divmod(number, 8)
        labels[row * 64 + 30 : row * 64 + 33, col * 64 + 20 : col * 64 + 23] = 1
    return labels


@pytest.fixture
def surveyed(write_raster: Callable[..., str]) -> Surveyed:
    """Two bands of each pixel's row and column, a coarse raster of their sum, and buildings."""
    rows, cols = np.indices((SIDE, SIDE))
    coarse = np.add(*np.indices((64, 64))).astype(np.float32)
    job = TrainJob(
        image=write_raster("i.tif", np.stack([rows, cols]).astype(np.float32) + 1),
        labels=write_raster("l.tif", buildings()),
        auxiliary=(write_raster("a.tif", coarse, transform=UTM_GRID @ Affine.scale(8)),),
        tile_size=TILE,
        crop=1.0,
        foreground=0.0,
        class_balance=0.0,
        stream_dropout=0.0,
        validation_share=0.2,
    )
    return job, survey(job, find_scenes(job))


def drawn(surveyed: Surveyed, **changes: Any) -> TrainingWindows:
    return TrainingWindows(replace(surveyed[0], **changes), surveyed[1])


def steps(image: np.ndarray) -> float:
    """How many pixels of the scene a pixel of a window is wide, in its middle, free of mirrors."""
    return float(image[1, TILE // 2, 56] - image[1, TILE // 2, 8]) / 48


def test_windows_are_between_a_tile_and_the_largest_crop(surveyed: Surveyed) -> None:
    windows = drawn(surveyed, crop=2.5)
    samples = [windows[i] for i in range(len(windows))]
    assert {sample["image"].shape for sample in samples} == {(2, TILE, TILE)}
    sides = np.round([TILE * steps(sample["image"]) for sample in samples])
    assert sides.min() >= TILE and sides.max() <= 160
    assert sides.min() < TILE + 12 and sides.max() > 148 and 100 < sides.mean() < 124


def test_labels_and_both_streams_of_a_crop_show_one_footprint(surveyed: Surveyed) -> None:
    """The image's values are each pixel's position, at which label and auxiliary value are compared."""
    windows, truth = drawn(surveyed, crop=2.0), buildings()
    built = 0
    for index in range(len(windows)):
        sample = windows[index]
        places = sample["image"] - 0.5  # of the centres, in pixels of the scene
        rows, cols = places.astype(int)
        # Near a border between two pixels, rounding decides which of them is the nearest.
        sure = (np.abs(places - places.round()) > 0.05).all(axis=0) & (
            sample["target"] != IGNORE_INDEX
        )
        sure[[0, -1]] = sure[:, [0, -1]] = False
        assert (sample["target"][sure] == truth[rows, cols][sure]).all()
        built += int((sample["target"][sure] == 1).sum())
        side = sample["auxiliary"].shape[-1]
        expected = resize_tile(((places[0] + places[1]) / 8 - 1)[None], side)[0]
        middle = (slice(side // 4, -(side // 4)),) * 2
        # Reductions lean by hundredths of a pixel, to one side or the other.
        shift = np.abs(sample["auxiliary"][0][middle] - expected[middle])
        assert shift.mean() < 0.1 and shift.max() < 0.25
    assert built > 100


def test_a_crop_is_no_larger_than_the_scene(write_raster: Callable[..., str]) -> None:
    labels = np.zeros((96, 80), np.uint8)
    labels[:, 40:] = 1
    cols = np.indices((96, 80))[1].astype(np.float32) + 1
    job = TrainJob(
        image=write_raster("i.tif", np.stack([cols, cols])),
        labels=write_raster("l.tif", labels),
        tile_size=TILE,
        crop=8.0,
    )
    windows = TrainingWindows(job, survey(job, find_scenes(job)))
    sizes = [steps(windows[i]["image"]) * TILE for i in range(len(windows))]
    assert max(sizes) == pytest.approx(80, abs=0.2) and min(sizes) < 72


def test_a_crop_of_one_changes_no_window(surveyed: Surveyed) -> None:
    """The same draws as in the version before crops."""
    plain, left = drawn(surveyed), drawn(surveyed, crop=0.0, foreground=-1.0)
    for index in range(0, len(plain), 7):
        assert np.array_equal(plain[index]["image"], left[index]["image"])
    generator = np.random.default_rng((surveyed[0].seed, 0, 5))
    generator.random()
    blocks = [b for b in surveyed[1].blocks if not b.is_validation]
    weights = np.array([float(b.labelled) for b in blocks])
    block = blocks[int(generator.choice(len(blocks), p=weights / weights.sum()))].window
    sides = block.height, block.width, TILE, TILE
    down, right, above, left_of = (int(generator.integers(side)) for side in sides)
    row = min(max(block.row + down - above, 0), SIDE - TILE)
    col = min(max(block.col + right - left_of, 0), SIDE - TILE)
    assert plain[5]["image"][:, 0, 0].tolist() == [row + 1, col + 1]


def windows_of(table: str) -> TrainingWindows:
    job = TrainJob(dataset=table, tile_size=64, crop=1.0, foreground=0.0, class_balance=0.0)
    return TrainingWindows(job, survey(job, find_scenes(job)))


@pytest.fixture
def ten_scenes(write_raster: Callable[..., str], tmp_path: Path) -> str:
    """Ten scenes of ten windows each."""
    labels = np.zeros((256, 160), np.uint8)
    labels[:100] = 1
    rows = ["image,labels,split"]
    for scene in range(11):
        image = write_raster(f"i{scene}.tif", np.full((1, 256, 160), scene + 1, np.float32))
        split = "train" if scene < 10 else "val"
        rows.append(f"{image},{write_raster(f'l{scene}.tif', labels)},{split}")
    table = tmp_path / "scenes.csv"
    table.write_text("\n".join(rows))
    return str(table)


def scenes_of(windows: TrainingWindows, epochs: int) -> list[list[int]]:
    """The scene of each window of some epochs."""
    scenes = []
    for epoch in range(1, epochs + 1):
        windows.start_epoch(epoch)
        samples = [windows[index]["image"] for index in range(len(windows))]
        scenes.append([round(float(image.max())) for image in samples])
    return scenes


def test_epochs_of_parts_go_through_the_whole_area(ten_scenes: str) -> None:
    windows = windows_of(ten_scenes)
    whole = len(windows)
    assert whole == windows.pass_windows == 100
    windows.set_epoch_windows(30)
    parts = scenes_of(windows, 10)
    assert [len(part) for part in parts] == [30] * 10
    shown = Counter(scene for part in parts for scene in part)
    assert shown == dict.fromkeys(range(1, 11), 30), "three passes, each with ten of every scene"
    assert parts[0] != parts[1]
    again = windows_of(ten_scenes)
    again.set_epoch_windows(30)
    again.start_epoch(4)
    assert np.array_equal(again[7]["image"], np.full_like(again[7]["image"], parts[3][7]))


def test_every_block_of_a_large_scene_is_drawn_over_the_epochs(surveyed: Surveyed) -> None:
    windows = drawn(surveyed, class_balance=0.2)
    windows.set_epoch_windows(12)
    drawn_from: set[tuple[int, ...]] = set()
    for epoch in range(1, 61):
        windows.start_epoch(epoch)
        drawn_from |= {windows.neighbourhood(index) for index in range(len(windows))}
    blocks = [b for b in surveyed[1].blocks if not b.is_validation]
    assert drawn_from == {(b.scene, b.window.row, b.window.col) for b in blocks}


def test_an_epoch_of_a_pass_is_what_it_was_and_may_be_several(surveyed: Surveyed) -> None:
    plain, same, longer = (drawn(surveyed) for _ in range(3))
    same.set_epoch_windows(len(plain))
    longer.set_epoch_windows(2 * len(plain) + 3)
    for windows in (plain, same, longer):
        windows.start_epoch(2)
    assert len(longer) == 2 * len(plain) + 3
    for index in (0, 5, len(plain) - 1):
        assert np.array_equal(plain[index]["image"], same[index]["image"])


def test_thinned_validation_tiles_are_spread_over_all(surveyed: Surveyed) -> None:
    whole, thin = (ValidationWindows(*surveyed) for _ in range(2))
    count = len(whole) // 3
    thin.thin(count)
    assert len(thin) == count > 1
    tiles = [whole[index]["image"] for index in range(len(whole))]
    kept = [
        next(n for n, tile in enumerate(tiles) if np.array_equal(tile, thin[index]["image"]))
        for index in range(count)
    ]
    assert kept == sorted(set(kept)) and kept[-1] >= len(whole) // 2


def shares(windows: TrainingWindows, epochs: int = 4) -> tuple[float, np.ndarray]:
    """The share of windows that show class 1, and the rows of a window in which it shows."""
    shown, rows = [], []
    for epoch in range(epochs):
        windows.start_epoch(epoch)
        for index in range(len(windows)):
            is_built = windows[index]["target"] == 1
            shown.append(is_built.any())
            rows.append(np.nonzero(is_built)[0])
    return float(np.mean(shown)), np.concatenate(rows)


def test_windows_show_foreground_wherever_their_block_has_any(surveyed: Surveyed) -> None:
    """Learning from blocks with buildings only, all windows show one; by chance it is about half."""
    by_chance, _ = shares(drawn(surveyed, least_foreground=1e-6))
    always, rows = shares(drawn(surveyed, foreground=1.0, least_foreground=1e-6))
    assert by_chance < 0.75 and always == 1.0
    counts = np.histogram(rows, bins=4, range=(0, TILE))[0]
    # At any position in the window, or the network would learn the position instead of the building.
    assert counts.min() > 0.15 * counts.sum()


def test_a_small_building_in_a_large_image_is_shown_all_the_same(
    write_raster: Callable[..., str],
) -> None:
    """Foreground is drawn from the image of five by five tiles: 1 of 25 blocks has the building."""
    labels = np.zeros((5 * TILE, 10 * TILE), np.uint8)
    labels[100:103, 200:203] = 1  # in the left image; the right one is empty
    image = np.ones((1, *labels.shape), np.float32)
    table = {"image": write_raster("i.tif", image), "labels": write_raster("l.tif", labels)}
    job = TrainJob(**table, tile_size=TILE, crop=1.0, foreground=1.0, class_balance=0.0)
    seen = survey(job, find_scenes(job))
    learnt = [replace(block, is_validation=False) for block in seen.blocks]
    windows = TrainingWindows(job, replace(seen, blocks=tuple(learnt)))
    shown = np.mean([(windows[index]["target"] == 1).any() for index in range(len(windows))])
    # All windows of the left half, none of the right one, which is seen as often as the left.
    assert 0.3 < shown < 0.7
    few = TrainingWindows(replace(job, foreground=0.0), replace(seen, blocks=tuple(learnt)))
    assert np.mean([(few[index]["target"] == 1).any() for index in range(len(few))]) < 0.1


def test_windows_drawn_for_a_class_show_it(surveyed: Surveyed) -> None:
    """Half of them are drawn for class 1, the others show it in a third of all cases."""
    share, _ = shares(drawn(surveyed, class_balance=1.0))
    assert 0.55 < share < 0.8


def test_blocks_with_too_little_foreground_are_not_learnt_from(surveyed: Surveyed) -> None:
    windows = drawn(surveyed, least_foreground=1e-6)
    poor = [b.window for b in surveyed[1].blocks if b.is_validation or 1 not in b.counts]
    seen = 0
    for index in range(len(windows)):
        sample = windows[index]
        rows, cols = sample["image"].astype(int) - 1
        labelled = sample["target"] != IGNORE_INDEX
        seen += int(labelled.sum())
        for block in poor:
            inside = (rows >= block.row) & (rows < block.row_stop)
            inside &= (cols >= block.col) & (cols < block.col_stop)
            assert not (labelled & inside).any()
    assert seen
    assert len(ValidationWindows(surveyed[0], surveyed[1])), "validation stays whole"
    with pytest.raises(JobError, match=r"share of 0.5 .* largest is 0.0022.*least_foreground"):
        drawn(surveyed, least_foreground=0.5)
