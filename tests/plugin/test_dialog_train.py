"""The dialog of training in a real QGIS window: what is missing or wrong is told before a run."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from tests.plugin.rasters import write_raster


def test_the_dialog_insists_on_a_file_for_the_model_and_names_what_is_wrong(click, tmp_path):
    image = write_raster(tmp_path / "scene.tif", range(64))
    given = {"IMAGE": [image], "LABELS": image}
    found, _ = click("dualstream:train", given, image)
    (sentence,) = found["boxes"]
    assert sentence.startswith('Choose where to save the model: a file under "Model"')
    output = str(tmp_path / "m.safetensors")
    wrong = {**given, "OUTPUT": output, "RECIPE": "schedule=linear"}
    found, _ = click("dualstream:train", wrong, image)
    assert "schedule must be automatic, cosine, annealing, plateau or step" in found["boxes"][0]
