"""Masks become polygons in QGIS, with the real engine if it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.class_table import class_table
from dualstream_qgis.engine.contract.file_jobs import PolygonsJob
from qgis.core import (
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)

from dualstream_qgis import environment, styling
from dualstream_qgis.algorithms import layer_sources
from dualstream_qgis.algorithms.polygons import PolygonsAlgorithm
from dualstream_qgis.engine_process.child_process import CancelledError
from dualstream_qgis.engine_process.worker import CrashedError, FailedError
from tests.plugin import calls
from tests.plugin.rasters import write_raster
from tests.plugin.real_engine import engine_python
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")

SIDE = 40


@pytest.fixture
def mask(tmp_path):
    """A house of 10 x 6 px (class 1) and a pond of 5 x 5 px (class 2)."""
    return write_raster(tmp_path / "mask.tif", pixels(), SIDE)


def pixels():
    def value(row, col):
        return 1 if 4 <= row < 10 and 6 <= col < 16 else 2 * (20 <= row < 25 and 30 <= col < 35)

    return [value(row, col) for row in range(SIDE) for col in range(SIDE)]


@pytest.fixture
def engine(monkeypatch):
    monkeypatch.setattr(environment, "find", engine_python)


def run(parameters, context=None):
    log = Log()
    results, ok = calls.run(PolygonsAlgorithm, parameters, log, context)
    return results, ok, "\n".join([*log.lines, *log.warnings, *log.commands, *log.errors])


def test_a_mask_becomes_a_styled_layer(engine, mask, tmp_path):
    confidence = write_raster(tmp_path / "confidence.tif", [75] * SIDE**2, SIDE)
    output = str(tmp_path / "houses.gpkg")
    results, ok, message = run(
        {"MASK": mask, "CONFIDENCE": confidence, "RIGHT_ANGLES": True, "OUTPUT": output}
    )
    assert ok, message
    assert Path(confidence).is_file()
    assert results["OUTPUT"] == output
    assert (results["POLYGONS"], results["AREA_M2"]) == (2, 8500)
    assert "2 polygons of 1, 2, 8,500 m² in all" in message
    layer = QgsVectorLayer(output, "footprints", "ogr")
    assert layer.crs().authid() == "EPSG:32632"
    found = {f["class"]: f for f in layer.getFeatures()}
    assert [layer.fields().at(i).name() for i in range(layer.fields().count())] == [
        *("fid", "class", "name", "area_m2", "confidence", "pixels")
    ]
    assert found[1].attributes()[1:] == [1, "1", pytest.approx(6000), 75.0, 60]
    box = found[1].geometry().boundingBox()
    assert (box.xMinimum(), box.yMaximum(), box.width(), box.height()) == pytest.approx(
        (500060, 4999960, 100, 60)
    )
    shown = layer.renderer()
    assert shown.type() == "categorizedSymbol", "the file brings its own style"
    assert [(c.label(), c.symbol().color().name()) for c in shown.categories()] == [
        ("1", "#0072b2"),
        ("2", "#e69f00"),
    ]
    drawing = QgsRenderContext()
    shown.startRender(drawing, layer.fields())
    assert shown.symbolForFeature(found[2], drawing).color().name() == "#e69f00"
    shown.stopRender(drawing)
    assert layer_sources._is_only_layer(layer), "the table with the style is no layer of its own"


def test_two_houses_that_touch_are_split(engine, tmp_path):
    def value(row, col):
        return int(
            (5 <= row < 25 and (3 <= col < 19 or 20 <= col < 36)) or (13 <= row < 17 and col == 19)
        )

    pixels = [value(row, col) for row in range(SIDE) for col in range(SIDE)]
    mask = write_raster(tmp_path / "row.tif", pixels, SIDE)
    output = str(tmp_path / "row.gpkg")
    for is_split in (False, True):
        results, ok, message = run({"MASK": mask, "SPLIT": is_split, "OUTPUT": output})
        assert ok, message
        assert results["POLYGONS"] == 1 + is_split
        assert results["AREA_M2"] == 64400


def test_a_temporary_output_is_a_geopackage(engine, mask):
    results, ok, message = run({"MASK": mask, "CLASSES": "2", "OUTPUT": "TEMPORARY_OUTPUT"})
    assert ok, message
    assert results["OUTPUT"].endswith(".gpkg")
    assert QgsVectorLayer(results["OUTPUT"], "x", "ogr").featureCount() == 1


def test_polygons_of_a_mask_without_coordinates_have_its_extent(engine, tmp_path):
    mask = write_raster(tmp_path / "mask.tif", [1] * SIDE**2, SIDE, epsg=0)
    output = str(tmp_path / "x.gpkg")
    _, ok, message = run({"MASK": mask, "OUTPUT": output})
    assert ok, message
    assert "has no coordinate system" in message
    picture = QgsRasterLayer(mask, "mask")
    assert QgsVectorLayer(output, "x", "ogr").extent() == picture.extent()


def test_without_a_polygon_the_layer_is_empty(engine, mask, tmp_path):
    output = str(tmp_path / "x.gpkg")
    results, ok, message = run({"MASK": mask, "MINIMUM_AREA": 1e6, "OUTPUT": output})
    assert ok, message
    assert results["POLYGONS"] == 0
    assert "No polygon was found" in message
    assert QgsVectorLayer(output, "x", "ogr").featureCount() == 0


def test_every_value_reaches_the_job(mask, tmp_path):
    parameters = {
        "MASK": mask,
        "CONFIDENCE": mask,
        "CLASSES": "1, 2",
        "SPLIT": True,
        "NECK": 65.0,
        "MINIMUM_AREA": 20.5,
        "FILL_HOLES": 3.0,
        "SIMPLIFY": 0.5,
        "RIGHT_ANGLES": True,
        "OUTPUT": str(tmp_path / "x.gpkg"),
    }
    made = calls.job(PolygonsAlgorithm, parameters)
    for name, value in {**parameters, "CLASSES": (1, 2)}.items():
        assert getattr(made, name.lower()) == value, name
    defaults = {"MASK": mask, "OUTPUT": parameters["OUTPUT"]}
    assert calls.job(PolygonsAlgorithm, defaults) == PolygonsJob(
        mask=mask, output=parameters["OUTPUT"]
    )
    with pytest.raises(QgsProcessingException, match="1-3 is not a list of class values"):
        calls.job(PolygonsAlgorithm, {**parameters, "CLASSES": "1-3"})


@pytest.mark.parametrize("output", ["x.shp", "x", "memory:", 'ogr:dbname="x.gpkg" table="y"'])
def test_other_outputs_are_refused(mask, tmp_path, output):
    path = str(tmp_path / output) if ":" not in output else output
    ok, message = calls.check_parameters(PolygonsAlgorithm, {"MASK": mask, "OUTPUT": path})
    assert not ok
    assert "does not end in .gpkg" in message


@pytest.mark.parametrize("error", [CancelledError(), CrashedError("crash"), FailedError("wrong")])
def test_only_partial_outputs_are_removed(engine, mask, tmp_path, monkeypatch, error):
    confidence, output = tmp_path / "confidence.tif", tmp_path / "x.gpkg"
    write_raster(confidence, [1] * SIDE**2, SIDE)
    beside = [Path(f"{p}.part") for p in (confidence, mask, output)]

    def ends(*_):
        for path in beside:
            path.touch()
        raise error
        yield

    monkeypatch.setattr("dualstream_qgis.engine_process.worker.run", ends)
    parameters = {"MASK": mask, "CONFIDENCE": str(confidence), "OUTPUT": str(output)}
    _, ok, _ = run(parameters)
    assert not ok
    assert [path.exists() for path in beside] == [True, True, False]
    assert confidence.is_file()


def test_the_layer_that_processing_loads_is_styled(tmp_path):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32632&field=class:integer", "x", "memory")
    context, project = QgsProcessingContext(), QgsProject.instance()
    context.addLayerToLoadOnCompletion(
        "x.gpkg", QgsProcessingContext.LayerDetails("", project, "OUTPUT")
    )
    table = class_table({1: "House & shed", 7: "Pond"}, {7: "#123456"})
    PolygonsAlgorithm().finish(
        PolygonsJob(mask="/a/town.tif", output="x.gpkg"),
        {"classes": [vars(entry) for entry in table]},
        context,
    )
    details = context.layerToLoadOnCompletionDetails("x.gpkg")
    assert details.name == "Polygons of town"
    details.postProcessor().postProcessLayer(layer, context, None)
    shown = layer.renderer().categories()
    assert [(int(c.value()), c.label()) for c in shown] == [(1, "House & shed"), (7, "Pond")]
    symbol = shown[1].symbol().symbolLayer(0)
    assert symbol.strokeColor().name() == "#123456"
    assert symbol.fillColor().alpha() == 90
    styling.show_polygons(layer, table[:1])
    assert len(layer.renderer().categories()) == 1


def test_the_class_of_a_polygon_is_chosen_by_its_name(tmp_path):
    fields = "&".join(
        f"field={name}" for name in ("class:integer", "name:string", "area_m2:double")
    )
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:32632&{fields}", "x", "memory")
    styling.show_polygons(layer, class_table({1: "Bob's house", 7: "Pond"}, {}))
    setup = layer.editorWidgetSetup(0)
    assert setup.type() == "ValueMap"
    assert setup.config()["map"] == [{"Bob's house": "1"}, {"Pond": "7"}]
    form = layer.editFormConfig()
    assert [form.readOnly(index) for index in range(3)] == [False, True, True]
    layer.startEditing()
    drawn = QgsVectorLayerUtils.createFeature(layer, QgsGeometry(), {0: 7})
    assert drawn["name"] == "Pond"
    layer.addFeature(drawn)
    layer.changeAttributeValue(drawn.id(), 0, 1)
    assert layer.getFeature(drawn.id())["name"] == "Bob's house", "the training reads the name"
