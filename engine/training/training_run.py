"""A training run: epochs over the training windows with validation, early stopping and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import torch

from ..compute.devices import Device
from ..compute.distributed import share_buffers, sync_batch_norms
from ..compute.eta import Stopwatch
from ..compute.malloc import keep_freed_memory
from ..compute.rank_info import RankInfo
from ..contract.clean_up import CleanUp
from ..contract.errors import EngineError
from ..contract.model_card import Card
from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from ..sampling.band_statistics import Scaling
from ..sampling.copy_paste import PasteRoles
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .batch_fitter import BatchFitter
from .batch_size import StepBatches, TrialStep
from .checkpoints import Checkpoints
from .epoch_loop import DivergedError, TrainingProgressReporter
from .history import history_entry
from .initial_network import build_initial_network, copy_scorable, score_start
from .optimizer import average_weights
from .pixel_baseline import PixelClassifier, with_baseline
from .publication import publish
from .trainer import Trainer, accelerator_for, place_network
from .training_end import TrainingEnd
from .training_plan import TrainingPlan
from .training_report import TrainingReport
from .training_state import TrainerState, TrainingProgress
from .training_time import TrainingTime
from .validation import Validator

OnProgress = Callable[[float, str], None]

#: The last epoch is kept unless an earlier one has a larger mIoU by more than this: its learning rate is nearly 0, and its
#: weights hold on other land where those of an earlier peak on a few validation tiles do not (docs/benchmarks.md).
_SAME_SCORE = 0.01

#: The share of the end of a training after which its model is written.
_PUBLISHED = 0.9


class TrainingRun:
    """Network, loss and augmentation of one training, and the loop over its epochs.

    Args:
        plan: The training job, with its recipe.
        card: The model card without scores.
        scaling: The streams' scaling, which becomes part of the network.
        roles: The classes for copy-paste.
        device: The device.
        checkpoints: The checkpoints of this training.
        logit_adjustment: Values added to the logits in the loss, see ``losses.compute_logit_adjustment``.
        class_weights: Weight of each class in the loss, see ``class_weights``.
        stopwatch: The stopwatch of the job; by default it begins here.
        report: The page about the training; by default there is none.
        classifier: The pixel classifier with which the network is compared; by default there is none.
    """

    def __init__(
        self,
        plan: TrainingPlan,
        card: Card,
        scaling: Scaling,
        roles: PasteRoles,
        device: Device,
        checkpoints: Checkpoints,
        logit_adjustment: Sequence[float] = (),
        class_weights: Sequence[float] = (),
        stopwatch: Stopwatch | None = None,
        report: TrainingReport | None = None,
        classifier: PixelClassifier | None = None,
    ) -> None:
        self._stopwatch = stopwatch or Stopwatch()
        self._job = job = plan.job
        self._card, self._device = card, device
        self._checkpoints = checkpoints
        self._accelerator = accelerator_for(device)
        self._model = build_initial_network(plan, card, scaling)
        self._start_model = copy_scorable(plan, card, self._model)
        if device.kind == "cpu":
            keep_freed_memory()
        place_network(self._model, device)
        # A copy from before accelerate wraps the model's forward pass for its precision.
        is_trained = self._start_model is not None
        self._ema_model = average_weights(self._model, job.ema, is_trained) if job.ema else None
        self._loss = plan.loss.build(card.logits, logit_adjustment, class_weights)
        self._augment = plan.augmentation.build(scaling, roles)
        self._plan, self._report, self._classifier = plan, report, classifier

    def run_epochs(
        self,
        windows: TrainingWindows,
        held_out: ValidationWindows,
        emit: Emit,
        on_progress: OnProgress,
    ) -> TrainingProgress:
        """Trains the remaining epochs, with early stopping; writes checkpoints and pictures, and finally the
        best weights, calibrated, as the model file.

        Args:
            windows: The training windows.
            held_out: The validation windows.
            emit: Callback for the metrics of every epoch and for warnings.
            on_progress: Callback for the finished share and a text.

        Raises:
            EngineError: If the loss diverges, or no validation window has a label.
        """
        job, self._windows, self._emit = self._job, windows, emit
        self._fitter = BatchFitter(job, self._plan.augmentation.pastes, self._record_batches, emit)
        scored = len(held_out) if self._plan.fold else 0  # also what the validations leave out
        end = TrainingEnd.of(job, self._model, self._card, scored)
        timing = self._device, self._stopwatch, emit, end
        self._time = TrainingTime(job, windows, held_out, *timing)
        progress = self._start()
        # Not earlier: each process runs its own trial of the batch size.
        if RankInfo.from_environment().is_distributed:
            self._model = sync_batch_norms(self._model, self._device.torch_device, emit)
        network = self._model, self._ema_model, self._loss, self._augment, self._accelerator
        trainer = Trainer(job, *network, windows, self._checkpoints)
        progress = self._plan_length(progress, trainer)
        progress = with_baseline(progress, self._classifier, held_out, job, emit)
        sized = replace(job, batch_size=progress.validation_size)
        parts = self._card, self._loss, self._device
        validator = Validator(held_out, sized, *parts, finished=progress.epochs, emit=emit)
        length = progress.length
        epochs_share = 1 - self._time.end_share(length)
        reporter = TrainingProgressReporter(
            progress.epochs, length.epochs, epochs_share, on_progress
        )
        with self._warn_on_interruption():
            if self._start_model is not None and not progress.card.metrics:
                metrics = score_start(self.saved_model, self._card, validator, emit)
                progress = replace(progress, card=replace(self._card, metrics=metrics))
                before = (history_entry(metrics, 0.0, progress.seconds),) if metrics else ()
                progress = replace(progress, validation_size=validator.size, history=before)
            while progress.epochs < progress.length.epochs and not progress.stop:
                progress = self._run_epoch(progress, trainer, validator, reporter)
            if progress.best:
                data = windows, held_out, validator
                ends = self._plan, self._checkpoints, *data, self._time, emit, reporter.finish
                progress = publish(self.saved_model, progress, *ends)
        if not progress.best:
            raise EngineError(
                tr("No epoch could be scored: the validation part has no labelled pixel.")
            )
        if self._report:
            reporter.finish(_PUBLISHED, tr("Writing the report"))
            self._report.finish(progress, self.saved_model, held_out, validator)
        text = tr("stopped after epoch {} of {}") if progress.stop else tr("epoch {} of {}")
        reporter.finish(1.0, text.format(progress.epochs, progress.length.epochs))
        return progress

    def _start(self) -> TrainingProgress:
        """The progress of the checkpoints, or that of a new training with its batch size."""
        job, record = self._job, self._checkpoints.record
        if record:
            progress = self._time.resume(TrainingProgress.from_record(record, self._card, job))
        else:
            length = self._time.first_length()
            self._windows.set_epoch_windows(length.windows)
            parts = self._model, job, self._card, self._loss, self._augment
            trial = TrialStep(*parts, self._accelerator.autocast)
            fitting = trial, len(self._windows), self._device.torch_device
            size, batches = self._fitter.choose(*fitting)
            progress = TrainingProgress(self._card, "", 0, length, batches, size)
        self._fitter.begin(progress.batches)
        return progress

    def _plan_length(self, progress: TrainingProgress, trainer: Trainer) -> TrainingProgress:
        """The progress with the planned length, and the batches that fit in the trial for it."""
        batches = progress.batches

        def rehearse(steps: int) -> None:
            nonlocal batches
            _, batches = self._fitter.run(partial(trainer.rehearse, steps), batches, tr("Trial"))

        progress = self._time.plan(progress, rehearse, self.saved_model)
        trainer.plan(progress.length)
        self._add_provenance(length=asdict(progress.length))
        return replace(progress, batches=batches)

    @property
    def saved_model(self) -> torch.nn.Module:
        """The network that is validated and saved: the moving average if there is one."""
        if self._ema_model is None:
            return self._model
        module: torch.nn.Module = self._ema_model.module
        return module

    def _run_epoch(
        self,
        progress: TrainingProgress,
        trainer: Trainer,
        validator: Validator,
        reporter: TrainingProgressReporter,
    ) -> TrainingProgress:
        """Trains one more epoch, validates it if that is due, and saves the state."""
        job, length, epoch = self._job, progress.length, progress.epochs + 1
        loss, batches = self._train_epoch(trainer, progress, reporter)
        progress = replace(progress, epochs=epoch, batches=batches)
        is_validated = epoch % length.validate_every == 0 or epoch == length.epochs
        card, text = self._evaluate(progress, loss, validator if is_validated else None)
        if is_validated:
            progress = self._compare(progress, trainer.state, card)
            progress = replace(progress, validation_size=validator.size)
        if job.checkpoint_every and epoch % job.checkpoint_every == 0:
            self._checkpoints.save_epoch(self.saved_model, card)
        progress = self._time.finish_epoch(progress, is_validated)
        entry = history_entry(card.metrics, trainer.learning_rate, progress.seconds)
        progress = replace(progress, history=(*progress.history, entry))
        trainer.plan(progress.length)
        reporter.plan(progress.length.epochs)
        trainer.save(progress, self._plan.choices)
        self._emit(Metric(text, card.metrics))
        if self._report:
            self._report.update(progress)
        if progress.stop:
            self._emit(Metric(progress.stop))
        return progress

    def _train_epoch(
        self, trainer: Trainer, progress: TrainingProgress, reporter: TrainingProgressReporter
    ) -> tuple[float, StepBatches]:
        """The mean loss of the next epoch, and its batches."""
        epoch = progress.epochs + 1
        self._time.begin_epoch()

        def on_progress(share: float) -> None:
            reporter(epoch, share)
            self._time.on_progress(progress, share)

        def attempt(batches: StepBatches) -> float | None:
            return trainer.train_epoch(epoch, batches, on_progress)

        return self._fitter.run(attempt, progress.batches, tr("Epoch {}").format(epoch))

    def _compare(
        self, progress: TrainingProgress, state: TrainerState, card: Card
    ) -> TrainingProgress:
        """Applies the scores in ``card`` to the schedule, the best weights and early stopping."""
        metrics, length = card.metrics, progress.length
        state.schedule.update(metrics["miou"])
        is_last = progress.epochs == length.epochs and not self._job.start
        allowed = _SAME_SCORE if is_last else 0.0
        if metrics["miou"] > progress.card.metrics.get("miou", -1.0) - allowed:
            best = self._checkpoints.save_best(self.saved_model, card)
            progress = replace(progress, card=card, best=best)
        elif self._start_model is not None and progress.card.metrics and not progress.best:
            card = replace(self._card, metrics=progress.card.metrics)
            best = self._checkpoints.save_best(self._start_model, card)
            progress = replace(progress, card=card, best=best)
        self._start_model = None
        should_stop = state.early_stopping.should_stop(metrics["validation_loss"])
        if should_stop and progress.epochs < length.epochs:
            stop = state.early_stopping.message(progress.epochs, length.epochs)
            progress = replace(progress, stop=stop)
        return progress

    def _evaluate(
        self, progress: TrainingProgress, loss: float, validator: Validator | None
    ) -> tuple[Card, str]:
        """The card of an epoch's weights and a line for the log, with scores if there is a validator."""
        epoch = progress.epochs
        metrics: dict[str, Any] = {"epoch": epoch, "loss": loss}
        numbers: list[Any] = [epoch, progress.length.epochs, loss]
        if validator is None:
            text = tr("Epoch {} of {}: loss {:.4f}").format(*numbers)
            return replace(self._card, metrics=metrics), text
        names = [entry.name for entry in self._card.classes]
        share_buffers(self.saved_model)
        with self._time.validation():
            result = validator.validate(self.saved_model, epoch)
        metrics.update(validation_loss=result.loss, **result.scores.as_dict(names))
        text = tr("Epoch {} of {}: loss {:.4f}, validation loss {:.4f}, {}.").format(
            *numbers, result.loss, result.scores.sentence(names)
        )
        return replace(self._card, metrics=metrics), f"{text} {result.pictures}".rstrip()

    def _record_batches(self, batches: StepBatches) -> None:
        """Records the device, its precision, and the division into batches, in the card's provenance."""
        device = {"device": self._device.name, "precision": self._device.precision}
        self._add_provenance(**device, batch_size=batches.size, accumulation=batches.accumulation)

    def _add_provenance(self, **values: Any) -> None:
        self._card = replace(self._card, provenance={**self._card.provenance, **values})

    @contextmanager
    def _warn_on_interruption(self) -> Iterator[None]:
        """Warns the user about the saved epochs of an interrupted training."""
        try:
            yield
        except BaseException as error:
            with CleanUp(partial(self._report_interruption, error)):
                raise

    def _report_interruption(self, error: BaseException) -> None:
        if self._report:
            self._report.interrupt()
        # A diverged training would diverge again.
        if self._checkpoints.epoch and not isinstance(error, DivergedError):
            self._emit(Warned(self._checkpoints.kept_message(self._job.resume)))
