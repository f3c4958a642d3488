"""A scene in parts gives the bytes of the whole scene, even if parts are interrupted."""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from engine.batch.finished_scenes import options_key, read_finished_record
from engine.batch.part_plan import has_plan, plan_path
from engine.batch.scene_parts import Part, PartWorker, part_bounds
from engine.batch.scene_task import DONE, FAILED, SceneRecord, SceneTask
from engine.batch.scene_worker import SceneWorker
from engine.contract.errors import JobError
from engine.contract.jobs import SegmentFolderJob
from tests.engine.inference.test_segment_resume import interrupt_after
from tests.engine.small_network import add_land_summary
from tests.engine.synthetic import read_band

pytestmark = pytest.mark.usefixtures("whole_tile_networks")


@pytest.fixture
def job(make_model: Callable[..., str]) -> SegmentFolderJob:
    return SegmentFolderJob(
        model=(make_model(),), overlap=8, batch_size=2, confidence=True, runtime="torch"
    )


@pytest.fixture
def task(write_raster: Callable[..., str], tmp_path: Path) -> SceneTask:
    """Nine strips of two tiles, some without a value."""
    noise = np.random.default_rng(0)
    image = noise.integers(1, 3000, (4, 500, 100)).astype(np.uint16)
    image[:, 90:210, 50:] = 0
    coarse = noise.random((2, 50, 10)).astype(np.float32)
    return SceneTask(
        "scene",
        write_raster("image.tif", image, nodata=0),
        (write_raster("coarse.tif", coarse),),
        str(tmp_path / "parts" / "mask.tif"),
        str(tmp_path / "parts" / "confidence.tif"),
    )


def whole(job: SegmentFolderJob, task: SceneTask, events: Any) -> SceneRecord:
    """The record of the scene of one process, in another folder."""
    folder = Path(task.output).parents[1] / "whole"
    alone = replace(
        task, output=str(folder / "mask.tif"), confidence=str(folder / "confidence.tif")
    )
    record = SceneWorker(job).run(alone, events)
    assert record.status == DONE, record.sentence
    return record


def assert_same(task: SceneTask) -> None:
    folder = Path(task.output).parents[1] / "whole"
    for name in ("mask.tif", "confidence.tif"):
        path = Path(task.output).with_name(name)
        assert (read_band(path) == read_band(folder / name)).all(), name
        with rasterio.open(path) as one, rasterio.open(folder / name) as other:
            assert one.profile == other.profile
            overviews = (file.read(1, out_shape=(60, 20)) for file in (one, other))
            assert np.array_equal(*overviews)
    names = {path.name for path in Path(task.output).parent.iterdir()}
    assert names == {path.name for path in folder.iterdir()}


def run_and_merge(worker: PartWorker, parts: list[Part], events: Any) -> None:
    for part in parts:
        assert worker.run_part(part, events) is None
    assert worker.merge(parts, 0.0, events).status == DONE
    assert_same(parts[0].task)


@pytest.mark.parametrize(
    ("ends", "count", "expected"),
    [
        ([60, 120, 180, 240], 2, [(0, 120), (120, 240)]),
        ([60, 120, 180, 240], 3, [(0, 60), (60, 180), (180, 240)]),
        ([60, 120, 180, 240], 4, [(0, 60), (60, 120), (120, 180), (180, 240)]),
        ([60, 120, 180, 240], 1, [(0, 240)]),
        ([10, 20, 30, 200], 3, [(0, 30), (30, 200)]),  # never less than a strip
        ([7], 5, [(0, 7)]),
    ],
)
def test_cuts(ends: list[int], count: int, expected: list[tuple[int, int]]) -> None:
    assert part_bounds(ends, count) == expected


def test_parts_are_the_whole(job: SegmentFolderJob, task: SceneTask, events: Any) -> None:
    reference = whole(job, task, events)
    worker = PartWorker(job)
    worker = PartWorker(job, worker.choose_runtimes(task, events))
    parts = worker.cut(task, 18_000, 2)
    assert len(parts) == 3 and parts[0].begin == 0 and parts[-1].end == 500
    assert all(before.end == after.begin for before, after in zip(parts, parts[1:]))
    for part in reversed(parts):  # in any order
        assert worker.run_part(part, events) is None
    assert not Path(task.output).exists()
    record = worker.merge(parts, 5.0, events)
    assert_same(task)
    seconds = record.seconds
    assert seconds > 5
    expected = replace(reference, output=task.output, seconds=seconds)
    assert record == expected


def test_parts_count_what_is_unlike_together(
    feature_networks: None,
    job: SegmentFolderJob,
    task: SceneTask,
    make_model: Callable[..., str],
    write_raster: Callable[..., str],
    events: Any,
) -> None:
    noise = np.random.default_rng(1)
    image = noise.integers(1, 3000, (4, 500, 100))
    image[:, 300:] += 5000
    flat = write_raster("flat.tif", np.zeros((2, 50, 10), np.float32))
    bright = write_raster("bright.tif", image.astype(np.uint16))
    task = replace(task, image=bright, auxiliary=(flat,))
    tiles, zeros = noise.integers(1, 3000, (8, 4, 64, 64)), np.zeros((8, 2, 16, 16))
    job = replace(
        job, model=(add_land_summary(make_model(name="summary.safetensors"), tiles, zeros),)
    )
    reference = whole(job, task, events)
    assert reference.unlike is not None and 0.05 < reference.unlike < 0.95
    assert "unlike what the model has learnt from" in reference.sentence
    parts = [Part(task, a, b) for a, b in [(0, 131), (131, 377), (377, 500)]]
    worker = PartWorker(job)
    for part in parts:
        with interrupt_after(1):
            worker.run_part(part, events)
        assert worker.run_part(part, events) is None
    record = worker.merge(parts, 0.0, events)
    assert record.unlike == reference.unlike and record.sentence == reference.sentence
    kept = read_finished_record(task, options_key(job))
    assert kept is not None and kept.unlike == record.unlike


def test_every_cut_is_seamless(
    job: SegmentFolderJob, task: SceneTask, events: Any, make_model: Callable[..., str]
) -> None:
    """Two models whose strips end in different rows; parts that end anywhere."""
    other = make_model(tile=96, name="other.safetensors")
    job = replace(job, model=(*job.model, other))
    whole(job, task, events)
    parts = [Part(task, a, b) for a, b in [(0, 131), (131, 132), (132, 377), (377, 500)]]
    run_and_merge(PartWorker(job), parts, events)


def test_a_part_that_was_stopped_goes_on(
    job: SegmentFolderJob, task: SceneTask, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(job, task, events)
    worker = PartWorker(job)
    parts = worker.cut(task, 26_000, 2)
    assert len(parts) == 2
    with interrupt_after(1):
        worker.run_part(parts[1], events)
    begun = []
    strips = worker.ensemble.strips

    def watched(streams: Any, region: Any, on_progress: Any, extras: Any, done: int) -> Any:
        begun.append(done)
        return strips(streams, region, on_progress, extras, done)

    monkeypatch.setattr(worker.ensemble, "strips", watched)
    assert worker.run_part(parts[1], events) is None
    assert parts[1].begin < begun[0] < parts[1].end
    assert worker.run_part(parts[1], events) is None and len(begun) == 1  # it is done
    run_and_merge(worker, parts, events)


def test_parts_of_other_options_are_not_used(
    job: SegmentFolderJob, task: SceneTask, events: Any
) -> None:
    first = PartWorker(job)
    parts = first.cut(task, 26_000, 2)
    assert first.run_part(parts[0], events) is None
    job = replace(job, overlap=16)
    whole(job, task, events)
    run_and_merge(PartWorker(job), parts, events)  # which removes the rows of the first run too


def test_another_run_goes_on_with_the_parts_there_are(
    job: SegmentFolderJob, task: SceneTask, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has more workers, or one, and would run the model in another way."""
    records = PartWorker(job).choose_runtimes(task, events)
    other_records = [{**each, "channels_last": not each["channels_last"]} for each in records]
    first = PartWorker(job, other_records)
    parts = first.cut(task, 26_000, 2)
    assert len(parts) == 2 and has_plan(task)
    assert first.run_part(parts[0], events) is None
    assert PartWorker(job).choose_runtimes(task, events) == other_records
    second = PartWorker(job, other_records)
    assert second.cut(task, 26_000, 4) == second.cut(task, math.inf, 1) == parts
    with monkeypatch.context() as patch:
        patch.setattr(second.ensemble, "strips", None)  # nothing is computed again
        assert second.run_part(parts[0], events) is None
    other = PartWorker(replace(job, overlap=16))
    assert other.choose_runtimes(task, events) == records, "of other options"
    assert other.cut(task, 26_000, 1) == other.cut(task, math.inf, 4) == []
    assert len(PartWorker(job).cut(task, 26_000, 4)) == 4, "with other runtime records"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"key": 1}', '{"key": "", "settled": [], "cuts": [[0, 9], [12, 500]]}']
)
def test_a_damaged_plan_is_none(text: str, job: SegmentFolderJob, task: SceneTask) -> None:
    worker = PartWorker(job)
    parts = worker.cut(task, 26_000, 2)
    run = json.loads(plan_path(task).read_text())
    plan_path(task).write_text(text.replace('"key": ""', f'"key": "{run["key"]}"'))
    assert worker.cut(task, 26_000, 2) == parts
    assert json.loads(plan_path(task).read_text()) == run


def test_a_plan_that_cannot_be_kept_stops_nothing(job: SegmentFolderJob, task: SceneTask) -> None:
    plan_path(task).mkdir(parents=True)
    assert len(PartWorker(job).cut(task, 26_000, 2)) == 2
    assert [path.name for path in plan_path(task).parent.iterdir()] == [plan_path(task).name]


def test_what_fails_is_kept(
    job: SegmentFolderJob, task: SceneTask, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(job, task, events)
    worker = PartWorker(job)
    parts = worker.cut(task, 26_000, 2)
    for part in parts:
        assert worker.run_part(part, events) is None
    monkeypatch.setattr("engine.batch.scene_parts._CHUNK", 10_000)
    with interrupt_after(7):  # 50 rows at a time: in the second part
        worker.merge(parts, 0.0, events)
    assert "of 500 rows; the same command resumes" in events.heard[-1].message
    with monkeypatch.context() as patch:

        def full(*arguments: Any) -> None:
            raise JobError("The disk is full.")

        patch.setattr("engine.inference.segment_scene.publish_mask", full)
        record = worker.merge(parts, 0.0, events)
    assert record.status == FAILED and "The disk is full." in record.sentence
    assert not Path(task.output).exists()
    monkeypatch.setattr(worker.ensemble, "strips", None)  # nothing is computed again
    gc.collect()  # what the interrupt left: Windows removes no file that is mapped
    run_and_merge(worker, parts, events)
    # A process that dies after it has written the mask is asked to merge again: the rows are gone.
    assert worker.merge(parts, 0.0, events).status == DONE


def test_a_part_that_cannot_be_read(job: SegmentFolderJob, task: SceneTask, events: Any) -> None:
    worker = PartWorker(job)
    parts = worker.cut(task, 26_000, 2)
    Path(task.image).unlink()
    record = worker.run_part(parts[0], events)
    assert record is not None and record.status == FAILED
    assert record.name == "scene" and "there is no such file" in record.sentence


@pytest.mark.parametrize(
    ("pixels", "workers", "count"),
    [(50_000, 4, 0), (49_999, 2, 2), (49_999, 3, 3), (49_999, 50, 4), (1_000, 2, 4)],
)
def test_how_many_parts(
    job: SegmentFolderJob, task: SceneTask, pixels: float, workers: int, count: int
) -> None:
    """Only larger scenes are cut, into parts of at least two strips."""
    assert len(PartWorker(job).cut(task, pixels, workers)) == count


def test_an_impossible_overlap(job: SegmentFolderJob, task: SceneTask) -> None:
    with pytest.raises(JobError, match="half of what a tile of the model spans, 32 px"):
        PartWorker(replace(job, overlap=33)).cut(task, 1000, 2)
