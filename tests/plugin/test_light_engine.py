"""What the light engine cannot do is refused before a run, in one sentence with the way out."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.architectures import ONNX
from dualstream_qgis.engine.contract.card_reader import read_card
from dualstream_qgis.engine.contract.light_engine import FULL_ENGINE_PACKAGES, NEEDS_FULL_ENGINE
from dualstream_qgis.engine.contract.prepared_models import CACHE_VARIABLE, graph_name
from qgis.core import QgsProcessingContext

from dualstream_qgis import engine_home, environment, settings, starter_model
from dualstream_qgis.algorithms import model_checks
from dualstream_qgis.algorithms.download import DownloadAlgorithm
from dualstream_qgis.algorithms.export import ExportAlgorithm
from dualstream_qgis.algorithms.import_weights import ImportAlgorithm
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.setup import SetupAlgorithm
from dualstream_qgis.algorithms.train import TrainAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from dualstream_qgis.installation import computer, errors, installer, torch_builds
from tests.plugin import calls
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.recording import Log
from tests.plugin.test_model_checks import Panel

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture
def light(tmp_path, monkeypatch) -> None:
    """A Python that lacks what the light engine lacks, and has answered."""
    lacking = [name for name in environment.REQUIRED_PACKAGES if name in FULL_ENGINE_PACKAGES]
    python = tmp_path / "python"
    answer = json.dumps({"version": [3, 12, 0], "missing": lacking})
    python.write_text(f"#!/bin/sh\necho '{answer}'\n")
    python.chmod(0o755)
    monkeypatch.setenv(environment.VARIABLE, str(python))
    environment.find_checked()


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize("algorithm", [TrainAlgorithm, TrainDataSetAlgorithm])
def test_training_is_refused(algorithm):
    assert algorithm().create().canExecute() == (False, NEEDS_FULL_ENGINE)
    assert calls.check_parameters(algorithm, {}) == (False, NEEDS_FULL_ENGINE)
    assert NEEDS_FULL_ENGINE in algorithm().create().shortHelpString()


@pytest.mark.usefixtures("light")
def test_the_export_of_a_network_is_refused_and_a_card_is_not(tmp_path):
    write_model(tmp_path / "m.safetensors")
    for name, expected in (("onnx", (False, NEEDS_FULL_ENGINE)), ("stac", (True, ""))):
        parameters = {
            "MODEL": str(tmp_path / "m.safetensors"),
            "FORMAT": name,
            "OUTPUT": str(tmp_path / "out"),
        }
        assert calls.check_parameters(ExportAlgorithm, parameters) == expected


@pytest.mark.usefixtures("light")
def test_weights_are_refused_and_onnx_networks_are_not(tmp_path):
    output = {"OUTPUT": str(tmp_path / "m.safetensors")}
    for name, expected in (("w.pth", (False, NEEDS_FULL_ENGINE)), ("n.ONNX", (True, ""))):
        (tmp_path / name).write_bytes(b"")
        parameters = {"WEIGHTS": str(tmp_path / name), **output}
        assert calls.check_parameters(ImportAlgorithm, parameters) == expected
    assert ImportAlgorithm().create().canExecute() == (True, "")
    assert SegmentAlgorithm().create().canExecute() == (True, "")


@pytest.mark.parametrize(("chosen", "build"), [(True, torch_builds.LIGHT), (False, "cu126")])
def test_set_up_builds_what_is_chosen(monkeypatch, chosen, build):
    orders = []

    def stop(order, _):
        orders.append(order)
        raise errors.InstallationError("No network.")

    monkeypatch.setattr(installer, "build", stop)
    _, succeeded = calls.run(SetupAlgorithm, {"ONLY_MAP": chosen, "TORCH": "cu126"}, Log())
    assert not succeeded
    assert [order.choice for order in orders] == [build]


def test_the_set_up_tells_what_each_choice_downloads(monkeypatch):
    form = Panel(SetupAlgorithm, "ONLY_MAP", "TORCH", "WHEELS")
    build = form.wrappers["TORCH"]
    assert "PyTorch for" in build.plan.text() and build.box.isEnabled()
    form.set("TORCH", "cu126")
    assert "CUDA 12.6" in build.plan.text() and "About 3.4 GB" in build.plan.text()
    form.set("ONLY_MAP", True)
    assert "without PyTorch. About 0.2 GB" in build.plan.text() and not build.box.isEnabled()
    assert "of the disk" not in build.plan.text(), "one size, not two"
    monkeypatch.setattr(computer, "free_bytes", lambda _: 5e8)
    form.set("ONLY_MAP", False)
    assert "500 MB are free" in build.plan.text(), "but where the disk is small"
    assert build.box.isEnabled() and build.parameterValue() == "cu126"
    form.set("WHEELS", "/media/stick")
    assert build.plan.text() == ""


def test_the_download_for_another_computer_tells_its_size():
    form = Panel(DownloadAlgorithm, "SYSTEM", "ONLY_MAP", "GRAPHICS")
    build = form.wrappers["GRAPHICS"]
    assert "About 0.5 GB" in build.plan.text()
    form.set("GRAPHICS", "amd")
    assert "no packages for the graphics card amd" in build.plan.text()
    form.set("ONLY_MAP", True)
    assert "About 0.2 GB" in build.plan.text() and not build.box.isEnabled()


def test_the_light_engine_is_below_the_plan_of_the_full_one():
    for algorithm, full in ((SetupAlgorithm, "TORCH"), (DownloadAlgorithm, "GRAPHICS")):
        created = algorithm().create()
        names = [one.name() for one in created.parameterDefinitions()]
        assert names[names.index(full) + 1] == "ONLY_MAP"
        light = created.parameterDefinition("ONLY_MAP").description()
        assert light == "Light engine: maps with prepared and ONNX models, cannot train (0.2 GB)"


@pytest.mark.usefixtures("light")
def test_a_model_that_is_not_prepared_is_red_before_run(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    model = tmp_path / "m.safetensors"
    write_model(model)
    panel = Panel(SegmentAlgorithm, "MODEL", "IMAGE", "AUXILIARY", "IMAGE_ALONE", "EXTENT")
    parameters = {
        "MODEL": str(model),
        "IMAGE": write_raster(tmp_path / "scene.tif"),
        "OUTPUT": str(tmp_path / "mask.tif"),
    }

    panel.set("MODEL", str(model))
    accepted, message = calls.check_parameters(SegmentAlgorithm, parameters)
    assert not accepted and message.startswith("The light engine, which is installed here, cannot")
    assert html.escape(message) in panel.card()
    onnx = replace(read_card(str(model)), architecture=ONNX)
    inputs = model_checks.read_inputs(SegmentAlgorithm().create(), {}, QgsProcessingContext())
    assert not [*model_checks.refusals({str(model): onnx}, inputs)], "it holds its graph"
    (tmp_path / graph_name(str(model), fused=False)).touch()
    assert calls.check_parameters(SegmentAlgorithm, parameters) == (True, "")
    assert "light engine" not in panel.card()


@pytest.mark.usefixtures("light")
def test_the_starter_model_is_not_offered(monkeypatch, tmp_path):
    write_model(tmp_path / "starter.safetensors")
    monkeypatch.setattr(starter_model, "PATH", tmp_path / "starter.safetensors")
    assert Panel(SegmentAlgorithm, "MODEL").card() == ""


def test_a_light_engine_stays_light_when_set_up_runs_again(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "engine_home_folder", lambda: tmp_path)

    def default() -> bool:
        algorithm = SetupAlgorithm().create()
        return algorithm.parameterDefinition("ONLY_MAP").defaultValue()

    assert default() is False
    engine_home.switch(tmp_path, tmp_path / "e1", engine_home.LIGHT)
    assert default() is True
    engine_home.switch(tmp_path, tmp_path / "e2", "cpu")
    assert default() is False
