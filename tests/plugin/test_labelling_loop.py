"""A round of less labelling through ``qgis_process``: few labels, a model, suggested squares, corrections, a better model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)

from tests.plugin.qgis_process import new_profile, run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("qgis_app")]

#: Squares of a round, and their side in metres: 128 px.
COUNT, SIDE = 8, 1280

#: Seconds that one algorithm may take on a busy computer.
PATIENCE = 3600


class Loop:
    """The sample data in a folder, and the files of each step beside them.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self._variables = new_profile(folder / "qgis")
        self.run("sample", OUTPUT=self.folder)
        self.scene = self.inputs("training")

    def run(self, algorithm, **parameters):
        """The results of one of the plugin's algorithms, which must succeed."""
        return self.run_any(f"dualstream:{algorithm}", **parameters)

    def run_any(self, algorithm, **parameters):
        """The results of any algorithm, which must succeed."""
        code, results, said = run(self._variables, algorithm, timeout=PATIENCE, **parameters)
        assert code == 0, said
        return results

    def inputs(self, scene):
        """Image and auxiliary raster of a scene."""
        place = self.folder / scene
        return {"IMAGE": place / "image.tif", "AUXILIARY": place / "air.tif"}

    def train(self, name, labels, area, **more):
        """Trains a model on labels inside of an area; returns its file."""
        model = self.folder / name
        self.run(
            "train",
            **self.scene,
            LABELS=labels,
            CLASS_FIELD="class",
            AREA=area,
            TILE_SIZE=128,
            DEVICE="cpu",
            RECIPE="seed=1",
            OUTPUT=model,
            **more,
        )
        return model

    def accuracy(self, model):
        """The mean IoU of a model's mask of the scene that no training has seen."""
        mask = model.with_suffix(".tif")
        self.run("segment", MODEL=model, **self.inputs("unseen"), DEVICE="cpu", OUTPUT=mask)
        labels = self.folder / "unseen" / "labels.gpkg"
        return self.run("evaluate", MASK=mask, LABELS=labels, CLASS_FIELD="class")["MIOU"]


def correct(polygons, squares, truth):
    """Corrects polygons of a mask inside of squares as a person does, in QGIS's editing buffer, and checks the squares."""
    layer, checked = QgsVectorLayer(str(polygons)), QgsVectorLayer(str(squares))
    inside = QgsGeometry.unaryUnion([square.geometry() for square in checked.getFeatures()])
    column = layer.fields().indexOf("class")
    # What the form of a new polygon offers.
    choices = layer.editorWidgetSetup(column).config()["map"]
    values = {name: int(value) for choice in choices for name, value in choice.items()}
    assert layer.startEditing()
    for feature in list(layer.getFeatures()):
        if not feature.geometry().intersects(inside):
            continue
        layer.deleteFeature(feature.id())
        draw(layer, feature.geometry().difference(inside), {column: feature["class"]})
    for feature in QgsVectorLayer(str(truth)).getFeatures():
        draw(layer, feature.geometry().intersection(inside), {column: values[feature["class"]]})
    assert layer.commitChanges(), layer.commitErrors()
    assert checked.startEditing()
    for square in list(checked.getFeatures()):
        checked.changeAttributeValue(square.id(), checked.fields().indexOf("checked"), True)
    assert checked.commitChanges(), checked.commitErrors()


def draw(layer, shape, attributes):
    """Adds each polygon of a shape."""
    for piece in shape.asGeometryCollection():
        if piece.area() > 0:
            assert layer.addFeature(QgsVectorLayerUtils.createFeature(layer, piece, attributes))


def squares_of(path) -> list[QgsFeature]:
    """The squares of a layer."""
    return list(QgsVectorLayer(str(path)).getFeatures())


def test_a_round_of_the_loop_makes_the_map_better(tmp_path):
    loop = Loop(tmp_path)
    names = ("first-squares.gpkg", "my-labels.gpkg", "next-squares.gpkg", "polygons.gpkg")
    first_squares, labels, next_squares, polygons = (loop.folder / name for name in names)
    truth, mask = loop.folder / "training" / "labels.gpkg", loop.folder / "mask.tif"
    image = loop.scene["IMAGE"]

    loop.run("suggest", IMAGE=image, COUNT=COUNT, SIZE=SIDE, DEVICE="cpu", OUTPUT=first_squares)
    loop.run_any("native:clip", INPUT=truth, OVERLAY=first_squares, OUTPUT=labels)
    first = loop.train("first.safetensors", labels, first_squares, EPOCHS=6)
    loop.run("segment", MODEL=first, **loop.scene, DEVICE="cpu", OUTPUT=mask)
    results = loop.run(
        "suggest",
        MODEL=first,
        **loop.scene,
        LABELS=labels,
        CLASS_FIELD="class",
        LABELLED_AREA=first_squares,
        COUNT=COUNT,
        DEVICE="cpu",
        OUTPUT=next_squares,
    )
    assert results["SQUARES"] == COUNT
    assert_squares_are_useful(next_squares, first_squares, image)

    loop.run("polygons", MASK=mask, MINIMUM_AREA=10000, SIMPLIFY=10, OUTPUT=polygons)
    correct(polygons, next_squares, truth)
    second = loop.train(
        "second.safetensors",
        labels,
        first_squares,
        START=first,
        CORRECTIONS=polygons,
        CHECKED=next_squares,
        EPOCHS=8,
    )
    assert_report_compares(second.with_name("second.report.html"))
    before, after = loop.accuracy(first), loop.accuracy(second)
    assert after >= before, f"mIoU of the unseen scene {before:.3f} before and {after:.3f} after"


def assert_squares_are_useful(path, labelled, image):
    """Asserts that squares are in the image, ranked, with reasons, and not where everything is labelled."""
    found, extent = squares_of(path), QgsRasterLayer(str(image)).extent()
    assert [square["rank"] for square in found] == list(range(1, COUNT + 1))
    assert all(extent.contains(square.geometry().boundingBox()) for square in found)
    assert {round(square.geometry().area()) for square in found} == {SIDE**2}
    reasons = {"uncertain", "rare class", "unlike anything labelled"}
    assert {square["reason"] for square in found} <= reasons
    known = QgsGeometry.unaryUnion([square.geometry() for square in squares_of(labelled)])
    assert all(square.geometry().intersection(known).area() == 0 for square in found)


def assert_report_compares(report):
    """Asserts that a report has each class's accuracy before and after the training, and that they differ."""
    text = report.read_text("utf-8")
    table = next(part for part in text.split("<table") if "<th>IoU in validation</th>" in part)
    rows = re.findall(r"<tr><th>.*?([\w ]+)</th>((?:<td.*?</td>)+)</tr>", table, re.DOTALL)
    numbers = {name.strip(): re.findall(r">([-+.\d]+)<", cells)[:2] for name, cells in rows}
    assert {"background", "mist", "smoke", "mean"} <= numbers.keys(), numbers
    assert numbers["mean"][0] != numbers["mean"][1]
