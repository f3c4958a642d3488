"""Model information: a page about a model, and a model file that is dropped on the window."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.model_card import ImageCard
from qgis.core import QgsProcessingFeedback, QgsProcessingOutputHtml

from dualstream_qgis.algorithms.model_information import ModelInformationAlgorithm
from dualstream_qgis.dialogs.model_drop import ModelDropHandler
from tests.plugin.calls import check_parameters, run
from tests.plugin.model_files import write_model
from tests.plugin.real_engine import engine_python

pytestmark = pytest.mark.usefixtures("processing_ready")


def test_the_page_tells_bands_classes_and_scores(tmp_path, monkeypatch, context):
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    model, page = tmp_path / "m.safetensors", tmp_path / "page.html"
    image = ImageCard(2, ("red <1>", "nir"), "uint16", (0.0, 1.0), (4000.0, 5000.0), ground=10.0)
    write_model(model, image=image, metrics={"miou": 0.5, "iou": {"water": 0.25}})
    parameters = {"MODEL": str(model), "REPORT": str(page)}
    results, is_done = run(ModelInformationAlgorithm, parameters, QgsProcessingFeedback(), context)
    assert is_done and Path(results["REPORT"]) == page
    text = page.read_text(encoding="utf-8")
    for words in (
        "m.safetensors",
        "red &lt;1&gt;",
        "nir",
        "10 m per pixel",
        "water",
        "0.250",
        "5000",
    ):
        assert words in text, words


def test_the_page_opens_in_the_results_viewer_and_other_files_are_refused(tmp_path, context):
    algorithm = ModelInformationAlgorithm().create()
    outputs = {output.name(): output for output in algorithm.outputDefinitions()}
    assert isinstance(outputs["REPORT"], QgsProcessingOutputHtml)
    other = tmp_path / "scene.tif"
    other.touch()
    given = {"MODEL": str(other), "REPORT": "TEMPORARY_OUTPUT"}
    accepted, message = check_parameters(ModelInformationAlgorithm, given, context)
    assert not accepted and "is not a model file" in message


def test_only_model_files_are_taken_from_a_drop():
    assert not ModelDropHandler().handleFileDrop("scene.tif")
