"""The dialog in a real QGIS window: layers and log after a click on Run."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.model_card import AuxiliaryCard, ImageCard

from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.test_warm_engine_segment import model, scenes  # noqa: F401 - fixtures


def test_a_click_on_run_loads_the_layers(click, model, scenes):  # noqa: F811
    parameters = {"MODEL": model, "IMAGE": scenes[0], "CONFIDENCE": "TEMPORARY_OUTPUT"}
    found, stderr = click("dualstream:segment", parameters, scenes[0])
    names = [layer["name"] for layer in found["layers"]]
    assert names == ["Mask of 3 (m)", "Confidence of 3 (m)", "3"]
    mask, confidence, _ = found["layers"]
    assert mask["renderer"] == "paletted" and mask["labels"] == ["land", "water"]
    assert confidence["renderer"] == "singlebandpseudocolor"
    assert mask["is_expanded"]
    assert found["seconds_until_the_bar_moves"] < 10, found["log"]
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
        both: "both.safetensors was trained with 2 auxiliary bands, but scene has none",
    }
    for file, sentence in says.items():
        parameters = {"MODEL": str(file), "IMAGE": image}
        found, _ = click("dualstream:segment", parameters, image, clicks=False)
        (card,) = [text for text in found["texts"] if "Second stream:" in text]
        assert sentence in card and "water" in card, card
