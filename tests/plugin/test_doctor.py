"""The check of the installation: with a working engine, a broken one and none."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.light_engine import LIGHT_ENGINE

from dualstream_qgis import environment
from dualstream_qgis.algorithms import doctor
from dualstream_qgis.algorithms.doctor import DoctorAlgorithm
from dualstream_qgis.engine_process import worker
from tests.plugin import calls
from tests.plugin.real_engine import engine_python
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")


def check(tmp_path):
    """The results, the page and the log of one check."""
    path, log = tmp_path / "check.html", Log()
    results, ok = calls.run(DoctorAlgorithm, {"REPORT": str(path)}, log)
    assert ok, log.errors
    assert results["REPORT"] == str(path)
    return results, path.read_text("utf-8"), log


def test_a_working_engine_is_described(tmp_path, monkeypatch):
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    results, page, log = check(tmp_path)
    assert results["READY"] is True
    assert results["DEVICE"] in page
    assert log.lines[1].startswith("DualStream is ready and computes on")
    for fact in ("PyTorch", "tf_efficientnet_lite0", "GB free", engine_python()):
        assert fact in page, fact


def test_why_no_card_is_used_is_said_once(tmp_path, monkeypatch):
    facts = {"python": "3.12", "torch": "2.15", "device": "CPU", "reason": "No NVIDIA driver."}
    monkeypatch.setattr(worker, "doctor", lambda launch, cancelled: facts)
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    _, page, log = check(tmp_path)
    assert page.count("No NVIDIA driver.") == 1
    assert "\n".join(log.lines).count("No NVIDIA driver.") == 1


def test_a_light_engine_is_ready_and_says_what_it_cannot_do(tmp_path, monkeypatch):
    facts = {"python": "3.12", "torch": "", "device": "CPU", "light": LIGHT_ENGINE}
    monkeypatch.setattr(worker, "doctor", lambda launch, cancelled: facts)
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    results, page, log = check(tmp_path)
    assert results["READY"] is True
    assert log.lines[1].startswith("DualStream is ready to map with finished models.")
    assert "It does not train" in page and "without &quot;Light engine&quot;" in page


def test_without_an_environment_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "<none>"))
    results, page, log = check(tmp_path)
    assert results["READY"] is False and results["DEVICE"] == ""
    assert log.lines[0].startswith("DualStream cannot run yet.")
    assert "Set up DualStream" in log.lines[0] and "Set up DualStream" in page
    assert "&lt;none&gt;" in page and "<none>" not in page


def test_a_crash_of_the_engine_is_a_finding(tmp_path, monkeypatch, make_engine):
    root = make_engine("sys.exit('no libcuda')")
    style = root / "engine" / "reports" / "templates"
    style.mkdir(parents=True)
    (style / "style.css").write_text("")
    monkeypatch.setattr(doctor, "ROOT", root)
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    results, page, _ = check(tmp_path)
    assert results["READY"] is False
    assert "no libcuda" in page and "which repairs it" in page


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "none"))
    log, path = Log(), tmp_path / "file" / "check.html"
    (tmp_path / "file").touch()
    _, ok = calls.run(DoctorAlgorithm, {"REPORT": str(path)}, log)
    assert not ok
    assert f"The report {path} cannot be written" in " ".join(log.errors)
    assert not Path(path).exists()
