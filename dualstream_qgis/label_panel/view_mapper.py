"""Makes the runs for the map of the view from what the panel holds, and shows their results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsPointXY, QgsProcessingUtils, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..engine.contract.card_reader import read_card
from ..engine.contract.errors import EngineError
from ..engine.contract.file_replacement import discard_folder
from ..i18n import tr
from .confidence_cells import ConfidenceCells
from .image_view import MAX_MEGAPIXELS, ImageView
from .mark_classes import MarkClass, class_names_parameter, coloured
from .mark_layers import CLASS_FIELD, MarkLayers
from .view_map import ViewMap
from .view_runs import RunTask, ViewRun, ViewRuns

#: Part of the view by which an edge may move without a new map.
_STILL = 0.03


@dataclass(frozen=True)
class Inputs:
    """Inputs of a map of the view.

    Attributes:
        view: The image, and the part of it that the map shows.
        auxiliary: Paths of the auxiliary rasters.
        marks: The marks; None: there are none yet.
        classes: The classes of marks.
        model: The model to correct; "": a map is learnt from the marks.
    """

    view: ImageView
    auxiliary: tuple[str, ...]
    marks: MarkLayers | None
    classes: tuple[MarkClass, ...]
    model: str = ""

    @property
    def image(self) -> str:
        """The image's path."""
        return str(self.view.image.source())

    def rasters(self) -> dict[str, Any]:
        """Returns the parameters for the rasters."""
        return {"IMAGE": self.image, "AUXILIARY": list(self.auxiliary)}

    def key(self) -> str:
        """Returns a text that is equal for runs of the same rasters and model."""
        return f"{self.image} {self.auxiliary} {self.model}"


class ViewMapper(QObject):
    """Keeps the map of the view up to date.

    Args:
        canvas: The map.
        inputs: Returns the inputs as they are now, or the sentence about what is missing.
        parent: The owner.

    Attributes:
        status: Signal: the sentence about the last map, or about why there is none.
        model: The model file of the last map; "" before the first.
        overlay: The drawn map.
        runs: The runs.
    """

    status = pyqtSignal(str)

    def __init__(
        self, canvas: QgsMapCanvas, inputs: Callable[[], Inputs | str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._canvas, self._place = canvas, QgsRectangle(canvas.extent())
        self._inputs, self.overlay = inputs, ViewMap(canvas)
        self.runs = ViewRuns(self._make_run, self)
        self.runs.mapped.connect(self._show)
        self.runs.refused.connect(self._refuse)
        self._folder = Path(QgsProcessingUtils.tempFolder()) / f"label-panel-{id(self)}"
        self._count, self._shown, self._confidence = 0, "", ""
        self.model = ""

    def change(self) -> None:
        """Notes that marks, view or model have changed."""
        inputs = self._inputs()
        if isinstance(inputs, str):
            self.status.emit(inputs)
        else:
            self.runs.change(f"{inputs.key()} {self._place.toString(6)}")

    def has_moved(self) -> bool:
        """Returns whether the map shows another place than before; False for a window that got a little larger.

        QGIS's status bar makes the map lower while a task is under way.
        """
        place = self._canvas.extent()
        step = _STILL * place.width()
        edges = (place.toRectF().getCoords(), self._place.toRectF().getCoords())
        if all(abs(new - old) < step for new, old in zip(*edges)):
            return False
        self._place = place
        return True

    def clear(self) -> None:
        """Cancels the run under way and removes the map."""
        self.runs.stop()
        self.overlay.clear()
        discard_folder(self._folder)
        self._confidence = self.model = ""

    def doubtful_place(self, taken: list[QgsPointXY]) -> QgsPointXY | None:
        """Returns the place of the map where a mark helps most, in the image's coordinates; None: all is sure.

        Args:
            taken: Places of marks and of earlier doubtful places.
        """
        return ConfidenceCells(self._confidence).next(taken) if self._confidence else None

    def _make_run(self) -> ViewRun | str:
        inputs = self._inputs()
        if isinstance(inputs, str):
            return inputs
        flaw = _view_flaw(inputs.view) or _marks_flaw(inputs)
        if flaw:
            return flaw
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir(parents=True, exist_ok=True)
        parameters = {
            **inputs.rasters(),
            "EXTENT": inputs.view.referenced_extent(),
            "OUTPUT": str(folder / "map.tif"),
            "CONFIDENCE": str(folder / "confidence.tif"),
        }
        if inputs.model:
            return ViewRun(_algorithm("segment"), {**parameters, "MODEL": [inputs.model]})
        labels = str(folder / "marks.gpkg")
        names = class_names_parameter(inputs.classes, inputs.marks.marked_classes())
        parameters.update(
            LABELS=labels,
            CLASS_FIELD=CLASS_FIELD,
            CLASS_NAMES=names,
            OUTPUT_MODEL=str(folder / "sketch.safetensors"),
        )
        return ViewRun(_algorithm("sketch"), parameters, inputs.marks.snapshot(), labels)

    def _show(self, task: RunTask) -> None:
        """Draws the result of a run, and discards the files of the one before."""
        parameters, inputs = task.run_of.parameters, self._inputs()
        self.model = parameters.get("OUTPUT_MODEL") or parameters["MODEL"][0]
        try:
            table = read_card(self.model).classes
        except EngineError as error:
            self._refuse(str(error))
            return
        if isinstance(inputs, str):
            return
        self._confidence = parameters["CONFIDENCE"]
        self.overlay.show_map(
            parameters["OUTPUT"],
            self._confidence,
            coloured(table, inputs.classes),
            inputs.marks.layers[::-1] if inputs.marks else (),
        )
        if self._shown:
            discard_folder(self._shown)
        self._shown = str(Path(parameters["OUTPUT"]).parent)
        self.status.emit(_summary(task.results, inputs))

    def _refuse(self, sentence: str) -> None:
        self.overlay.clear()
        self.status.emit(sentence)


def _summary(results: dict[str, Any], inputs: Inputs) -> str:
    """Returns the line about a map: the marks that it was learnt from and its score, or its model."""
    if inputs.model or inputs.marks is None:
        return tr("The map of {}. Mark what is wrong, and click Update.").format(
            Path(inputs.model).name
        )
    count, classes = inputs.marks.count(), len(inputs.marks.marked_classes())
    if "SCORE" not in results:
        text = tr("{:,} marks in {} classes; no score yet: mark each class in two places at least.")
        return text.format(count, classes)
    text = tr(
        "{:,} marks in {} classes; {:.2f} mIoU on marks it had not seen (95 % interval {:.2f} to {:.2f})."
    )
    scores = (results[name] for name in ("SCORE", "SCORE_LOW", "SCORE_HIGH"))
    return text.format(count, classes, *scores)


def _view_flaw(view: ImageView) -> str:
    """Returns why the view cannot be mapped, "" if it can."""
    if view.extent().isEmpty():
        return tr("The map shows no part of the image: right-click its layer > Zoom to Layer.")
    size = view.megapixels()
    if size > MAX_MEGAPIXELS:
        return tr(
            "Zoom in to see the map: the view holds {:,.0f} million pixels, and at most {:g} million are mapped while you "
            "mark."
        ).format(size, MAX_MEGAPIXELS)
    return ""


def _marks_flaw(inputs: Inputs) -> str:
    """Returns why marks do not suffice for a map, "" if they do."""
    if inputs.model:
        return ""
    marked = inputs.marks.marked_classes() if inputs.marks else set()
    if len(marked) >= 2:
        return ""
    return tr(
        "Mark at least two classes: choose a class, then click on the map for a point or drag for a stroke. So far: {}"
    ).format(", ".join(sorted(marked)) or tr("none"))


def _algorithm(name: str) -> Any:
    """Returns a new instance of one of DualStream's algorithms."""
    return QgsApplication.processingRegistry().createAlgorithmById(f"dualstream:{name}")
