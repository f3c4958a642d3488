"""The panel's widgets; ``labelling.py`` gives them their work."""

from __future__ import annotations

from qgis.core import QgsMapLayerProxyModel, QgsProject, QgsRasterLayer
from qgis.gui import (
    QgsCheckableComboBox,
    QgsDockWidget,
    QgsFileWidget,
    QgsMapLayerComboBox,
)
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..algorithms.common_parameters import model_file_filter
from ..i18n import tr
from .class_box import ClassBox
from .panel_keys import Action, Command, command_of, key_of

#: Providers whose rasters are not files: the engine cannot read them.
_SERVICES = ["wms", "wcs", "arcgismapserver", "postgresraster", "virtualraster"]

#: Opacity of the map of the view at first, %.
OPACITY = 60


class LabelPanel(QgsDockWidget):
    """A panel that can be docked, with all that marking needs.

    Attributes:
        key_pressed: Signal: a command of a key that no widget of the panel has used.
        image: The image's layer.
        auxiliary: The auxiliary rasters, to tick.
        marks_file: The file of the marks.
        model: The model to correct; empty: a new one is learnt from the marks.
        classes: The classes.
        tools: The buttons of the tools, by their action.
        opacity: Opacity of the map of the view.
        hide_map: Whether the map of the view is hidden.
        status: Sentence about the last map, or about what is missing.
        busy: Shown while a run is under way.
    """

    key_pressed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("DualStream Label"), parent)
        self.setObjectName("DualStreamLabel")
        self._make_inputs()
        self.classes = ClassBox()
        self.tools = {
            Action.DRAW: _tool(tr("Mark"), Action.DRAW, tr("Click for a point, drag for a stroke")),
            Action.POLYGON: _tool(
                tr("Polygon"), Action.POLYGON, tr("Draw with QGIS's own tool"), is_mode=False
            ),
            Action.ERASE: _tool(tr("Erase"), Action.ERASE, tr("Click or drag over marks")),
        }
        self.undo = QToolButton()
        self.undo.setText(tr("Undo"))
        self.undo.setToolTip(tr("Take the last mark back ({})").format(key_of(Action.UNDO)))
        _fill_column(self.undo)
        self.hide_map = QCheckBox(tr("Hide map ({})").format(key_of(Action.HIDE)))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(10, 100)
        self.opacity.setValue(OPACITY)
        self.opacity.setToolTip(tr("Opacity of the map of the view"))
        self.status, self.busy = QLabel(), QProgressBar()
        self.status.setWordWrap(True)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.busy.setRange(0, 0)
        self.busy.setMaximumHeight(6)
        self.busy.setTextVisible(False)
        self.busy.hide()
        self.next = QPushButton(tr("Next doubtful place ({})").format(key_of(Action.NEXT)))
        self.map_scene, self.train = QPushButton(tr("Map the scene…")), QPushButton(tr("Train…"))
        self.update_model = QPushButton(tr("Update"))
        self.update_model.setToolTip(tr("Trains the model further on all marks"))
        self.undo_update = QPushButton(tr("Undo update"))
        self.show_updates(False, False)
        self._arrange()

    def image_layer(self) -> QgsRasterLayer | None:
        """Returns the chosen image."""
        layer = self.image.currentLayer()
        return layer if isinstance(layer, QgsRasterLayer) else None

    def auxiliary_layers(self) -> list[QgsRasterLayer]:
        """Returns the ticked auxiliary rasters, in the order of the list."""
        ticked = self.auxiliary.checkedItemsData()
        found = (QgsProject.instance().mapLayer(identity) for identity in ticked)
        return [layer for layer in found if isinstance(layer, QgsRasterLayer)]

    def list_auxiliary(self) -> None:
        """Lists the project's raster files but the image; ticks stay."""
        ticked, states = set(self.auxiliary.checkedItemsData()), Qt.CheckState
        rasters = (
            layer
            for layer in QgsProject.instance().mapLayers().values()
            if isinstance(layer, QgsRasterLayer) and layer.providerType() == "gdal"
        )
        self.auxiliary.blockSignals(True)
        self.auxiliary.clear()
        for layer in rasters:
            if layer is not self.image_layer():
                state = states.Checked if layer.id() in ticked else states.Unchecked
                self.auxiliary.addItemWithCheckState(layer.name(), state, layer.id())
        self.auxiliary.blockSignals(False)

    def show_updates(self, has_model: bool, can_undo: bool) -> None:
        """Shows the buttons that change a model, if there is one."""
        self.update_model.setVisible(has_model)
        self.undo_update.setVisible(has_model)
        self.undo_update.setEnabled(can_undo)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = command_of_event(event)
        if command is None:
            super().keyPressEvent(event)
        else:
            self.key_pressed.emit(command)

    def _make_inputs(self) -> None:
        self.image = QgsMapLayerComboBox()
        self.image.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.image.setExcludedProviders(_SERVICES)
        self.image.setAllowEmptyLayer(True)
        self.auxiliary = QgsCheckableComboBox()
        self.auxiliary.setDefaultText(tr("none"))
        self.marks_file = QgsFileWidget()
        self.marks_file.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.marks_file.setConfirmOverwrite(False)
        self.marks_file.setFilter("GeoPackage (*.gpkg)")
        self.model = QgsFileWidget()
        self.model.setFilter(model_file_filter())
        self.model.setToolTip(
            tr(
                "Empty: a map is learnt from the marks alone. A model: its map is corrected by the marks."
            )
        )
        for widget in (self.image, self.auxiliary):
            widget.setMinimumContentsLength(8)
            widget.setSizeAdjustPolicy(
                widget.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )

    def _arrange(self) -> None:
        """Puts the widgets below each other in an area that scrolls, for low and narrow screens."""
        content = QWidget()
        column = QVBoxLayout(content)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(tr("Image"), self.image)
        form.addRow(tr("Auxiliary rasters"), self.auxiliary)
        form.addRow(tr("Marks are saved in"), self.marks_file)
        form.addRow(tr("Model to correct"), self.model)
        column.addLayout(form)
        column.addWidget(self.classes)
        grid = QGridLayout()
        for place, button in enumerate((*self.tools.values(), self.undo)):
            grid.addWidget(button, place // 2, place % 2)
        column.addLayout(grid)
        shown = QHBoxLayout()
        shown.addWidget(self.hide_map)
        shown.addWidget(self.opacity)
        column.addLayout(shown)
        column.addWidget(self.busy)
        column.addWidget(self.status)
        column.addWidget(self.next)
        buttons = QGridLayout()
        for place, button in enumerate(
            (self.update_model, self.undo_update, self.map_scene, self.train)
        ):
            buttons.addWidget(button, place // 2, place % 2)
        column.addLayout(buttons)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(content)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Otherwise a narrow window would cut the panel.
        area.setMinimumWidth(
            content.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width()
        )
        self.setWidget(area)


def command_of_event(event: QKeyEvent) -> Command | None:
    """Returns the command of a pressed key, None for other keys."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers != Qt.KeyboardModifier.NoModifier:
        return None
    return command_of(QKeySequence(event.key()).toString(QKeySequence.SequenceFormat.PortableText))


def _tool(name: str, action: Action, hint: str, is_mode: bool = True) -> QToolButton:
    """Returns a button with its key, which stays pressed while its tool is in use."""
    button = QToolButton()
    button.setText(f"{name} ({key_of(action)})")
    button.setToolTip(hint)
    button.setCheckable(is_mode)
    _fill_column(button)
    return button


def _fill_column(button: QToolButton) -> None:
    """Makes a button as wide as its column."""
    button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
