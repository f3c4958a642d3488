"""The algorithm "Segment with DualStream"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterRasterDestination,
)

from .. import styling
from ..engine.contract import class_table, output_files
from ..engine.contract.ensemble_file import ENSEMBLE_SUFFIX
from ..engine.contract.jobs import SegmentJob
from ..i18n import tr
from . import common_parameters as shared
from . import inference_parameters
from .base_algorithm import EngineAlgorithm, Parameters, is_temporary
from .parameter_values import files, given

#: What a destination is that has no name of its own.
_UNNAMED = ("", "TEMPORARY_OUTPUT")


class SegmentAlgorithm(EngineAlgorithm):
    """A model and a scene -> a mask, styled with the model's classes."""

    NAME = "segment"
    JOB = SegmentJob
    ICON = "segment"
    STAYS_WARM = True

    def displayName(self) -> str:
        return tr("Segment with DualStream")

    def shortDescription(self) -> str:
        return tr("Maps a whole scene with trained models: every pixel gets a class.")

    def about(self) -> str:
        """What the mask is like."""
        return super().about() + tr(
            "<p>The scene may be of any size. The mask has the image's grid and coordinate system, "
            "and comes with the model's classes, their names and colours. Where the image has no "
            "data, the mask has none.</p>"
            "<p>Several models of the same classes, each with its own tile size and bands, are better "
            "than one: give them together.</p>"
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
            shared.image(
                tr("The raster to segment, with the bands that the model was trained on.")
            ),
            shared.auxiliary(
                tr(
                    "The second stream, in the order the model was trained on. Empty: the image "
                    "alone, with less accuracy where the model needs both."
                )
            ),
            _extent(),
            shared.image_bands(),
            shared.auxiliary_bands(),
            inference_parameters.overlap(),
            inference_parameters.combine(),
            inference_parameters.tta(),
            inference_parameters.threshold(),
            inference_parameters.match_resolution(),
            inference_parameters.batch_size(),
            shared.device(),
            shared.precision(),
            inference_parameters.runtime(),
            _mask(),
            _confidence(),
            _disagreement(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))
        self.addOutput(QgsProcessingOutputString("RUNTIME_USED", tr("Runtime used")))
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def validation_error(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with models and outputs together."""
        given_as = [parameters.get(name) for name in ("OUTPUT", "CONFIDENCE", "DISAGREEMENT")]
        named = [path for path in given_as if isinstance(path, str) and path not in _UNNAMED]
        for path in named:
            if named.count(path) > 1:
                return tr("Two outputs are the same file {}: give each its own.").format(path)
        models = files(parameters.get("MODEL"), context)
        is_team = len(models) > 1 or any(path.endswith(ENSEMBLE_SUFFIX) for path in models)
        if given(parameters, "DISAGREEMENT") and models and not is_team:
            return tr("A disagreement raster compares models: give several, or leave it out.")
        return inference_parameters.models_error(models)

    def ignored_options(self, job: SegmentJob) -> list[str]:
        """None, where the same run goes on from the rows that are finished."""
        return [] if _can_resume(job) else self.files(job)

    def crash_message(self, job: SegmentJob) -> str:
        """That the work is not lost, if it is not."""
        if not _can_resume(job):
            return ""
        return tr("Run it again as it was: it goes on from the rows that are finished.")

    def finish(self, job: SegmentJob, results: Parameters, context: QgsProcessingContext) -> str:
        """Styles mask and confidence as soon as they are loaded."""
        table = class_table.from_records(results.get("classes", ()))
        scene = Path(job.image).stem
        order = [path for path in (job.output, job.confidence, job.disagreement, job.image) if path]
        styling.style_on_load(
            context,
            job.output,
            tr("Mask of {}").format(scene),
            lambda layer: styling.show_classes(layer, table),
            order,
        )
        for path, name in (
            (job.confidence, tr("Confidence of {}")),
            (job.disagreement, tr("Disagreement of models on {}")),
        ):
            styling.style_on_load(context, path, name.format(scene), styling.show_percent, order)
        return ""


def _can_resume(job: SegmentJob) -> bool:
    """Whether the same job would go on where an earlier run of it stopped.

    The engine notes beside the mask's part what is finished. A temporary mask has another name next time.
    """
    return not is_temporary(job.output) and output_files.state_path(job.output).is_file()


def _extent() -> QgsProcessingParameterExtent:
    """Part of the image."""
    definition = QgsProcessingParameterExtent("EXTENT", tr("Extent"), optional=True)
    return shared.with_help(
        definition,
        tr("Segment only this part, in any coordinate system. Empty: the whole image."),
    )


def _confidence() -> QgsProcessingParameterRasterDestination:
    """The optional confidence raster."""
    definition = QgsProcessingParameterRasterDestination(
        "CONFIDENCE", tr("Confidence"), optional=True, createByDefault=False
    )
    return shared.with_help(
        definition, tr("Raster with the probability of each pixel's class, in percent.")
    )


def _disagreement() -> QgsProcessingParameterRasterDestination:
    """Where several models differ."""
    definition = QgsProcessingParameterRasterDestination(
        "DISAGREEMENT", tr("Disagreement of models"), optional=True, createByDefault=False
    )
    return shared.with_help(
        definition,
        tr(
            "With several models: raster with the share of them, in percent, whose class is another "
            "than the mask's."
        ),
    )


def _mask() -> QgsProcessingParameterRasterDestination:
    """The mask."""
    definition = QgsProcessingParameterRasterDestination("OUTPUT", tr("Mask"))
    return shared.with_help(
        definition,
        tr("GeoTIFF of the classes on the image's grid, with their names and colours inside."),
    )
