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
)

from ..engine.contract import checkpoint_files, output_files
from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import common_parameters as shared
from . import recipe_parameters, training_parameters
from .base_algorithm import EngineAlgorithm, Parameters, is_temporary
from .parameter_values import given


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
        """What to give, what comes of it, and that nothing is lost by a cancel."""
        return super().about() + tr(
            "<p>Give an image with labels, and auxiliary rasters on any other grid if you have "
            "some; or give a data set. The result is one model file, which <i>Segment with "
            "DualStream</i> applies to whole scenes.</p>"
            "<p>The log shows how many labelled pixels each class has, the accuracy after every "
            "epoch, and the time left. A training that was cancelled or crashed goes on after its last "
            "finished epoch when it is run again as it was.</p>"
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
            training_parameters.dataset(),
            training_parameters.rle_order(),
            training_parameters.architecture(),
            training_parameters.encoder(),
            training_parameters.epochs(),
            training_parameters.batch_size(),
            training_parameters.tile_size(),
            shared.unlabelled(),
            training_parameters.class_names(),
            training_parameters.auxiliary_tile_size(),
            shared.image_bands(),
            shared.auxiliary_bands(),
            training_parameters.pretrained(),
            *(declare() for declare in recipe_parameters.RECIPE),
            training_parameters.checkpoint_every(),
            training_parameters.resume(),
            training_parameters.seed(),
            training_parameters.device(),
            shared.precision(),
            _model_file(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("MIOU", tr("Mean intersection over union")))
        self.addOutput(QgsProcessingOutputNumber("PIXEL_ACCURACY", tr("Pixel accuracy")))
        self.addOutput(QgsProcessingOutputNumber("EPOCHS_RUN", tr("Epochs run")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))

    def validation_error(self, parameters: Parameters, context: QgsProcessingContext) -> str:
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

    def log_start(self, job: TrainJob, feedback: QgsProcessingFeedback) -> None:
        """That the weights' licence binds the model."""
        if "mit-b" in job.pretrained and not Path(job.pretrained).is_dir():
            feedback.pushWarning(
                tr(
                    "The weights {} are licensed for non-commercial use only, and so is a model "
                    "that starts from them."
                ).format(job.pretrained)
            )

    def processAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Parameters:
        """Runs the job; notes what an earlier training has kept, which may be another's."""
        self._kept_before = checkpoint_files.read_training_record(self._job.output)
        self._had_checkpoints = checkpoint_files.checkpoint_folder(self._job.output).exists()
        return super().processAlgorithm(parameters, context, feedback)

    def clean_up(self, job: TrainJob, is_cancelled: bool) -> None:
        """Leaves what a training can go on from, and other trainings' checkpoints; after a crash all of them."""
        if is_cancelled:  # processes on other devices end a moment later
            for output in self.files(job):
                output_files.wait_until_free(output)
        is_useless = not _kept(job) and not self._had_checkpoints
        output_files.remove_leftovers(self.files(job), checkpoints=is_cancelled and is_useless)

    def cancelled(self, job: TrainJob) -> str:
        """How far the training got, and whether it can go on."""
        if not _kept(job):
            return super().cancelled(job)
        if self._is_same_training(job):
            return tr(
                "Cancelled before another epoch was finished: the {} of {} epochs of the training before "
                "are still kept."
            ).format(*_kept(job))
        return tr("Cancelled after epoch {} of {}: {}").format(*_kept(job), _resume_hint(job))

    def crash_message(self, job: TrainJob) -> str:
        """That the work is not lost, if it is not."""
        if not _kept(job):
            return ""
        if self._is_same_training(job):
            return tr("The {} of {} epochs of the training before are still kept.").format(
                *_kept(job)
            )
        return tr("Epoch {} of {} was finished: {}").format(*_kept(job), _resume_hint(job))

    def _is_same_training(self, job: TrainJob) -> bool:
        return checkpoint_files.read_training_record(job.output) == self._kept_before

    def finish(self, job: TrainJob, results: Parameters, context: QgsProcessingContext) -> str:
        """Warns of a model that vanishes with QGIS."""
        if not is_temporary(job.output):
            return ""
        return tr(
            "The model is a temporary file that vanishes when QGIS closes: copy {} to keep it."
        ).format(job.output)


def _kept(job: TrainJob) -> tuple[int, ...]:
    """How many epochs of how many are finished that a run like this can go on from; none: empty."""
    epochs = checkpoint_files.finished_epochs(job.output)
    return () if is_temporary(job.output) or not epochs[0] else epochs


def _resume_hint(job: TrainJob) -> str:
    if job.resume:
        return tr("run it again as it was to go on from there.")
    return tr('run it again with "Go on with an unfinished training" to go on from there.')


def _model_file() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT", tr("Model"), fileFilter=shared.model_filter()
    )
    help_text = tr('The model file to write, which "Segment with DualStream" takes.')
    return shared.with_help(definition, help_text)
