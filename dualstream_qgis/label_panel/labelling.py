"""Joins the panel's parts: what its buttons, keys and tools do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import QgsCsException, QgsGeometry, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.gui import QgsVertexMarker
from qgis.PyQt.QtCore import QEvent, QObject
from qgis.PyQt.QtGui import QColor

from .. import environment
from ..engine.contract.card_reader import read_card
from ..engine.contract.errors import EngineError
from ..i18n import tr
from ..message_bar import offer_setup
from .image_view import ImageView
from .map_tools import DragTool, Points
from .mark_classes import MarkClass, new_class
from .mark_layers import MarkLayers, MarksError
from .next_dialogs import default_marks, keep_model, open_segment, open_train
from .panel import LabelPanel, command_of_event
from .panel_keys import Action, Command
from .updates import Updates
from .view_mapper import Inputs, ViewMapper

#: Reach of the eraser, px of the screen.
_REACH = 6

#: Colour of the cross at the doubtful place, and of the eraser's line.
_CROSS, _ERASER = "#ff00ff", "#808080"


class Labelling(QObject):
    """Answers to what a person does while the panel is open.

    Args:
        iface: QGIS's main window.
        panel: The panel.
    """

    def __init__(self, iface: Any, panel: LabelPanel) -> None:
        super().__init__(panel)
        self._iface, self._panel, self._canvas = iface, panel, iface.mapCanvas()
        self._marks: MarkLayers | None = None
        self._cross: QgsVertexMarker | None = None
        self._places: list[QgsPointXY] = []
        self.mapper = ViewMapper(self._canvas, self._inputs, self)
        self.updates = Updates(self)
        self._draw = DragTool(self._canvas, self._add_mark, lambda: panel.classes.colour)
        self._erase = DragTool(self._canvas, self._remove_marks, lambda: _ERASER)
        self._draw.setButton(panel.tools[Action.DRAW])
        self._erase.setButton(panel.tools[Action.ERASE])
        self._actions: dict[Action, Callable[[], None]] = {
            Action.MARK: self._mark_middle,
            Action.DRAW: partial(self._canvas.setMapTool, self._draw),
            Action.ERASE: partial(self._canvas.setMapTool, self._erase),
            Action.POLYGON: self._draw_polygon,
            Action.UNDO: self._undo,
            Action.NEXT: self._show_next,
            Action.HIDE: panel.hide_map.toggle,
        }
        self._connect()
        panel.classes.show_classes(_first_classes())
        self.resume()

    def resume(self) -> None:
        """Starts when the panel is shown: with the image that is chosen, or the current layer."""
        self._canvas.installEventFilter(self)
        self._panel.list_auxiliary()
        if self._marks is None and isinstance(self._iface.activeLayer(), QgsRasterLayer):
            self._panel.image.setLayer(self._iface.activeLayer())
        try:
            environment.find()
        except environment.EnvironmentMissingError as problem:
            text = tr("The map of the view needs packages that are not installed yet.")
            offer_setup(self._iface, text, problem)
        self._take_image()

    def pause(self) -> None:
        """Saves the marks and stops all runs when the panel is hidden."""
        self._canvas.removeEventFilter(self)
        for tool in (self._draw, self._erase):
            self._canvas.unsetMapTool(tool)
        self.mapper.clear()
        self.updates.stop()
        self._remove_cross()
        self._close_marks()

    def remove(self) -> None:
        """Takes everything off the map when the plugin is unloaded."""
        self.pause()
        self._canvas.scene().removeItem(self.mapper.overlay)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Takes the panel's keys from the map, whatever its tool."""
        if event.type() != QEvent.Type.KeyPress:
            return False
        command = command_of_event(event)
        if command is not None:
            self.do(command)
        return command is not None

    def do(self, command: Command) -> None:
        """Does what a key stands for."""
        if command.action is Action.CHOOSE:
            self._panel.classes.choose(command.index)
            self._canvas.setFocus()
        else:
            self._actions[command.action]()

    # Image, marks and model ---------------------------------------------------------------------

    def _take_image(self) -> None:
        """Uses another image: its marks are opened if there are any, and made with the first mark otherwise."""
        self._close_marks()
        self._panel.list_auxiliary()
        image = self._panel.image_layer()
        if image is not None:
            path = default_marks(image.source())
            self._panel.marks_file.blockSignals(True)
            self._panel.marks_file.setFilePath(path)
            self._panel.marks_file.blockSignals(False)
            self._open_existing_marks()
        self._change_view()

    def _take_marks_file(self) -> None:
        self._close_marks()
        self._open_existing_marks()
        self._change_view()

    def _open_existing_marks(self) -> None:
        if Path(self._panel.marks_file.filePath()).is_file():
            self._open_marks()

    def _open_marks(self) -> MarkLayers | None:
        """Returns the marks, whose file is made if there is none; None if that failed."""
        image, path = self._panel.image_layer(), self._panel.marks_file.filePath()
        if self._marks is None and image is not None and path:
            try:
                self._marks = MarkLayers(path, image.crs(), QgsProject.instance())
            except MarksError as error:
                self._say(str(error))
                return None
            self._marks.changed.connect(self._change_view)
            self._marks.failed.connect(self._say)
            if self._marks.classes:
                self._panel.classes.show_classes(self._marks.classes)
            self._marks.set_classes(self._panel.classes.classes)
            self._marks.set_current(self._panel.classes.current)
        return self._marks

    def _close_marks(self) -> None:
        if self._marks is not None:
            marks, self._marks = self._marks, None
            try:
                marks.close()
            except MarksError as error:
                self._say(str(error))

    def _forget_marks(self, removed: list[str]) -> None:
        """Saves marks whose layers the user removes from the project."""
        if self._marks is not None and self._marks.strokes.id() in removed:
            self._close_marks()

    def _take_model(self, path: str) -> None:
        """Corrects a model's map from now on, or learns a new map if there is no model."""
        self.updates.choose(path)

    def _use_model(self) -> None:
        """Shows the classes and the map of the model in use, which an update has changed."""
        model = self.updates.history.current
        self._panel.show_updates(bool(model), self.updates.history.can_undo)
        self._panel.marks_file.blockSignals(True)
        self._panel.model.blockSignals(True)
        self._panel.model.setFilePath(model)
        self._panel.model.blockSignals(False)
        self._panel.marks_file.blockSignals(False)
        if model:
            try:
                table = read_card(model).classes
            except EngineError as error:
                self._say(str(error))
                return
            self._panel.classes.show_classes([MarkClass(one.name, one.colour) for one in table])
            self._take_classes()
        self._change_view()

    def _list_rasters(self, added: object) -> None:
        self._panel.list_auxiliary()

    # Classes ------------------------------------------------------------------------------------

    def _take_classes(self) -> None:
        if self._marks is not None:
            self._marks.set_classes(self._panel.classes.classes)
        self._change_view()

    def _rename_class(self, old: str, new: str) -> None:
        if self._marks is not None:
            self._marks.rename(old, new)
        self._take_classes()

    def _remove_class(self, name: str) -> None:
        if self._marks is not None and name in self._marks.marked_classes():
            self._say(tr("The class {} has marks: erase them first.").format(name))
        else:
            self._panel.classes.remove(name)

    def _choose_class(self, name: str) -> None:
        if self._marks is not None:
            self._marks.set_current(name)

    # Marks --------------------------------------------------------------------------------------

    def _add_mark(self, points: Points) -> None:
        """Adds a point or stroke in the map's coordinates."""
        view, marks = self._view(), self._open_marks()
        if view is None or marks is None:
            return
        try:
            places = view.from_map(points)
        except QgsCsException:
            places = []
        if not places or not all(view.image.extent().contains(place) for place in places):
            self._say(tr("A mark must lie inside the image."))
            return
        self._remove_cross()
        marks.add(places, view.pixel_at(places[0]))

    def _mark_middle(self) -> None:
        """Marks the doubtful place, or the middle of the map."""
        self._add_mark([self._cross.center() if self._cross else self._canvas.center()])

    def _remove_marks(self, points: Points) -> None:
        view = self._view()
        if view is None or self._marks is None:
            return
        reach = self._canvas.mapUnitsPerPixel() * _REACH
        line = points if len(points) > 1 else points * 2
        swept = QgsGeometry.fromPolylineXY(line).buffer(reach, 4)
        with suppress(QgsCsException):
            ring = view.from_map(swept.asPolygon()[0])
            self._marks.erase(QgsGeometry.fromPolygonXY([ring]))

    def _draw_polygon(self) -> None:
        """Starts QGIS's own tool for polygons in the layer of areas."""
        marks = self._open_marks()
        if marks is not None:
            self._iface.setActiveLayer(marks.edit_areas())
            self._iface.actionAddFeature().trigger()

    def _undo(self) -> None:
        if self._marks is not None:
            self._marks.undo()

    # The map of the view ------------------------------------------------------------------------

    def _view(self) -> ImageView | None:
        image = self._panel.image_layer()
        if image is None:
            self._say(tr("Choose an image at the top."))
            return None
        return ImageView(self._canvas, image)

    def _inputs(self) -> Inputs | str:
        image = self._panel.image_layer()
        if image is None:
            return tr("Choose an image at the top.")
        return Inputs(
            ImageView(self._canvas, image),
            tuple(layer.source() for layer in self._panel.auxiliary_layers()),
            self._marks,
            tuple(self._panel.classes.classes),
            self.updates.history.current,
        )

    def _change_view(self) -> None:
        if not self._panel.hide_map.isChecked():
            self.mapper.change()

    def _follow_view(self) -> None:
        if self.mapper.has_moved():
            self._change_view()

    def _hide_map(self, is_hidden: bool) -> None:
        self.mapper.overlay.setVisible(not is_hidden)
        if is_hidden:
            self.mapper.runs.stop()
        else:
            self._change_view()

    def _show_next(self) -> None:
        """Puts a cross on the next doubtful place of the map of the view."""
        view = self._view()
        if view is None:
            return
        marks = self._marks.places(view.extent()) if self._marks else []
        place = self.mapper.doubtful_place([*marks, *self._places])
        if place is None:
            self._say(tr("The map of the view has no further doubtful place: move the map on."))
            return
        self._places.append(place)
        self._remove_cross()
        self._cross = QgsVertexMarker(self._canvas)
        self._cross.setIconType(QgsVertexMarker.IconType.ICON_CROSS)
        self._cross.setColor(QColor(_CROSS))
        self._cross.setIconSize(24)
        self._cross.setPenWidth(3)
        self._cross.setCenter(view.to_map(place))
        self._canvas.setFocus()

    def _remove_cross(self) -> None:
        if self._cross is not None:
            self._canvas.scene().removeItem(self._cross)
            self._cross = None

    # Buttons ------------------------------------------------------------------------------------

    def keep_model(self) -> str:
        """Returns the model of the last map, "" if there is none; that of a sketch is kept beside the marks.

        Raises:
            MarksError: If it cannot be saved.
        """
        model = self.updates.history.current or self.mapper.model
        if not model or self.updates.history.current:
            return model
        return keep_model(model, self._panel.marks_file.filePath())

    def _map_scene(self) -> None:
        """Opens *Segment* with the model of the last map."""
        if not self.mapper.model:
            self._say(tr("There is no map of the view yet that could be extended to the scene."))
            return
        try:
            open_segment(self._panel, self.keep_model())
        except MarksError as error:
            self._say(str(error))

    def _train(self) -> None:
        """Opens *Train DualStream* with the marks."""
        if self._marks is None:
            self._say(tr("There are no marks yet to train on."))
            return
        try:
            open_train(self._panel, self._marks, self.updates.history.current)
        except MarksError as error:
            self._say(str(error))

    def _update(self) -> None:
        inputs = self._inputs()
        if isinstance(inputs, str):
            self._say(inputs)
        else:
            self.updates.start(inputs)

    def _say(self, sentence: str) -> None:
        self._panel.busy.setVisible(not self.mapper.runs.is_idle or self.updates.is_running)
        self._panel.status.setText(sentence)

    def _connect(self) -> None:
        """Connects the signals of all parts."""
        panel = self._panel
        panel.key_pressed.connect(self.do)
        panel.closed.connect(self.pause)
        panel.opened.connect(self.resume)
        panel.image.layerChanged.connect(lambda _: self._take_image())
        panel.auxiliary.checkedItemsChanged.connect(lambda _: self._change_view())
        panel.marks_file.fileChanged.connect(lambda _: self._take_marks_file())
        panel.model.fileChanged.connect(self._take_model)
        panel.classes.changed.connect(self._take_classes)
        panel.classes.renamed.connect(self._rename_class)
        panel.classes.removing.connect(self._remove_class)
        panel.classes.chosen.connect(self._choose_class)
        panel.classes.refused.connect(self._say)
        panel.hide_map.toggled.connect(self._hide_map)
        panel.opacity.valueChanged.connect(self.mapper.overlay.set_opacity)
        for action, button in (*panel.tools.items(), (Action.UNDO, panel.undo)):
            button.clicked.connect(lambda _, action=action: self._actions[action]())
        panel.next.clicked.connect(lambda _: self._show_next())
        panel.map_scene.clicked.connect(lambda _: self._map_scene())
        panel.train.clicked.connect(lambda _: self._train())
        panel.update_model.clicked.connect(lambda _: self._update())
        panel.undo_update.clicked.connect(lambda _: self.updates.undo())
        self.updates.updated.connect(self._use_model)
        self.updates.status.connect(self._say)
        self.mapper.status.connect(self._say)
        self.mapper.runs.started.connect(panel.busy.show)
        self._canvas.extentsChanged.connect(self._follow_view)
        QgsProject.instance().layersWillBeRemoved.connect(self._forget_marks)
        # A method of this object, which Qt disconnects with it; the project outlives the panel.
        QgsProject.instance().layersAdded.connect(self._list_rasters)


def _first_classes() -> list[MarkClass]:
    """Returns two classes to rename."""
    first = new_class([])
    return [first, new_class([first])]
