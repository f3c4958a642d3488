"""Many scenes, in processes that are killed. They read the model themselves, so its network has its real size."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.commands.segment_folder import segment_folder
from engine.contract.jobs import SegmentFolderJob
from tests.engine.synthetic import read_band


def modified(folder: Path) -> dict[str, int]:
    """When each mask of a folder was written, in nanoseconds."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("s*.tif")}


@pytest.mark.slow
def test_a_run_that_is_killed_loses_nothing(
    make_model, write_raster, events, root, tmp_path
) -> None:
    """Killed three times, the masks are those of a run without interruption."""
    noise = np.random.default_rng(0)
    for number in range(12):
        values = noise.integers(1, 3000, (4, 130, 140)).astype(np.uint16)
        write_raster(f"in/s{number:02}.tif", values)
    out, whole = tmp_path / "out", tmp_path / "whole"
    job = SegmentFolderJob(
        model=(make_model(auxiliary=0),), scenes=str(tmp_path / "in"), output_folder=str(out)
    )
    segment_folder(replace(job, output_folder=str(whole)), events)
    options = ["--model", *job.model, "--scenes", job.scenes, "--output-folder", job.output_folder]
    command = [sys.executable, "-m", "engine", "segment", *options]
    for wanted in (2, 5, 9):
        run = subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL)
        while len(modified(out)) < wanted and run.poll() is None:
            time.sleep(0.01)
        run.kill()
        run.wait()
    before = modified(out)
    assert 9 <= len(before) < 12
    done = segment_folder(job, events)
    assert done.outputs["scenes_kept"] == len(before)
    after = modified(out)
    assert len(after) == 12 and before.items() <= after.items()
    for name in after:
        assert (read_band(out / name) == read_band(whole / name)).all()
    assert not [*out.glob("*.part*")]
