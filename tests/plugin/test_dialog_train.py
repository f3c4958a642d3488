"""The dialog of training in a real QGIS window: what is missing or wrong is told before a run."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from tests.plugin.rasters import write_raster
from tests.plugin.test_dialog import click  # noqa: F401 - fixture


def test_the_dialog_insists_on_a_file_for_the_model_and_names_what_is_wrong(click, tmp_path):  # noqa: F811
    image = write_raster(tmp_path / "scene.tif", range(64))
    given = {"IMAGE": [image], "LABELS": image}
    output = str(tmp_path / "m.safetensors")
    wrong = {**given, "OUTPUT": output, "RECIPE": "schedule=linear"}
    (without_file, with_wrong_recipe), _ = click("dualstream:train", [given, wrong], image)
    (sentence,) = without_file["boxes"]
    assert sentence.startswith('The model has no place yet: choose a file under "Model"')
    assert "schedule must be automatic, cosine, plateau or step" in with_wrong_recipe["boxes"][0]
