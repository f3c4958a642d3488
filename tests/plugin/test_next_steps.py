"""What QGIS's window shows after a run: the next step in the message bar, and pages named by their file."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from processing.core.ProcessingResults import resultsList
from processing.gui.ResultsDock import ResultsDock
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtWidgets import QPushButton

from dualstream_qgis import message_bar, result_names
from dualstream_qgis.algorithms import base_algorithm
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.setup import SetupAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from dualstream_qgis.installation import installer
from dualstream_qgis.message_bar import offer, offered
from tests.plugin.calls import run
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.recording import Log
from tests.plugin.test_menu import Window, wait
from tests.plugin.test_runs import TRAINED

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture
def window(monkeypatch):
    window, canvas = Window(), QgsMapCanvas()
    window.mapCanvas = lambda: canvas
    monkeypatch.setattr(base_algorithm, "iface", window)
    return window


@pytest.fixture
def opened(monkeypatch):
    """The dialogs that buttons open: names and parameters."""
    calls = []
    monkeypatch.setattr(message_bar, "open_dialog", lambda *call: calls.append(call))
    return calls


def button(window):
    return offered(window).findChild(QPushButton)


def test_set_up_offers_what_comes_next(window, opened, monkeypatch):
    offer(window, "Nothing is installed yet.", "setup")
    monkeypatch.setattr(installer, "build", lambda *_: iter(()))
    monkeypatch.setattr(SetupAlgorithm, "_check", lambda *_: ("python", {}))
    for is_light, text, algorithm in (
        (False, "Ready. Next: make sample data.", "sample"),
        (True, "Ready. The light engine maps with prepared and ONNX models.", "segment"),
    ):
        log = Log()
        assert run(SetupAlgorithm, {"ONLY_MAP": is_light}, log)[1]
        wait(10, lambda text=text: offered(window) and offered(window).text() == text)
        assert log.lines[-1] == text
        button(window).click()
        assert opened[-1] == (algorithm, None)


def test_a_training_offers_to_segment_with_its_model(window, opened, engine, tmp_path):
    engine(TRAINED)
    output = tmp_path / "forest.safetensors"
    write_model(output)
    assert run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output)}, Log())[1]
    wait(10, lambda: offered(window))
    assert offered(window).text() == "Ready: forest"
    assert button(window).text() == "Segment with DualStream"
    button(window).click()
    assert opened == [("segment", {"MODEL": str(output), "AUXILIARY": []})]


def test_an_offer_leaves_once_its_algorithm_has_run(window, engine, tmp_path):
    engine('say("started", command=verb, version="1", pid=1)\nsay("done", message="", outputs={})')
    model, image = tmp_path / "m.safetensors", write_raster(tmp_path / "scene.tif")
    write_model(model)
    offer(window, "Set up first.", "setup")
    values = {"MODEL": str(model), "IMAGE": image, "OUTPUT": str(tmp_path / "mask.tif")}
    assert run(SegmentAlgorithm, values, Log())[1]
    assert offered(window), "it offers another one"
    offer(window, "Segment with this model?", "segment")
    assert run(SegmentAlgorithm, values, Log())[1]
    assert not offered(window)


def test_pages_are_listed_by_their_file(monkeypatch):
    monkeypatch.setattr(resultsList, "results", [])
    dock, shown = ResultsDock(), []
    for number in (1, 2):
        result_names.name_result(f"/tmp/{number}/REPORT.html", "Report", f"m-{number}")
        resultsList.addResult(
            dock.windowIcon(), "Report", (2026, *[1] * 8), f"/tmp/{number}/REPORT.html"
        )
        shown.append(dock.treeResults.topLevelItem(0).text(0).split(" [")[0])
    assert shown == ["Report: m-1", "Report: m-2"]
    resultsList.addResult(dock.windowIcon(), "Other", (2026, *[1] * 8), "/tmp/other.html")
    assert dock.treeResults.topLevelItem(0).text(0).startswith("Other [")
