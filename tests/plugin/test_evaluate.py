"""Masks are compared with labels in QGIS, by the real engine if it is installed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from dualstream_qgis.engine.contract.file_jobs import EvaluateJob
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputHtml,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dualstream_qgis.algorithms.evaluate import EvaluateAlgorithm
from tests.plugin import calls
from tests.plugin.rasters import write_raster
from tests.plugin.real_engine import engine_python

pytestmark = pytest.mark.usefixtures("processing_ready")

SIDE = 20


@pytest.fixture
def mask(tmp_path, monkeypatch):
    """The right half is class 1."""
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    values = [int(col >= 10) for _ in range(SIDE) for col in range(SIDE)]
    return write_raster(tmp_path / "mask.tif", values, SIDE)


def house(path: Path, west: int = 500_100, name: str = "1") -> str:
    """A polygon that reaches from ``west`` to the mask's eastern edge."""
    ring = [(west, 5_000_000), (500_200, 5_000_000), (500_200, 4_999_800), (west, 4_999_800)]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    feature = {"type": "Feature", "geometry": geometry, "properties": {"use": name}}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    collection = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    path.write_text(json.dumps(collection))
    return str(path)


def test_a_mask_is_compared_and_a_page_written(mask, tmp_path):
    report = str(tmp_path / "accuracy.html")
    parameters = {"MASK": mask, "LABELS": house(tmp_path / "l.geojson", 500_120), "REPORT": report}
    found = processing.run("dualstream:evaluate", parameters)
    assert found["REPORT"] == report
    assert found["PIXELS"] == SIDE**2
    assert found["PIXEL_ACCURACY"] == 1 - 2 * SIDE / SIDE**2
    assert found["MIOU"] == pytest.approx((200 / 240 + 160 / 200) / 2)
    assert found["MEAN_BOUNDARY_F1"] == 1, "two pixels are within the tolerance"
    page = Path(report).read_text("utf-8")
    assert f"{found['MIOU']:.3f}" in page
    assert (
        "Objects of foreground: 1 of 1 found, 0 missed, and 0 in the mask that are not in the labels."
        in page
    )


@pytest.mark.parametrize(
    ("kind", "places", "pixels"),
    [
        ("Point", ["Point(500101 4999999)", "Point(500105 4999995)", "Point(500195 4999995)"], 2),
        ("LineString", ["LineString(500105 4999995, 500195 4999995)"], 10),
    ],
)
def test_points_and_lines_of_a_memory_layer_are_labels(mask, project, kind, places, pixels):
    """All say class 1, and only what they mark is compared; the mask's pixels are 10 m wide."""
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32632&field=use:integer", "marks", "memory")
    features = [QgsFeature(layer.fields()) for _ in places]
    for feature, place in zip(features, places):
        feature.setAttributes([1])
        feature.setGeometry(QgsGeometry.fromWkt(place))
    layer.dataProvider().addFeatures(features)
    project.addMapLayer(layer)
    parameters = {"MASK": mask, "LABELS": layer.id(), "CLASS_FIELD": "use"}
    found = processing.run("dualstream:evaluate", parameters)
    assert found["PIXELS"] == pixels
    wide = processing.run(
        "dualstream:evaluate", {**parameters, "POINT_RADIUS": 12.0, "LINE_WIDTH": 30.0}
    )
    assert wide["PIXELS"] > pixels


def test_without_a_file_the_page_is_temporary(mask, tmp_path):
    parameters = {"MASK": mask, "LABELS": house(tmp_path / "l.geojson")}
    found = processing.run("dualstream:evaluate", {**parameters, "REPORT": "TEMPORARY_OUTPUT"})
    assert found["REPORT"].endswith(".html") and Path(found["REPORT"]).is_file()
    assert "REPORT" not in processing.run("dualstream:evaluate", parameters)
    output = EvaluateAlgorithm().create().outputDefinition("REPORT")
    assert isinstance(output, QgsProcessingOutputHtml), "the Results Viewer shows it"


def test_the_page_is_named_after_the_mask_s_layer(mask, tmp_path, project, context):
    layer = QgsRasterLayer(mask, "Mask of Seoul (m)")
    project.addMapLayer(layer)
    labels = house(tmp_path / "l.geojson")
    other = shutil.copy(mask, tmp_path / "other.tif")
    for given, name in ((layer.id(), layer.name()), (mask, layer.name()), (other, "other")):
        one = EvaluateAlgorithm().create()
        feedback = QgsProcessingFeedback()
        assert one.prepareAlgorithm({"MASK": given, "LABELS": labels}, context, feedback)
        assert one.page_subject(EvaluateJob(mask=str(other), labels=labels)) == name


def test_the_dialog_points_to_a_page_only_if_there_is_one(mask, tmp_path):
    labels, dialog = house(tmp_path / "l.geojson"), EvaluateAlgorithm().create()
    page = {"REPORT": str(tmp_path / "page.html")}
    processing.run("dualstream:evaluate", {"MASK": mask, "LABELS": labels, **page})
    assert dialog.hasHtmlOutputs()
    with pytest.raises(QgsProcessingException):
        refused = {"MASK": mask, "LABELS": house(tmp_path / "roof.geojson", name="roof")}
        processing.run("dualstream:evaluate", {**refused, "CLASS_FIELD": "use", **page})
    assert not dialog.hasHtmlOutputs()
    processing.run("dualstream:evaluate", {"MASK": mask, "LABELS": labels})
    assert not dialog.hasHtmlOutputs()


def test_a_wrong_class_is_one_sentence(mask, tmp_path):
    labels = house(tmp_path / "l.geojson", name="roof")
    with pytest.raises(QgsProcessingException, match="merge, as roof=1"):
        processing.run(
            "dualstream:evaluate", {"MASK": mask, "LABELS": labels, "CLASS_FIELD": "use"}
        )


def test_every_value_reaches_the_job(mask, tmp_path):
    labels, area = house(tmp_path / "l.geojson"), house(tmp_path / "a.geojson")
    parameters = {
        "MASK": mask,
        "LABELS": labels,
        "CLASS_FIELD": "use",
        "AREA": area,
        "SAMPLING": "stratified",
        "UNLABELLED": "ignored",
        "POINT_RADIUS": 2.5,
        "LINE_WIDTH": 4.0,
        "IGNORE": "255, clouds",
        "MERGE": "river+lake=water",
        "TOLERANCE": 3.5,
        "REPORT": str(tmp_path / "r.html"),
    }
    changed = {"IGNORE": ("255", "clouds"), "MERGE": ("river+lake=water",)}
    made = calls.job(EvaluateAlgorithm, parameters)
    for name, value in {**parameters, **changed}.items():
        assert getattr(made, name.lower()) == value, name
    polygons = {"MASK": labels, "MASK_FIELD": "use", "LABELS": mask}
    assert calls.job(EvaluateAlgorithm, polygons) == EvaluateJob(labels, mask, mask_field="use")
    ok, message = calls.check_parameters(EvaluateAlgorithm, {"MASK": mask, "LABELS": mask})
    assert not ok and "same layer" in message
