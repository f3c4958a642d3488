"""Get a model: a network of the list is downloaded, checked by its hash and imported, with the scale of the images."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
import zipfile
from dataclasses import replace
from functools import partial

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.card_reader import read_card
from qgis.core import QgsProcessingContext

from dualstream_qgis import message_bar
from dualstream_qgis.algorithms import get_model, model_list
from dualstream_qgis.algorithms.get_model import GetModelAlgorithm
from dualstream_qgis.installation.package_download import Package
from tests.plugin import calls
from tests.plugin.real_engine import engine_python
from tests.plugin.recording import Log
from tests.plugin.test_onnx_model import MAKE, run_python

pytestmark = pytest.mark.usefixtures("processing_ready")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(tmp_path):
    """The address of a server of the folder ``served``."""
    (tmp_path / "served").mkdir()
    handler = partial(Quiet, directory=str(tmp_path / "served"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def tiny(tmp_path, address, monkeypatch, request):
    """A list of one small network of three bands, in a package on the server."""
    run_python(MAKE, tmp_path)
    name = (
        f"tiny-{abs(hash(request.node.name))}.whl"  # QGIS's temporary folder is one for all tests
    )
    file = tmp_path / "served" / name
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "net.onnx", "tiny/net.onnx")
    content = file.read_bytes()
    listed = replace(
        model_list.MODELS["clouds-top-4-bands"],
        mean=(0.5, 0.4, 0.3),
        std=(0.2, 0.25, 0.3),
        member="tiny/net.onnx",
        package=Package(f"{address}/{name}", hashlib.sha256(content).hexdigest(), len(content)),
    )
    monkeypatch.setattr(get_model, "MODELS", {"tiny": listed})
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    return file


def get(folder, values="reflectance-0-10000"):
    log = Log()
    given = {"MODEL": "tiny", "VALUES": values, "FOLDER": str(folder)}
    return *calls.run(GetModelAlgorithm, given, log), log


def test_a_network_becomes_a_model_file(tiny, tmp_path):
    results, ok, log = get(tmp_path / "new" / "models")
    assert ok, log.errors
    model = tmp_path / "new" / "models" / "tiny-reflectance-0-10000.safetensors"
    assert results == {"OUTPUT": str(model), "FOLDER": str(model.parent)}
    card = read_card(str(model))
    assert [entry.name for entry in card.classes] == ["background", "cloud", "cloud shadow"]
    assert card.image.high == pytest.approx((10000, 10000, 10000))
    assert card.image.ground == 30
    assert card.provenance["job"]["mean"] == pytest.approx([0.5, 0.4, 0.3])
    assert any("Apache-2.0" in line for line in log.lines)
    assert any("reflectances times 10000" in line for line in log.lines)
    assert [path.name for path in model.parent.iterdir()] == [model.name]


def test_a_package_in_the_folder_needs_no_internet(tiny, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    tiny.rename(folder / tiny.name)
    _, ok, log = get(folder)
    assert ok, log.errors


def test_a_changed_package_is_refused(tiny, tmp_path):
    tiny.write_bytes(tiny.read_bytes()[:-1] + b"x")
    _, ok, log = get(tmp_path / "models")
    assert not ok
    assert "is not the file that DualStream was made for" in log.errors[0]
    assert not list((tmp_path / "models").iterdir())


def test_without_internet_the_message_names_the_way_out(tiny, tmp_path, monkeypatch):
    model = get_model.MODELS["tiny"]
    closed = replace(model.package, address="http://127.0.0.1:9/gone.whl")
    monkeypatch.setattr(get_model, "MODELS", {"tiny": replace(model, package=closed)})
    _, ok, log = get(tmp_path / "models")
    assert not ok
    assert "Or download http://127.0.0.1:9/gone.whl with a browser" in log.errors[0]
    assert str(tmp_path / "models") in log.errors[0]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    given = {"MODEL": "clouds-top-4-bands", "VALUES": "reflectance-0-1"}
    is_fine, text = calls.check_parameters(
        GetModelAlgorithm, {**given, "FOLDER": str(tmp_path / "file")}
    )
    assert not is_fine
    assert "Choose a folder" in text
    is_fine, text = calls.check_parameters(
        GetModelAlgorithm, {**given, "FOLDER": "TEMPORARY_OUTPUT"}
    )
    assert not is_fine
    assert "temporary" in text
    new = {**given, "FOLDER": str(tmp_path / "new")}
    assert calls.check_parameters(GetModelAlgorithm, new) == (True, "")


def test_the_scale_of_the_images_is_in_the_job():
    model = model_list.MODELS["clouds-top-4-bands"]
    for scale in model_list.SCALES.values():
        job = model.job("net.onnx", "m.safetensors", scale)
        for mean, std, own_mean, own_std in zip(job.mean, job.std, model.mean, model.std):
            stored = job.maximum * mean
            assert stored * scale.gain + scale.offset == pytest.approx(own_mean)
            assert job.maximum * std * scale.gain == pytest.approx(own_std)
        assert job.maximum * scale.gain + scale.offset == pytest.approx(1)


def test_every_row_is_complete_and_public():
    for name, model in model_list.MODELS.items():
        assert len(model.mean) == len(model.std) == model.bands.count(",") + 1, name
        assert re.fullmatch("[0-9a-f]{64}", model.package.sha256), name
        assert model.package.address.startswith(f"https://{model_list.PACKAGES_HOST}/"), name
        assert model.licence and model.size < model.package.size, name
    assert set(GetModelAlgorithm().create().parameterDefinition("MODEL").options()) == set(
        model_list.MODELS
    )


def test_the_next_step_is_to_segment(tmp_path, monkeypatch):
    offered = []
    monkeypatch.setattr(message_bar, "offer", lambda *arguments: offered.append(arguments))
    model = tmp_path / "m.safetensors"
    algorithm = GetModelAlgorithm().create()
    given = {"MODEL": "clouds-top-4-bands", "VALUES": "reflectance-0-1", "FOLDER": str(tmp_path)}
    algorithm.prepareAlgorithm(given, QgsProcessingContext(), Log())
    show = algorithm.next_step()
    show("window")
    assert not offered, "there is no model"
    model = tmp_path / "clouds-top-4-bands-reflectance-0-1.safetensors"
    model.touch()
    show("window")
    assert offered == [("window", f"Ready: {model.stem}", "segment", {"MODEL": str(model)})]


def test_the_dialog_shows_what_is_downloaded():
    plan = (
        GetModelAlgorithm().create().plan({"MODEL": "clouds-top-6-bands"}, QgsProcessingContext())
    )
    assert "SWIR" in plan and "145 MB" in plan and "Apache-2.0" in plan
