"""The algorithm "Train DualStream"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
    QgsProcessingUtils,
)

from ..engine.config import TrainJob
from ..i18n import tr
from . import parameters as shared
from . import recipe, training
from .base import EngineAlgorithm, Parameters
from .reading import given


class TrainAlgorithm(EngineAlgorithm):
    """Layers or a data set -> a model file."""

    NAME = "train"
    JOB = TrainJob
    ICON = "train"

    def displayName(self) -> str:
        return tr("Train DualStream")

    def shortDescription(self) -> str:
        return tr("Trains a segmentation network on your own rasters, fusing two streams.")

    def about(self) -> str:
        return super().about() + tr(
            "<p>Give an image with labels, and auxiliary rasters on any other grid if you have "
            "some; or give a data set. The result is one model file, which <i>Segment with "
            "DualStream</i> applies to whole scenes.</p>"
            "<p>The log shows how many labelled pixels each class has, the accuracy after every "
            "epoch, and the time left. Cancelling leaves no file behind.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "land cover,fusion,train,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            shared.image(
                tr(
                    "The raster that is to be segmented later; it defines the grid. Its bands, "
                    "and their order, are what the model will expect."
                ),
                optional=True,
            ),
            shared.auxiliary(
                tr(
                    "A second stream: rasters of any coordinate system, resolution and number of "
                    "bands. Their bands are stacked in this order."
                )
            ),
            shared.labels(),
            shared.class_field(),
            shared.area(),
            training.dataset(),
            training.rle_order(),
            training.architecture(),
            training.encoder(),
            training.epochs(),
            shared.batch_size(TrainJob.batch_size),
            training.tile_size(),
            shared.unlabelled(),
            training.class_names(),
            training.auxiliary_tile_size(),
            shared.image_bands(),
            shared.auxiliary_bands(),
            training.pretrained(),
            *(declare() for declare in recipe.RECIPE),
            training.checkpoint_every(),
            training.seed(),
            shared.device(),
            shared.precision(),
            _model_file(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("MIOU", tr("Mean intersection over union")))
        self.addOutput(QgsProcessingOutputNumber("PIXEL_ACCURACY", tr("Pixel accuracy")))
        self.addOutput(QgsProcessingOutputNumber("EPOCHS_RUN", tr("Epochs run")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))

    def complaint(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with layers, data set and tile size together."""
        image, dataset = given(parameters, "IMAGE"), given(parameters, "DATASET")
        if image and dataset:
            return tr("Give either an image with labels or a data set, not both.")
        if not image and not dataset:
            return tr("Nothing to learn from: give an image with labels, or a data set.")
        if image and not given(parameters, "LABELS"):
            return tr("The image has no labels: give a class raster or polygons.")
        if dataset and any(given(parameters, name) for name in ("AUXILIARY", "LABELS", "AREA")):
            return tr("The data set has its own auxiliary rasters and labels: leave those empty.")
        tile = parameters.get("TILE_SIZE", TrainJob.tile_size)
        if isinstance(tile, (int, float)) and tile % 32:
            return tr("The tile size {} is not a multiple of 32: {} is.").format(
                tile, max(32, round(tile / 32) * 32)
            )
        return ""

    def announce(self, job: TrainJob, feedback: QgsProcessingFeedback) -> None:
        if "mit-b" in job.pretrained and not Path(job.pretrained).is_dir():
            feedback.pushWarning(
                tr(
                    "The weights {} are licensed for non-commercial use only, and so is a model "
                    "that starts from them."
                ).format(job.pretrained)
            )

    def finish(self, job: TrainJob, results: Parameters, context: QgsProcessingContext) -> str:
        """Warns of a model that vanishes with QGIS."""
        if Path(QgsProcessingUtils.tempFolder()) not in Path(job.output).parents:
            return ""
        return tr(
            "The model is a temporary file that vanishes when QGIS closes: copy {} to keep it."
        ).format(job.output)


def _model_file() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT", tr("Model"), fileFilter=shared.model_filter()
    )
    help_text = tr('The model file to write, which "Segment with DualStream" takes.')
    return shared.with_help(definition, help_text)
