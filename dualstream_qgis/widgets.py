"""Two dialog widgets that QGIS has not. Imported by dialogs only, through a parameter's metadata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from processing.gui.wrappers import WidgetWrapper
from qgis.core import QgsProcessingContext, QgsProcessingUtils, QgsProject, QgsVectorLayer
from qgis.gui import QgsFileWidget, QgsGui
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

from .engine.contract.architectures import ARCHITECTURES
from .i18n import tr


class _Widget(WidgetWrapper):
    """In the modeller QGIS's own widget takes over: it can be tied to a model's inputs."""

    def __new__(cls, definition: Any, dialog: Any, row: int = 0, col: int = 0) -> Any:
        if type(dialog).__name__ != "ModelerParametersDialog":
            return super().__new__(cls, definition, dialog, row, col)
        widget = QgsGui.processingGuiRegistry().createModelerParameterWidget(
            dialog.model, dialog.childId, definition, dialog.context
        )
        widget.setDialog(dialog)
        return widget


class ClassFieldWidget(_Widget):
    """The fields of the labels' polygons; none when the labels are a raster.

    QGIS's own widget for fields crashes QGIS 3.22 when the layer that it depends on is a raster.
    """

    def createWidget(self) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.addItem("")
        box.currentTextChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        return box

    def postInitialize(self, wrappers: Sequence[Any]) -> None:
        parent = self.parameterDefinition().parentLayerParameterName()
        for wrapper in wrappers:
            if wrapper.parameterDefinition().name() == parent:
                wrapper.widgetValueHasChanged.connect(self._offer_fields)
                self._offer_fields(wrapper)

    def setValue(self, value: Any) -> None:
        self.widget.setEditText(str(value or ""))

    def value(self) -> Any:
        return self.widget.currentText().strip() or None

    def _offer_fields(self, parent: Any) -> None:
        """Lists the fields of the layer that the parent shows; forgets a field it has not."""
        chosen, names = self.value(), _field_names(parent.parameterValue())
        self.widget.clear()
        self.widget.addItems(["", *names])
        self.widget.setEnabled(bool(names))
        self.setValue(chosen if chosen in names else None)


class ArchitectureWidget(_Widget):
    """The networks to choose from, and room to type the name of any other."""

    def createWidget(self) -> QComboBox:
        """The list, whose line can be edited."""
        box = QComboBox()
        box.setEditable(True)
        box.addItems(list(ARCHITECTURES))
        box.currentTextChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        return box

    def setValue(self, value: Any) -> None:
        self.widget.setEditText(str(value or ""))

    def value(self) -> Any:
        return self.widget.currentText().strip() or None


class DatasetWidget(_Widget):
    """A folder, or a scenes table: QGIS's own widget offers one or the other."""

    def createWidget(self) -> QWidget:
        """The line with a button for a folder and one for a table."""
        widget = QWidget()
        layout = QHBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        self._file = QgsFileWidget()
        self._file.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self._file.setDialogTitle(tr("Choose a folder"))
        self._file.fileChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        table = QToolButton()
        table.setText(tr("Table…"))
        table.clicked.connect(self._choose_table)
        layout.addWidget(self._file)
        layout.addWidget(table)
        return widget

    def setValue(self, value: Any) -> None:
        self._file.setFilePath(str(value or ""))

    def value(self) -> Any:
        return self._file.filePath() or None

    def _choose_table(self) -> None:
        title, kinds = tr("Choose a scenes table"), tr("Scenes tables") + " (*.csv)"
        path, _ = QFileDialog.getOpenFileName(self.widget, title, self._file.filePath(), kinds)
        if path:
            self.setValue(path)


class ModelsWidget(_Widget):
    """One model file or several: QGIS's own file widget takes one."""

    def createWidget(self) -> QgsFileWidget:
        """The line with a button that takes any number of files."""
        line = QgsFileWidget()
        line.setStorageMode(QgsFileWidget.StorageMode.GetMultipleFiles)
        line.setFilter(self.parameterDefinition().fileFilter())
        line.setDialogTitle(tr("Choose one model, or several to work together"))
        line.fileChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        return line

    def setValue(self, value: Any) -> None:
        """Shows one path as it is, several in quotes as QGIS does."""
        paths = [value] if isinstance(value, str) else [str(path) for path in value or ()]
        alone = len(paths) == 1
        self.widget.setFilePath(paths[0] if alone else " ".join(f'"{path}"' for path in paths))

    def value(self) -> Any:
        """The text as it stands, which is what history, batches and saved models can keep."""
        return self.widget.filePath().strip() or None


def _field_names(value: Any) -> list[str]:
    """The fields of the vector layer that ``value``, a layer, its id or a path, stands for."""
    context = QgsProcessingContext()
    # The widgets' context knows no project of its own: name it, or ids are not found.
    context.setProject(QgsProject.instance())
    layer = value
    if isinstance(value, str) and value:
        layer = QgsProcessingUtils.mapLayerFromString(value, context)
    if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
        return []
    return [field.name() for field in layer.fields()]
