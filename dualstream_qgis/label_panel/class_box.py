"""The list of classes in the panel: key, colour and name of each; add, rename, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qgis.gui import QgsColorButton
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr
from .mark_classes import MarkClass, name_flaw, new_class
from .panel_keys import MOST_KEYS

#: Columns of the table.
_KEY, _COLOUR, _NAME = range(3)

#: Height of the table and width of its colours, px: three rows and the header are visible.
_HEIGHT, _COLOUR_WIDTH = 120, 70


class ClassBox(QWidget):
    """A table of classes with buttons to add and remove one; the selected row is the class of new marks.

    Attributes:
        changed: Signal: classes were added, removed or got another colour.
        renamed: Signal: the old and the new name of a class.
        removing: Signal: the name of a class that the user wants to remove.
        chosen: Signal: the name of the class of new marks.
        refused: Signal: the sentence about a name that cannot be used.
    """

    changed = pyqtSignal()
    renamed = pyqtSignal(str, str)
    removing = pyqtSignal(str)
    chosen = pyqtSignal(str)
    refused = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._classes: list[MarkClass] = []
        self.table = _table()
        self.table.itemChanged.connect(self._rename)
        self.table.itemSelectionChanged.connect(self._choose)
        self.add_button, self.remove_button = QToolButton(), QToolButton()
        self.add_button.setText(tr("Add a class"))
        self.add_button.clicked.connect(self.add)
        self.remove_button.setText(tr("Remove"))
        self.remove_button.clicked.connect(lambda: self.removing.emit(self.current))
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        layout.addLayout(buttons)

    @property
    def classes(self) -> list[MarkClass]:
        """The classes, in the order of their keys."""
        return [*self._classes]

    @property
    def current(self) -> str:
        """The name of the class of new marks, "" if there is none."""
        row = self.table.currentRow()
        return self._classes[row].name if 0 <= row < len(self._classes) else ""

    @property
    def colour(self) -> str:
        """The colour of the class of new marks."""
        return next((one.colour for one in self._classes if one.name == self.current), "#ffffff")

    def show_classes(self, classes: Sequence[MarkClass]) -> None:
        """Shows classes; the chosen one stays chosen if its name is among them."""
        current, self._classes = self.current, [*classes]
        self.table.blockSignals(True)
        self.table.setRowCount(len(classes))
        for row, entry in enumerate(classes):
            self._fill(row, entry)
        self.table.blockSignals(False)
        names = [entry.name for entry in classes]
        self.choose(names.index(current) if current in names else 0)

    def choose(self, index: int) -> None:
        """Chooses the class of new marks by its place in the list; nothing happens if there is none."""
        if 0 <= index < len(self._classes):
            self.table.setCurrentCell(index, _NAME)
            self._choose()

    def add(self) -> None:
        """Adds a class and lets the user type its name."""
        self.show_classes([*self._classes, new_class(self._classes)])
        self.changed.emit()
        self.choose(len(self._classes) - 1)
        self.table.editItem(self.table.item(len(self._classes) - 1, _NAME))

    def remove(self, name: str) -> None:
        """Removes a class."""
        self.show_classes([entry for entry in self._classes if entry.name != name])
        self.changed.emit()

    def _fill(self, row: int, entry: MarkClass) -> None:
        """Shows a class in a row."""
        key = QTableWidgetItem(str(row + 1) if row < MOST_KEYS else "")
        key.setFlags(key.flags() & ~Qt.ItemFlag.ItemIsEditable)
        self.table.setItem(row, _KEY, key)
        self.table.setItem(row, _NAME, QTableWidgetItem(entry.name))
        button = QgsColorButton(self.table)
        button.setColor(QColor(entry.colour))
        button.setToolTip(tr("Colour of the class"))
        button.colorChanged.connect(lambda colour: self._recolour(row, colour.name()))
        self.table.setCellWidget(row, _COLOUR, button)

    def _recolour(self, row: int, colour: str) -> None:
        self._classes[row] = replace(self._classes[row], colour=colour)
        self.changed.emit()

    def _rename(self, item: QTableWidgetItem) -> None:
        """Takes a typed name, or puts the old one back."""
        row, name = item.row(), item.text().strip()
        entry = self._classes[row]
        if item.column() != _NAME or name == entry.name:
            return
        flaw = name_flaw(name, [one.name for one in self._classes if one is not entry])
        if not flaw:
            self._classes[row] = replace(entry, name=name)
        self.table.blockSignals(True)
        item.setText(self._classes[row].name)
        self.table.blockSignals(False)
        if flaw:
            self.refused.emit(flaw)
        else:
            self.renamed.emit(entry.name, name)
            self._choose()

    def _choose(self) -> None:
        if self.current:
            self.chosen.emit(self.current)


def _table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setHorizontalHeaderLabels([tr("Key"), tr("Colour"), tr("Class")])
    table.verticalHeader().hide()
    modes = QHeaderView.ResizeMode
    for column, mode in (
        (_KEY, modes.ResizeToContents),
        (_COLOUR, modes.Fixed),
        (_NAME, modes.Stretch),
    ):
        table.horizontalHeader().setSectionResizeMode(column, mode)
    table.setColumnWidth(_COLOUR, _COLOUR_WIDTH)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(
        QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
    )
    table.setTabKeyNavigation(False)
    table.setFixedHeight(_HEIGHT)
    return table
