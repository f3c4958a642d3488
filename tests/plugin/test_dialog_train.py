"""The dialog of training in a real QGIS window: what is missing or wrong is told before a run."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from tests.plugin.rasters import write_raster


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("schedule=linear", "schedule must be automatic, cosine, annealing, plateau or step"),
        ("augmentation=mirror", "There is no augmentation 'mirror'; do you mean mirrors?"),
    ],
)
def test_the_dialog_names_what_is_wrong_in_a_recipe(click, tmp_path, recipe, sentence):
    image = write_raster(tmp_path / "scene.tif", range(64))
    output = str(tmp_path / "m.safetensors")
    given = {"IMAGE": [image], "LABELS": image, "OUTPUT": output, "RECIPE": recipe}
    found, _ = click("dualstream:train", given, image)
    assert sentence in found["boxes"][0]


def test_the_dialog_insists_on_a_file_for_the_model(click, tmp_path):
    image = write_raster(tmp_path / "scene.tif", range(64))
    given = {"IMAGE": [image], "LABELS": image}
    found, _ = click("dualstream:train", given, image)
    (sentence,) = found["boxes"]
    assert sentence.startswith('Choose where to save the model: a file under "Model"')
