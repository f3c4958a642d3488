"""Marks in a GeoPackage: strokes and points in one layer, polygons in another, edited with QGIS's own edit buffer.

A point is a line much shorter than a pixel, so that points and strokes share one layer, one undo list and one attribute
table. The polygons' layer comes into the project with the first polygon. Marks are saved after every few changes, and after
some seconds without one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDefaultValue,
    QgsEditFormConfig,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QObject, QTimer, QVariant, pyqtSignal

from ..engine.contract.class_table import palette_colour
from ..i18n import tr
from .mark_classes import MarkClass
from .mark_styles import area_symbol, renderer_of, stroke_symbol

CLASS_FIELD = "class"

#: Layers of the GeoPackage.
_STROKES, _AREAS = "marks", "areas"

#: Property of the layers in a project.
_PROPERTY = "dualstream/marks"

#: Unsaved changes after which the marks are saved, and time without a change after which they are, ms.
_SAVE_AFTER, _SAVE_DELAY = 5, 5000


class MarksError(Exception):
    """The marks cannot be read or changed; the message is for the user."""


class MarkLayers(QObject):
    """The layers of marks on one image, in the project and in edit mode.

    Args:
        path: The GeoPackage; it is made if there is none.
        crs: The image's coordinate system; invalid for an image without coordinates.
        project: The project that gets the layers.

    Attributes:
        changed: Signal: marks were added, changed, removed or restored.
        failed: Signal: the sentence about marks that could not be saved.
        path: The GeoPackage.
        strokes: The layer of points and strokes.
        areas: The layer of polygons; it is in the project if there are any.

    Raises:
        MarksError: If the file cannot be made, read or changed.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, path: str, crs: QgsCoordinateReferenceSystem, project: QgsProject) -> None:
        super().__init__()
        self.path, self._project, self._is_saving = path, project, False
        self._connected: list[tuple[QgsVectorLayer, Callable[[int], None]]] = []
        if not Path(path).exists():
            _create(path, crs)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._save_now)
        self.strokes = self._layer(_STROKES, tr("Marks"), crs)
        self.areas = self._layer(_AREAS, tr("Marked areas"), crs)
        self._newest = self.strokes
        self._show(self.strokes)
        if self.areas.featureCount():
            self._show(self.areas)
        self._classes = self._read_classes()
        self._current = ""

    @property
    def layers(self) -> tuple[QgsVectorLayer, QgsVectorLayer]:
        """The layers in the order in which they override each other: polygons, then points and strokes."""
        return self.areas, self.strokes

    @property
    def classes(self) -> list[MarkClass]:
        """The classes, in the order of their keys."""
        return [*self._classes]

    def set_classes(self, classes: Sequence[MarkClass]) -> None:
        """Shows the layers in the colours of the classes, here and wherever the file is opened."""
        self._classes = [*classes]
        for layer, symbol in ((self.strokes, stroke_symbol), (self.areas, area_symbol)):
            layer.setRenderer(renderer_of(classes, CLASS_FIELD, symbol))
            _save_style(layer)
            layer.triggerRepaint()

    def set_current(self, name: str) -> None:
        """Gives new marks a class, also those that are drawn with QGIS's own tools."""
        self._current = name
        value = QgsDefaultValue("'{}'".format(name.replace("'", "''")))
        for layer in self.layers:
            layer.setDefaultValueDefinition(layer.fields().indexOf(CLASS_FIELD), value)

    def rename(self, old: str, new: str) -> None:
        """Gives the marks of a class another name."""
        request = QgsFeatureRequest().setFilterExpression(
            "\"{}\" = '{}'".format(CLASS_FIELD, old.replace("'", "''"))
        )
        for layer in self.layers:
            field = layer.fields().indexOf(CLASS_FIELD)
            found = [feature.id() for feature in layer.getFeatures(request)]
            self._command(layer, tr("Rename a class"), partial(_rename, layer, found, field, new))

    def marked_classes(self) -> set[str]:
        """Returns the names of the classes that have marks."""
        names: set[str] = set()
        for layer in self.layers:
            values = layer.uniqueValues(layer.fields().indexOf(CLASS_FIELD))
            names |= {str(value) for value in values if value}
        return names

    def count(self) -> int:
        """Returns the number of marks."""
        return sum(layer.featureCount() for layer in self.layers)

    def add(self, points: Sequence[QgsPointXY], pixel: QgsRectangle) -> None:
        """Adds a stroke, or a point if it has one vertex, of the current class.

        Args:
            points: The vertices, in the image's coordinates.
            pixel: The pixel in which the first vertex lies.
        """
        vertices = [*points]
        if len(vertices) == 1:
            middle, reach = pixel.center(), pixel.width() / 10
            vertices = [
                QgsPointXY(middle.x() - reach, middle.y()),
                QgsPointXY(middle.x() + reach, middle.y()),
            ]
        feature = QgsFeature(self.strokes.fields())
        feature[CLASS_FIELD] = self._current
        feature.setGeometry(QgsGeometry.fromPolylineXY(vertices))
        self._command(self.strokes, tr("Mark"), partial(self.strokes.addFeature, feature))

    def erase(self, places: QgsGeometry) -> None:
        """Removes the strokes and points that touch a shape, and polygons in which it lies."""
        box = QgsFeatureRequest(places.boundingBox())
        for layer in self.layers:
            found = [
                one.id() for one in layer.getFeatures(box) if one.geometry().intersects(places)
            ]
            if found:
                self._command(layer, tr("Erase marks"), partial(layer.deleteFeatures, found))

    def undo(self) -> None:
        """Takes the last change back; after a save, removes the newest mark, which can be undone itself."""
        layer = self._newest
        if layer.undoStack().canUndo():
            layer.undoStack().undo()
            return
        newest = max((feature.id() for feature in layer.getFeatures()), default=None)
        if newest is not None:
            self._command(layer, tr("Remove a mark"), partial(layer.deleteFeature, newest))

    def edit_areas(self) -> QgsVectorLayer:
        """Returns the layer of polygons, which is in the project and in edit mode from now on."""
        self._show(self.areas)
        return self.areas

    def save(self) -> None:
        """Writes all changes into the file; the layers stay in edit mode.

        Raises:
            MarksError: If they cannot be written.
        """
        self._timer.stop()
        self._is_saving = True
        try:
            for layer in self.layers:
                if layer.isModified() and not layer.commitChanges(False):
                    raise MarksError(
                        tr("The marks could not be saved in {}: {}").format(
                            self.path, " ".join(layer.commitErrors())
                        )
                    )
        finally:
            self._is_saving = False

    def close(self) -> None:
        """Saves the marks and ends editing; the layers stay in the project."""
        self.save()
        for layer, note in self._connected:
            layer.undoStack().indexChanged.disconnect(note)
            layer.commitChanges(True)
        self._connected.clear()

    def places(self, extent: QgsRectangle) -> list[QgsPointXY]:
        """Returns the middle of every mark in a part of the image."""
        request = QgsFeatureRequest(extent)
        found = (one.geometry() for layer in self.layers for one in layer.getFeatures(request))
        return [geometry.boundingBox().center() for geometry in found]

    def snapshot(self) -> MarkSnapshot:
        """Returns the marks as they are now, saved or not, to be written in another thread."""
        sources = [QgsVectorLayerFeatureSource(layer) for layer in self.layers]
        return MarkSnapshot(sources, self.strokes.fields(), self.strokes.crs())

    def _layer(self, name: str, title: str, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
        """Returns a layer of the file: that of the project if it is there, else a new one."""
        source = f"{self.path}|layername={name}"
        known = (
            layer
            for layer in self._project.mapLayers().values()
            if layer.customProperty(_PROPERTY) and layer.source() == source
        )
        layer = next(known, None) or QgsVectorLayer(source, title, "ogr")
        if not layer.isValid() or layer.fields().indexOf(CLASS_FIELD) < 0:
            raise MarksError(
                tr(
                    "{} does not hold marks of this panel: choose another file for the marks."
                ).format(self.path)
            )
        layer.setCustomProperty(_PROPERTY, True)
        if not crs.isValid():  # GeoPackage has a name for none, from which QGIS would transform
            layer.setCrs(crs)
        # Nobody fills in a form for each polygon.
        form = layer.editFormConfig()
        form.setSuppress(QgsEditFormConfig.FeatureFormSuppress.SuppressOn)
        layer.setEditFormConfig(form)
        if not layer.isEditable() and not layer.startEditing():
            raise MarksError(
                tr(
                    "The marks {} cannot be changed: the file is read-only. Choose another file for the marks."
                ).format(self.path)
            )
        note = partial(self._note_change, layer)
        layer.undoStack().indexChanged.connect(note)
        self._connected.append((layer, note))
        return layer

    def _show(self, layer: QgsVectorLayer) -> None:
        """Adds a layer to the top of the project, if it is not there."""
        if self._project.mapLayer(layer.id()) is None:
            self._project.addMapLayer(layer, False)
            self._project.layerTreeRoot().insertLayer(0, layer)

    def _note_change(self, layer: QgsVectorLayer, index: int) -> None:
        if self._is_saving:
            return
        self._newest = layer
        if index >= _SAVE_AFTER:
            # Not at once: the change is still under way.
            self._timer.start(0)
        else:
            self._timer.start(_SAVE_DELAY)
        self.changed.emit()

    def _save_now(self) -> None:
        try:
            self.save()
        except MarksError as error:
            self.failed.emit(str(error))

    def _command(self, layer: QgsVectorLayer, text: str, change: Callable[[], object]) -> None:
        """Makes one undoable change."""
        if not layer.isEditable():  # the user has ended editing
            layer.startEditing()
        layer.beginEditCommand(text)
        change()
        layer.endEditCommand()
        layer.triggerRepaint()

    def _read_classes(self) -> list[MarkClass]:
        """Returns the classes of the layer's style, and then those of marks without one."""
        renderer = self.strokes.renderer()
        classes = []
        if isinstance(renderer, QgsCategorizedSymbolRenderer):
            classes = [
                MarkClass(str(one.value()), one.symbol().color().name())
                for one in renderer.categories()
                if one.value()
            ]
        missing = sorted(self.marked_classes() - {entry.name for entry in classes})
        first = len(classes) + 1
        return classes + [MarkClass(n, palette_colour(i)) for i, n in enumerate(missing, first)]


class MarkSnapshot:
    """Marks at one moment; safe to write in any thread.

    Args:
        sources: What yields the marks, the later ones overriding the earlier.
        fields: Their fields.
        crs: Their coordinate system.
    """

    def __init__(
        self,
        sources: Sequence[QgsVectorLayerFeatureSource],
        fields: QgsFields,
        crs: QgsCoordinateReferenceSystem,
    ) -> None:
        self._sources, self._fields, self._crs = sources, fields, crs

    def write(self, path: str) -> None:
        """Writes all marks into one layer of a GeoPackage.

        Raises:
            MarksError: If they cannot be written.
        """
        names = QgsFields()
        names.append(self._fields.field(CLASS_FIELD))
        kind = QgsWkbTypes.Type.Unknown
        writer = _writer(path, _STROKES, names, kind, self._crs, is_new_file=True)
        for source in self._sources:
            for mark in source.getFeatures(QgsFeatureRequest()):
                feature = QgsFeature(names)
                feature[CLASS_FIELD] = mark[CLASS_FIELD]
                feature.setGeometry(mark.geometry())
                writer.addFeature(feature)
        del writer  # closes the file


def _save_style(layer: QgsVectorLayer) -> None:
    """Saves the style of a layer in its file, so that the classes keep their colours and order in any project."""
    count, identities = layer.listStylesInDatabase()[:2]
    for identity in identities[:count]:  # those after them are other layers'
        # QGIS would ask whether to replace it.
        layer.deleteStyleFromDatabase(identity)
    layer.saveStyleToDatabase(layer.name(), "", True, "")


def _rename(layer: QgsVectorLayer, marks: Sequence[int], field: int, name: str) -> None:
    for identity in marks:
        layer.changeAttributeValue(identity, field, name)


def _create(path: str, crs: QgsCoordinateReferenceSystem) -> None:
    """Makes an empty GeoPackage for marks."""
    fields = QgsFields()
    fields.append(QgsField(CLASS_FIELD, QVariant.String))
    _writer(path, _STROKES, fields, QgsWkbTypes.Type.LineString, crs, is_new_file=True)
    _writer(path, _AREAS, fields, QgsWkbTypes.Type.MultiPolygon, crs, is_new_file=False)


def _writer(
    path: str,
    name: str,
    fields: QgsFields,
    kind: Any,
    crs: QgsCoordinateReferenceSystem,
    is_new_file: bool,
) -> QgsVectorFileWriter:
    """Returns a writer of a layer in a GeoPackage; the file is complete when the writer is deleted."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    actions = QgsVectorFileWriter.ActionOnExistingFile
    options.actionOnExistingFile = (
        actions.CreateOrOverwriteFile if is_new_file else actions.CreateOrOverwriteLayer
    )
    context = QgsCoordinateTransformContext()
    writer = QgsVectorFileWriter.create(path, fields, kind, crs, context, options)
    if writer.hasError():
        raise MarksError(
            tr("The marks cannot be written to {}: {}. Choose another file for the marks.").format(
                path, writer.errorMessage()
            )
        )
    return writer
