"""A training run: epochs over the training windows with validation, early stopping and checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch

from ..compute.distributed import share_buffers, sync_batch_norms
from ..compute.eta import Stopwatch
from ..compute.malloc import keep_freed_memory
from ..contract.band_colours import chosen_colours
from ..contract.errors import EngineError
from ..contract.model_card import Card
from ..contract.protocol import Metric, Warned
from ..contract.translation import tr
from ..losses.class_weights import class_weights
from ..losses.class_weights import describe as describe_weights
from ..losses.segmentation_loss import SegmentationLoss, compute_logit_adjustment
from ..planning.data_choices import training_doubts
from ..planning.training_context import TrainingContext
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from ..scores.score_interval import miou_interval
from .batch_size import TrialStep, choose_batches
from .checkpoints import Checkpoints
from .epoch_loop import TrainingProgressReporter
from .history import history_entry
from .initial_network import build_initial_network, copy_scorable, score_start
from .optimizer import average_weights
from .trainer import Trainer, accelerator_for, place_network
from .training_end import TrainingEnd
from .training_state import TrainingProgress
from .training_time import TrainingTime
from .validation import Validator

#: The last epoch is kept unless an earlier one has a larger mIoU by more than this: its learning rate is nearly 0, and its
#: weights hold on other land where those of an earlier peak on a few validation tiles do not (docs/benchmarks.md). Of marks
#: it is the standard error of their score, and holds for the model from which the training starts too.
_SAME_SCORE = 0.01


@dataclass(frozen=True)
class TrainedNetwork:
    """A network after its last epoch, and what its assessment needs.

    Attributes:
        network: The network that is saved: the moving average if there is one.
        progress: The progress of the training; its best weights are in the checkpoints.
        windows: The training windows.
        held_out: The validation windows.
        validator: Validates on these.
        time: The time of the training.
        reporter: Reports the progress.
    """

    network: torch.nn.Module
    progress: TrainingProgress
    windows: TrainingWindows
    held_out: ValidationWindows
    validator: Validator
    time: TrainingTime
    reporter: TrainingProgressReporter


class TrainingRun:
    """Network, loss and augmentation of one training, and the loop over its epochs.

    Args:
        context: The training.
        checkpoints: Its checkpoints.
        stopwatch: The stopwatch of the job; by default it starts here.
        on_progress: Callback for the finished share and a text.

    Raises:
        EngineError: If job and data contradict each other, or the weights to start from cannot be used.
    """

    def __init__(
        self,
        context: TrainingContext,
        checkpoints: Checkpoints,
        stopwatch: Stopwatch | None = None,
        on_progress: Callable[[float, str], None] = lambda share, text: None,
    ) -> None:
        self._context, self._checkpoints = context, checkpoints
        self._on_progress = on_progress
        job, device = context.job, context.device
        self._windows, self._held_out = context.windows()
        for warning in training_doubts(context.plan, context.data, context.roles):
            context.emit(Warned(warning))
        self._loss = _build_loss(context)
        self._augment = context.plan.augmentation.build(context.scaling, context.roles)
        self._accelerator = accelerator_for(device)
        self._model = build_initial_network(context.plan, context.card, context.scaling)
        self._start_model = copy_scorable(context.plan, context.card, self._model)
        if device.kind == "cpu":
            keep_freed_memory()
        place_network(self._model, device)
        # A copy from before accelerate wraps the model's forward pass for its precision.
        is_trained = self._start_model is not None
        self._ema_model = average_weights(self._model, job.ema, is_trained) if job.ema else None
        self._time = self._measure_time(stopwatch or Stopwatch())

    @property
    def saved_model(self) -> torch.nn.Module:
        """The network that is validated and saved: the moving average if there is one."""
        if self._ema_model is None:
            return self._model
        module: torch.nn.Module = self._ema_model.module
        return module

    def run(
        self, on_epoch: Callable[[TrainingProgress], None] = lambda progress: None
    ) -> TrainedNetwork:
        """Trains the remaining epochs, with early stopping; writes checkpoints and pictures.

        Args:
            on_epoch: Callback for the progress after every epoch.

        Raises:
            EngineError: If the loss diverges, or no validation window has a label.
        """
        progress = self._start()
        trainer = self._build_trainer(progress)
        progress = self._plan_length(progress, trainer)
        validator = self._build_validator(progress)
        reporter = self._build_reporter(progress)
        progress = self._score_start(progress, validator)
        while progress.epochs < progress.length.epochs and not progress.stop:
            progress = self._run_epoch(progress, trainer, validator, reporter)
            on_epoch(progress)
        if not progress.best:
            raise EngineError(
                tr("No epoch could be scored: the validation part has no labelled pixel.")
            )
        return TrainedNetwork(
            network=self.saved_model,
            progress=progress,
            windows=self._windows,
            held_out=self._held_out,
            validator=validator,
            time=self._time,
            reporter=reporter,
        )

    def _measure_time(self, stopwatch: Stopwatch) -> TrainingTime:
        context = self._context
        # The score of a fold is also of the windows that the validations leave out.
        scored = len(self._held_out) if context.plan.fold else 0
        return TrainingTime(
            job=context.job,
            windows=self._windows,
            held_out=self._held_out,
            device=context.device,
            ranks=context.ranks,
            stopwatch=stopwatch,
            emit=context.emit,
            end=TrainingEnd.of(context.job, self._model, context.card, scored),
        )

    def _start(self) -> TrainingProgress:
        """The progress of the checkpoints, or that of a new training with its batch size."""
        card = self._context.card
        record = self._checkpoints.record
        if record:
            progress = TrainingProgress.from_record(record, card, self._context.job)
            return self._time.resume(progress)
        length = self._time.first_length()
        self._windows.set_epoch_windows(length.windows)
        size, batches = choose_batches(
            job=self._context.job,
            ranks=self._context.ranks,
            trial=self._trial_step(),
            windows=len(self._windows),
            torch_device=self._context.device.torch_device,
        )
        return TrainingProgress(
            card=card,
            best="",
            epochs=0,
            length=length,
            batches=batches,
            validation_size=size,
        )

    def _trial_step(self) -> TrialStep:
        return TrialStep(
            model=self._model,
            job=self._context.job,
            card=self._context.card,
            loss=self._loss,
            augment=self._augment,
            autocast=self._accelerator.autocast,
        )

    def _build_trainer(self, progress: TrainingProgress) -> Trainer:
        context = self._context
        # Not earlier: each process runs its own trial of the batch size.
        if context.ranks.is_distributed:
            device = context.device.torch_device
            self._model = sync_batch_norms(self._model, device, context.emit)
        return Trainer(
            context=context,
            model=self._model,
            ema_model=self._ema_model,
            loss=self._loss,
            augment=self._augment,
            accelerator=self._accelerator,
            windows=self._windows,
            checkpoints=self._checkpoints,
            batches=progress.batches,
        )

    def _build_validator(self, progress: TrainingProgress) -> Validator:
        context, image = self._context, self._context.card.image
        return Validator(
            windows=self._held_out,
            size=progress.validation_size,
            output=context.job.output,
            card=context.card,
            loss=self._loss,
            device=context.device,
            ranks=context.ranks,
            finished=progress.epochs,
            colours=chosen_colours(context.job.picture_bands, image.bands, image.chosen),
            emit=context.emit,
        )

    def _build_reporter(self, progress: TrainingProgress) -> TrainingProgressReporter:
        return TrainingProgressReporter(
            finished=progress.epochs,
            epochs=progress.length.epochs,
            epochs_share=1 - self._time.end_share(progress.length),
            report=self._on_progress,
        )

    def _plan_length(self, progress: TrainingProgress, trainer: Trainer) -> TrainingProgress:
        """The progress with the planned length, and the batches that fit in the trial for it."""
        progress = self._time.plan(progress, trainer.rehearse, self.saved_model)
        trainer.plan(progress.length)
        return replace(progress, batches=trainer.batches)

    def _score_start(self, progress: TrainingProgress, validator: Validator) -> TrainingProgress:
        """The progress with the score of the model from which the training starts, if it can be scored."""
        if self._start_model is None or progress.card.metrics:
            return progress
        context = self._context
        metrics = score_start(self.saved_model, context.card, validator, context.emit)
        return replace(
            progress,
            card=self._card(progress, metrics),
            validation_size=validator.size,
            history=(history_entry(metrics, 0.0, progress.seconds),) if metrics else (),
        )

    def _run_epoch(
        self,
        progress: TrainingProgress,
        trainer: Trainer,
        validator: Validator,
        reporter: TrainingProgressReporter,
    ) -> TrainingProgress:
        """Trains one more epoch, validates it if that is due, and saves the state."""
        job = self._context.job
        length = progress.length
        epoch = progress.epochs + 1
        loss, progress = self._train_epoch(trainer, progress, reporter)
        is_validated = epoch % length.validate_every == 0 or epoch == length.epochs
        card, text = self._evaluate(progress, loss, validator if is_validated else None)
        if is_validated:
            progress = self._compare(progress, trainer, card)
            progress = replace(progress, validation_size=validator.size)
        if job.checkpoint_every and epoch % job.checkpoint_every == 0:
            self._checkpoints.save_epoch(self.saved_model, card)
        progress = self._time.finish_epoch(progress, is_validated)
        entry = history_entry(card.metrics, trainer.learning_rate, progress.seconds)
        progress = replace(progress, history=(*progress.history, entry))
        trainer.save(progress, self._context.plan.choices)
        self._context.emit(Metric(text, card.metrics))
        if progress.stop:
            self._context.emit(Metric(progress.stop))
        return progress

    def _train_epoch(
        self, trainer: Trainer, progress: TrainingProgress, reporter: TrainingProgressReporter
    ) -> tuple[float, TrainingProgress]:
        """The mean loss of the next epoch, and the progress after it."""
        epoch = progress.epochs + 1
        self._time.begin_epoch()

        def on_progress(share: float) -> None:
            reporter(epoch, share)
            self._time.on_progress(progress, share)

        loss = trainer.train_epoch(epoch, on_progress)
        return loss, replace(progress, epochs=epoch, batches=trainer.batches)

    def _compare(
        self, progress: TrainingProgress, trainer: Trainer, card: Card
    ) -> TrainingProgress:
        """Applies the scores in ``card`` to the schedule, the best weights and early stopping."""
        metrics = card.metrics
        length = progress.length
        state = trainer.state
        state.schedule.update(metrics["miou"])
        allowed = self._chance(metrics) if progress.epochs == length.epochs else 0.0
        if metrics["miou"] > progress.card.metrics.get("miou", -1.0) - allowed:
            best = self._checkpoints.save_best(self.saved_model, card)
            progress = replace(progress, card=card, best=best)
        elif self._start_model is not None and progress.card.metrics and not progress.best:
            card = self._card(progress, progress.card.metrics)
            best = self._checkpoints.save_best(self._start_model, card)
            progress = replace(progress, card=card, best=best)
        self._start_model = None
        should_stop = state.early_stopping.should_stop(metrics["validation_loss"])
        if should_stop and progress.epochs < length.epochs:
            stop = state.early_stopping.message(progress.epochs, length.epochs)
            progress = replace(progress, stop=stop)
        return progress

    def _chance(self, metrics: dict[str, Any]) -> float:
        """How much smaller the mIoU of the last epoch may be than the best one, for its weights to be kept."""
        if not self._context.data.has_marks:
            return 0.0 if self._context.job.start else _SAME_SCORE
        interval = miou_interval(metrics["confusion"])
        return max(_SAME_SCORE, interval.error if interval else 0.0)

    def _evaluate(
        self, progress: TrainingProgress, loss: float, validator: Validator | None
    ) -> tuple[Card, str]:
        """The card of an epoch's weights and a line for the log, with scores if there is a validator."""
        epoch, epochs = progress.epochs, progress.length.epochs
        metrics: dict[str, Any] = {"epoch": epoch, "loss": loss}
        if validator is None:
            text = tr("Epoch {} of {}: loss {:.4f}").format(epoch, epochs, loss)
            return self._card(progress, metrics), text
        names = self._context.class_names
        share_buffers(self.saved_model)
        with self._time.validation():
            result = validator.validate(self.saved_model, epoch)
        metrics.update(validation_loss=result.loss, **result.scores.as_dict(names))
        scores = result.scores.sentence(names)
        text = tr("Epoch {} of {}: loss {:.4f}, validation loss {:.4f}, {}.")
        text = text.format(epoch, epochs, loss, result.loss, scores)
        return self._card(progress, metrics), f"{text} {result.pictures}".rstrip()

    def _card(self, progress: TrainingProgress, metrics: dict[str, Any]) -> Card:
        """The card with scores, and with the device, the batches and the length in its provenance."""
        card, device = self._context.card, self._context.device
        provenance = {
            **card.provenance,
            "device": device.name,
            "precision": device.precision,
            "batch_size": progress.batches.size,
            "accumulation": progress.batches.accumulation,
            "length": asdict(progress.length),
        }
        return replace(card, metrics=metrics, provenance=provenance)


def _build_loss(context: TrainingContext) -> SegmentationLoss:
    """The loss of a training; reports the weights of its classes."""
    job, pixels = context.job, context.training_pixels
    weights = class_weights(job.class_weights, context.data.classes, pixels)
    if weights:
        context.emit(Metric(describe_weights(weights, context.data.classes)))
    adjustment = compute_logit_adjustment(pixels, job.logit_adjustment)
    return context.plan.loss.build(context.card.logits, adjustment, weights)
