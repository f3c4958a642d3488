"""The algorithm "Model information"."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..engine.contract.file_jobs import InfoJob
from ..i18n import tr
from . import inference_parameters
from .base_algorithm import EngineAlgorithm, Values
from .common_parameters import model_file_filter
from .parameter_factories import with_help, with_widget
from .parameter_values import file_paths


class ModelInformationAlgorithm(EngineAlgorithm):
    """Writes a page about a model file."""

    NAME = "modelinfo"
    ICON = "modelinfo"
    GROUP = "models"
    VERB = "info"
    JOB = InfoJob
    PAGE_ABOUT = "model"

    def displayName(self) -> str:
        return tr("Model information")

    def shortDescription(self) -> str:
        return tr(
            "Shows what a model needs, which classes it finds, how good it is, and where it comes from."
        )

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> a model file (.safetensors).</p>"
            "<p><b>What it makes:</b> a page (HTML), which the Results Viewer lists (QGIS 3.22 shows a link to it): the bands with names "
            "and values, the second stream, classes with their scores, whether probabilities are calibrated, "
            "the training with its options, the licence of the weights that it started from, and the models "
            "that it was trained on from.</p>"
            "<p><b>Example:</b> a colleague gives you <i>water.safetensors</i>. Choose it as model and click Run: "
            "the page says that it needs red, green, blue and near infrared at 10 m, and that it found water "
            "with an IoU of 0.91.</p>"
        )

    def tags(self) -> list[str]:
        return tr("model,card,metadata,classes,bands,accuracy,licence,provenance,describe").split(
            ","
        )

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        self.addParameter(_model())
        self.addParameter(_report())
        self.addOutput(QgsProcessingOutputNumber("PARAMETERS", tr("Number of weights")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        return inference_parameters.models_error(file_paths(parameters.get("MODEL"), context))


def _model() -> QgsProcessingParameterFile:
    definition = QgsProcessingParameterFile("MODEL", tr("Model"), fileFilter=model_file_filter())
    return with_help(
        with_widget(definition, "ModelWidget", "model_widget"),
        tr('A model file from "Train DualStream".'),
    )


def _report() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "REPORT", tr("Page about the model"), tr("HTML files") + " (*.html)"
    )
    return with_help(definition, tr("One file, which any browser shows without a network."))
