"""A run that is stopped anywhere goes on where it was, and gives the bytes of one that was not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine.inference.segment_scene
from engine.commands.segment import segment
from engine.contract.errors import RasterError
from engine.contract.jobs import SegmentJob
from engine.contract.output_files import state_path
from engine.contract.protocol import Metric, Progress, Warned
from engine.outputs.journal_state import stored_row_files
from engine.outputs.row_journal import Journal


@pytest.fixture
def job(
    write_raster: Callable[..., str], make_model: Callable[..., str], tmp_path: Path
) -> SegmentJob:
    """Five strips of three tiles, one of them without a value."""
    noise = np.random.default_rng(0)
    image = noise.integers(1, 3000, (4, 280, 170)).astype(np.uint16)
    image[:, 90:170, 50:] = 0
    coarse = noise.random((2, 30, 20)).astype(np.float32)
    return SegmentJob(
        model=(make_model(),),
        image=write_raster("image.tif", image, nodata=0),
        auxiliary=(write_raster("coarse.tif", coarse),),
        output=str(tmp_path / "mask.tif"),
        confidence=str(tmp_path / "confidence.tif"),
        overlap=8,
        batch_size=2,
    )


def stop_after(strips: int, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the next run end with ``error`` when it has finished so many strips."""
    append, left = Journal.append, [strips]

    def format_count(self: Journal, parts: Any) -> None:
        if not left[0]:
            self._stop()  # as if the disk had been given time
            raise error
        left[0] -= 1
        append(self, parts)

    monkeypatch.setattr(engine.inference.segment_scene.Journal, "append", format_count)


def outputs(job: SegmentJob) -> list[bytes]:
    found = [Path(path).read_bytes() for path in (job.output, job.confidence)]
    for path in (job.output, job.confidence):
        Path(path).unlink()
    return found


def first_tile(events: Any) -> int:
    told = events.messages(Progress)
    return int(next(text for text in told if text.startswith("tile")).split()[1])


def test_the_same_bytes(job: SegmentJob, monkeypatch: pytest.MonkeyPatch, events: Any) -> None:
    segment(job, events)
    whole = outputs(job)
    for strips in (1, 2, 4):
        with monkeypatch.context() as patch:
            stop_after(strips, KeyboardInterrupt(), patch)
            with pytest.raises(KeyboardInterrupt):
                segment(job, events)
        assert not Path(job.output).exists() and state_path(job.output).is_file()
        assert isinstance(events.heard[-1], Warned)
        assert "of 280 rows; the same command goes on" in events.heard[-1].message
        events.heard.clear()
        segment(job, events)
        assert outputs(job) == whole
        assert any("Going on from row" in text for text in events.messages(Metric))
        # The strip above the first new one is computed once more, for what fades into it.
        assert first_tile(events) == 3 * (strips - 1) + 2
        assert not [*Path(job.output).parent.glob("*.part*")]


def test_a_run_that_only_has_to_be_published(
    job: SegmentJob, monkeypatch: pytest.MonkeyPatch, events: Any
) -> None:
    segment(job, events)
    whole = outputs(job)
    with monkeypatch.context() as patch:

        def full(*arguments: Any) -> None:
            raise RasterError("The disk is full.")

        patch.setattr(engine.inference.segment_scene, "publish_mask", full)
        with pytest.raises(RasterError, match="The disk is full"):
            segment(job, events)
    assert [path.stat().st_size for path in stored_row_files([job.output])] == [280 * 170] * 2
    events.heard.clear()
    segment(job, events)
    assert outputs(job) == whole
    assert not any(e.message.startswith("tile") for e in events.heard if isinstance(e, Progress))


@pytest.mark.parametrize(
    "change", [{"overlap": 16}, {"batch_size": 1}, {"threshold": 0.4}, {"precision": "bf16"}]
)
def test_other_options_begin_anew(
    job: SegmentJob, monkeypatch: pytest.MonkeyPatch, events: Any, change: dict[str, Any]
) -> None:
    with monkeypatch.context() as patch:
        stop_after(2, KeyboardInterrupt(), patch)
        with pytest.raises(KeyboardInterrupt):
            segment(job, events)
    events.heard.clear()
    segment(replace(job, **change), events)
    assert first_tile(events) <= 2


def test_another_image_begins_anew(
    job: SegmentJob,
    monkeypatch: pytest.MonkeyPatch,
    events: Any,
    write_raster: Callable[..., str],
) -> None:
    with monkeypatch.context() as patch:
        stop_after(2, KeyboardInterrupt(), patch)
        with pytest.raises(KeyboardInterrupt):
            segment(job, events)
    write_raster("image.tif", np.full((4, 280, 170), 9, np.uint16), nodata=0)
    events.heard.clear()
    segment(job, events)
    assert first_tile(events) <= 2
