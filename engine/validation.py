"""Validation: a network's scores and loss on the held-out windows, and pictures of some of them."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from .config import TrainJob
from .dataset import ValidationWindows, auxiliary_of, batches
from .devices import Device
from .errors import JobError
from .losses import IGNORED, SegmentationLoss
from .metrics import ConfusionMatrix, Scores
from .model_file import Card
from .models import predicted_classes
from .outputs import visuals_folder
from .pictures import comparison

#: Windows that are drawn at each validation, spread over all.
_PICTURES = 3


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes:
        scores: Scores over all held-out pixels, from one confusion matrix.
        loss: The training's own loss, of all batches, weighted by their labelled pixels; NaN where
            no pixel is labelled.
        pictures: Where the pictures are, as a sentence; empty without any.
    """

    scores: Scores
    loss: float
    pictures: str


class Validator:
    """Scores a network on the held-out windows, always the same ones.

    Args:
        windows: The held-out windows.
        job: The training job.
        card: The model's card; its threshold decides between two classes.
        loss: The training's loss.
        device: Where to compute.

    Raises:
        JobError: If the folder for the pictures cannot be made.
    """

    def __init__(
        self,
        windows: ValidationWindows,
        job: TrainJob,
        card: Card,
        loss: SegmentationLoss,
        device: Device,
    ) -> None:
        self._loader = batches(windows, job.batch_size, device.place.type == "cuda")
        self._card, self._loss, self._device = card, loss, device
        self._folder = visuals_folder(job.output)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in self._folder.glob("epoch-*.png"):
                old.unlink()
            with suppress(OSError):  # left behind only once there is a picture
                self._folder.rmdir()
                self._folder.parent.rmdir()
        except OSError as error:
            raise JobError(
                f"The folder {self._folder} for pictures of the validations cannot be used "
                f"({error.strerror}): rename what is in its place."
            ) from error
        self._drawn = {len(windows) * n // _PICTURES for n in range(_PICTURES)}

    @torch.inference_mode()
    def validate(self, model: torch.nn.Module, epoch: int) -> Validation:
        """The network as it is after an epoch, over all held-out pixels."""
        model.eval()
        place = self._device.place
        matrix = ConfusionMatrix(len(self._card.classes), place)
        pictures: list[Path] = []
        index = labelled = 0
        total = 0.0
        for batch in self._loader:
            image, auxiliary = batch["image"].to(place), auxiliary_of(batch)
            target = batch["target"].to(place)
            with self._device.autocast():
                outputs = model(image, None if auxiliary is None else auxiliary.to(place))
            predicted = predicted_classes(outputs["logits"], self._card.threshold)
            matrix.update(predicted, target)
            pixels = int((target != IGNORED).sum())
            total += pixels * self._loss(outputs, target).item()
            labelled += pixels
            for row in range(len(image)):
                if index in self._drawn:
                    path = self._folder / f"epoch-{epoch:03d}-{len(pictures) + 1}.png"
                    sample = {name: part[row] for name, part in batch.items()}
                    self._draw(path, sample, predicted[row], f"Epoch {epoch}, tile {index + 1}")
                    pictures.append(path)
                index += 1
        loss = total / labelled if labelled else math.nan
        return Validation(matrix.scores(), loss, _listed(pictures))

    def _draw(
        self, path: Path, sample: dict[str, torch.Tensor], predicted: torch.Tensor, title: str
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        comparison(
            path,
            sample["image"].numpy(),
            sample["auxiliary"].numpy(),
            predicted.cpu().numpy(),
            sample["target"].numpy(),
            self._card.classes,
            limits=(self._card.image.low, self._card.image.high),
            title=title,
        )


def _listed(pictures: list[Path]) -> str:
    """The pictures as a sentence for the log."""
    if not pictures:
        return ""
    more = f" to {pictures[-1].name}" if len(pictures) > 1 else ""
    return f"Pictures: {pictures[0]}{more}."
