"""A network learns: epochs over training windows, validated in between, the best weights kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from accelerate import Accelerator

from ..compute.devices import Device
from ..compute.distributed import RankInfo, describe_step, gathered, share_buffers, sync_norms
from ..contract.errors import EngineError, format_count
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.protocol import Event, Metric, Warned
from ..models.model_file import build_network
from ..sampling.band_statistics import Scaling
from ..sampling.copy_paste import PasteRoles
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .batch_size_finder import TrialStep, find_batch_size, max_batch_windows
from .checkpoints import Checkpoints
from .epoch_loop import DivergedError, TrainingProgressReporter
from .step_batches import StepBatches, keep_recipe_step
from .trainer import Trainer
from .training_plan import TrainingPlan
from .training_state import TrainerState, TrainingProgress
from .validation import Validator
from .weight_averaging import average_weights

Emit = Callable[[Event], None]
OnProgress = Callable[[float, str], None]

_MIXED = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


class TrainingRun:
    """Network, loss and augmentation of one training, and the epochs they go through.

    Args:
        plan: The training job, with its recipe.
        card: What the model file will say, but for the scores.
        scaling: The streams' scaling, which becomes part of the network.
        roles: The classes that copy-paste takes.
        device: Where to train.
        checkpoints: Where what is reached is kept, for this run and for the next.
        logit_adjustment: What the loss adds to the logits, see ``losses.compute_logit_adjustment``.
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
    ) -> None:
        self._job = job = plan.job
        self._card, self._device = card, device
        self._checkpoints = checkpoints
        self._accelerator = accelerator_for(device)
        self._model = build_network(card, job.pretrained).to(device.torch_device)
        _scale(self._model, scaling)
        # Copied before accelerate ties the model's forward to its precision.
        self._ema_model = average_weights(self._model, job.ema) if job.ema else None
        self._loss = plan.loss.build(card.logits, logit_adjustment)
        self._augment = plan.augmentation.build(scaling, roles)
        self._pastes = plan.augmentation.pastes

    def run_epochs(
        self,
        windows: TrainingWindows,
        held_out: ValidationWindows,
        emit: Emit,
        on_progress: OnProgress,
    ) -> TrainingProgress:
        """All epochs that are not done, or those until patience is over; writes checkpoints and pictures,
        and at the end the best weights as the model file.

        Args:
            windows: What to learn from.
            held_out: What to validate on.
            emit: Is told the scores of every epoch.
            on_progress: Is told the share that is done and a text.

        Raises:
            EngineError: If it diverges, or nothing can be scored.
        """
        job, self._windows, self._emit = self._job, windows, emit
        at = self._begun()
        if RankInfo.from_environment().is_distributed:  # not before: a trial is each process's own
            self._model = sync_norms(self._model, self._device.torch_device, emit)
        sized = replace(job, batch_size=at.validated)
        parts = self._card, self._loss, self._device
        validator = Validator(held_out, sized, *parts, finished=at.epochs, emit=emit)
        on_epoch_progress = TrainingProgressReporter(at.epochs, job.epochs, on_progress)
        trainer = self._trainer()
        with self._keeping():
            while at.epochs < job.epochs and not at.stop:
                at = self._after(at, trainer, validator, on_epoch_progress)
            if at.best:
                self._checkpoints.publish(at.best)
        if not at.best:
            raise EngineError(
                "No epoch could be scored: the validation part has no labelled pixel."
            )
        if at.stop:
            on_progress(1.0, f"stopped after epoch {at.epochs} of {job.epochs}")
        return at

    def _begun(self) -> TrainingProgress:
        """Where to begin: after what an earlier run has kept, with the batches it had."""
        job, record = self._job, self._checkpoints.record
        if record:
            at = TrainingProgress.of(record, self._card, job)
        else:
            size = job.batch_size or self._found()
            asked = StepBatches(size, job.accumulation)
            asked = asked if job.batch_size else keep_recipe_step(size, job.accumulation)
            at = TrainingProgress(self._card, "", 0, asked, size)
        self._note(at.batches)
        values = {"batch_size": at.batches.size, "accumulation": at.batches.accumulation}
        ranks, text = RankInfo.from_environment(), f"Learning from {at.batches}."
        if ranks.is_distributed:
            step = describe_step(ranks, at.batches.size, at.batches.accumulation)
            text = f"Learning in {step}"
        self._emit(Metric(text, values))
        return at

    def _found(self) -> int:
        """The largest batch that fits, the same in all processes."""
        place, autocast = self._device.torch_device, self._accelerator.autocast
        trial = TrialStep(self._model, self._job, self._card, self._loss, self._augment, autocast)
        share = (
            len(self._windows) // RankInfo.from_environment().world_size
        )  # an epoch's windows are all processes'
        return min(gathered(find_batch_size(trial, max_batch_windows(share), place)))

    def _trainer(self) -> Trainer:
        parts = self._model, self._ema_model, self._loss, self._augment, self._accelerator
        return Trainer(self._job, *parts, self._windows, self._checkpoints)

    @property
    def _kept(self) -> torch.nn.Module:
        """The network that is validated and saved."""
        if self._ema_model is None:
            return self._model
        kept: torch.nn.Module = self._ema_model.module
        return kept

    def _after(
        self,
        at: TrainingProgress,
        trainer: Trainer,
        validator: Validator,
        on_epoch_progress: TrainingProgressReporter,
    ) -> TrainingProgress:
        """One epoch more: trained, validated where that is due, and kept."""
        job, epoch = self._job, at.epochs + 1
        loss, now = self._trained(trainer, epoch, at.batches, partial(on_epoch_progress, epoch))
        at = replace(at, epochs=epoch, batches=now)
        is_validated = epoch % job.validate_every == 0 or epoch == job.epochs
        card, text = self._judged(epoch, loss, validator if is_validated else None)
        if is_validated:
            at = replace(self._compared(at, trainer.state, card), validated=validator.size)
        if job.checkpoint_every and epoch % job.checkpoint_every == 0:
            self._checkpoints.save_epoch(self._kept, card)
        trainer.keep(at)
        self._emit(Metric(text, card.metrics))
        if at.stop:
            self._emit(Metric(at.stop))
        return at

    def _trained(
        self,
        trainer: Trainer,
        epoch: int,
        sizes: StepBatches,
        on_epoch_progress: Callable[[float], None],
    ) -> tuple[float, StepBatches]:
        """The mean loss of an epoch, and the batches it was done in: smaller ones if these did not fit."""
        while (loss := trainer.epoch(epoch, sizes, on_epoch_progress)) is None:
            less = sizes.halve()
            self._emit(
                Warned(
                    f"Batches of {sizes.size} do not fit into the memory: epoch {epoch} begins again with "
                    f"{less}."
                )
            )
            self._note(less)
            sizes = less
        return loss, sizes

    def _compared(self, at: TrainingProgress, state: TrainerState, card: Card) -> TrainingProgress:
        """What a validation changes: the schedule, the best weights so far, whether to stop."""
        job, metrics = self._job, card.metrics
        state.schedule.validated(metrics["miou"])
        if metrics["miou"] > at.card.metrics.get("miou", -1.0):
            at = replace(at, card=card, best=self._checkpoints.save_best(self._kept, card))
        if state.patience.should_stop(metrics["validation_loss"]) and at.epochs < job.epochs:
            at = replace(at, stop=_stopped(at.epochs, job))
        return at

    def _judged(self, epoch: int, loss: float, validator: Validator | None) -> tuple[Card, str]:
        """The card of an epoch's weights and a line for the log; with scores where it is validated."""
        metrics: dict[str, Any] = {"epoch": epoch, "loss": loss}
        text = f"Epoch {epoch} of {self._job.epochs}: loss {loss:.4f}"
        if validator is not None:
            names = [entry.name for entry in self._card.classes]
            share_buffers(self._kept)
            found = validator.validate(self._kept, epoch)
            metrics.update(validation_loss=found.loss, **found.scores.as_dict(names))
            text += f", validation loss {found.loss:.4f}, {found.scores.sentence(names)}."
            text = f"{text} {found.pictures}".rstrip()
        return replace(self._card, metrics=metrics), text

    def _note(self, sizes: StepBatches) -> None:
        """Notes in the card how the windows are divided."""
        now = {"batch_size": sizes.size, "accumulation": sizes.accumulation}
        self._card = replace(self._card, provenance={**self._card.provenance, **now})
        if sizes.size == 1 != self._job.batch_size and self._pastes:
            self._emit(
                Warned(
                    "The augmentation copy-paste does nothing now: a batch of one tile has no other to "
                    "paste from."
                )
            )

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """Says of a training that ends early what is not lost."""
        try:
            yield
        except BaseException as error:
            # One that diverged would diverge again.
            if self._checkpoints.epoch and not isinstance(error, DivergedError):
                how = "" if self._job.resume else " with resume (without --no_resume)"
                self._emit(
                    Warned(
                        f"Finished and kept beside {self._job.output}: {self._checkpoints.epoch} of "
                        f"{format_count(self._job.epochs, 'epoch')}; the same command{how} goes on from there."
                    )
                )
            raise


def _stopped(epoch: int, job: TrainJob) -> str:
    return (
        f"Training stopped after epoch {epoch} of {job.epochs}: the validation loss has not fallen "
        f"for {format_count(job.patience, 'validation')}."
    )


def accelerator_for(device: Device) -> Accelerator:
    """What keeps precision, scaling of gradients and several processes on a device."""
    kind = device.torch_device.type
    if kind == "cuda":
        torch.cuda.set_device(device.torch_device)
    return Accelerator(cpu=kind == "cpu", mixed_precision=_MIXED[device.precision])


def _scale(model: torch.nn.Module, scaling: Scaling) -> None:
    """Puts the streams' scaling into the network's normalisation."""
    model.image_normalisation.set(scaling.image_mean, scaling.image_std)  # type: ignore[operator, union-attr]
    if scaling.mean:
        model.auxiliary_normalisation.set(scaling.mean, scaling.std)  # type: ignore[operator, union-attr]
