"""A disk that fails after a run has failed: the user reads what stopped the run, not what its clean-up met."""

from __future__ import annotations

import hashlib
import sys
import tempfile

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract import output_files
from dualstream_qgis.engine.contract.jobs import SegmentJob

from dualstream_qgis import settings
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.setup import SetupAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from dualstream_qgis.engine_process import worker
from dualstream_qgis.installation import uv_program
from dualstream_qgis.installation.errors import InstallationError
from tests.engine.failing_disk import ERRORS, FIRST, LATER, FailingDisk
from tests.engine.real_disks import make_read_only, small_disk
from tests.plugin.calls import run
from tests.plugin.qgis_process import new_profile
from tests.plugin.qgis_process import run as run_process
from tests.plugin.recording import Log
from tests.plugin.test_runs import scene
from tests.plugin.test_uv_program import LINUX

__all__ = ["scene"]

#: An engine that leaves an unfinished mask, and the ends of its run.
HALF = (
    'open(job["output"] + ".part", "w").close()\nsay("progress", fraction=0.1, message="working")\n'
)
ENDS = {
    'say("failed", message="No labels.", details=""); sys.exit(2)': "No labels.",
    "os._exit(7)": "The engine stopped before it had finished (exit code 7).",
    "time.sleep(300)": "Cancelled",
}


@pytest.fixture(params=ERRORS)
def disk(request, tmp_path, monkeypatch):
    """A disk on which every clean-up fails."""
    failing = FailingDisk(tmp_path, monkeypatch)
    failing.begin(at=1, later=request.param, fails=False)
    (tmp_path / "first").write_text("")
    return failing


@pytest.mark.parametrize("end", ENDS)
def test_the_message_of_a_run_is_the_engine_s(engine, scene, disk, end):
    engine(HALF + end)
    log = Log(cancel_at="working" if ENDS[end] == "Cancelled" else "")
    _, ok = run(SegmentAlgorithm, scene, log)
    assert not ok and output_files.part_path(scene["OUTPUT"]).exists()
    assert len(log.errors) == 1 and log.errors[0].startswith(ENDS[end])
    assert LATER not in log.errors[0]


def test_a_cancelled_training_says_so(engine, tmp_path, disk):
    engine(HALF + "time.sleep(300)")
    log, output = Log(cancel_at="working"), str(tmp_path / "m.safetensors")
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": output}, log)
    assert not ok and log.errors == ["Cancelled: nothing was written."]


def test_a_job_that_cannot_be_written_is_a_sentence(make_engine, tmp_path, monkeypatch):
    disk = FailingDisk(tmp_path, monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    launch = worker.Launch(sys.executable, make_engine(""))
    for number in (1, 2):  # the folder, the file
        disk.begin(at=number, later=ERRORS[0])
        with pytest.raises(worker.CrashedError, match=rf"could not be written \({FIRST}\)"):
            list(worker.run(launch, "segment", SegmentJob(), lambda: False))


def test_uv_that_was_changed_is_refused(tmp_path, disk, monkeypatch):
    kept = tmp_path / uv_program.wheel_name(LINUX)
    kept.write_bytes(b"changed")
    assert hashlib.sha256(b"changed").hexdigest() not in str(uv_program.WHEELS)
    with pytest.raises(InstallationError, match="was changed on the way or on this disk"):
        uv_program.wheel(tmp_path, LINUX, "", lambda address: b"")
    assert kept.exists()


def test_an_engine_s_home_that_cannot_be_made_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    monkeypatch.setattr(settings, "engine_home_folder", lambda: home)
    log = Log()
    _, ok = run(SetupAlgorithm, {}, log)
    assert not ok and len(log.errors) == 1
    assert log.errors[0].startswith(f"The file or folder {home} cannot be used. Check the")


def test_qgis_process_says_that_a_disk_is_read_only_in_one_sentence(scene, tmp_path):
    variables = new_profile(tmp_path / "profile")
    with small_disk(tmp_path / "disk") as disk:
        make_read_only(disk)
        output = disk / "mask.tif"
        parameters = {**scene, "OUTPUT": output}
        code, results, told = run_process(variables, "dualstream:segment", **parameters)
    assert code and not results and "Traceback" not in told
    assert f"The output {output} cannot be written (Read-only file system)" in told
