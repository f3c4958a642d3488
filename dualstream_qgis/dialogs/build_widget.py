"""Widgets of Set up: the list of builds of PyTorch, or of graphics cards for which there are builds, with what the
choice downloads, and the box of the light engine.

Like ``widgets``, only dialogs import this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from processing.gui.wrappers import DIALOG_BATCH
from qgis.core import QgsProcessingContext
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .widgets import ParameterWidget


class PlanWidget(ParameterWidget):
    """A list; under it what the dialog's values would download.

    Its algorithm has a function ``plan(parameters, context)`` that returns that as HTML.
    """

    def createWidget(self) -> QWidget:
        # It owns the definition: what a signal starts must not outlive it, or QGIS would crash.
        self._algorithm = self.parameterDefinition().algorithm()
        self._wrappers: Sequence[Any] = ()
        self.box = QComboBox()
        self.box.addItems(self.parameterDefinition().options())
        self.box.currentTextChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        if self.dialogType == DIALOG_BATCH:  # a cell of a table has no place for more
            return self.box
        widget = QWidget()
        self.plan = QLabel()
        self.plan.setWordWrap(True)
        self.plan.setTextFormat(Qt.TextFormat.RichText)
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        layout.addWidget(self.plan)
        return widget

    def setValue(self, value: Any) -> None:
        self.box.setCurrentText(str(value))

    def value(self) -> Any:
        return self.box.currentText()

    def postInitialize(self, wrappers: Sequence[Any]) -> None:
        if self.dialogType == DIALOG_BATCH:
            return
        self._wrappers = wrappers
        for wrapper in wrappers:
            wrapper.widgetValueHasChanged.connect(lambda _: self._refresh())
        self._refresh()

    def _refresh(self) -> None:
        """Shows what the values of the dialog mean."""
        values = {
            wrapper.parameterDefinition().name(): wrapper.parameterValue()
            for wrapper in self._wrappers
        }
        self.show_values(values)

    def show_values(self, values: dict[str, Any]) -> None:
        """Shows what the values of the dialog, by the names of its parameters, would download."""
        self.plan.setText(self._algorithm.plan(values, QgsProcessingContext()))


class BuildWidget(PlanWidget):
    """A list that the light engine does not need, so its box turns the list off."""

    def show_values(self, values: dict[str, Any]) -> None:
        self.box.setEnabled(not values["ONLY_MAP"])
        super().show_values(values)


class _TextBeside(QWidget):
    """A box to tick with a text of several lines beside it; QGIS sets the text, as it does with its own boxes."""

    def __init__(self, box: QCheckBox) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.mousePressEvent = lambda _: box.toggle()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(box, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._label, 1)

    def setText(self, text: str) -> None:
        """Sets the text beside the box."""
        self._label.setText(text)


class WrappedCheckBox(ParameterWidget):
    """A box to tick whose long text is wrapped: with QGIS's own the dialog would scroll sideways."""

    def createLabel(self) -> None:
        """Returns no label above the box."""

    def createWidget(self) -> QWidget:
        self.box = QCheckBox()
        self.box.toggled.connect(lambda _: self.widgetValueHasChanged.emit(self))
        return self.box if self.dialogType == DIALOG_BATCH else _TextBeside(self.box)

    def setValue(self, value: Any) -> None:
        self.box.setChecked(str(value).lower() in ("true", "1"))

    def value(self) -> bool:
        return self.box.isChecked()
