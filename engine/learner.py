"""A network learns: epochs over training windows, validated in between, the best weights kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from .augment import build_augmentation
from .config import TrainJob
from .copy_paste import PasteRoles
from .dataset import TrainingWindows, ValidationWindows, auxiliary_of, batches
from .devices import Device
from .errors import EngineError
from .losses import build_loss
from .model_file import Card, save_model
from .optimisation import Patience, Schedule, averaged, build_optimizer, frozen_epochs
from .outputs import checkpoint_folder
from .pace import Pace
from .protocol import Event, Metric
from .scaling import Scaling
from .validation import Validator

Say = Callable[[Event], None]

#: Gradients with a larger norm are scaled down to it.
_CLIP = 1.0

_MIXED = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


@dataclass(frozen=True)
class Learned:
    """What a training came to.

    Attributes:
        card: The card of the best weights.
        epochs: The epochs that were run.
        stop: Why it ended before its last epoch, as a sentence; empty where it did not.
    """

    card: Card
    epochs: int
    stop: str = ""


class Learner:
    """Network, loss and augmentation of one training, and the epochs they go through.

    Args:
        job: The training job, with its recipe.
        card: What the model file will say, but for the scores.
        scaling: The streams' scaling, which becomes part of the network.
        roles: The classes that copy-paste takes.
        device: Where to train.
        handicap: What the loss adds to the logits, see ``losses.rare_class_handicap``.
    """

    def __init__(
        self,
        job: TrainJob,
        card: Card,
        scaling: Scaling,
        roles: PasteRoles,
        device: Device,
        handicap: Sequence[float] = (),
    ) -> None:
        self._job, self._card, self._device = job, card, device
        self._accelerator = _accelerator(device, job.accumulation)
        self._model = card.build(job.pretrained).to(device.place)
        _scale(self._model, scaling)
        # Copied before accelerate ties the model's forward to its precision.
        self._averaged = averaged(self._model, job.ema) if job.ema else None
        self._loss = build_loss(job.loss, card.logits, handicap)
        self._augment = build_augmentation(job.augmentation, scaling, roles)
        self._folder = checkpoint_folder(job.output)
        shutil.rmtree(self._folder, ignore_errors=True)

    def learn(
        self,
        windows: TrainingWindows,
        held_out: ValidationWindows,
        say: Say,
        tell: Callable[[float, str], None],
    ) -> Learned:
        """All epochs, or those until patience is over; writes checkpoints and pictures, and at the end the
        best weights as the model file.

        Args:
            windows: What to learn from.
            held_out: What to validate on.
            say: Is told the scores of every epoch.
            tell: Is told the share that is done and a text.
        """
        job, pace, patience = self._job, Pace(), Patience(self._job.patience)
        moved, schedule = self._prepared(windows)
        validator = Validator(held_out, job, self._card, self._loss, self._device)
        best, frozen, stop = self._card, frozen_epochs(job), ""
        for epoch in range(1, job.epochs + 1):
            windows.start_epoch(epoch)
            self._model.freeze_encoders(epoch <= frozen)  # type: ignore[operator]

            def step(share: float, epoch: int = epoch) -> None:
                done = (epoch - 1 + share) / job.epochs
                tell(done, f"epoch {epoch} of {job.epochs}{pace.left(done)}")

            loss = self._epoch(moved, epoch, step)
            is_validated = epoch % job.validate_every == 0 or epoch == job.epochs
            card, text = self._judged(epoch, loss, validator if is_validated else None)
            if is_validated:
                schedule.validated(card.metrics["miou"])
                if card.metrics["miou"] > best.metrics.get("miou", -1.0):
                    best = card
                    self._save("best", card)
                if patience.is_over(card.metrics["validation_loss"]) and epoch < job.epochs:
                    stop = _stopped(epoch, job)
            if job.checkpoint_every and epoch % job.checkpoint_every == 0:
                self._save(f"epoch-{epoch:03d}", card)
            say(Metric(text, card.metrics))
            if stop:
                say(Metric(stop))
                tell(1.0, f"stopped after epoch {epoch} of {job.epochs}")
                break
        if not best.metrics:
            raise EngineError(
                "No epoch could be scored: the validation part has no labelled pixel."
            )
        self._publish()
        return Learned(best, epoch, stop)

    def _prepared(self, windows: TrainingWindows) -> tuple[tuple[Any, ...], Schedule]:
        """What ``_epoch`` moves, as accelerate prepared it, and the schedule behind its rates."""
        job = self._job
        loader = batches(windows, job.batch_size, self._device.place.type == "cuda")
        steps = job.epochs * -(-len(loader) // job.accumulation)
        schedule = Schedule(job.schedule, steps, job.epochs)
        optimizer = build_optimizer(self._model, job)
        rates = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule.factor)
        return self._accelerator.prepare(self._model, optimizer, loader, rates), schedule

    @property
    def _kept(self) -> torch.nn.Module:
        """The network that is validated and saved."""
        if self._averaged is None:
            return self._model
        kept: torch.nn.Module = self._averaged.module
        return kept

    def _epoch(self, moved: tuple[Any, ...], epoch: int, step: Callable[[float], None]) -> float:
        """One pass over the training windows; returns the mean loss.

        Args:
            moved: Model, optimiser, loader and learning rates as accelerate prepared them.
            epoch: Seeds what is random.
            step: Is told the share of the epoch that is done.
        """
        model, optimizer, loader, rates = moved
        model.train()
        chance = torch.Generator().manual_seed(self._job.seed * 1_000_003 + epoch)
        losses = []
        for number, batch in enumerate(loader, start=1):
            batch = self._augment(batch, chance)
            with self._accelerator.accumulate(model):
                with self._accelerator.autocast():
                    outputs = model(batch["image"], auxiliary_of(batch))
                loss = self._loss(outputs, batch["target"])
                self._accelerator.backward(loss)
                if self._accelerator.sync_gradients:
                    self._accelerator.clip_grad_norm_(model.parameters(), _CLIP)
                optimizer.step()
                rates.step()
                optimizer.zero_grad()
            if self._averaged is not None and self._accelerator.sync_gradients:
                self._averaged.update_parameters(self._model)
            losses.append(loss.item())
            if not np.isfinite(losses[-1]):
                raise EngineError(
                    "The loss is no longer a number: the training diverged. Try a learning rate ten "
                    f"times smaller than {self._job.learning_rate:g}, or the precision fp32."
                )
            step(number / len(loader))
        return float(np.mean(losses))

    def _judged(self, epoch: int, loss: float, validator: Validator | None) -> tuple[Card, str]:
        """The card of an epoch's weights and a line for the log; with scores where it is validated."""
        metrics: dict[str, Any] = {"epoch": epoch, "loss": loss}
        text = f"Epoch {epoch} of {self._job.epochs}: loss {loss:.4f}"
        if validator is not None:
            names = [entry.name for entry in self._card.classes]
            found = validator.validate(self._kept, epoch)
            metrics.update(validation_loss=found.loss, **found.scores.as_dict(names))
            text += f", validation loss {found.loss:.4f}, {found.scores.sentence(names)}."
            text = f"{text} {found.pictures}".rstrip()
        return replace(self._card, metrics=metrics), text

    def _save(self, name: str, card: Card) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        save_model(self._folder / f"{name}.safetensors", self._kept, card)

    def _publish(self) -> None:
        """Moves the best weights to where the model file is wanted."""
        shutil.move(self._folder / "best.safetensors", self._job.output)
        if not any(self._folder.iterdir()):
            self._folder.rmdir()


def _stopped(epoch: int, job: TrainJob) -> str:
    return (
        f"Training stopped after epoch {epoch} of {job.epochs}: the validation loss has not fallen "
        f"for {job.patience} validation{'s' if job.patience > 1 else ''}."
    )


def _accelerator(device: Device, accumulation: int) -> Accelerator:
    kind = device.place.type
    if kind == "cuda":
        torch.cuda.set_device(device.place)
    return Accelerator(
        cpu=kind == "cpu",
        mixed_precision=_MIXED[device.precision],
        gradient_accumulation_steps=accumulation,
    )


def _scale(model: torch.nn.Module, scaling: Scaling) -> None:
    """Puts the streams' scaling into the network's normalisation."""
    model.image_normalisation.set(scaling.image_mean, scaling.image_std)  # type: ignore[operator, union-attr]
    if scaling.mean:
        model.auxiliary_normalisation.set(scaling.mean, scaling.std)  # type: ignore[operator, union-attr]
