"""Make sample data: files, layers in a group, starter model, and what a second run keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from processing.gui.Postprocessing import handleAlgorithmResults
from qgis.core import Qgis, QgsApplication, QgsProcessingContext
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtWidgets import QPushButton

from dualstream_qgis import environment, message_bar, starter_model
from dualstream_qgis.algorithms import base_algorithm
from dualstream_qgis.algorithms.sample_data import SampleDataAlgorithm
from dualstream_qgis.algorithms.train import TrainAlgorithm
from dualstream_qgis.menu import Menu
from dualstream_qgis.message_bar import offered
from dualstream_qgis.sample_scenes import scene
from tests.plugin.calls import run
from tests.plugin.recording import Log
from tests.plugin.test_menu import no_engine, wait, window  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture(autouse=True)
def small_scenes(monkeypatch):
    """Scenes that take no seconds, and no engine's Python to look for."""
    for name in ("TRAINING", "UNSEEN"):
        small = replace(getattr(scene, name), shape=(192, 192), plumes=2)
        monkeypatch.setattr(scene, name, small)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """The starter model of an installed plugin."""
    model = tmp_path / "shipped.safetensors"
    model.write_bytes(b"weights")
    monkeypatch.setattr(starter_model, "PATH", model)
    return model


def test_files_and_results(shipped, tmp_path):
    folder, log = tmp_path / "sample", Log()
    results, succeeded = run(SampleDataAlgorithm, {"OUTPUT": str(folder)}, log)
    assert succeeded, " ".join(log.lines + log.errors)
    assert Path(results["IMAGE"]) == folder / "training" / "image.tif"
    assert Path(results["LABELS"]) == folder / "training" / "labels.gpkg"
    assert Path(results["UNSEEN_AUXILIARY"]) == folder / "unseen" / "air.tif"
    unseen = [Path(results[name]) for name in ("UNSEEN_IMAGE", "UNSEEN_AUXILIARY")]
    assert unseen == [folder / name for name in starter_model.UNSEEN]
    assert Path(results["MODEL"]).read_bytes() == b"weights"
    assert all(Path(path).exists() for path in results.values())


def test_a_second_run_keeps_the_scenes(shipped, tmp_path):
    parameters, log = {"OUTPUT": str(tmp_path / "sample")}, Log()
    results, _ = run(SampleDataAlgorithm, parameters, log)
    before = Path(results["IMAGE"]).stat().st_mtime_ns
    again, succeeded = run(SampleDataAlgorithm, parameters, log)
    assert succeeded
    assert again == results
    assert Path(results["IMAGE"]).stat().st_mtime_ns == before
    assert "is there already" in " ".join(log.lines + log.errors)


def test_a_checkout_without_the_model_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(starter_model, "PATH", tmp_path / "none.safetensors")
    log = Log()
    results, succeeded = run(SampleDataAlgorithm, {"OUTPUT": str(tmp_path / "sample")}, log)
    assert succeeded
    assert "MODEL" not in results
    assert "no starter model" in " ".join(log.lines + log.errors)


def test_layers_come_styled_in_one_group_and_once(shipped, tmp_path, project, context):
    parameters, log, told = {"OUTPUT": str(tmp_path / "sample")}, Log(), []
    algorithm = SampleDataAlgorithm().create()
    _, succeeded = algorithm.run(parameters, context, log)
    assert succeeded
    loaded = context.layersToLoadOnCompletion().values()
    assert all(details.forceName for details in loaded), "files of both scenes have the same names"
    messages = QgsApplication.messageLog().messageReceived
    listener = messages.connect(lambda *message: told.append(message))
    assert handleAlgorithmResults(algorithm, context, log)
    messages.disconnect(listener)
    # The plugin's own message, an information, comes after half a second.
    told = [message for message in told if message[2] != Qgis.MessageLevel.Info]
    assert not told, "QGIS has tried to open rasters as vectors"
    (group,) = project.layerTreeRoot().children()
    shown = [(node.name(), node.itemVisibilityChecked()) for node in group.children()]
    assert shown == [
        ("Training labels", True),
        ("Training air quality", False),
        ("Training image", True),
        ("Unseen labels", False),
        ("Unseen air quality", False),
        ("Unseen image", True),
    ]
    layers = {layer.name(): layer for layer in project.mapLayers().values()}
    assert layers["Training image"].renderer().type() == "multibandcolor"
    assert layers["Unseen air quality"].renderer().type() == "singlebandpseudocolor"
    assert {c.label() for c in layers["Training labels"].renderer().categories()} == {
        "smoke",
        "mist",
    }

    second = QgsProcessingContext()
    second.setProject(project)
    algorithm = SampleDataAlgorithm().create()
    _, succeeded = algorithm.run(parameters, second, log)
    assert succeeded
    assert not second.layersToLoadOnCompletion(), "the project shows them already"


def test_without_the_engine_the_message_after_the_start_gets_the_text_of_the_sample_data(
    shipped,
    tmp_path,
    project,
    context,
    window,  # noqa: F811
    no_engine,  # noqa: F811
    monkeypatch,
):
    menu, canvas = Menu(window), QgsMapCanvas()
    wait(10, lambda: offered(window))
    assert "not installed yet" in offered(window).text()
    window.mapCanvas = lambda: canvas
    monkeypatch.setattr(base_algorithm, "iface", window)
    algorithm = SampleDataAlgorithm().create()
    assert algorithm.run({"OUTPUT": str(tmp_path / "sample")}, context, Log())[1]
    assert handleAlgorithmResults(algorithm, context, Log())
    wait(10, lambda: "sample data are ready" in offered(window).text())
    (item,) = window.bar.items()
    assert "sample data are ready" in item.text()
    assert [button.text() for button in item.findChildren(QPushButton)] == ["Set up DualStream"]
    menu.remove()


def test_the_next_step_is_to_segment_or_without_a_starter_model_to_train(
    shipped,
    tmp_path,
    project,
    window,  # noqa: F811
    monkeypatch,
):
    canvas, opened = QgsMapCanvas(), []
    window.mapCanvas = lambda: canvas
    monkeypatch.setattr(base_algorithm, "iface", window)
    monkeypatch.setattr(environment, "find", lambda: "python")
    monkeypatch.setattr(environment, "is_light", lambda python: False)
    monkeypatch.setattr(message_bar, "open_dialog", lambda *call: opened.append(call))
    folder = tmp_path / "sample"
    for _ in range(2):
        context = QgsProcessingContext()
        context.setProject(project)
        algorithm = SampleDataAlgorithm().create()
        assert algorithm.run({"OUTPUT": str(folder)}, context, Log())[1]
        assert handleAlgorithmResults(algorithm, context, Log())
        wait(10, lambda: offered(window))
        offered(window).findChild(QPushButton).click()
        shipped.unlink(missing_ok=True)
    (segment, mapping), (train, training) = opened
    assert (segment, train) == ("segment", "train")
    assert mapping["MODEL"] == str(folder / starter_model.NAME)
    assert training["IMAGE"] == [str(folder / "training" / "image.tif")]
    trains = TrainAlgorithm().create()
    assert set(training) <= {one.name() for one in trains.parameterDefinitions()}
    assert trains.validation_error(training, context) == "", "a click on Run is enough"


def test_with_the_light_engine_the_full_one_is_offered(
    shipped,
    tmp_path,
    project,
    context,
    window,  # noqa: F811
    monkeypatch,
):
    canvas = QgsMapCanvas()
    window.mapCanvas = lambda: canvas
    monkeypatch.setattr(base_algorithm, "iface", window)
    monkeypatch.setattr(environment, "find", lambda: "python")
    monkeypatch.setattr(environment, "is_light", lambda python: True)
    algorithm = SampleDataAlgorithm().create()
    assert algorithm.run({"OUTPUT": str(tmp_path / "sample")}, context, Log())[1]
    assert handleAlgorithmResults(algorithm, context, Log())
    wait(10, lambda: offered(window))
    assert offered(window).text() == "The sample data need the full engine."
    (button,) = offered(window).findChildren(QPushButton)
    assert button.text() == "Set up DualStream"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    log = Log()
    _, succeeded = run(SampleDataAlgorithm, {"OUTPUT": str(tmp_path / "file")}, log)
    assert not succeeded
    assert f"The sample data cannot be written to {tmp_path / 'file'}: " in " ".join(
        log.lines + log.errors
    )
    assert "Choose another folder" in " ".join(log.lines + log.errors)
