"""Lists of many scenes: progress from the first second, unique names, and no output that is also an input."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.batch.scene_list import plan_tasks
from engine.batch.scene_task import SceneTask
from engine.commands.segment_folder import segment_folder
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.jobs import SegmentFolderJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Progress
from engine.datasets import list_progress
from engine.datasets.list_progress import ProgressIterator

needs_links = pytest.mark.skipif(
    sys.platform == "win32", reason="makes symbolic links, for which Windows asks a privilege"
)

CLASSES = class_table({0: "land", 1: "water"})
CARD = Card("dualstream-dformer", "mit-b0", 1, 64, ImageCard(4), AuxiliaryCard(), CLASSES)


@pytest.fixture
def job(tmp_path: Path) -> SegmentFolderJob:
    folder, table = str(tmp_path / "out"), str(tmp_path / "scenes.csv")
    return SegmentFolderJob(model=("m",), scenes=table, output_folder=folder, confidence=True)


def planned(job: SegmentFolderJob, emit: Any, images: list[str]) -> list[SceneTask]:
    Path(job.scenes).write_text("\n".join(["image", *images]))
    return plan_tasks(job, {"m": CARD}, emit)


def test_progress_comes_every_second_and_not_for_a_quick_step(
    events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    items = ProgressIterator(events)("abcdef", "reading")
    assert next(items) == "a" and events.heard == []
    for letter in items:
        clock[0] += 0.4
        assert letter in "bcdef"
    assert [event.message for event in events.heard] == ["reading: 4 so far"]


def test_every_step_before_the_first_scene_reports_progress(
    make_model: Callable[..., str],
    write_raster: Callable[..., str],
    events: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    job: SegmentFolderJob,
) -> None:
    monkeypatch.setattr(list_progress, "_INTERVAL", -1.0)
    write_raster("a.tif", np.ones((4, 40, 50), np.uint16))
    Path(job.scenes).write_text("image\na.tif\nnone.tif\n")
    segment_folder(replace(job, model=(make_model(auxiliary=0),)), events)
    progress = events.of(Progress)
    assert progress[0] == events.heard[0] and progress[0].message.lower() == "reading the models"
    fractions = [event.fraction for event in progress]
    assert fractions == sorted(fractions)
    words = [event.message.lower() for event in progress if event.fraction == 0]
    for step in ("reading the scenes table: 1", "naming the scenes: 1", "finished masks: 1"):
        assert any(f"{step} so far" in text for text in words), step


def test_a_table_that_names_one_raster_many_times_is_planned_quickly(
    job: SegmentFolderJob, events: Any
) -> None:
    """Searching for a free name from the first one took minutes for 20,000 scenes."""
    begun = time.monotonic()
    tasks = planned(job, events, ["in/x.tif"] * 20_000)
    assert time.monotonic() - begun < 30
    assert [task.name for task in tasks[:3]] == ["x", "x-2", "x-3"] and tasks[-1].name == "x-20000"
    assert len({task.output for task in tasks}) == 20_000


def test_no_mask_has_a_name_that_some_system_lacks(job: SegmentFolderJob, events: Any) -> None:
    tasks = planned(job, events, ["in/aux.tif", "in/Con.x.tif", "in/auxiliary.tif", "in/a:b.tif"])
    assert [task.name for task in tasks] == ["_aux", "_Con.x", "auxiliary", "a_b"]


def test_names_collide_with_neither_masks_nor_confidences(
    job: SegmentFolderJob, events: Any
) -> None:
    images = ["x.tif", "x.tif", "x-2.tif", "x_confidence.tif", "X.tif", "p/y.tif", "q/y.tif"]
    tasks = planned(job, events, images)
    names = [task.name for task in tasks]
    assert len({name.casefold() for name in names}) == 7
    assert names[:2] == ["x", "x-2"] and names[-2:] == ["p_y", "q_y"]
    files = {Path(p).name.casefold() for t in tasks for p in (t.output, t.confidence)}
    assert len(files) == 14


@needs_links
@pytest.mark.parametrize(
    "images", [["link.tif", "in/a.tif"], ["there/a.tif"], ["out/a.tif"], ["../{}/out/a.tif"]]
)
def test_an_image_is_no_mask_whatever_its_path(
    job: SegmentFolderJob, events: Any, tmp_path: Path, images: list[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.tif").touch()
    (tmp_path / "link.tif").symlink_to(tmp_path / "out" / "a.tif")
    (tmp_path / "there").symlink_to(tmp_path / "out")
    with pytest.raises(JobError, match=r"a\.tif is also an input: choose another output folder"):
        planned(job, events, [image.format(tmp_path.name) for image in images])


def test_a_mask_in_other_letters_is_an_input_where_case_makes_no_difference(
    job: SegmentFolderJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "normcase", str.lower)  # as on Windows
    with pytest.raises(JobError, match="is also an input"):
        planned(job, events, ["out/a.TIF"])


@needs_links
def test_a_mask_that_is_a_link_to_an_image_is_refused(
    job: SegmentFolderJob, events: Any, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "a.tif").touch()
    (tmp_path / "out" / "a.tif").symlink_to(tmp_path / "a.tif")
    with pytest.raises(JobError, match="is also an input"):
        planned(job, events, ["a.tif"])
