"""A training from points and lines: their blocks, the windows around them, and what is told about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from engine.compute.devices import choose_device
from engine.compute.rank_info import SINGLE_PROCESS
from engine.contract.class_table import IGNORE_INDEX
from engine.contract.errors import LabelError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.planning.training_context import TrainingContext, survey_job
from engine.planning.training_plan import training_plan
from engine.rasters.windows import Window
from engine.sampling.copy_paste import PasteRoles
from engine.sampling.spatial_split import Block, split_blocks
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import TrainingWindows, ValidationWindows
from tests.engine.synthetic import UTM, UTM_GRID

SIDE, TILE = 640, 64

Place = tuple[float, float]
MakeJob = Callable[..., TrainJob]


@pytest.fixture
def make_job(write_raster: Callable[..., str], tmp_path: Path) -> MakeJob:
    """A job about an image without values in its last 40 columns, with points (column, row) of given classes."""

    def make(places: Sequence[Place], classes: Sequence[int], **fields: Any) -> TrainJob:
        pixels = np.random.default_rng(0).uniform(1, 2, (2, SIDE, SIDE)).astype(np.float32)
        pixels[:, :, -40:] = np.nan
        cols, rows = np.array(places).T
        marks = str(tmp_path / "marks.gpkg")
        pyogrio.raw.write(
            marks,
            shapely.to_wkb(shapely.points(*(UTM_GRID @ (cols, rows)))),
            [np.array([*classes])],
            ["class"],
            geometry_type="Point",
            crs=UTM,
            driver="GPKG",
        )
        settings = {"tile_size": TILE, "validation_share": 0.2, "crop": 1.0, "stream_dropout": 0.0}
        shared = {"class_balance": 0.0, "foreground": 0.0, "class_field": "class"}
        image = write_raster("i.tif", pixels)
        return TrainJob(image=image, labels=marks, **{**settings, **shared, **fields})

    return make


def surveyed(job: TrainJob) -> Survey:
    return survey(job, find_scenes(job))


def scattered(count: int, side: float = SIDE - 41) -> list[Place]:
    return [(c, r) for c, r in np.random.default_rng(1).uniform(0, side, (count, 2))]


def test_only_marked_pixels_are_labelled(make_job: MakeJob) -> None:
    """One point lies outside of the image, one where it has no value, and two of a class in one pixel."""
    places = [*scattered(40), (-5.0, 3.0), (SIDE - 2.5, 3.0), (100.2, 100.2), (100.8, 100.8)]
    data = surveyed(make_job(places, [*([1, 2] * 20), 1, 1, 2, 2]))
    assert data.has_marks and [entry.value for entry in data.classes] == [1, 2]
    assert sum(block.labelled for block in data.blocks) == 41
    assert not data.doubts


def test_every_training_window_holds_a_mark(make_job: MakeJob) -> None:
    for crop in (1.0, 2.3):
        job = make_job(scattered(60), [1, 2, 2] * 20, crop=crop)
        data = surveyed(job)
        windows = TrainingWindows(job, data)
        targets = [windows[index]["target"] for index in range(len(windows))]
        assert all((target != IGNORE_INDEX).any() for target in targets)
        assert max((target != IGNORE_INDEX).sum() for target in targets) < 20
        held_out = ValidationWindows(job, data)
        shown = sum(int((held_out[i]["target"] >= 0).sum()) for i in range(len(held_out)))
        assert shown == sum(block.labelled for block in data.blocks if block.is_validation) > 0


def test_marks_in_one_view_are_split_with_every_class_on_both_sides(make_job: MakeJob) -> None:
    """Thirty clicks within two tiles: they fill blocks smaller than a tile."""
    data = surveyed(make_job(scattered(30, 120), [1, 2, 3] * 10))
    assert set(data.counts(False)) == set(data.counts(True)) == {1, 2, 3}
    assert {block.window.height for block in data.blocks} == {16}


def test_blocks_keep_their_place_when_more_is_marked(make_job: MakeJob) -> None:
    """So that a training that starts from the first model holds out the same."""
    few, many = scattered(30, 120), scattered(90, 400)
    first = surveyed(make_job(few, [1, 2] * 15))
    second = surveyed(make_job([*few, *many], [1, 2] * 60))
    assert {block.window for block in first.blocks} <= {block.window for block in second.blocks}


def test_validation_gets_more_blocks_if_it_lacks_a_class() -> None:
    blocks = [Block(0, Window(0, 16 * n, 16, 16), {n % 4: 1}) for n in range(12)]
    held_out = [block for block in split_blocks(blocks, 0.1, 0) if block.is_validation]
    assert {value for block in held_out for value in block.counts} == {0, 1, 2, 3}
    assert len(held_out) == 4


def test_contradictions_and_what_is_not_pasted_are_told_once(make_job: MakeJob) -> None:
    twice = [(300.5, 300.5), (300.6, 300.6), (310.5, 300.5), (310.5, 300.5)]
    job = make_job([*scattered(40), *twice], [*([1, 2] * 20), 1, 2, 2, 1])
    first, *more = surveyed(job).doubts
    assert first.startswith("Pixels with marks of different classes: 2. There the later mark")
    assert not more
    assert any("Nothing is pasted" in text for text in surveyed(replace(job, paste=("1",))).doubts)


def test_nothing_is_pasted_among_marks(make_job: MakeJob, tmp_path: Path) -> None:
    network = {"encoder": "mit-b0", "pretrained": "none", "output": str(tmp_path / "m.safetensors")}
    job = make_job(scattered(40), [1, 2] * 20, paste=("1",), **network)
    silent = survey_job(
        training_plan(job),
        choose_device("cpu"),
        SINGLE_PROCESS,
        lambda event: None,
        (),
        lambda share: None,
    )
    assert TrainingContext.of(silent).roles == PasteRoles()


def test_the_radius_of_points_makes_more_pixels(make_job: MakeJob) -> None:
    job = make_job(scattered(40), [1, 2] * 20)
    wide = replace(job, point_radius=3 * UTM_GRID.a)
    few, many = (sum(b.labelled for b in surveyed(one).blocks) for one in (job, wide))
    assert few == 40 and 20 * few < many < 30 * few


def test_marks_of_one_class_need_another(make_job: MakeJob) -> None:
    with pytest.raises(LabelError, match="mark another class too"):
        surveyed(make_job(scattered(40), [1] * 40))


def test_in_a_labelled_area_what_is_not_marked_is_background(
    make_job: MakeJob, tmp_path: Path
) -> None:
    area = str(tmp_path / "area.gpkg")
    left, top = UTM_GRID @ (0, 0)
    right, bottom = UTM_GRID @ (128, 128)
    box = shapely.to_wkb([shapely.box(left, bottom, right, top)])
    pyogrio.raw.write(area, box, [], [], geometry_type="Polygon", crs=UTM, driver="GPKG")
    data = surveyed(make_job(scattered(40, 120), [1] * 40, area=area))
    assert [entry.value for entry in data.classes] == [0, 1]
    assert sum(block.labelled for block in data.blocks) == 128**2
