"""The widget of the parameter RECIPE: a line of text, a button that opens the form, and what the data look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from processing.gui.wrappers import DIALOG_STANDARD
from qgis.core import QgsProcessingContext, QgsProject
from qgis.PyQt.QtWidgets import QGridLayout, QLineEdit, QMessageBox, QToolButton, QWidget

from ..engine.contract.card_reader import read_card
from ..engine.contract.errors import EngineError, JobError
from ..engine.contract.jobs import TrainJob
from ..engine.contract.recipe_text import format_recipe, parse_recipe
from ..i18n import tr
from .plan_label import PlanLabel
from .recipe_form import RecipeForm
from .widgets import ParameterWidget


class RecipeWidget(ParameterWidget):
    """Offers the text of a recipe and its form."""

    _wrappers: dict[str, Any] = {}  # noqa: RUF012 - replaced as a whole, QGIS does not call a constructor of ours

    def createWidget(self) -> QWidget:
        widget = QWidget()
        layout = QGridLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        self._line = QLineEdit()
        self._line.setPlaceholderText(tr("what is best for the network"))
        self._line.setClearButtonEnabled(True)
        self._line.textChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        button = QToolButton()
        button.setText("…")
        button.setToolTip(tr("Show all settings with their defaults"))
        button.clicked.connect(self._open_form)
        self._plan = PlanLabel(self._job, widget)
        self._plan.setVisible(self.dialogType == DIALOG_STANDARD)  # not in every row of a batch
        layout.addWidget(self._line, 0, 0)
        layout.addWidget(button, 0, 1)
        layout.addWidget(self._plan, 1, 0, 1, 2)
        return widget

    def postInitialize(self, wrappers: Sequence[Any]) -> None:
        self._wrappers = {wrapper.parameterDefinition().name(): wrapper for wrapper in wrappers}
        if self.dialogType != DIALOG_STANDARD:
            return
        for wrapper in wrappers:
            wrapper.widgetValueHasChanged.connect(self._plan.request)
        output = self._wrappers.get("OUTPUT")
        # QGIS offers a temporary file for every output, and a model is not to be lost.
        for line in output.wrappedWidget().findChildren(QLineEdit) if output else ():
            line.setPlaceholderText(tr("Choose where to save the model"))

    def setValue(self, value: Any) -> None:
        self._line.setText(str(value or ""))

    def value(self) -> Any:
        return self._line.text().strip()

    def form(self) -> RecipeForm:
        """Returns the form of the present text, for the chosen network.

        Raises:
            JobError: If the text is not a recipe.
        """
        return RecipeForm(self._architecture(), parse_recipe(self._line.text()), self.widget)

    def _architecture(self) -> str:
        """Returns the name of the network: that of the model to start from, if there is one."""
        start, network = (self._value_of(name) for name in ("START", "ARCHITECTURE"))
        try:
            return read_card(str(start)).architecture if start else network or TrainJob.architecture
        except EngineError:
            return network or TrainJob.architecture

    def _value_of(self, name: str) -> Any:
        wrapper = self._wrappers.get(name)
        return wrapper.parameterValue() if wrapper is not None else None

    def _job(self) -> TrainJob | str:
        """Returns the job that the dialog describes, or what stands in its way; "" while it is incomplete."""
        algorithm = getattr(self.dialog, "algorithm", lambda: None)()
        if not hasattr(algorithm, "planned_job"):
            return ""
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        values = {name: self._value_of(name) for name in self._wrappers}
        job: TrainJob | str = algorithm.planned_job(values, context)
        return job

    def _open_form(self) -> None:
        try:
            form = self.form()
        except JobError as error:
            QMessageBox.warning(self.widget, tr("Recipe"), str(error))
            return
        if form.exec() == RecipeForm.DialogCode.Accepted:
            self.setValue(format_recipe(form.values()))
