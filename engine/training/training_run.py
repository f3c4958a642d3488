"""A training run: epochs over the training windows with validation, early stopping and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from accelerate import Accelerator

from ..compute.devices import Device
from ..compute.distributed import (
    RankInfo,
    all_gather,
    describe_step,
    share_buffers,
    sync_batch_norms,
)
from ..contract.errors import EngineError, format_count
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.protocol import Emit, Metric, Warned
from ..models.model_file import build_network
from ..sampling.band_statistics import Scaling
from ..sampling.copy_paste import PasteRoles
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .batch_size import (
    StepBatches,
    TrialStep,
    find_batch_size,
    keep_recipe_step,
    max_batch_windows,
)
from .checkpoints import Checkpoints
from .epoch_loop import DivergedError, TrainingProgressReporter
from .optimizer import average_weights
from .trainer import Trainer
from .training_plan import TrainingPlan
from .training_state import TrainerState, TrainingProgress
from .validation import Validator

OnProgress = Callable[[float, str], None]

#: Accelerate's names of the precisions.
_MIXED_PRECISION = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


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
    ) -> None:
        self._job = job = plan.job
        self._card, self._device = card, device
        self._checkpoints = checkpoints
        self._accelerator = accelerator_for(device)
        self._model = build_network(card, job.pretrained).to(device.torch_device)
        _set_normalisation(self._model, scaling)
        # A copy from before accelerate wraps the model's forward pass for its precision.
        self._ema_model = average_weights(self._model, job.ema) if job.ema else None
        self._loss = plan.loss.build(card.logits, logit_adjustment, class_weights)
        self._augment = plan.augmentation.build(scaling, roles)
        self._pastes = plan.augmentation.pastes

    def run_epochs(
        self,
        windows: TrainingWindows,
        held_out: ValidationWindows,
        emit: Emit,
        on_progress: OnProgress,
    ) -> TrainingProgress:
        """Trains the remaining epochs, with early stopping; writes checkpoints and pictures, and finally the
        best weights as the model file.

        Args:
            windows: The training windows.
            held_out: The validation windows.
            emit: Callback for the metrics of every epoch and for warnings.
            on_progress: Callback for the finished share and a text.

        Raises:
            EngineError: If the loss diverges, or no validation window has a label.
        """
        job, self._windows, self._emit = self._job, windows, emit
        progress = self._start()
        if (
            RankInfo.from_environment().is_distributed
        ):  # not earlier: each process runs its own trial
            self._model = sync_batch_norms(self._model, self._device.torch_device, emit)
        sized = replace(job, batch_size=progress.validation_size)
        parts = self._card, self._loss, self._device
        validator = Validator(held_out, sized, *parts, finished=progress.epochs, emit=emit)
        reporter = TrainingProgressReporter(progress.epochs, job.epochs, on_progress)
        network = self._model, self._ema_model, self._loss, self._augment, self._accelerator
        trainer = Trainer(job, *network, windows, self._checkpoints)
        with self._warn_on_interruption():
            while progress.epochs < job.epochs and not progress.stop:
                progress = self._run_epoch(progress, trainer, validator, reporter)
            if progress.best:
                self._checkpoints.publish(progress.best)
        if not progress.best:
            raise EngineError(
                "No epoch could be scored: the validation part has no labelled pixel."
            )
        if progress.stop:
            on_progress(1.0, f"stopped after epoch {progress.epochs} of {job.epochs}")
        return progress

    def _start(self) -> TrainingProgress:
        """The progress of the checkpoints, or that of a new training with its batch size."""
        job, record = self._job, self._checkpoints.record
        if record:
            progress = TrainingProgress.from_record(record, self._card, job)
        else:
            size = job.batch_size or self._find_batch_size()
            batches = StepBatches(size, job.accumulation)
            if not job.batch_size:
                batches = keep_recipe_step(size, job.accumulation)
            progress = TrainingProgress(self._card, "", 0, batches, size)
        batches = progress.batches
        self._record_batches(batches)
        values = {"batch_size": batches.size, "accumulation": batches.accumulation}
        ranks, text = RankInfo.from_environment(), f"Learning from {batches}."
        if ranks.is_distributed:
            text = f"Learning in {describe_step(ranks, batches.size, batches.accumulation)}"
        self._emit(Metric(text, values))
        return progress

    def _find_batch_size(self) -> int:
        """The largest batch that fits into the memory of all processes."""
        parts = self._model, self._job, self._card, self._loss, self._augment
        trial = TrialStep(*parts, self._accelerator.autocast)
        # The windows of an epoch are divided among all processes.
        windows = len(self._windows) // RankInfo.from_environment().world_size
        torch_device = self._device.torch_device
        return min(all_gather(find_batch_size(trial, max_batch_windows(windows), torch_device)))

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
        job, epoch = self._job, progress.epochs + 1
        loss, batches = self._train_epoch(trainer, epoch, progress.batches, reporter)
        progress = replace(progress, epochs=epoch, batches=batches)
        is_validated = epoch % job.validate_every == 0 or epoch == job.epochs
        card, text = self._evaluate(epoch, loss, validator if is_validated else None)
        if is_validated:
            progress = self._compare(progress, trainer.state, card)
            progress = replace(progress, validation_size=validator.size)
        if job.checkpoint_every and epoch % job.checkpoint_every == 0:
            self._checkpoints.save_epoch(self.saved_model, card)
        trainer.save(progress)
        self._emit(Metric(text, card.metrics))
        if progress.stop:
            self._emit(Metric(progress.stop))
        return progress

    def _train_epoch(
        self,
        trainer: Trainer,
        epoch: int,
        batches: StepBatches,
        reporter: TrainingProgressReporter,
    ) -> tuple[float, StepBatches]:
        """The mean loss of an epoch, and its batches: smaller ones if the given do not fit."""
        on_progress = partial(reporter, epoch)
        while (loss := trainer.train_epoch(epoch, batches, on_progress)) is None:
            smaller = batches.halve()
            self._emit(
                Warned(
                    f"Batches of {batches.size} do not fit into the memory: epoch {epoch} begins again with "
                    f"{smaller}."
                )
            )
            self._record_batches(smaller)
            batches = smaller
        return loss, batches

    def _compare(
        self, progress: TrainingProgress, state: TrainerState, card: Card
    ) -> TrainingProgress:
        """Applies the scores in ``card`` to the schedule, the best weights and early stopping."""
        job, metrics = self._job, card.metrics
        state.schedule.update(metrics["miou"])
        if metrics["miou"] > progress.card.metrics.get("miou", -1.0):
            best = self._checkpoints.save_best(self.saved_model, card)
            progress = replace(progress, card=card, best=best)
        should_stop = state.early_stopping.should_stop(metrics["validation_loss"])
        if should_stop and progress.epochs < job.epochs:
            progress = replace(progress, stop=_stop_message(progress.epochs, job))
        return progress

    def _evaluate(self, epoch: int, loss: float, validator: Validator | None) -> tuple[Card, str]:
        """The card of an epoch's weights and a line for the log, with scores if there is a validator."""
        metrics: dict[str, Any] = {"epoch": epoch, "loss": loss}
        text = f"Epoch {epoch} of {self._job.epochs}: loss {loss:.4f}"
        if validator is not None:
            names = [entry.name for entry in self._card.classes]
            share_buffers(self.saved_model)
            result = validator.validate(self.saved_model, epoch)
            metrics.update(validation_loss=result.loss, **result.scores.as_dict(names))
            text += f", validation loss {result.loss:.4f}, {result.scores.sentence(names)}."
            text = f"{text} {result.pictures}".rstrip()
        return replace(self._card, metrics=metrics), text

    def _record_batches(self, batches: StepBatches) -> None:
        """Records the division into batches in the card's provenance."""
        sizes = {"batch_size": batches.size, "accumulation": batches.accumulation}
        self._card = replace(self._card, provenance={**self._card.provenance, **sizes})
        if batches.size == 1 != self._job.batch_size and self._pastes:
            self._emit(
                Warned(
                    "The augmentation copy-paste does nothing now: a batch of one tile has no other to "
                    "paste from."
                )
            )

    @contextmanager
    def _warn_on_interruption(self) -> Iterator[None]:
        """Warns the user about the saved epochs of an interrupted training."""
        try:
            yield
        except BaseException as error:
            # A diverged training would diverge again.
            if self._checkpoints.epoch and not isinstance(error, DivergedError):
                how = "" if self._job.resume else " with resume (without --no_resume)"
                self._emit(
                    Warned(
                        f"Finished and kept beside {self._job.output}: {self._checkpoints.epoch} of "
                        f"{format_count(self._job.epochs, 'epoch')}; the same command{how} goes on from there."
                    )
                )
            raise


def _stop_message(epoch: int, job: TrainJob) -> str:
    return (
        f"Training stopped after epoch {epoch} of {job.epochs}: the validation loss has not fallen "
        f"for {format_count(job.patience, 'validation')}."
    )


def accelerator_for(device: Device) -> Accelerator:
    """Builds the accelerator for a device's type and precision."""
    kind = device.torch_device.type
    if kind == "cuda":
        torch.cuda.set_device(device.torch_device)
    return Accelerator(cpu=kind == "cpu", mixed_precision=_MIXED_PRECISION[device.precision])


def _set_normalisation(model: torch.nn.Module, scaling: Scaling) -> None:
    """Sets the streams' scaling in the network's normalisation."""
    model.image_normalisation.set(scaling.image_mean, scaling.image_std)  # type: ignore[operator, union-attr]
    if scaling.mean:
        model.auxiliary_normalisation.set(scaling.mean, scaling.std)  # type: ignore[operator, union-attr]
