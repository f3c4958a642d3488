"""The dialog in a real QGIS window: layers and log after a click on Run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.model_card import AuxiliaryCard, ImageCard

from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.real_engine import ROOT, engine_python, profile_with_plugin
from tests.plugin.test_warm_engine_segment import model, scenes  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def click(tmp_path_factory):
    """``click(algorithm, parameters, rasters)``: the results of Run, or of no click, in one QGIS in a new profile.

    ``parameters`` are those of one dialog after another.
    """
    qgis = shutil.which("qgis.bin") or shutil.which("qgis")
    if not qgis or not shutil.which("xvfb-run") or not shutil.which("xauth"):
        pytest.skip("there is no QGIS window here: install qgis, xvfb and xauth")
    folder = tmp_path_factory.mktemp("window")
    settings = profile_with_plugin(folder) / "QGIS" / "QGIS3.ini"
    settings.parent.mkdir()
    settings.write_text("[PythonPlugins]\ndualstream_qgis=true\nprocessing=true\n")

    def run(algorithm, parameters, *rasters, clicks="run"):
        given, result = folder / "parameters.json", folder / "result.json"
        given.write_text(json.dumps(parameters))
        variables = {
            **{k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"},
            "QGIS_CUSTOM_CONFIG_PATH": str(folder),
            "DUALSTREAM_PYTHON": engine_python(),
            "DIALOG_ALGORITHM": algorithm,
            "DIALOG_PARAMETERS": str(given),
            "DIALOG_RASTERS": "\n".join(rasters),
            "DIALOG_RESULT": str(result),
            "DIALOG_CLICKS": clicks,
        }
        code = str(ROOT / "tests" / "plugin" / "dialog_run.py")
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24"]
        done = subprocess.run(
            [*screen, qgis, "--nologo", "--noversioncheck", "--code", code],
            env=variables,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert result.is_file(), done.stderr[-2000:]
        found = json.loads(result.read_text())
        result.unlink()
        assert "error" not in found[0], found[0]["error"]
        return found, done.stderr

    return run


def test_a_click_on_run_loads_the_layers(click, model, scenes):  # noqa: F811
    parameters = {"MODEL": model, "IMAGE": scenes[0], "CONFIDENCE": "TEMPORARY_OUTPUT"}
    (found,), stderr = click("dualstream:segment", [parameters], scenes[0])
    assert [layer["name"] for layer in found["layers"]] == ["Mask of 3", "Confidence of 3", "3"]
    mask, confidence, _ = found["layers"]
    assert mask["renderer"] == "paletted" and mask["labels"] == ["land", "water"]
    assert confidence["renderer"] == "singlebandpseudocolor"
    assert mask["is_expanded"]
    assert found["seconds_until_the_bar_moves"] < 2, found["log"]
    assert found["seconds_until_the_engine_runs"] < 30, found["log"]
    for noise in ("not correctly generated", "not recognized", "Unable to load", "Traceback"):
        assert noise not in found["log"] + stderr, noise


def test_what_does_not_fit_is_told_before_run(click, tmp_path):
    image = write_raster(tmp_path / "scene.tif", range(64))
    rgb, both = tmp_path / "rgb.safetensors", tmp_path / "both.safetensors"
    write_model(rgb, image=ImageCard(3, ("red", "green", "blue"), "uint8"))
    write_model(both, auxiliary=AuxiliaryCard(2, 4, ("no2", "co")))
    says = {
        rgb: "rgb.safetensors was trained on 3 image bands (red, green, blue); scene has 1",
        both: "both.safetensors was trained with 2 auxiliary bands and scene is given none",
    }
    parameters = [{"MODEL": str(file), "IMAGE": image} for file in says]
    found, _ = click("dualstream:segment", parameters, image, clicks="none")
    for shown, sentence in zip(found, says.values(), strict=True):
        (card,) = [text for text in shown["texts"] if "Second stream:" in text]
        assert sentence in card and "water" in card, card
