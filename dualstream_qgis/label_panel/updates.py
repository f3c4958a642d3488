"""Correct mode: *Update* trains a model further on all marks, *Undo update* uses the model before it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..engine.contract.card_reader import read_card
from ..engine.contract.errors import EngineError
from ..i18n import tr
from .mark_layers import CLASS_FIELD
from .model_history import ModelHistory, update_path
from .view_mapper import Inputs
from .view_runs import RunTask, ViewRun, start_task

#: Passes over the marks, and the recipe: the statistics of the encoder's layers would follow a few marks too quickly, and
#: the pixel classifier is of no use to an update.
_EPOCHS, _RECIPE = 1, "encoder_norms=frozen, baseline=false"


class Updates(QObject):
    """The models of the correct mode.

    Attributes:
        updated: Signal: another model is in use.
        status: Signal: the sentence about an update.
        history: The models.
    """

    updated = pyqtSignal()
    status = pyqtSignal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.history = ModelHistory()
        self._task: RunTask | None = None

    @property
    def is_running(self) -> bool:
        """Whether an update is under way."""
        return self._task is not None

    def choose(self, model: str) -> None:
        """Starts over from a model that the user has chosen."""
        self.stop()
        self.history = ModelHistory(model)
        self.updated.emit()

    def undo(self) -> None:
        """Uses the model before the last update again."""
        self.history.undo()
        self.updated.emit()

    def stop(self) -> None:
        """Cancels the update under way."""
        if self._task is not None:
            self._task.cancel()

    def start(self, inputs: Inputs) -> None:
        """Starts an update, unless one is under way or classes have no marks."""
        if self.is_running:
            return
        if flaw := _flaw(inputs):
            self.status.emit(flaw)
            return
        output = update_path(inputs.marks.path)
        labels = str(Path(output).with_suffix(".marks.gpkg"))
        try:
            Path(output).parent.mkdir(exist_ok=True)
        except OSError as error:
            self.status.emit(tr("The updated model cannot be saved: {}.").format(error))
            return
        parameters = {
            **inputs.rasters(),
            "IMAGE": [inputs.image],
            "LABELS": labels,
            "CLASS_FIELD": CLASS_FIELD,
            "START": inputs.model,
            "EPOCHS": _EPOCHS,
            "RECIPE": _RECIPE,
            "OUTPUT": output,
        }
        run = ViewRun(_trainer(), parameters, inputs.marks.snapshot(), labels)
        self._task = start_task(run, tr("Update of the model"), self._end)
        self.status.emit(tr("The model is trained further on all marks…"))

    def _end(self, task: RunTask) -> None:
        self._task = None
        if not task.results:
            self.status.emit(tr("The update was cancelled.") if task.isCanceled() else task.error)
            return
        self.history.add(task.run_of.parameters["OUTPUT"])
        self.updated.emit()


def _flaw(inputs: Inputs) -> str:
    """Returns why the marks do not suffice for an update, "" if they do."""
    try:
        names = [entry.name for entry in read_card(inputs.model).classes]
    except EngineError as error:
        return str(error)
    marked = inputs.marks.marked_classes() if inputs.marks else set()
    missing = [name for name in names if name not in marked]
    if not missing:
        return ""
    return tr(
        "An update learns from marks of every class of the model: mark at least one place, right or wrong on the map, of {}."
    ).format(", ".join(missing))


def _trainer() -> Any:
    """Returns a new instance of *Train DualStream*."""
    return QgsApplication.processingRegistry().createAlgorithmById("dualstream:train")
