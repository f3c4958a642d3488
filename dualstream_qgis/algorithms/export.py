"""The algorithm "Export model"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..engine.contract.file_jobs import EXPORT_FORMATS, EXPORT_PRECISIONS, ExportJob
from ..i18n import tr
from . import inference_parameters
from .base_algorithm import EngineAlgorithm, Values, full_engine_error, is_temporary
from .common_parameters import model_file_filter
from .parameter_factories import check_box, choice, text, with_help
from .parameter_values import file_paths


class ExportAlgorithm(EngineAlgorithm):
    """Writes a model as an ONNX file, or a card about it."""

    NAME = "export"
    JOB = ExportJob
    ICON = "export"
    GROUP = "models"

    def displayName(self) -> str:
        return tr("Export model")

    def shortDescription(self) -> str:
        return tr(
            "Writes a model as an ONNX file for other programs, such as the plugin Deepness, or a card about it for "
            "catalogues and model hubs."
        )

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> A model file from <i>Train DualStream</i> or <i>Import weights</i>.</p>"
            "<p><b>What it makes:</b> One file. An ONNX file takes pixel values as they are in the rasters and gives the "
            "probability of each class. It is compared with the model before it is kept. A model of two streams has "
            "two inputs, image and auxiliary, and needs both: give NaN where one is missing. A card states bands, "
            "classes, scores, training and licence: as a STAC item for catalogues, or in Markdown for a model hub.</p>"
            "<p><b>Example:</b> With the sample data: Model <i>starter-model.safetensors</i>, File to write "
            "<i>model.onnx</i>, then Run. The log says how close the file is to the model.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "ONNX,export,convert,model,network,Deepness,onnxruntime,deployment,inference,STAC,MLM,catalogue,card,hub"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameters, in the order of the dialog."""
        for definition in (
            _model(),
            _format(),
            _licence(),
            _precision(),
            _class_map(),
            _output(),
        ):
            self.addParameter(definition)

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        is_network = self.parameterAsEnumString(parameters, "FORMAT", context) == "onnx"
        return (full_engine_error() if is_network else "") or inference_parameters.models_error(
            file_paths(parameters.get("MODEL"), context)
        )

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Makes the job; QGIS names every temporary file as an ONNX file."""
        is_ready = super().prepareAlgorithm(parameters, context, feedback)
        job: ExportJob = self._job
        ending = EXPORT_FORMATS.get(job.format)
        if ending and is_temporary(job.output):
            self._job = replace(job, output=str(Path(job.output).with_suffix(ending)))
        return is_ready


def _model() -> QgsProcessingParameterFile:
    definition = QgsProcessingParameterFile("MODEL", tr("Model"), fileFilter=model_file_filter())
    return with_help(definition, tr('A model file (.safetensors) from "Train DualStream".'))


def _format() -> QgsProcessingParameterEnum:
    return choice(
        "FORMAT",
        tr("What to write"),
        [*EXPORT_FORMATS],
        ExportJob.format,
        tr(
            "onnx: the network, for programs that run networks (.onnx). stac: a STAC item with the extension for machine "
            "learning models, for catalogues (.json); keep it beside the model file, to which it leads. markdown: a page "
            "for a model hub such as Hugging Face (.md)."
        ),
    )


def _licence() -> QgsProcessingParameterDefinition:
    return text(
        "LICENCE",
        tr("Licence of the model, for a card"),
        tr(
            "For a card: the licence under which you share the model, as an SPDX identifier such as CC-BY-4.0. Empty: the "
            "card does not state it. Weights that the training started from may restrict your choice: see Model "
            "information."
        ),
        advanced=False,
    )


def _precision() -> QgsProcessingParameterEnum:
    return choice(
        "PRECISION",
        tr("Precision of the ONNX file"),
        EXPORT_PRECISIONS,
        ExportJob.precision,
        tr(
            "fp32: as the model. fp16: half the size, and faster on GPUs only; inputs and outputs keep 32 bits, and the "
            "log says how close it is."
        ),
        advanced=True,
    )


def _class_map() -> QgsProcessingParameterBoolean:
    return check_box(
        "CLASS_MAP",
        tr("Class map as second output of the ONNX file"),
        ExportJob.class_map,
        tr(
            "The network applies the threshold itself and gives class values as masks have them, beside the "
            "probabilities. The plugin Deepness cannot use such a file."
        ),
        advanced=True,
    )


def _output() -> QgsProcessingParameterFileDestination:
    filters = (
        (tr("ONNX files"), "onnx"),
        (tr("STAC items"), "json"),
        (tr("Markdown files"), "md"),
    )
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT",
        tr("File to write"),
        fileFilter=";;".join(f"{name} (*.{ending})" for name, ending in filters),
    )
    return with_help(
        definition,
        tr("The ending of its name depends on its kind: .onnx, .json for stac, .md for markdown."),
    )
