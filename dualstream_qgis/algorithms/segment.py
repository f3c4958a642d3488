"""The algorithm "Segment with DualStream"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
)

from .. import compat, styling
from ..engine import classes
from ..engine.config import SegmentJob
from ..i18n import tr
from . import parameters as shared
from .base import EngineAlgorithm, Parameters


class SegmentAlgorithm(EngineAlgorithm):
    """A model and a scene -> a mask, styled with the model's classes."""

    NAME = "segment"
    JOB = SegmentJob
    ICON = "segment"

    def displayName(self) -> str:
        return tr("Segment with DualStream")

    def shortDescription(self) -> str:
        return tr("Maps a whole scene with a trained model: every pixel gets a class.")

    def about(self) -> str:
        return super().about() + tr(
            "<p>The scene may be of any size. The mask has the image's grid and coordinate system, "
            "and comes with the model's classes, their names and colours. Where the image has no "
            "data, the mask has none.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "land cover,fusion,predict,inference,mask,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            _model(),
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
            _tile_size(),
            _overlap(),
            shared.batch_size(SegmentJob.batch_size),
            shared.device(),
            shared.precision(),
            _mask(),
            _confidence(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))
        self.addOutput(QgsProcessingOutputNumber("TILES", tr("Tiles")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def complaint(self, parameters: Parameters) -> str:
        """What is wrong with model, mask and confidence together."""
        model = parameters.get("MODEL")
        if isinstance(model, str) and model:
            if not Path(model).is_file():
                return tr("There is no model file {}.").format(model)
            if Path(model).suffix.lower() != shared.MODEL_SUFFIX:
                return tr(
                    "{} is not a model file: those end in .safetensors and are written by "
                    '"Train DualStream".'
                ).format(model)
        output = parameters.get("OUTPUT")
        named = isinstance(output, str) and output not in ("", "TEMPORARY_OUTPUT")
        if named and output == parameters.get("CONFIDENCE"):
            return tr("Mask and confidence are the same file {}: give two.").format(output)
        return ""

    def finish(self, job: SegmentJob, results: Parameters, context: QgsProcessingContext) -> str:
        """Styles mask and confidence as soon as they are loaded."""
        table = classes.from_records(results.get("classes", ()))
        scene = Path(job.image).stem
        styling.style_on_load(
            context,
            job.output,
            tr("Mask of {}").format(scene),
            lambda layer: styling.show_classes(layer, table),
        )
        styling.style_on_load(
            context, job.confidence, tr("Confidence of {}").format(scene), styling.show_confidence
        )
        return ""


def _model() -> QgsProcessingParameterFile:
    """A trained model."""
    definition = QgsProcessingParameterFile(
        "MODEL",
        tr("Model"),
        behavior=compat.A_FILE,
        fileFilter=shared.model_filter(),
    )
    return shared.with_help(
        definition,
        tr(
            'A model file written by "Train DualStream". It knows the bands and the scaling it '
            "was trained with, and the classes with their names and colours."
        ),
    )


def _extent() -> QgsProcessingParameterExtent:
    """Part of the image."""
    definition = QgsProcessingParameterExtent("EXTENT", tr("Extent"), optional=True)
    return shared.with_help(
        definition,
        tr("Segment only this part, in any coordinate system. Empty: the whole image."),
    )


def _tile_size() -> QgsProcessingParameterNumber:
    """The model's tile size, to be sure."""
    return shared.number(
        "TILE_SIZE",
        tr("Tile size in pixels (0: the model's)"),
        SegmentJob.tile_size,
        0,
        8192,
        tr("A model segments with the tile size it was trained with; another one is refused."),
        advanced=True,
    )


def _overlap() -> QgsProcessingParameterNumber:
    """Overlap of neighbouring tiles."""
    return shared.number(
        "OVERLAP",
        tr("Overlap of tiles in pixels (-1: automatic)"),
        SegmentJob.overlap,
        -1,
        4096,
        tr(
            "Neighbouring tiles share this many pixels and blend over them, which hides seams. -1: an "
            "eighth of the model's tile size."
        ),
        advanced=True,
    )


def _confidence() -> QgsProcessingParameterRasterDestination:
    """The optional confidence raster."""
    definition = QgsProcessingParameterRasterDestination(
        "CONFIDENCE", tr("Confidence"), optional=True, createByDefault=False
    )
    return shared.with_help(
        definition, tr("Raster with the probability of each pixel's class, in percent.")
    )


def _mask() -> QgsProcessingParameterRasterDestination:
    """The mask."""
    definition = QgsProcessingParameterRasterDestination("OUTPUT", tr("Mask"))
    return shared.with_help(
        definition,
        tr("GeoTIFF of the classes on the image's grid, with their names and colours inside."),
    )
