"""Validation: a network's scores and loss on the held-out windows, and pictures of some of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from ..compute.devices import Device
from ..compute.distributed import RankInfo, gathered
from ..compute.memory import free_cached_memory, is_out_of_memory
from ..contract.checkpoint_files import visuals_folder
from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.protocol import Event, Warned
from ..models.logits import predicted_classes
from ..outputs.pictures import save_comparison
from ..sampling.data_loader import strided_batches
from ..sampling.window_dataset import ValidationWindows, auxiliary_of, batches
from .losses import SegmentationLoss
from .metrics import ConfusionMatrix, Scores

#: Windows that are drawn at each validation, spread over all.
_PICTURES = 3


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes:
        scores: Scores over all held-out pixels, from one confusion matrix.
        loss: The training's own loss, of all batches, weighted by their labelled pixels; NaN where
            no pixel is labelled.
        pictures: Where the pictures are, as a sentence; empty without any. Of several processes the first
            draws, of its own windows.
    """

    scores: Scores
    loss: float
    pictures: str


class Validator:
    """Scores a network on the held-out windows, always the same ones.

    Several processes share the windows, each being one's alone, and all find the same scores and loss.

    Args:
        windows: The held-out windows.
        job: The training job.
        card: The model's card; its threshold decides between two classes.
        loss: The training's loss.
        device: Where to compute.
        finished: Epochs that an earlier run has finished: their pictures stay.
        emit: Is told of batches that do not fit into the memory.

    Attributes:
        size: Windows a batch; fewer once that many did not fit.

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
        finished: int = 0,
        emit: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self._card, self._loss, self._device, self._emit = card, loss, device, emit
        self._windows, ranks = windows, RankInfo.from_environment()
        self._divide(job.batch_size)
        own = [index for share in self._shares for index in share]
        self._drawn: set[int] = set()
        self._folder = visuals_folder(job.output)
        if ranks.is_main_process:
            self._drawn = {own[len(own) * n // _PICTURES] for n in range(_PICTURES) if own}
            self._make_folder(finished)

    def _divide(self, size: int) -> None:
        """Divides the windows into batches of ``size``."""
        ranks, self.size = RankInfo.from_environment(), size
        self._loader = batches(
            self._windows, size, self._device.torch_device, ranks.rank, ranks.world_size
        )
        self._shares = strided_batches(len(self._windows), size, ranks.rank, ranks.world_size)

    def _make_folder(self, finished: int) -> None:
        """Makes sure that there can be pictures, and that there are none of other epochs than those."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in self._folder.glob("epoch-*.png"):
                if _epoch_of(old) > finished:
                    old.unlink()
            with suppress(OSError):  # left behind only once there is a picture
                self._folder.rmdir()
                self._folder.parent.rmdir()
        except OSError as error:
            raise JobError(
                f"The folder {self._folder} for pictures of the validations cannot be used "
                f"({error.strerror}): rename what is in its place."
            ) from error

    def validate(self, model: torch.nn.Module, epoch: int) -> Validation:
        """The network as it is after an epoch, over all held-out pixels.

        Where memory runs out all of it is done again in batches of half the size; several processes, which
        wait for each other, cannot do so.
        """
        while (found := self._tried(model, epoch)) is None:
            # Only here, out of the handler, does nothing hold on to the batch any more.
            less = self.size // 2
            self._emit(
                Warned(
                    f"Batches of {self.size} do not fit into the memory in validation: that of epoch {epoch} "
                    f"begins again with batches of {less}."
                )
            )
            self._divide(less)
            free_cached_memory(self._device.torch_device)
        return found

    def _tried(self, model: torch.nn.Module, epoch: int) -> Validation | None:
        """What a validation finds; None where such batches do not fit, and smaller ones may."""
        try:
            return self._validated(model, epoch)
        except Exception as error:
            if (
                not is_out_of_memory(error)
                or self.size == 1
                or RankInfo.from_environment().is_distributed
            ):
                raise
        return None

    @torch.inference_mode()
    def _validated(self, model: torch.nn.Module, epoch: int) -> Validation:
        model.eval()
        place = self._device.torch_device
        matrix = ConfusionMatrix(len(self._card.classes), place)
        pictures: list[Path] = []
        labelled = total = 0.0
        for share, batch in zip(self._shares, self._loader, strict=True):
            image, auxiliary = batch["image"], auxiliary_of(batch)
            target = batch["target"]
            with self._device.autocast():
                outputs = model(image, auxiliary)
            predicted = predicted_classes(outputs["logits"], self._card.threshold)
            matrix.update(predicted, target)
            pixels = int((target != IGNORE_INDEX).sum())
            total += pixels * self._loss(outputs, target).item()
            labelled += pixels
            for row, index in enumerate(share):
                if index in self._drawn:
                    path = self._folder / f"epoch-{epoch:03d}-{len(pictures) + 1}.png"
                    sample = {name: part[row].cpu() for name, part in batch.items()}
                    self._draw(path, sample, predicted[row], f"Epoch {epoch}, tile {index + 1}")
                    pictures.append(path)
        total, labelled = map(sum, zip(*gathered((total, labelled))))
        loss = total / labelled if labelled else math.nan
        return Validation(matrix.scores(), loss, _listed(pictures))

    def _draw(
        self, path: Path, sample: dict[str, torch.Tensor], predicted: torch.Tensor, title: str
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_comparison(
            path,
            sample["image"].numpy(),
            sample["auxiliary"].numpy(),
            predicted.cpu().numpy(),
            sample["target"].numpy(),
            self._card.classes,
            limits=(self._card.image.low, self._card.image.high),
            title=title,
        )


def _epoch_of(picture: Path) -> int:
    """The epoch in a picture's name, epoch-007-1.png; 1 where there is none."""
    number = picture.stem.split("-")[1]
    return int(number) if number.isdigit() else 1


def _listed(pictures: list[Path]) -> str:
    """The pictures as a sentence for the log."""
    if not pictures:
        return ""
    more = f" to {pictures[-1].name}" if len(pictures) > 1 else ""
    return f"Pictures: {pictures[0]}{more}."
