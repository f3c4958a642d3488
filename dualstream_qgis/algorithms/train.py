"""The algorithm "Train DualStream"."""

from __future__ import annotations

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
from . import (
    common_parameters,
    inference_parameters,
    recipe_parameters,
    sampling_parameters,
    training_data_parameters,
    training_parameters,
)
from .base_algorithm import EngineAlgorithm, Values, is_temporary
from .parameter_factories import with_help
from .parameter_values import file_paths, is_given


class TrainAlgorithm(EngineAlgorithm):
    """Trains a model on layers or a data set and writes its model file."""

    NAME = "train"
    JOB = TrainJob
    ICON = "train"
    GROUP = "train"

    def displayName(self) -> str:
        return tr("Train DualStream")

    def shortDescription(self) -> str:
        return tr("Trains a segmentation network on your own rasters, fusing two streams.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p>Give an image with labels and, if you have them, auxiliary rasters on any grid; or "
            "give a data set. The result is one model file, which <i>Segment with DualStream</i> "
            "applies to whole scenes.</p>"
            "<p>The log shows the number of labelled pixels of each class, the accuracy after each "
            "validation, and the time left. If a training is cancelled or crashes, run it again with "
            "the same parameters: it continues after its last finished epoch.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "land cover,fusion,train,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            training_data_parameters.images(),
            common_parameters.auxiliary(
                tr(
                    "The second stream: rasters of any coordinate system, resolution and number of "
                    "bands. Their bands are stacked in this order."
                )
            ),
            training_data_parameters.labels(),
            training_data_parameters.class_field(),
            training_data_parameters.area(),
            training_data_parameters.dataset(),
            training_data_parameters.rle_order(),
            training_parameters.architecture(),
            training_parameters.encoder(),
            training_parameters.start(),
            training_parameters.epochs(),
            training_parameters.minutes(),
            training_parameters.batch_size(),
            training_parameters.tile_size(),
            training_data_parameters.unlabelled(),
            training_data_parameters.class_names(),
            training_data_parameters.ignore(),
            training_data_parameters.merge(),
            training_parameters.auxiliary_tile_size(),
            training_data_parameters.image_bands(),
            common_parameters.auxiliary_bands(),
            training_parameters.pretrained(),
            training_parameters.preset(),
            *recipe_parameters.learning_rate_parameters(),
            *recipe_parameters.optimizer_parameters(),
            *recipe_parameters.loss_parameters(),
            *sampling_parameters.augmentation_parameters(),
            *sampling_parameters.sampling_parameters(),
            *recipe_parameters.validation_parameters(),
            training_parameters.checkpoint_every(),
            training_parameters.resume(),
            training_parameters.seed(),
            training_parameters.device(),
            common_parameters.precision(),
            _model_file(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("MIOU", tr("Mean intersection over union")))
        self.addOutput(QgsProcessingOutputNumber("PIXEL_ACCURACY", tr("Pixel accuracy")))
        self.addOutput(QgsProcessingOutputNumber("EPOCHS_RUN", tr("Epochs run")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        image, dataset = is_given(parameters, "IMAGE"), is_given(parameters, "DATASET")
        if image and dataset:
            return tr("Give either an image with labels or a data set, not both.")
        if not image and not dataset:
            return tr("Nothing to learn from: give an image with labels, or a data set.")
        if image and not is_given(parameters, "LABELS"):
            return tr("The image has no labels: give a class raster or polygons.")
        if dataset and any(is_given(parameters, name) for name in ("AUXILIARY", "LABELS", "AREA")):
            return tr("The data set has its own auxiliary rasters and labels: leave those empty.")
        tile = parameters.get("TILE_SIZE", TrainJob.tile_size)
        if isinstance(tile, (int, float)) and tile % 32:
            return tr("The tile size {} px is not a multiple of 32: {} px is.").format(
                tile, max(32, round(tile / 32) * 32)
            )
        return inference_parameters.models_error(file_paths(parameters.get("START"), context))

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Runs the job; first reads the state of an earlier training, to distinguish it from this one's."""
        self._earlier_record = checkpoint_files.read_training_record(self._job.output)
        self._had_checkpoints = checkpoint_files.checkpoint_folder(self._job.output).exists()
        return super().processAlgorithm(parameters, context, feedback)

    def clean_up(self, job: TrainJob, is_cancelled: bool) -> None:
        """Removes partial files; checkpoints only after a cancel, if they are new and no epoch is finished."""
        if is_cancelled:  # processes on other devices end a moment later
            for output in self.output_paths(job):
                output_files.wait_until_unlocked(output)
        is_useless = not _finished_epochs(job) and not self._had_checkpoints
        output_files.remove_leftovers(
            self.output_paths(job), checkpoints=is_cancelled and is_useless
        )

    def cancel_message(self, job: TrainJob) -> str:
        epochs = _finished_epochs(job)
        if not epochs:
            return super().cancel_message(job)
        if self._has_no_new_epoch(job):
            return tr(
                "Cancelled before an epoch was finished: the {} of {} epochs of the earlier training are "
                "kept."
            ).format(*epochs)
        return tr("Cancelled after epoch {} of {}: {}").format(*epochs, _resume_hint(job))

    def crash_message(self, job: TrainJob) -> str:
        epochs = _finished_epochs(job)
        if not epochs:
            return ""
        if self._has_no_new_epoch(job):
            return tr("The {} of {} epochs of the earlier training are kept.").format(*epochs)
        return tr("Epoch {} of {} was finished: {}").format(*epochs, _resume_hint(job))

    def _has_no_new_epoch(self, job: TrainJob) -> bool:
        return checkpoint_files.read_training_record(job.output) == self._earlier_record

    def finish(self, job: TrainJob, results: Values, context: QgsProcessingContext) -> str:
        if not is_temporary(job.output):
            return ""
        return tr(
            "The model is a temporary file, which is deleted when QGIS closes: copy {} to keep it."
        ).format(job.output)


def _finished_epochs(job: TrainJob) -> tuple[int, ...]:
    """Returns the number of finished epochs and of all epochs if the job can be continued, else ()."""
    epochs = checkpoint_files.finished_epochs(job.output)
    return () if is_temporary(job.output) or not epochs[0] else epochs


def _resume_hint(job: TrainJob) -> str:
    if job.resume:
        return tr("run it again with the same parameters to continue from there.")
    return tr('run it again with "Continue an unfinished training" to continue from there.')


def _model_file() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT", tr("Model"), fileFilter=common_parameters.model_file_filter()
    )
    return with_help(definition, tr('The model file, which "Segment with DualStream" applies.'))
