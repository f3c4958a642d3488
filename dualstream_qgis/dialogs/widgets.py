"""Dialog widgets that QGIS lacks. A parameter's metadata names them, so only dialogs import this module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from processing.gui.wrappers import DIALOG_STANDARD, WidgetWrapper
from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsFileWidget, QgsGui
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

from .. import compat
from ..engine.contract.architectures import ARCHITECTURES, BUILDING_NETWORKS
from ..engine.contract.encoders import ENCODERS
from ..engine.contract.jobs import AUTOMATIC
from ..i18n import tr
from .layer_presets import class_field_of, preset_labels, preset_mask


class ParameterWidget(WidgetWrapper):
    """Base class; in the modeller it is replaced by QGIS's own widget, which can use a model's inputs."""

    def __new__(cls, definition: Any, dialog: Any, row: int = 0, col: int = 0) -> Any:
        if type(dialog).__name__ != "ModelerParametersDialog":
            return super().__new__(cls, definition, dialog, row, col)
        widget = QgsGui.processingGuiRegistry().createModelerParameterWidget(
            dialog.model, dialog.childId, definition, dialog.context
        )
        widget.setDialog(dialog)
        return widget

    def tr(self, text: str) -> str:
        """Returns the base class's own texts, such as "[optional]"; PyQt would look them up by this class's name."""
        translated = str(QCoreApplication.translate("WidgetWrapper", text)).strip()
        return f" {translated}" if text.startswith(" ") else translated  # Korean has lost the space


class _ComboBoxWidget(ParameterWidget):
    """An editable combo box."""

    OPTIONS: Iterable[str] = ("",)

    def createWidget(self) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.addItems(self.options())
        # Else the longest option would make the dialog scroll sideways; the opened list shows it whole.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.view().setMinimumWidth(box.view().sizeHintForColumn(0))
        box.currentTextChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        return box

    def options(self) -> list[str]:
        """Returns the texts of the list."""
        return list(self.OPTIONS)

    def setValue(self, value: Any) -> None:
        self.widget.setEditText(str(value or ""))

    def value(self) -> Any:
        return self.widget.currentText().strip() or None


class ArchitectureWidget(_ComboBoxWidget):
    """Offers a list of networks and accepts the name of any other."""

    OPTIONS = ARCHITECTURES


class SmpNetworkWidget(_ComboBoxWidget):
    """Offers no network, and those of segmentation-models-pytorch; accepts the name of any other."""

    OPTIONS = ("", *BUILDING_NETWORKS)


class EncoderWidget(_ComboBoxWidget):
    """Offers a list of encoders with their descriptions and accepts the name of any other."""

    def options(self) -> list[str]:
        """Returns the encoders' names, each with its description in the user's language."""
        automatic = f"{AUTOMATIC} - {tr('chosen for the data and the computer')}"
        return [automatic, *(f"{name} - {info.describe()}" for name, info in ENCODERS.items())]

    def setValue(self, value: Any) -> None:
        """Shows a name with its description, if the list has it."""
        name = str(value or "")
        listed = (option for option in self.options() if option.split(" - ")[0] == name)
        super().setValue(next(listed, name))

    def value(self) -> Any:
        return (super().value() or "").split(" - ")[0] or None


class ClassFieldWidget(_ComboBoxWidget):
    """Offers the fields of the labels' polygons; none if the labels are a raster.

    QGIS 3.22 crashes in its own widget for fields if the parent layer is a raster.
    """

    def postInitialize(self, wrappers: Sequence[Any]) -> None:
        by_name = {one.parameterDefinition().name(): one for one in wrappers}
        parent = by_name.get(self.parameterDefinition().parentLayerParameterName())
        if parent is None:
            return
        if self.dialogType == DIALOG_STANDARD and parent is by_name.get("LABELS"):
            _preset_layers(by_name)
        parent.widgetValueHasChanged.connect(self._offer_fields)
        self._offer_fields(parent)

    def _offer_fields(self, parent: Any) -> None:
        """Lists the fields of the parent's layer; clears a field that the layer does not have."""
        chosen, names = self.value(), _field_names(parent.parameterValue())
        self.widget.clear()
        self.widget.addItems(["", *names])
        self.widget.setEnabled(bool(names))
        self.setValue(chosen if chosen in names else class_field_of(names))


class DatasetWidget(ParameterWidget):
    """Offers a folder or a scenes table; QGIS's own widget offers only one of them."""

    def createWidget(self) -> QWidget:
        return self._create(QgsFileWidget.StorageMode.GetDirectory, tr("Table…"))

    def _create(self, mode: QgsFileWidget.StorageMode, other: str) -> QWidget:
        """Returns QGIS's widget for a path, with a button for the other kind of path."""
        widget = QWidget()
        layout = QHBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        self._file = QgsFileWidget()
        self._file.setStorageMode(mode)
        self._file.setDialogTitle(self.title())
        self._file.fileChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        button = QToolButton()
        button.setText(other)
        button.clicked.connect(self._choose_other)
        layout.addWidget(self._file)
        layout.addWidget(button)
        return widget

    def title(self) -> str:
        """Returns the title of QGIS's window for a path."""
        return tr("Choose a folder")

    def setValue(self, value: Any) -> None:
        self._file.setFilePath(str(value or ""))

    def value(self) -> Any:
        return self._file.filePath() or None

    def choose_other(self) -> str:
        """Returns the path of the other kind that the user chooses; empty: none."""
        title, kinds = tr("Choose a scenes table"), tr("Scenes tables") + " (*.csv)"
        return QFileDialog.getOpenFileName(self.widget, title, self._file.filePath(), kinds)[0]

    def _choose_other(self) -> None:
        if path := self.choose_other():
            self.setValue(path)


class WeightsWidget(DatasetWidget):
    """Offers a file of weights, or a folder with them."""

    def createWidget(self) -> QWidget:
        widget = self._create(QgsFileWidget.StorageMode.GetFile, tr("Folder…"))
        patterns = "(*.pth *.pt *.ckpt *.bin *.safetensors *.onnx)"
        self._file.setFilter(f"{tr('Weights and networks')} {patterns}")
        return widget

    def title(self) -> str:
        return tr("Choose a file of weights")

    def choose_other(self) -> str:
        title = tr("Choose a folder")
        return QFileDialog.getExistingDirectory(self.widget, title, self._file.filePath())


def _preset_layers(wrappers: dict[str, Any]) -> None:
    """Shows the layers that look like labels and, if the dialog compares one with labels, like a mask."""
    labels, mask = wrappers["LABELS"], wrappers.get("MASK")
    if labels.parameterDefinition().flags() & compat.OPTIONAL:
        return
    if mask is None:
        preset_labels(labels)
        return
    preset_mask(mask)
    preset_labels(labels, _layer_of(mask.parameterValue(), QgsProcessingContext()))


def _layer_of(value: Any, context: QgsProcessingContext) -> QgsMapLayer | None:
    """Returns a layer, which is given as it is, by its id or by its path; the context owns what it loads."""
    # Without the project, layer ids are not found.
    context.setProject(QgsProject.instance())
    if isinstance(value, str) and value:
        value = QgsProcessingUtils.mapLayerFromString(value, context)
    return value if isinstance(value, QgsMapLayer) else None


def _field_names(value: Any) -> list[str]:
    """Returns the fields of a vector layer, which is given as a layer, its id or a path."""
    context = QgsProcessingContext()
    layer = _layer_of(value, context)
    if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
        return []
    return [field.name() for field in layer.fields()]
