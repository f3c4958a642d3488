"""Widgets about models: a file field with the model's card and what does not fit, and an extent with the map view.

Like ``widgets``, only dialogs import this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from processing.gui.wrappers import DIALOG_BATCH
from qgis.core import QgsProcessingContext, QgsProject
from qgis.gui import QgsFileWidget, QgsGui
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from .. import starter_model
from ..algorithms import layer_sources, model_checks
from ..algorithms.base_algorithm import full_engine_error
from ..algorithms.parameter_values import file_paths
from ..engine.contract.card_summary import summarize
from ..engine.contract.class_table import ClassTable
from ..engine.contract.errors import EngineError
from ..engine.contract.model_card import Card
from ..i18n import tr, tr_noop
from .widgets import ParameterWidget

#: Colours of what will be refused, and of doubts; readable on light and dark windows.
REFUSED, DOUBTFUL = "#d9362b", "#d17a00"

#: Most classes that are shown as chips, and most sentences about rasters.
_MAX_CLASSES, _MAX_SENTENCES = 12, 4

#: Time after the last change of a parameter until the rasters are checked, ms.
_DELAY = 200


class ModelWidget(ParameterWidget):
    """A field for a model file; under it the model's card, and what does not fit the rasters of the dialog."""

    MODE = QgsFileWidget.StorageMode.GetFile
    TITLE = tr_noop("Choose a model")

    def createWidget(self) -> QWidget:
        self.file = QgsFileWidget()
        self.file.setStorageMode(self.MODE)
        self.file.setFilter(self.parameterDefinition().fileFilter())
        self.file.setDialogTitle(tr(self.TITLE))
        self.file.fileChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        if self.dialogType == DIALOG_BATCH:  # a cell of a table has no place for a card
            return self.file
        self._wrappers: Sequence[Any] = ()
        # It owns the definition: what the timer starts must not outlive it, or QGIS would crash.
        self._algorithm = self.parameterDefinition().algorithm()
        widget = QWidget()
        self._timer = QTimer(widget)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY)
        self._timer.timeout.connect(self.refresh_card)
        self.card = QLabel()
        self.card.setWordWrap(True)
        self.card.setTextFormat(Qt.TextFormat.RichText)
        self.card.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.card.linkActivated.connect(lambda _: self._take_starter_model())
        self.card.hide()
        self.file.fileChanged.connect(lambda _: self.refresh_card())
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.file)
        layout.addWidget(self.card)
        return widget

    def setValue(self, value: Any) -> None:
        """Shows one path as it is, several in double quotes as QGIS does."""
        paths = [value] if isinstance(value, str) else [str(path) for path in value or ()]
        quoted = " ".join(f'"{path}"' for path in paths)
        self.file.setFilePath(paths[0] if len(paths) == 1 else quoted)

    def value(self) -> Any:
        """Returns the text of the widget, because history, batches and saved models store text."""
        return self.file.filePath().strip() or None

    def postInitialize(self, wrappers: Sequence[Any]) -> None:
        if self.dialogType == DIALOG_BATCH:
            return
        self._wrappers = wrappers
        for wrapper in wrappers:
            if wrapper is not self:
                wrapper.widgetValueHasChanged.connect(lambda _: self._timer.start())
        self.refresh_card()

    def refresh_card(self) -> None:
        """Shows the card of the chosen models, and what does not fit."""
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        models = file_paths(self.value(), context)
        try:
            cards = model_checks.read_cards(models)
            lines = [*_card_lines(cards), *self._sentences(cards, context)]
            lines = lines or self._starter_lines()
        except EngineError as error:
            lines = [_coloured(str(error), REFUSED)] if any(map(_is_complete, models)) else []
        self.card.setText("<br>".join(lines))
        self.card.setVisible(bool(lines))

    def _starter_lines(self) -> list[str]:
        """Returns the link that takes the starter model and its scene, where there is one and one scene is segmented.

        Without the scene in the project, another line says how to get it.
        """
        algorithm = self._algorithm
        is_for_a_scene = algorithm is not None and algorithm.name() == "segment"
        if self.value() or not is_for_a_scene or not starter_model.PATH.is_file():
            return []
        if full_engine_error():  # the light engine cannot use it
            return []
        link = f'<a href="#">{escape(tr("Take the starter model for the sample data"))}</a>'
        if starter_model.unseen_layers(QgsProject.instance()):
            return [link]
        hint = tr("Run Make sample data first: it loads the scene that this model maps.")
        return [link, escape(hint)]

    def _take_starter_model(self) -> None:
        """Chooses the starter model, and the unseen scene of the sample data if the project has it."""
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        if scene := [layer.id() for layer in starter_model.unseen_layers(context.project())]:
            values = {"IMAGE": scene[0], "AUXILIARY": scene[1:]}
            for wrapper in self._wrappers:
                name = wrapper.parameterDefinition().name()
                if name in values:
                    wrapper.setParameterValue(values[name], context)
        self.setValue(str(starter_model.PATH))

    def _sentences(self, cards: model_checks.Cards, context: QgsProcessingContext) -> list[str]:
        """Returns which layer cannot be read and what does not fit, if the dialog has rasters for the model: none has, to
        train from it.
        """
        algorithm = self._algorithm
        if algorithm is None or not algorithm.parameterDefinition("IMAGE_ALONE"):
            return []
        values = {
            wrapper.parameterDefinition().name(): wrapper.parameterValue()
            for wrapper in self._wrappers
        }
        unreadable = layer_sources.layer_error(algorithm, values, context)
        if unreadable or not cards:
            return [_coloured(unreadable, REFUSED)] if unreadable else []
        inputs = model_checks.read_inputs(algorithm, values, context)
        refused = dict.fromkeys(model_checks.refusals(cards, inputs))
        doubtful = dict.fromkeys(model_checks.doubts(cards, inputs))
        lines = [_coloured(text, REFUSED) for text in refused]
        lines += [_coloured(text, DOUBTFUL) for text in doubtful]
        return lines[:_MAX_SENTENCES]


class ModelsWidget(ModelWidget):
    """A field for several model files or an ensemble file, with their cards; QGIS's own file widget offers one file."""

    MODE = QgsFileWidget.StorageMode.GetMultipleFiles
    TITLE = tr_noop("Choose one model, or several for an ensemble")


class ExtentWidget(ParameterWidget):
    """QGIS's own widget for an extent, and a button that takes the extent of the map view."""

    def createWidget(self) -> QWidget:
        registry = QgsGui.processingGuiRegistry()
        self.native = registry.createParameterWidgetWrapper(
            self.parameterDefinition(), self.dialogType
        )
        extent = self.native.createWrappedWidget(QgsProcessingContext())
        self.native.widgetValueHasChanged.connect(lambda _: self.widgetValueHasChanged.emit(self))
        if self.dialogType == DIALOG_BATCH:
            return extent
        self.button = QToolButton()
        self.button.setText(tr("Map view"))
        self.button.setToolTip(tr("Use the part of the map that is visible now"))
        self.button.clicked.connect(self.use_map_view)
        self._canvas = None
        widget = QWidget()
        layout = QHBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(extent, 1)
        layout.addWidget(self.button)
        return widget

    def setWidgetContext(self, context: Any) -> None:
        super().setWidgetContext(context)
        self.native.setWidgetContext(context)
        self._canvas = context.mapCanvas()
        if self.dialogType != DIALOG_BATCH:
            self.button.setVisible(self._canvas is not None)

    def setDialog(self, dialog: Any) -> None:
        """Sets the window that QGIS's widget hides while the user draws on the map."""
        super().setDialog(dialog)
        self.native.setDialog(dialog)

    def postInitialize(self, wrappers: Sequence[Any]) -> None:
        self.native.postInitialize(list(wrappers))

    def setValue(self, value: Any) -> None:
        self.native.setParameterValue(value, QgsProcessingContext())

    def value(self) -> Any:
        return self.native.parameterValue()

    def use_map_view(self) -> None:
        """Takes the extent that the map shows, in the project's coordinate system."""
        box = self._canvas.extent()
        corners = (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())
        crs = self._canvas.mapSettings().destinationCrs().authid()
        text = ",".join(f"{corner:.15g}" for corner in corners)
        self.setValue(f"{text} [{crs}]" if crs else text)


def _is_complete(path: str) -> bool:
    """Returns whether a path is typed to its end, so that an error in it is worth a sentence."""
    return Path(path).suffix != ""


def _card_lines(cards: dict[str, Card]) -> list[str]:
    """Returns the card of a model as lines of HTML; several models have a line each, and their classes."""
    if not cards:
        return []
    summaries = {model: summarize(card) for model, card in cards.items()}
    first = next(iter(summaries.values()))
    if len(cards) == 1:
        second = first.auxiliary or tr("none")
        lines = [
            _text(first.network, first.score),
            f"{_label(tr('Image:'))} {escape(first.image)}. "
            f"{_label(tr('Second stream:'))} {escape(second)}.",
        ]
    else:
        lines = [
            f"{_label(Path(model).name + ':')} {_text(summary.network, summary.score)}"
            for model, summary in summaries.items()
        ]
    lines.append(f"{_label(tr('Classes:'))} {_chips(first.classes)}")
    for licence in dict.fromkeys(summary.licence for summary in summaries.values()):
        if licence:
            lines.append(_coloured(tr("Its licence has conditions: {}.").format(licence), DOUBTFUL))
    return lines


def _text(*parts: str) -> str:
    return escape("; ".join(filter(None, parts)) + ".")


def _label(text: str) -> str:
    return f"<b>{escape(text)}</b>"


def _coloured(text: str, colour: str) -> str:
    return f'<span style="color: {colour}">{escape(text)}</span>'


def _chips(classes: ClassTable) -> str:
    """Returns the classes' names, each after a patch of its colour."""
    chips: Iterable[str] = (
        f'<span style="background-color: {entry.colour}">&nbsp;&nbsp;&nbsp;</span>&nbsp;'
        + escape(entry.name).replace(" ", "&nbsp;")
        for entry in classes[:_MAX_CLASSES]
    )
    more = len(classes) - _MAX_CLASSES
    listed = " &nbsp; ".join(chips)
    return tr("{} and {} more").format(listed, more) if more > 0 else listed
