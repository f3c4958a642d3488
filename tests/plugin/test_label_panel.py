"""The panel Label with mouse and keys on a map of QGIS: marks, the runs that they start, and what a user does wrong."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLineEdit, QMainWindow

from dualstream_qgis import environment
from dualstream_qgis.label_panel import next_dialogs, view_mapper
from dualstream_qgis.label_panel import updates as updates_module
from dualstream_qgis.label_panel.labelling import Labelling
from dualstream_qgis.label_panel.panel import LabelPanel
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster

pytestmark = pytest.mark.usefixtures("processing_ready", "project")

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class StandIn(QgsProcessingAlgorithm):
    """An algorithm with the parameters of *Sketch a map* that maps the left half as sure and the right as doubtful."""

    runs: list[dict] = []
    failure = ""
    model: Path

    def createInstance(self):
        return StandIn()

    def name(self):
        return "sketch"

    def displayName(self):
        return "Sketch"

    def initAlgorithm(self, configuration=None):
        optional = {"optional": True}
        rasters = QgsProcessing.SourceType.TypeRaster
        for definition in (
            QgsProcessingParameterRasterLayer("IMAGE", "Image"),
            QgsProcessingParameterMultipleLayers("AUXILIARY", "Auxiliary", rasters, **optional),
            QgsProcessingParameterMapLayer("LABELS", "Labels", **optional),
            QgsProcessingParameterString("CLASS_FIELD", "Field", **optional),
            QgsProcessingParameterMatrix("CLASS_NAMES", "Names", **optional),
            QgsProcessingParameterExtent("EXTENT", "Extent", **optional),
            QgsProcessingParameterFile("MODEL", "Model", **optional),
        ):
            self.addParameter(definition)

    def processAlgorithm(self, parameters, context, feedback):
        image = self.parameterAsRasterLayer(parameters, "IMAGE", context)
        extent = self.parameterAsExtent(parameters, "EXTENT", context, image.crs())
        labels = self.parameterAsLayer(parameters, "LABELS", context)
        marks = [] if labels is None else [(f["class"], f.geometry()) for f in labels.getFeatures()]
        StandIn.runs.append({**parameters, "extent": extent, "marks": marks})
        if StandIn.failure:
            raise QgsProcessingException(StandIn.failure)
        for name, left, right in (("OUTPUT", 0, 1), ("CONFIDENCE", 99, 40)):
            raster = gdal.GetDriverByName("GTiff").Create(str(parameters[name]), 40, 40, 1)
            step = extent.width() / 40, -extent.height() / 40
            raster.SetGeoTransform((extent.xMinimum(), step[0], 0, extent.yMaximum(), 0, step[1]))
            raster.SetProjection(image.crs().toWkt())
            raster.GetRasterBand(1).WriteRaster(
                0, 0, 40, 40, bytes([left] * 20 + [right] * 20) * 40
            )
        if "OUTPUT_MODEL" in parameters:
            shutil.copyfile(StandIn.model, parameters["OUTPUT_MODEL"])
        return {"SCORE": 0.71, "SCORE_LOW": 0.6, "SCORE_HIGH": 0.8}


class Trainer(StandIn):
    """An algorithm with the parameters of *Train DualStream* that copies a model."""

    def createInstance(self):
        return Trainer()

    def initAlgorithm(self, configuration=None):
        raster = QgsProcessing.SourceType.TypeRaster
        self.addParameter(QgsProcessingParameterMultipleLayers("IMAGE", "Image", raster))
        self.addParameter(QgsProcessingParameterMapLayer("LABELS", "Labels"))

    def processAlgorithm(self, parameters, context, feedback):
        StandIn.runs.append(parameters)
        return {"OUTPUT": shutil.copyfile(StandIn.model, parameters["OUTPUT"])}


class Window:
    """What the panel uses of QGIS's main window."""

    def __init__(self):
        self.window, self.bar, self.canvas = QMainWindow(), QgsMessageBar(), QgsMapCanvas()
        self.window.setCentralWidget(self.canvas)
        self.window.resize(800, 800)
        self.active = None

    def mapCanvas(self):
        return self.canvas

    def messageBar(self):
        return self.bar

    def activeLayer(self):
        return self.active

    def setActiveLayer(self, layer):
        self.active = layer


class Session:
    """An open panel, with an image on the map."""

    def __init__(self, image, crs=None):
        self.iface = Window()
        self.image = QgsRasterLayer(image, "image")
        QgsProject.instance().addMapLayer(self.image)
        self.iface.active = self.image
        self.canvas = self.iface.canvas
        self.canvas.setDestinationCrs(crs or self.image.crs())
        self.canvas.setLayers([self.image])
        self.panel = LabelPanel(self.iface.window)
        self.iface.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)
        self.iface.window.show()
        self.show(self.image.extent())
        self.labelling = Labelling(self.iface, self.panel)
        self.key(Qt.Key.Key_M)

    @property
    def status(self):
        return self.panel.status.text()

    @property
    def strokes(self):
        (layer,) = (
            one for one in QgsProject.instance().mapLayers().values() if one.name() == "Marks"
        )
        return layer

    def show(self, extent):
        crs = self.canvas.mapSettings().destinationCrs()
        to_map = QgsCoordinateTransform(self.image.crs(), crs, QgsProject.instance())
        self.canvas.setExtent(to_map.transformBoundingBox(extent))
        wait(0.1)

    def spot(self, x, y):
        """Where a place of the image, as shares of its width and height from the upper left, is on the screen."""
        extent = self.image.extent()
        place = QgsPointXY(
            extent.xMinimum() + x * extent.width(), extent.yMaximum() - y * extent.height()
        )
        crs = self.canvas.mapSettings().destinationCrs()
        place = QgsCoordinateTransform(self.image.crs(), crs, QgsProject.instance()).transform(
            place
        )
        found = self.canvas.getCoordinateTransform().transform(place)
        return QPoint(round(found.x()), round(found.y()))

    def click(self, x, y):
        QTest.mouseClick(self.canvas.viewport(), LEFT, NO_KEY, self.spot(x, y))

    def drag(self, *places):
        view, spots = self.canvas.viewport(), [self.spot(*place) for place in places]
        QTest.mousePress(view, LEFT, NO_KEY, spots[0])
        for spot in spots[1:]:
            where = QPointF(spot)
            event = QMouseEvent(QEvent.Type.MouseMove, where, where, LEFT, LEFT, NO_KEY)
            QgsApplication.sendEvent(view, event)
        QTest.mouseRelease(view, LEFT, NO_KEY, spots[-1])

    def key(self, key):
        QTest.keyClick(self.canvas, key)

    def wait_for_map(self):
        wait(0.6)
        wait(20, lambda: self.labelling.mapper.runs.is_idle)
        wait(0.3)

    def mark_both(self):
        self.key(Qt.Key.Key_1)
        self.click(0.2125, 0.5125)
        self.key(Qt.Key.Key_2)
        self.click(0.8125, 0.5125)

    def close(self):
        if self.panel is not None:
            self.labelling.remove()
            # Windows and rasters that outlive QGIS crash the interpreter at its end.
            self.labelling = self.panel = self.canvas = self.image = None
            sip.delete(self.iface.window)
            self.iface = None


def reopened(session, open_panel):
    """A panel on the same image in a new project."""
    image = session.image.source()
    session.close()
    QgsProject.instance().clear()
    return open_panel(image)


def wait(seconds, until=lambda: False):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QgsApplication.processEvents()
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    """The stand-in for all algorithms that the panel runs, and the dialogs that it opened."""
    StandIn.runs, StandIn.failure, StandIn.model = [], "", tmp_path / "sketch.safetensors"
    write_model(StandIn.model)
    opened = []
    monkeypatch.setattr(view_mapper, "_algorithm", lambda name: StandIn().create())
    monkeypatch.setattr(updates_module, "_trainer", lambda: Trainer().create())
    monkeypatch.setattr(next_dialogs, "open_dialog", lambda *call: opened.append(call))
    monkeypatch.setattr(environment, "find", lambda: "python")
    return opened


@pytest.fixture
def open_panel(tmp_path):
    sessions = []

    def make(image=None, crs=None):
        image = image or write_raster(tmp_path / "image.tif", side=40)
        sessions.append(Session(image, crs))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()


def test_a_click_is_a_point_in_its_pixel_and_a_drag_is_a_stroke(open_panel):
    session = open_panel()
    session.key(Qt.Key.Key_2)
    session.click(0.51, 0.26)  # pixel 20, 10
    session.key(Qt.Key.Key_1)
    session.drag((0.2, 0.2), (0.4, 0.2), (0.4, 0.4))
    point, stroke = session.strokes.getFeatures()
    assert (point["class"], stroke["class"]) == ("class 2", "class 1")
    box = point.geometry().boundingBox()
    assert QgsRectangle(500200, 4999890, 500210, 4999900).contains(box) and box.width() < 3
    assert len(stroke.geometry().asPolyline()) == 3
    session.click(-0.05, 0.5)
    assert session.strokes.featureCount() == 2 and "inside the image" in session.status


def test_a_map_follows_the_marks(open_panel):
    session = open_panel()
    session.click(0.2, 0.5)
    session.wait_for_map()
    assert not StandIn.runs and "at least two classes" in session.status
    session.mark_both()
    session.drag((0.6, 0.2), (0.7, 0.2))
    session.wait_for_map()
    (run,) = StandIn.runs
    assert [name for name, _ in run["marks"]] == ["class 1", "class 1", "class 2", "class 2"]
    assert run["CLASS_NAMES"][:2] == ["1", "class 1"] and run["CLASS_FIELD"] == "class"
    assert run["extent"] == session.image.extent()
    assert session.status == (
        "4 marks in 2 classes; 0.71 mIoU on marks it had not seen (95 % interval 0.60 to 0.80)."
    )
    picture = session.canvas.grab().toImage()
    assert picture.pixelColor(session.spot(0.25, 0.9)) != picture.pixelColor(
        session.spot(0.75, 0.9)
    )
    session.key(Qt.Key.Key_H)
    hidden = session.canvas.grab().toImage()
    assert hidden.pixelColor(session.spot(0.75, 0.9)) != picture.pixelColor(session.spot(0.75, 0.9))


def test_a_failed_run_is_a_sentence(open_panel):
    StandIn.failure = "The memory does not suffice."
    session = open_panel()
    session.mark_both()
    session.wait_for_map()
    assert session.status == "The memory does not suffice."


def test_undo_takes_back_marks_also_after_a_save(open_panel):
    session = open_panel()
    for place in range(3):
        session.click(0.1 + 0.2 * place, 0.5)
    session.key(Qt.Key.Key_Backspace)
    assert session.strokes.featureCount() == 2
    session.strokes.undoStack().redo()
    assert session.strokes.featureCount() == 3
    session.labelling._marks.save()
    session.key(Qt.Key.Key_Backspace)
    assert session.strokes.featureCount() == 2 and session.strokes.isEditable()
    session.strokes.undoStack().undo()
    assert session.strokes.featureCount() == 3


def test_every_fifth_mark_saves_all_and_others_are_saved_after_some_seconds(open_panel, tmp_path):
    session = open_panel()

    def saved():
        source = f"{tmp_path / 'image-marks.gpkg'}|layername=marks"
        return QgsVectorLayer(source, "saved", "ogr").featureCount()

    for count in range(1, 7):
        session.click(0.1 * count, 0.5)
        wait(0.1)
        assert saved() == 5 * (count >= 5)
    wait(8, lambda: saved() == 6)
    assert saved() == 6 and session.strokes.isEditable()


def test_the_eraser_removes_what_it_touches(open_panel):
    session = open_panel()
    session.click(0.2125, 0.5125)
    session.drag((0.5, 0.1), (0.5, 0.9))
    session.click(0.8125, 0.5125)
    session.key(Qt.Key.Key_E)
    session.drag((0.15, 0.5125), (0.4, 0.5125), (0.6, 0.5125))
    assert session.strokes.featureCount() == 1
    session.click(0.8125, 0.5125)
    assert session.strokes.featureCount() == 0


def test_classes_are_renamed_with_their_marks_and_kept_in_the_file(open_panel):
    session = open_panel()
    session.mark_both()
    table = session.panel.classes.table
    table.item(1, 2).setText("water")
    assert {one["class"] for one in session.strokes.getFeatures()} == {"class 1", "water"}
    table.item(0, 2).setText("water")
    assert "already" in session.status and table.item(0, 2).text() == "class 1"
    session.panel.classes.remove_button.click()
    assert "erase them first" in session.status and table.rowCount() == 2
    session.panel.classes.add_button.click()
    editor = table.findChild(QLineEdit)
    assert editor is not None, "the name of a new class is typed at once"
    again = reopened(session, open_panel)
    assert [one.name for one in again.panel.classes.classes] == ["class 1", "water", "class 2"]
    assert again.strokes.featureCount() == 2


def test_marks_on_an_image_without_coordinates(open_panel, tmp_path):
    image = write_raster(tmp_path / "picture.tif", side=40, epsg=0)
    session = open_panel(image)
    session.mark_both()
    session.wait_for_map()
    (run,) = StandIn.runs
    box = run["marks"][0][1].boundingBox()
    assert QgsRectangle(8, -21, 9, -20).contains(box)
    assert not session.strokes.crs().isValid()


def test_marks_on_an_image_in_degrees_and_a_map_in_metres(open_panel, tmp_path):
    image = write_raster(tmp_path / "d.tif", side=40, grid=(9, 1e-4, 0, 45, 0, -2e-4), epsg=4326)
    session = open_panel(image, QgsCoordinateReferenceSystem("EPSG:3857"))
    session.click(0.26, 0.51)  # pixel 10, 20
    (point,) = session.strokes.getFeatures()
    assert QgsRectangle(9.001, 44.9958, 9.0011, 44.996).contains(point.geometry().boundingBox())
    session.key(Qt.Key.Key_2)
    session.click(0.8, 0.5)
    session.wait_for_map()
    assert StandIn.runs[0]["extent"].toString(4) == session.image.extent().toString(4)


def test_a_read_only_file_of_marks_is_a_sentence(open_panel, tmp_path, monkeypatch):
    session = open_panel()
    session.mark_both()
    monkeypatch.setattr(
        QgsVectorLayer, "startEditing", lambda layer: False
    )  # root may write anything
    again = reopened(session, open_panel)
    assert "read-only" in again.status
    again.click(0.3, 0.3)
    assert "read-only" in again.status


def test_a_huge_image_is_mapped_where_the_map_is_zoomed_in(open_panel, tmp_path):
    tile = write_raster(tmp_path / "tile.tif", side=64)
    huge = tmp_path / "huge.vrt"
    side = 100_000
    huge.write_text(
        f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}"><GeoTransform>500000,10,0,5000000,0,-10</GeoTransform>'
        f'<SRS>EPSG:32632</SRS><VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>{tile}'
        "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    session = open_panel(str(huge))
    session.mark_both()
    session.wait_for_map()
    assert (
        not StandIn.runs
        and "Zoom in to see the map: the view holds 10,000 million" in session.status
    )
    middle = session.image.extent().center()
    session.show(
        QgsRectangle(middle.x() - 4000, middle.y() - 4000, middle.x() + 4000, middle.y() + 4000)
    )
    session.wait_for_map()
    assert StandIn.runs[0]["extent"].width() < 20_000
    session.show(QgsRectangle(0, 0, 10, 10))
    session.wait_for_map()
    assert "shows no part of the image" in session.status


def test_the_next_doubtful_place_gets_a_cross_and_enter_marks_it(open_panel):
    session = open_panel()
    session.key(Qt.Key.Key_N)
    assert "no further doubtful place" in session.status
    session.mark_both()
    session.wait_for_map()
    session.key(Qt.Key.Key_N)
    session.key(Qt.Key.Key_1)
    session.key(Qt.Key.Key_Return)
    found = [one.geometry().boundingBox().center() for one in session.strokes.getFeatures()]
    assert len(found) == 3 and found[-1].x() > session.image.extent().center().x()
    assert all(found[-1].distance(place) > 20 for place in found[:-1])


def test_the_buttons_open_dialogs_that_are_filled_in(open_panel, stand_in, tmp_path):
    session = open_panel()
    session.panel.map_scene.click()
    session.panel.train.click()
    assert stand_in == [] and "no marks yet" in session.status
    session.mark_both()
    session.wait_for_map()
    session.panel.map_scene.click()
    session.panel.train.click()
    (_, segment), (_, train) = stand_in
    assert segment["MODEL"] == str(tmp_path / "image-marks-sketch.safetensors")
    assert Path(segment["MODEL"]).is_file() and segment["IMAGE"] == session.image.id()
    assert train["LABELS"] == session.strokes.id() and train["IMAGE"] == [session.image.id()]

    areas = session.labelling._marks.edit_areas()
    polygon = QgsFeature(areas.fields())
    polygon["class"] = "class 1"
    polygon.setGeometry(QgsGeometry.fromRect(QgsRectangle(500000, 4999900, 500100, 5000000)))
    areas.addFeature(polygon)
    session.panel.train.click()
    together = QgsVectorLayer(stand_in[-1][1]["LABELS"], "all", "ogr")
    assert together.featureCount() == 3


def test_correct_mode_updates_a_model_and_takes_the_update_back(open_panel, tmp_path):
    session = open_panel()
    assert not session.panel.update_model.isVisible()
    model = tmp_path / "first.safetensors"
    write_model(model)
    session.panel.model.setFilePath(str(model))
    session.wait_for_map()
    assert StandIn.runs[0]["MODEL"] == [str(model)] and session.status.startswith(
        "The map of first"
    )
    assert [one.name for one in session.panel.classes.classes] == ["land", "water"]
    session.click(0.2, 0.5)
    session.panel.update_model.click()
    assert session.status.endswith("right or wrong on the map, of water.")
    session.key(Qt.Key.Key_2)
    session.click(0.8, 0.5)
    StandIn.runs.clear()
    session.panel.update_model.click()
    wait(20, lambda: not session.labelling.updates.is_running)
    update = tmp_path / "image-marks-updates" / "update-1.safetensors"
    assert StandIn.runs[0]["START"] == str(model) and StandIn.runs[0]["OUTPUT"] == str(update)
    assert session.panel.model.filePath() == str(update)
    session.panel.undo_update.click()
    assert session.panel.model.filePath() == str(model)
    assert not session.panel.undo_update.isEnabled()


def test_closing_saves_the_marks_and_opening_continues(open_panel):
    session = open_panel()
    session.mark_both()
    session.panel.close()
    assert not session.strokes.isEditable() and session.strokes.featureCount() == 2
    session.panel.setUserVisible(True)
    session.key(Qt.Key.Key_M)
    session.click(0.5, 0.5)
    assert session.strokes.featureCount() == 3


def test_marks_whose_layer_is_removed_from_the_project_are_saved(open_panel):
    session = open_panel()
    session.mark_both()
    QgsProject.instance().removeMapLayer(session.strokes.id())
    session.click(0.5, 0.5)
    assert session.strokes.featureCount() == 3
