"""The algorithm "Segment with DualStream"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterRasterDestination,
)

from .. import styling
from ..engine.contract import class_table, output_files
from ..engine.contract.ensemble_file import ENSEMBLE_SUFFIX
from ..engine.contract.jobs import SegmentJob
from ..engine.contract.unlike import unlike_flaw
from ..i18n import tr
from . import common_parameters, inference_parameters, layer_sources, model_checks, web_map
from .base_algorithm import EngineAlgorithm, Values, is_temporary
from .parameter_factories import with_help, with_widget
from .parameter_values import file_paths, is_given

#: Destinations for which QGIS chooses the path.
_UNNAMED = ("", "TEMPORARY_OUTPUT")


class SegmentAlgorithm(EngineAlgorithm):
    """Segments a scene with one model or several; the mask has the classes' colours."""

    NAME = "segment"
    JOB = SegmentJob
    ICON = "segment"
    STAYS_WARM = True

    def displayName(self) -> str:
        return tr("Segment with DualStream")

    def shortDescription(self) -> str:
        return tr("Maps a whole scene with trained models: every pixel gets a class.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> a model file, and a scene of any size with the bands that the model was "
            "trained on; for a model of two streams also its auxiliary rasters, of any coordinate system and "
            "resolution. Under the model's field the dialog shows what the model needs, and what does not fit: "
            "red will be refused, orange may make the mask worse.</p>"
            "<p><b>What it makes:</b> a mask with the image's grid and coordinate system, and the names and "
            "colours of the model's classes. Where the image has no data, the mask has no data.</p>"
            "<p><b>Example:</b> zoom to a part of your image that you know. Choose <i>water.safetensors</i> as "
            "model, the image, and its air quality raster as auxiliary raster. Click <i>Map view</i> beside "
            "Extent, then Run: a preview of the view takes seconds, and less the second time, because the "
            "engine stays ready for five minutes. Satisfied? Clear the extent, choose a file for the mask, and "
            "run again.</p>"
            "<p>Several models of the same classes are usually better than one. Each may have its own "
            "tile size and bands.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "land cover,fusion,predict,inference,mask,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            inference_parameters.models("MODEL"),
            common_parameters.image(
                tr("The raster to segment, with the bands that the model was trained on.")
            ),
            common_parameters.auxiliary(
                tr(
                    "The rasters of the second stream, in the order that the model was trained on. "
                    "A model that was trained on one stream takes none."
                )
            ),
            inference_parameters.image_alone(),
            _extent(),
            web_map.resolution(),
            common_parameters.image_bands(),
            common_parameters.auxiliary_bands(),
            *inference_parameters.inference_parameters(),
            *inference_parameters.compute_parameters(),
            common_parameters.class_map(tr("Mask")),
            common_parameters.confidence(),
            _disagreement(),
            _unlike(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))
        self.addOutput(QgsProcessingOutputString("RUNTIME_USED", tr("Runtime used")))
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        names = ("OUTPUT", "CONFIDENCE", "DISAGREEMENT", "UNLIKE")
        outputs = [parameters.get(name) for name in names]
        paths = [path for path in outputs if isinstance(path, str) and path not in _UNNAMED]
        for path in paths:
            if paths.count(path) > 1:
                return tr("Two outputs are the same file {}: give each its own.").format(path)
        models = file_paths(parameters.get("MODEL"), context)
        is_ensemble = len(models) > 1 or any(path.endswith(ENSEMBLE_SUFFIX) for path in models)
        if is_given(parameters, "DISAGREEMENT") and models and not is_ensemble:
            return tr("A disagreement raster compares models: give several, or leave it out.")
        return inference_parameters.models_error(models)

    def misfit(self, parameters: Values, context: QgsProcessingContext) -> str:
        if is_given(parameters, "UNLIKE"):
            cards = model_checks.read_cards(file_paths(parameters.get("MODEL"), context))
            if flaw := unlike_flaw(cards):
                return flaw
        return model_checks.first_refusal(self, parameters, context)

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Notes the image's name in the project, after which the results are named."""
        self._image_name = layer_sources.layer_name(parameters.get("IMAGE"), context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def discarded_outputs(self, job: SegmentJob, is_cancelled: bool) -> list[str]:
        return [] if _can_resume(job) and not is_cancelled else self.output_paths(job)

    def crash_message(self, job: SegmentJob) -> str:
        if not _can_resume(job):
            return ""
        return tr(
            "Run it again with the same parameters: it continues after the rows that are finished."
        )

    def finish(self, job: SegmentJob, results: Values, context: QgsProcessingContext) -> str:
        """Sets the names and styles that the layers get when QGIS loads them."""
        table = class_table.from_records(results.get("classes", ()))
        subject = _subject(self._image_name or Path(job.image).stem, job.model)
        percents = (
            (job.confidence, tr("Confidence of {}")),
            (job.disagreement, tr("Disagreement of models on {}")),
            (job.unlike, tr("Unlike the training: {}")),
        )
        paths = (job.output, *(path for path, _ in percents), job.image)
        order = [path for path in paths if path]
        styling.style_on_load(
            context,
            job.output,
            tr("Mask of {}").format(subject),
            lambda layer: styling.show_classes(layer, table),
            order,
            subject,
        )
        for path, text in percents:
            name = text.format(subject)
            styling.style_on_load(context, path, name, styling.show_percent, order, subject)
        return ""


def _subject(scene: str, models: Sequence[str]) -> str:
    """Returns what the results are of: the scene and the model, so that the results of two models differ in name."""
    if len(models) == 1:
        return f"{scene} ({Path(models[0]).stem})"
    return tr("{} ({} models)").format(scene, len(models))


def _can_resume(job: SegmentJob) -> bool:
    """Returns whether the same job would continue an interrupted run.

    The engine writes a file with the number of finished rows beside the unfinished mask. A temporary mask gets another
    path in the next run.
    """
    try:
        state = json.loads(output_files.state_path(job.output).read_text("utf-8"))
        return not is_temporary(job.output) and int(state["rows"]) > 0
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _extent() -> QgsProcessingParameterExtent:
    definition = QgsProcessingParameterExtent("EXTENT", tr("Extent"), optional=True)
    return with_help(
        with_widget(definition, "ExtentWidget", "model_widget"),
        tr(
            "Segment only this part, in any coordinate system. Empty: the whole image. The button Map view "
            "takes what the map shows, for a preview in seconds."
        ),
    )


def _disagreement() -> QgsProcessingParameterRasterDestination:
    return common_parameters.percentages(
        "DISAGREEMENT",
        tr("Disagreement of models"),
        tr(
            "Only with several models: raster with the share of models, in percent, whose class differs "
            "from the mask's."
        ),
    )


def _unlike() -> QgsProcessingParameterRasterDestination:
    return common_parameters.percentages(
        "UNLIKE",
        tr("Unlike the training"),
        tr(
            "Raster that shows how unlike the land of the training each place is, in percent. Above 50 it is farther "
            "from it than 99 % of the land that the training held out: check the mask there."
        ),
    )
