"""``train``: labelled scenes become a model file."""

from __future__ import annotations

import datetime
import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader

from .architectures import with_recipe
from .classes import to_records
from .config import TrainJob
from .dataset import TrainingWindows, ValidationWindows
from .devices import Device, choose_device, why_no_gpu
from .errors import EngineError, JobError
from .layouts import scenes_of
from .losses import build_loss
from .metrics import ConfusionMatrix, Scores
from .model_file import AuxiliaryCard, Card, ImageCard, logits_for, save_model
from .models import predicted_classes
from .optimisation import build_optimizer, build_schedule, frozen_epochs
from .outputs import check_writable, checkpoint_folder
from .pace import Pace, in_words
from .protocol import Done, Event, Metric, Progress, Warned
from .scaling import Scaling, measure
from .survey import Survey, survey
from .version import engine_version

Say = Callable[[Event], None]

#: Share of the progress bar for looking at the data.
_SURVEY_SHARE = 0.03

#: Gradients with a larger norm are scaled down to it.
_CLIP = 1.0

_MIXED = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


def train(job: TrainJob, say: Say) -> Done:
    """Trains a network and writes the weights that did best in validation as a model file.

    Args:
        job: What to train, on what, to where.
        say: Is told progress, metrics and warnings.

    Raises:
        EngineError: If anything does not fit; then no model file is written.
    """
    job = with_recipe(job)
    _check(job)
    pace = Pace()
    device = choose_device(job.device, job.precision)
    say(Metric(f"Training on {device.name} in {device.precision}. {why_no_gpu()}".strip()))
    torch.manual_seed(job.seed)
    data = survey(
        job,
        scenes_of(job),
        lambda share: say(Progress(share * _SURVEY_SHARE, "looking at scenes and labels")),
    )
    for warning in data.warnings:
        say(Warned(warning))
    say(Metric(data.describe(), {"classes": to_records(data.classes)}))
    windows, held_out = TrainingWindows(job, data), ValidationWindows(job, data)
    card = _card(job, data, measure(windows, data, job.seed))
    learner = _Learner(job, card, device)
    card = learner.learn(windows, held_out, say)
    return _done(job, card, device, pace)


def _check(job: TrainJob) -> None:
    if not job.output:
        raise JobError("The option output is missing: name the model file to write (.safetensors).")
    check_writable(job.output, (".safetensors",))
    for name, least in (("epochs", 1), ("batch_size", 1), ("tile_size", 32)):
        if getattr(job, name) < least:
            raise JobError(f"{name} must be at least {least}, not {getattr(job, name)}.")
    if job.tile_size % 32:
        raise JobError(f"The tile size must be a multiple of 32, not {job.tile_size}.")
    for name, low, high in (("validation_share", 0, 1), ("learning_rate", 0, 1)):
        if not low < getattr(job, name) < high:
            raise JobError(f"{name} must be between {low} and {high}, not {getattr(job, name)}.")
    if not 0 <= job.stream_dropout < 1:
        raise JobError(f"stream_dropout must be from 0 to below 1, not {job.stream_dropout}.")
    build_loss(job.loss, 1)


def _card(job: TrainJob, data: Survey, scaling: Scaling) -> Card:
    image, auxiliary = data.image, data.auxiliary
    provenance = {
        "engine": engine_version(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "job": asdict(job),
        "scenes": len(data.scenes),
        "training_pixels": {str(v): n for v, n in data.counts(is_validation=False).items()},
        "validation_pixels": {str(v): n for v, n in data.counts(is_validation=True).items()},
    }
    return Card(
        architecture=job.architecture,
        encoder=job.encoder,
        logits=logits_for(len(data.classes)),
        tile_size=job.tile_size,
        image=ImageCard(
            image.bands,
            image.band_names,
            image.dtype,
            scaling.low,
            scaling.high,
            image.pixel_size,
            image.crs,
        ),
        auxiliary=AuxiliaryCard(
            auxiliary.bands,
            data.auxiliary_tile_size if auxiliary.bands else 0,
            auxiliary.band_names,
            scaling.mean,
            scaling.std,
        ),
        classes=data.classes,
        provenance=provenance,
    )


class _Learner:
    """Network, loss and optimiser of one training, and the epochs they go through."""

    def __init__(self, job: TrainJob, card: Card, device: Device) -> None:
        self._job, self._card = job, card
        self._names = [entry.name for entry in card.classes]
        self._accelerator = _accelerator(device)
        self._model = card.build(job.pretrained)
        _scale(self._model, card)
        self._loss = build_loss(job.loss, card.logits)
        self._folder = checkpoint_folder(job.output)
        shutil.rmtree(self._folder, ignore_errors=True)

    def learn(self, windows: TrainingWindows, held_out: ValidationWindows, say: Say) -> Card:
        """All epochs; writes checkpoints, and at the end the best weights as the model file.

        Returns:
            The card of the best weights.
        """
        job, accelerator, pace = self._job, self._accelerator, Pace()
        loader = self._loader(windows)
        optimizer = build_optimizer(self._model, job)
        schedule = build_schedule(optimizer, job.epochs * len(loader))
        model, optimizer, loader, checks, schedule = accelerator.prepare(
            self._model, optimizer, loader, self._loader(held_out), schedule
        )
        best, frozen = self._card, frozen_epochs(job)
        for epoch in range(1, job.epochs + 1):
            windows.start_epoch(epoch)
            self._model.freeze_encoders(epoch <= frozen)  # type: ignore[operator]

            def tell(share: float, epoch: int = epoch) -> None:
                done = (epoch - 1 + share) / job.epochs
                fraction = _SURVEY_SHARE + (1 - _SURVEY_SHARE) * done
                say(Progress(fraction, f"epoch {epoch} of {job.epochs}{pace.left(done)}"))

            loss = self._epoch(model, loader, optimizer, schedule, tell)
            scores = self._validate(model, checks)
            card = self._scored(scores, epoch, loss)
            if scores.miou > best.metrics.get("miou", -1.0):
                best = card
                self._save("best", card)
            if job.checkpoint_every and epoch % job.checkpoint_every == 0:
                self._save(f"epoch-{epoch:03d}", card)
            text = f"Epoch {epoch} of {job.epochs}: loss {loss:.4f}, {scores.sentence(self._names)}"
            say(Metric(text, card.metrics))
        if not best.metrics:
            raise EngineError(
                "No epoch could be scored: the validation part has no labelled pixel."
            )
        self._publish()
        return best

    def _loader(self, data: TrainingWindows | ValidationWindows) -> DataLoader[Any]:
        # A worker process costs seconds to start; it pays where a GPU would wait for windows.
        on_gpu = self._accelerator.device.type == "cuda"
        return DataLoader(
            data, batch_size=self._job.batch_size, num_workers=4 if on_gpu else 0, pin_memory=on_gpu
        )

    def _epoch(
        self,
        model: torch.nn.Module,
        loader: DataLoader[Any],
        optimizer: torch.optim.Optimizer,
        schedule: Any,
        tell: Callable[[float], None],
    ) -> float:
        """One pass over the training windows; returns the mean loss."""
        model.train()
        losses = []
        for number, batch in enumerate(loader, start=1):
            with self._accelerator.autocast():
                outputs = model(batch["image"], _auxiliary(batch))
            loss = self._loss(outputs, batch["target"])
            self._accelerator.backward(loss)
            self._accelerator.clip_grad_norm_(model.parameters(), _CLIP)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            if not np.isfinite(losses[-1]):
                raise EngineError(
                    "The loss is no longer a number: the training diverged. Try a learning rate ten "
                    f"times smaller than {self._job.learning_rate:g}, or the precision fp32."
                )
            tell(number / len(loader))
        return float(np.mean(losses))

    @torch.inference_mode()
    def _validate(self, model: torch.nn.Module, checks: DataLoader[Any]) -> Scores:
        """Scores over all held-out pixels, from one confusion matrix."""
        model.eval()
        matrix = ConfusionMatrix(len(self._card.classes), self._accelerator.device)
        for batch in checks:
            with self._accelerator.autocast():
                logits = model(batch["image"], _auxiliary(batch))["logits"]
            matrix.update(predicted_classes(logits), batch["target"])
        return matrix.scores()

    def _scored(self, scores: Scores, epoch: int, loss: float) -> Card:
        metrics = {"epoch": epoch, "loss": loss, **scores.as_dict(self._names)}
        return replace(self._card, metrics=metrics)

    def _save(self, name: str, card: Card) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        save_model(self._folder / f"{name}.safetensors", self._model, card)

    def _publish(self) -> None:
        """Moves the best weights to where the model file is wanted."""
        shutil.move(self._folder / "best.safetensors", self._job.output)
        if not any(self._folder.iterdir()):
            self._folder.rmdir()


def _accelerator(device: Device) -> Accelerator:
    kind = device.place.type
    if kind == "cuda":
        torch.cuda.set_device(device.place)
    return Accelerator(cpu=kind == "cpu", mixed_precision=_MIXED[device.precision])


def _auxiliary(batch: dict[str, torch.Tensor]) -> torch.Tensor | None:
    """The auxiliary stream of a batch (B, Ca, h, w), or None in an image-only training."""
    return batch["auxiliary"] if batch["auxiliary"].shape[1] else None


def _scale(model: torch.nn.Module, card: Card) -> None:
    """Puts the streams' scaling into the network's normalisation."""
    scaling = Scaling(card.image.low, card.image.high, card.auxiliary.mean, card.auxiliary.std)
    model.image_normalisation.set(scaling.image_mean, scaling.image_std)  # type: ignore[operator, union-attr]
    if card.auxiliary.bands:
        model.auxiliary_normalisation.set(scaling.mean, scaling.std)  # type: ignore[operator, union-attr]


def _done(job: TrainJob, card: Card, device: Device, pace: Pace) -> Done:
    metrics = card.metrics
    return Done(
        f"The model {Path(job.output)} reaches mIoU {metrics['miou']:.3f} in validation (epoch "
        f"{metrics['epoch']} of {job.epochs}, the best), after {in_words(pace.seconds)} on "
        f"{device.name}.",
        {
            "output": job.output,
            "miou": metrics["miou"],
            "pixel_accuracy": metrics["pixel_accuracy"],
            "epochs_run": job.epochs,
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(pace.seconds, 2),
            "classes": to_records(card.classes),
            "metrics": metrics,
        },
    )
