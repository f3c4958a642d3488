"""The form of a recipe: every further setting of a training by subject, with its default for the chosen network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..engine.contract.errors import JobError
from ..engine.contract.options import AUTOMATIC, Option, format_value, is_automatic
from ..engine.contract.recipe_options import RecipeOptions, recipe_groups
from ..engine.contract.recipe_text import parse_recipe, recipe_defaults
from ..i18n import tr


class RecipeForm(QDialog):
    """Shows every field of the recipe; what is empty keeps its default.

    Args:
        architecture: Name of the network whose defaults are shown.
        values: The fields that the recipe sets.
        parent: The window that opens the form.
    """

    def __init__(
        self, architecture: str, values: Mapping[str, Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Recipe of {}").format(architecture))
        self.resize(860, 640)
        self._architecture = architecture
        self._rows: dict[str, _Row] = {}
        self._tabs = QTabWidget()
        for group, fields in recipe_groups().items():
            self._tabs.addTab(self._page(fields), tr(group))
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        restore = self._buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.clicked.connect(lambda: self.set_values({}))
        layout = QVBoxLayout(self)
        for widget in (self._introduction(), self._tabs, self._message, self._buttons):
            layout.addWidget(widget)
        self.set_values(values)

    def values(self) -> dict[str, Any]:
        """Returns the fields that differ from their defaults for the network.

        Raises:
            JobError: If a field does not accept its text.
        """
        defaults = self._defaults()
        given = {name: value for row in self._rows.values() for name, value in row.value().items()}
        return {name: value for name, value in given.items() if value != defaults[name]}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Shows the values of some fields; all others are empty."""
        for name, row in self._rows.items():
            row.set_text(format_value(values[name]) if name in values else "")
        self._update()

    def row(self, name: str) -> _Row:
        """Returns the row of a field."""
        return self._rows[name]

    def _introduction(self) -> QLabel:
        label = QLabel(
            tr(
                "Empty fields keep the default of {}, which is shown in grey. Fields that differ from it are bold, and "
                "only these are written into the recipe."
            ).format(self._architecture)
        )
        label.setWordWrap(True)
        return label

    def _page(self, fields: Mapping[str, Option]) -> QScrollArea:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setColumnStretch(1, 2)
        grid.setColumnStretch(2, 1)
        for name, declared in fields.items():
            row = self._rows[name] = _Row(name, declared)
            row.changed.connect(self._update)
            row.add_to(grid)
        grid.setRowStretch(grid.rowCount(), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        return area

    def _defaults(self) -> dict[str, Any]:
        return recipe_defaults(self._architecture, self._rows["preset"].text() or AUTOMATIC)

    def _update(self) -> None:
        """Shows defaults, differences and the first wrong value; with one the form cannot be accepted."""
        defaults = self._defaults()
        for row in self._rows.values():
            row.show_default(defaults[row.name])
        problem = next((row.problem for row in self._rows.values() if row.problem), "")
        self._message.setText(problem)
        self._message.setVisible(bool(problem))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
        for index, (group, fields) in enumerate(recipe_groups().items()):
            count = sum(self._rows[name].is_different for name in fields)
            self._tabs.setTabText(index, f"{tr(group)} ({count})" if count else tr(group))


class _Row(QWidget):
    """Label, editor, default and help of one field.

    Attributes:
        name: The field.
        is_different: Whether its value differs from the default.
        problem: Why the field does not accept its text; empty if it does.
    """

    changed = pyqtSignal()

    def __init__(self, name: str, declared: Option) -> None:
        super().__init__()
        self.name, self.is_different, self.problem = name, False, ""
        is_switch = isinstance(getattr(RecipeOptions, name), bool)
        self._choices = declared.choices or (("true", "false") if is_switch else ())
        self._label = QLabel(f"{tr(declared.label)} ({name})")
        self._label.setToolTip(name)
        self._default = QLabel()
        self._default.setWordWrap(True)
        self._help = QLabel(tr(declared.help))
        self._help.setWordWrap(True)
        self._help.setIndent(16)
        font = self._help.font()
        font.setPointSizeF(0.9 * font.pointSizeF())
        self._help.setFont(font)
        self._editor = self._new_editor(declared.examples)

    def _new_editor(self, examples: tuple[str, ...]) -> QComboBox | QLineEdit:
        if not self._choices and len(examples) < 2:
            line = QLineEdit()
            line.textChanged.connect(self._tell)
            return line
        box = QComboBox()
        box.setEditable(not self._choices)
        box.addItems(["", *(self._choices or examples)])
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        # The text of the first choice changes with the default, the index does not.
        (box.currentIndexChanged if self._choices else box.currentTextChanged).connect(self._tell)
        return box

    def _tell(self, _: Any) -> None:
        self.changed.emit()

    def add_to(self, grid: QGridLayout) -> None:
        """Adds the row to a grid of three columns."""
        line = grid.rowCount()
        grid.addWidget(self._label, line, 0)
        grid.addWidget(self._editor, line, 1)
        grid.addWidget(self._default, line, 2)
        grid.addWidget(self._help, line + 1, 0, 1, 3)
        grid.setAlignment(self._help, Qt.AlignmentFlag.AlignTop)

    def text(self) -> str:
        """Returns what the user has chosen or typed; empty for the default."""
        editor = self._editor
        if self._choices and editor.currentIndex() == 0:
            return ""
        text = editor.text() if isinstance(editor, QLineEdit) else editor.currentText()
        return text.strip().replace('"', "")

    def set_text(self, text: str) -> None:
        """Shows a value, or the default for an empty text."""
        if isinstance(self._editor, QLineEdit):
            self._editor.setText(text)
        elif self._editor.isEditable():
            self._editor.setEditText(text)
        else:
            self._editor.setCurrentIndex(max(0, self._editor.findText(text)))

    def value(self) -> dict[str, Any]:
        """Returns the field and its value; nothing for an empty text.

        Raises:
            JobError: If the field does not accept the text.
        """
        return parse_recipe(f'{self.name}="{self.text()}"')

    def show_default(self, default: Any) -> None:
        """Shows the default, and in bold whether the value differs from it."""
        shown = self._describe(default)
        self._default.setText(tr("default: {}").format(shown))
        line = self._editor if isinstance(self._editor, QLineEdit) else self._editor.lineEdit()
        if line is not None:
            line.setPlaceholderText(shown)
        else:
            self._editor.setItemText(0, tr("{} (default)").format(shown))
        try:
            self.is_different = self.value().get(self.name, default) != default
            self.problem = ""
        except JobError as error:
            self.is_different, self.problem = True, str(error)
        font = self._label.font()
        font.setBold(self.is_different)
        self._label.setFont(font)

    def _describe(self, value: Any) -> str:
        if is_automatic(RecipeOptions, self.name, value):
            return tr("automatic")
        if value == ():
            return tr("all") if self.name.endswith("_bands") else tr("none")
        return f"{value:.6g}" if isinstance(value, float) else format_value(value)
