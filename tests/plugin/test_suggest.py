"""Squares to label in QGIS, with the real engine if it is installed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.file_jobs import SuggestJob
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dualstream_qgis import environment
from dualstream_qgis.algorithms.suggest import SuggestAlgorithm
from tests.plugin import calls
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.real_engine import engine_python
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")

SIDE = 128


@pytest.fixture
def image(tmp_path):
    """128 x 128 px of 10 m, the lower half noise."""
    noise = random.Random(0)
    values = [noise.randrange(256) if n > SIDE**2 // 2 else 90 for n in range(SIDE**2)]
    return write_raster(tmp_path / "image.tif", values, SIDE)


@pytest.fixture
def labels(tmp_path):
    """A labelled place in the first square."""
    path = tmp_path / "labels.geojson"
    ring = "[[500100,4999900],[500200,4999900],[500200,4999800],[500100,4999800],[500100,4999900]]"
    path.write_text(
        '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:32632"}},"features":['
        '{"type":"Feature","properties":{"kind":"house"},"geometry":{"type":"Polygon","coordinates":['
        f"{ring}]}}}}]}}"
    )
    return str(path)


def test_parameters_become_the_job(image, labels, tmp_path):
    write_model(tmp_path / "m.safetensors")
    output = str(tmp_path / "next.gpkg")
    parameters = {
        "MODEL": str(tmp_path / "m.safetensors"),
        "IMAGE": [image],
        "LABELS": labels,
        "CLASS_FIELD": "kind",
        "LABELLED_AREA": labels,
        "COUNT": 7,
        "SIZE": 320,
        "IGNORE": "255, unknown",
        "CHECKED": [labels],
        "IMAGE_BANDS": "1",
        "OUTPUT": output,
    }
    assert calls.check_parameters(SuggestAlgorithm, parameters) == (True, "")
    assert calls.job(SuggestAlgorithm, parameters) == SuggestJob(
        model=(str(tmp_path / "m.safetensors"),),
        image=(image,),
        labels=(labels,),
        class_field="kind",
        labelled_area=labels,
        ignore=("255", "unknown"),
        checked=(labels,),
        image_bands=(1,),
        count=7,
        size=320.0,
        output=output,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"AUXILIARY": ["IMAGE"]}, "Without a model auxiliary rasters are not used"),
        ({"LABELLED_AREA": "LABELS"}, "The labelled area belongs to labels"),
        ({"IGNORE": "255"}, "The ignored classes belong to labels"),
        ({"CORRECTIONS": ["IMAGE"]}, "count inside the checked squares only"),
        ({"OUTPUT": "next.shp"}, "does not end in .gpkg"),
        ({"MODEL": "none.safetensors"}, "There is no model file none.safetensors"),
        ({"COUNT": 0}, "COUNT"),
    ],
)
def test_impossible_parameters_are_refused(image, labels, tmp_path, changes, message):
    files = {"IMAGE": image, "LABELS": labels}
    given = {
        key: [files.get(v, v) for v in value]
        if isinstance(value, list)
        else files.get(value, value)
        for key, value in changes.items()
    }
    parameters = {"IMAGE": image, "OUTPUT": str(tmp_path / "next.gpkg"), **given}
    accepted, text = calls.check_parameters(SuggestAlgorithm, parameters)
    assert not accepted and message in text


def test_squares_become_a_styled_layer(monkeypatch, image, labels, tmp_path):
    monkeypatch.setattr(environment, "find", engine_python)
    context = QgsProcessingContext()
    project = QgsProject()
    context.setProject(project)
    project.addMapLayer(QgsRasterLayer(image, "Town"))
    output, log = str(tmp_path / "next.gpkg"), Log()
    loaded = QgsProcessingOutputLayerDefinition(output, project)
    # QGIS's list of several layers gives their sources.
    parameters = {"IMAGE": [image], "LABELS": labels, "COUNT": 3, "SIZE": 640, "OUTPUT": loaded}
    results, ok = calls.run(SuggestAlgorithm, parameters, log, context)
    assert ok, [*log.errors, *log.lines]
    assert results["SQUARES"] == 3 and results["OUTPUT"] == output
    assert context.layerToLoadOnCompletionDetails(output).name == "Where to label next on Town"
    layer = QgsVectorLayer(output, "squares", "ogr")
    assert layer.crs().authid() == "EPSG:32632" and layer.featureCount() == 3
    found = {f["rank"]: f for f in layer.getFeatures()}
    assert sorted(found) == [1, 2, 3] and not any(f["checked"] for f in found.values())
    assert layer.fields().field("checked").typeName() == "Boolean"
    corners = {
        (f.geometry().boundingBox().xMinimum(), f.geometry().boundingBox().yMaximum())
        for f in found.values()
    }
    assert corners == {(500640, 5000000), (500000, 4999360), (500640, 4999360)}
    assert found[1].geometry().boundingBox().yMaximum() == 4999360, (
        "noise is unlike what is labelled"
    )
    assert layer.renderer().type() == "categorizedSymbol" and layer.labelsEnabled()
    assert layer.renderer().legendClassificationAttribute() == "reason"
    assert layer.labeling().settings().fieldName == "rank"


def test_points_become_a_styled_layer(monkeypatch, image, labels, tmp_path):
    monkeypatch.setattr(environment, "find", engine_python)
    context, project = QgsProcessingContext(), QgsProject()
    context.setProject(project)
    output, log = str(tmp_path / "next.gpkg"), Log()
    parameters = {"IMAGE": image, "LABELS": labels, "SHAPE": "points", "OUTPUT": output}
    results, ok = calls.run(SuggestAlgorithm, {**parameters, "COUNT": 3}, log, context)
    assert ok, [*log.errors, *log.lines]
    layer = QgsVectorLayer(output, "points", "ogr")
    assert results["SQUARES"] == 3 and layer.geometryType() == 0
    places = {f["rank"]: f.geometry().asPoint() for f in layer.getFeatures()}
    assert sorted(places) == [1, 2, 3] and min(place.y() for place in places.values()) < 4999360
    assert layer.renderer().type() == "categorizedSymbol" and layer.labelsEnabled()
    categories = layer.renderer().categories()  # they own the symbols
    marker = categories[0].symbol().symbolLayer(0)
    assert marker.layerType() == "SimpleMarker" and marker.size() == 5


def test_several_images_have_their_squares_in_one_layer(monkeypatch, image, tmp_path):
    monkeypatch.setattr(environment, "find", engine_python)
    context, project = QgsProcessingContext(), QgsProject()
    context.setProject(project)
    output, log = str(tmp_path / "next.gpkg"), Log()
    other = write_raster(
        tmp_path / "other.tif", [7] * SIDE**2, SIDE, (500000, 10, 0, 4990000, 0, -10)
    )
    layers = [QgsRasterLayer(path, Path(path).stem) for path in (image, other)]
    project.addMapLayers(layers)
    parameters = {"IMAGE": layers, "COUNT": 8, "SIZE": 640, "OUTPUT": output}
    results, ok = calls.run(SuggestAlgorithm, parameters, log, context)
    assert ok, [*log.errors, *log.lines]
    found = [f["image"] for f in QgsVectorLayer(output, "squares", "ogr").getFeatures()]
    assert results["SQUARES"] == 8 and sorted(found) == sorted([image, other] * 4)
