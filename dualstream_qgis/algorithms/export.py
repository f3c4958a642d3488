"""The algorithm "Export to ONNX"."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..engine.contract.file_jobs import ExportJob
from ..i18n import tr
from . import inference_parameters
from .base_algorithm import EngineAlgorithm, Values
from .common_parameters import model_file_filter
from .parameter_factories import with_help
from .parameter_values import file_paths


class ExportAlgorithm(EngineAlgorithm):
    """Writes a model as an ONNX file."""

    NAME = "export"
    JOB = ExportJob
    ICON = "export"
    GROUP = "models"

    def displayName(self) -> str:
        return tr("Export to ONNX")

    def shortDescription(self) -> str:
        return tr("Writes a model as an ONNX file for other programs, such as the plugin Deepness.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> A model file from <i>Train DualStream</i> or <i>Import weights</i>.</p>"
            "<p><b>What it makes:</b> An ONNX file that takes pixel values as they are in the rasters and gives the "
            "probability of each class. It is compared with the model before it is kept. A model of two streams has "
            "two inputs, image and auxiliary, and needs both: give NaN where one is missing.</p>"
            "<p><b>Example:</b> With the sample data: Model <i>starter-model.safetensors</i>, ONNX file "
            "<i>model.onnx</i>, then Run. The log says how close the file is to the model.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "ONNX,export,convert,model,network,Deepness,onnxruntime,deployment,inference"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameters, in the order of the dialog."""
        self.addParameter(_model())
        definition = QgsProcessingParameterFileDestination(
            "OUTPUT", tr("ONNX file"), fileFilter=tr("ONNX files") + " (*.onnx)"
        )
        self.addParameter(with_help(definition, tr("The file to write, .onnx.")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        return inference_parameters.models_error(file_paths(parameters.get("MODEL"), context))


def _model() -> QgsProcessingParameterFile:
    definition = QgsProcessingParameterFile("MODEL", tr("Model"), fileFilter=model_file_filter())
    return with_help(definition, tr('A model file (.safetensors) from "Train DualStream".'))
