"""Bands are chosen only of rasters that are there, in training and in segmenting alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.commands.segment import segment
from engine.contract.errors import JobError
from engine.contract.jobs import SegmentJob, TrainJob
from engine.contract.scene import rasters_by_stem, require_auxiliary
from engine.datasets.layouts import find_scenes

SAYS = "auxiliary bands but no auxiliary raster"


def test_auxiliary_bands_need_auxiliary_rasters(events, tmp_path) -> None:
    job = SegmentJob(
        model=("m",), image="i.tif", auxiliary_bands=(4,), output=str(tmp_path / "o.tif")
    )
    with pytest.raises(JobError, match=SAYS):
        segment(job, events)
    with pytest.raises(JobError, match=SAYS):
        find_scenes(TrainJob(image="i.tif", labels="l.tif", auxiliary_bands=(4,)))
    require_auxiliary((4,), has_auxiliary=True)
    require_auxiliary((), has_auxiliary=False)


def test_hidden_files_are_no_scenes(tmp_path: Path) -> None:
    """MacOS writes ``._a.tif`` beside ``a.tif`` on disks of other systems."""
    for name in ("a.tif", "._a.tif", ".b.png", "c.PNG", "d.txt"):
        (tmp_path / name).write_text("")
    assert {*rasters_by_stem(tmp_path)} == {"a", "c"}
