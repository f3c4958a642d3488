"""The common parts of both training algorithms: texts, the model file, and messages about unfinished trainings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterDefinition,
)

from .. import compat
from ..engine.contract import changed_options, output_files, training_files
from ..engine.contract.errors import JobError
from ..engine.contract.jobs import TrainJob
from ..engine.contract.paths import file_state, is_folder
from ..engine.contract.recipe_text import parse_recipe
from ..i18n import tr
from . import inference_parameters, layer_sources, training_data_parameters, training_parameters
from .base_algorithm import Values, full_engine_error, is_temporary
from .job_from_parameters import ParameterReader
from .model_maker import ModelMaker
from .parameter_factories import parameter
from .parameter_values import file_paths, is_given


class TrainingAlgorithm(ModelMaker):
    """Base class of the algorithms that train a model; a subclass declares what it learns from."""

    VERB = "train"
    NEEDS_TORCH = True
    JOB = TrainJob
    ICON = "train"
    GROUP = "train"

    def computer_note(self) -> str:
        error = full_engine_error()
        return f"<p><b>{error}</b></p>" if error else ""

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "land cover,fusion,train,AI"
        ).split(",")

    def data_parameters(self) -> Iterator[QgsProcessingParameterDefinition]:
        """Yields the parameters for what the training learns from."""
        raise NotImplementedError

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            *self.data_parameters(),
            training_data_parameters.corrections(),
            training_data_parameters.checked(),
            parameter(TrainJob, "unlabelled", advanced=True),
            parameter(TrainJob, "ignore", advanced=True, list_of="words"),
            parameter(TrainJob, "merge", advanced=True, list_of="words"),
            training_data_parameters.class_names(),
            *training_parameters.network_parameters(),
            training_parameters.start(),
            parameter(TrainJob, "minutes"),
            parameter(TrainJob, "epochs", advanced=True),
            parameter(TrainJob, "folds", advanced=True),
            parameter(TrainJob, "batch_size", advanced=True),
            parameter(TrainJob, "tile_size", advanced=True),
            parameter(TrainJob, "device", advanced=True),
            training_parameters.recipe(),
            training_parameters.model_file(),
            training_parameters.report(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("MIOU", tr("Mean intersection over union")))
        self.addOutput(QgsProcessingOutputNumber("PIXEL_ACCURACY", tr("Pixel accuracy")))
        self.addOutput(QgsProcessingOutputNumber("EPOCHS_RUN", tr("Epochs run")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))

    def planned_job(self, parameters: Values, context: QgsProcessingContext) -> TrainJob | str:
        """Returns the job of a dialog that is still open, without an output, or the sentence about a layer that cannot be
        read; "" while the job is incomplete or wrong.
        """
        given = {**parameters, "OUTPUT": "", "REPORT": ""}
        if flaw := layer_sources.layer_error(self, given, context):
            return flaw
        names = ("LABELS", "AREA", "CORRECTIONS", "CHECKED")
        if self._problem(given, context) or any(
            # Not here: exporting a layer again at each change would make QGIS wait.
            layer_sources.needs_export(self, {name: item}, name, context)
            for name in names
            for item in layer_sources.items_of(given, name)
        ):
            return ""
        reader = ParameterReader(self, given, context, QgsProcessingFeedback())
        try:
            job = reader.job(TrainJob)
            return "" if reader.pictures else job  # they are fetched by a run
        except QgsProcessingException:
            return ""

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        error = self._problem(parameters, context)
        is_named = is_given(parameters, "OUTPUT")
        if error or (is_named and parameters["OUTPUT"] != QgsProcessing.TEMPORARY_OUTPUT):
            return error or self._output_flaw(parameters, context)
        return tr(
            'Choose where to save the model: a file under "Model" at the bottom, such as forest.safetensors. A temporary '
            "file would be deleted when QGIS closes."
        )

    def _output_flaw(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns why the output cannot hold the models of the folds, "" if it can."""
        output = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        return training_files.output_flaw(output, self.parameterAsInt(parameters, "FOLDS", context))

    def _problem(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns an error message about all parameters but the output, "" if they are valid."""
        for definition in self.data_parameters():
            is_optional = definition.flags() & compat.OPTIONAL or definition.defaultValue()
            if not is_optional and not is_given(parameters, definition.name()):
                return tr("Nothing to learn from yet: give {} ({}).").format(
                    definition.description(), definition.name()
                )
        tile = parameters.get("TILE_SIZE")
        if isinstance(tile, (int, float)) and tile % 32:
            return tr("The tile size {} px is not a multiple of 32: {} px is.").format(
                tile, max(32, round(tile / 32) * 32)
            )
        if is_given(parameters, "CORRECTIONS") != is_given(parameters, "CHECKED"):
            return tr(
                "Corrected masks and checked squares belong together: give both, or leave both empty."
            )
        recipe = parameters.get("RECIPE")
        try:
            parse_recipe(recipe if isinstance(recipe, str) else "")
        except JobError as error:
            return str(error)
        return inference_parameters.models_error(file_paths(parameters.get("START"), context))

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Runs the job; first reads the state of an earlier training, to distinguish it from this one's."""
        self._earlier_state = _state(self._job)
        self._had_checkpoints = any(map(is_folder, _checkpoints(self._job)))
        return super().processAlgorithm(parameters, context, feedback)

    def clean_up(self, job: TrainJob, is_cancelled: bool) -> None:
        """Removes partial files; checkpoints only after a cancel, if they are new and neither an epoch nor the model is
        finished.
        """
        is_useful = self.has_written(job) or self._had_checkpoints or self._finished_parts(job)
        outputs = [*self.output_paths(job), *training_files.written_models(job)]
        output_files.remove_leftovers(outputs)
        if is_cancelled and not is_useful:
            for output in outputs:
                training_files.discard_progress(output)

    def cancel_message(self, job: TrainJob) -> str:
        """Returns the message after a cancel, when processes on other devices have ended too, a moment later."""
        for output in self.output_paths(job):
            output_files.wait_until_unlocked(output)
        parts = self._finished_parts(job)
        if not parts or self.has_written(job):
            return super().cancel_message(job)
        if self._earlier_state == _state(job):
            text = (
                tr(
                    "Cancelled before an epoch was finished: the folds and epochs of the earlier training are kept."
                )
                if training_files.has_folds(job)
                else tr(
                    "Cancelled before an epoch was finished: the {} of {} epochs of the earlier training are "
                    "kept."
                )
            )
            return text.format(*parts)
        if training_files.has_folds(job):
            text = tr("Cancelled after {} of {} folds and {} epochs of the next fold: {}")
        else:
            text = tr("Cancelled after epoch {} of {}: {}")
        return text.format(*parts, _resume_hint(job))

    def crash_message(self, job: TrainJob) -> str:
        parts = self._finished_parts(job)
        if not parts:
            return ""
        if training_files.has_folds(job):
            text = tr("Finished were {} of {} folds and {} epochs of the next fold: {}")
            return text.format(*parts, _resume_hint(job))
        if self._earlier_state == _state(job):
            return tr("The {} of {} epochs of the earlier training are kept.").format(*parts)
        return tr("Epoch {} of {} was finished: {}").format(*parts, _resume_hint(job))

    def _finished_parts(self, job: TrainJob) -> tuple[int, ...]:
        """Returns the number of finished epochs and of all epochs if the job can be continued, else (); with folds the
        number of finished folds, of all folds, and of finished epochs of the next.
        """
        if is_temporary(job.output):
            return ()
        models = training_files.written_models(job)
        epochs = [training_files.finished_epochs(model) for model in models]
        if not training_files.has_folds(job):
            return epochs[0] if epochs[0][0] else ()
        # Without resume, models of an earlier training are not finished folds of this one.
        finished = sum(
            model.exists() and (job.resume or file_state(str(model)) != before)
            for model, (before, _) in zip(models, self._earlier_state)
        )
        started = max(done for done, _ in epochs)
        return (finished, job.folds, started) if finished or started else ()

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Makes the job; refuses other options than those of the unfinished training that it would resume."""
        is_ready = super().prepareAlgorithm(parameters, context, feedback)
        try:
            changed_options.refuse_other_options(self._job)
        except JobError as error:
            raise QgsProcessingException(str(error)) from error
        return is_ready

    def next_step(self) -> Callable[[Any], None]:
        return partial(_offer_segmentation, self._job)

    def finish(self, job: TrainJob, results: Values, context: QgsProcessingContext) -> str:
        if not is_temporary(job.output):
            return ""
        return tr(
            "The model is a temporary file, which is deleted when QGIS closes: copy {} to keep it."
        ).format(job.output)


def _offer_segmentation(job: TrainJob, iface: Any) -> None:
    """Offers to segment the first training image, most of which has no labels, with the new model."""
    from ..message_bar import offer  # only QGIS with a window has it

    if not Path(job.output).is_file():
        return
    filled: Values = {"MODEL": job.output, "AUXILIARY": list(job.auxiliary)}
    if job.image and not is_folder(job.image[0]):
        filled["IMAGE"] = job.image[0]
    text = tr("Ready: {}").format(Path(job.output).stem)
    offer(iface, text, "segment", filled)


def _checkpoints(job: TrainJob) -> list[Path]:
    """Returns the folders in which an unfinished training of the job keeps its checkpoints."""
    return [training_files.checkpoint_folder(model) for model in training_files.written_models(job)]


def _state(job: TrainJob) -> list[Any]:
    """Returns what an unfinished training of the job has finished, to compare it with a later state."""
    models = training_files.written_models(job)
    return [(file_state(str(m)), training_files.read_training_record(m)) for m in models]


def _resume_hint(job: TrainJob) -> str:
    if job.resume:
        return tr("run it again with the same parameters to continue from there.")
    return tr("run it again without resume=false in the recipe to continue from there.")
