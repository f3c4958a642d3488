"""An interrupted run goes on from its finished rows and gives the bytes of an uninterrupted run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

pytestmark = pytest.mark.usefixtures("whole_tile_networks")


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


@contextmanager
def interrupt_after(strips: int) -> Iterator[None]:
    """Interrupts the run in the block when ``strips`` strips are on the disk."""
    append, left = Journal.append, [strips]

    def append_or_interrupt(self: Journal, parts: Any) -> None:
        if not left[0]:
            self._stop()  # waits for the disk
            raise KeyboardInterrupt
        left[0] -= 1
        append(self, parts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "append", append_or_interrupt)
        with pytest.raises(KeyboardInterrupt):
            yield


def take_outputs(job: SegmentJob) -> list[bytes]:
    """Reads and removes the outputs."""
    paths = [Path(job.output), Path(job.confidence)]
    contents = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    return contents


def first_tile(events: Any) -> int:
    tiles = (re.match(r"tile (\d+)", text, re.I) for text in events.messages(Progress))
    return int(next(filter(None, tiles))[1])


def test_the_same_bytes(job: SegmentJob, events: Any) -> None:
    segment(job, events)
    whole = take_outputs(job)
    for strips in (1, 2, 4):
        with interrupt_after(strips):
            segment(job, events)
        assert not Path(job.output).exists() and state_path(job.output).is_file()
        assert isinstance(events.heard[-1], Warned)
        assert "of 280 rows; the same command resumes" in events.heard[-1].message
        events.heard.clear()
        segment(job, events)
        assert take_outputs(job) == whole
        assert any("Resuming at row" in text for text in events.messages(Metric))
        # The strip above the first new one is computed again, for its fade.
        assert first_tile(events) == 3 * (strips - 1) + 2
        assert not [*Path(job.output).parent.glob("*.part*")]


def test_a_run_that_only_has_to_be_published(
    job: SegmentJob, monkeypatch: pytest.MonkeyPatch, events: Any
) -> None:
    segment(job, events)
    whole = take_outputs(job)
    with monkeypatch.context() as patch:

        def full(*arguments: Any) -> None:
            raise RasterError("The disk is full.")

        patch.setattr(engine.inference.segment_scene, "publish_mask", full)
        with pytest.raises(RasterError, match="The disk is full"):
            segment(job, events)
    assert [path.stat().st_size for path in stored_row_files([job.output])] == [280 * 170] * 2
    events.heard.clear()
    segment(job, events)
    assert take_outputs(job) == whole
    assert not any(text.lower().startswith("tile") for text in events.messages(Progress))


@pytest.mark.parametrize(
    "change", [{"overlap": 16}, {"batch_size": 1}, {"threshold": 0.4}, {"precision": "bf16"}, {}]
)
def test_other_options_or_another_image_begin_anew(
    job: SegmentJob, events: Any, change: dict[str, Any], write_raster: Callable[..., str]
) -> None:
    with interrupt_after(2):
        segment(job, events)
    if not change:
        write_raster("image.tif", np.full((4, 280, 170), 9, np.uint16), nodata=0)
    events.heard.clear()
    segment(replace(job, **change), events)
    assert first_tile(events) <= 2
    lost = [text for text in events.messages(Warned) if "of an earlier run of" in text]
    assert len(lost) == 1
