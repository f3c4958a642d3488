"""One training of prepared data, from the statistics of the bands to the model file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ..compute.devices import Device
from ..compute.distributed import all_gather
from ..compute.eta import Stopwatch
from ..compute.rank_info import RankInfo
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from ..datasets.layouts import default_paste
from ..sampling.band_statistics import measure_scaling
from ..sampling.copy_paste import paste_roles
from ..sampling.survey import Survey
from .checkpoints import Checkpoints
from .class_weights import class_weights
from .class_weights import describe as describe_weights
from .losses import compute_logit_adjustment
from .pixel_baseline import PixelClassifier, learn_pixels
from .preparation import training_windows
from .training_card import build_card
from .training_plan import TrainingPlan, training_doubts
from .training_report import TrainingReport, report_of
from .training_run import TrainingRun
from .training_state import TrainingProgress, has_same_step, training_key


class ModelTraining:
    """A training that writes one model file.

    Args:
        plan: The job with its choices.
        data: Its data.
        device: The device.
        warnings: The warnings so far; later ones are added by their owner.
        emit: Callback for events.

    Attributes:
        key: The training's key, see ``training_state.training_key``.
    """

    def __init__(
        self,
        plan: TrainingPlan,
        data: Survey,
        device: Device,
        warnings: Sequence[str],
        emit: Emit,
    ) -> None:
        self._plan, self._data, self._device = plan, data, device
        self._warnings, self._emit = warnings, emit
        self._windows, self._held_out = training_windows(plan.job, data)
        fixed = plan.architecture.recipe.auxiliary_scaling
        scaling = measure_scaling(plan.job, data, fixed)
        self._scaling = plan.start.choose_scaling(scaling) if plan.start else scaling
        # A training of the recipe's epochs that was killed may go on with minutes instead.
        keyed = replace(plan.job, epochs=plan.asked.epochs, patience=plan.asked.patience)
        self.key = training_key(keyed, data, self._scaling)

    def run(
        self, stopwatch: Stopwatch, on_progress: Callable[[float, str], None]
    ) -> TrainingProgress:
        """Trains, or goes on with an unfinished training, and writes the model file.

        Args:
            stopwatch: The stopwatch of the training.
            on_progress: Callback for the finished share and a text.

        Raises:
            EngineError: If job and data contradict each other, or the training fails.
        """
        plan, data, emit, job = self._plan, self._data, self._emit, self._plan.job
        roles = paste_roles(default_paste(job, data.classes), data.classes)
        for warning in training_doubts(plan, data, roles):
            emit(Warned(warning))
        counts = [data.counts(is_validation=False)[c.value] for c in data.classes]
        adjustment = compute_logit_adjustment(counts, job.logit_adjustment)
        weights = class_weights(job.class_weights, data.classes, counts)
        if weights:
            emit(Metric(describe_weights(weights, data.classes)))
        checkpoints = _checkpoints(job, self.key, emit)
        card = build_card(plan, data, self._scaling)
        if plan.start:
            emit(Metric(plan.start.describe(data.classes, self._scaling)))
        told = plan, data, card, self._scaling, self._device, self._warnings, emit
        page = report_of(plan)
        report = TrainingReport(page, *told) if page else None
        parts = self._scaling, roles, self._device, checkpoints, adjustment, weights
        classifier = self._learn_baseline(checkpoints, on_progress)
        run = TrainingRun(plan, card, *parts, stopwatch, report, classifier)
        return run.run_epochs(self._windows, self._held_out, emit, on_progress)

    def _learn_baseline(
        self, checkpoints: Checkpoints, on_progress: Callable[[float, str], None]
    ) -> PixelClassifier | None:
        """The pixel classifier that is still to be scored; of several processes only the first has it.

        It learns before the length is planned for given minutes, so the plan knows how long that took.
        """
        is_measured = bool(checkpoints.record.get("baseline"))
        is_main_process = RankInfo.from_environment().is_main_process
        if not self._plan.job.baseline or is_measured or not is_main_process:
            return None
        on_progress(0.0, tr("Learning single pixels, to compare"))
        return learn_pixels(self._plan.job, self._data)


def _checkpoints(job: TrainJob, key: str, emit: Emit) -> Checkpoints:
    """The checkpoints of this training, or of an unfinished one that it resumes."""
    is_main_process = RankInfo.from_environment().is_main_process
    is_compatible = partial(has_same_step, job=job)
    checkpoints = Checkpoints(job.output, key, job.resume, is_main_process, is_compatible)
    if len(set(all_gather(checkpoints.epoch))) > 1:
        raise JobError(
            tr(
                "The training's processes do not see the same unfinished training of {}: its folder "
                "and the data must be the same files for all of them."
            ).format(job.output)
        )
    if checkpoints.discarded_message:
        emit(Warned(checkpoints.discarded_message))
    if epoch := checkpoints.epoch:
        text = tr("Going on after epoch {} of {} of the training before.")
        emit(Metric(text.format(epoch, checkpoints.record["epochs"]), {"epoch": epoch}))
    return checkpoints
