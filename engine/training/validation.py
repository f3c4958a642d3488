"""Validation: scores and loss on the validation windows, pictures of some of them, and logits for the calibration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from ..compute.devices import Device
from ..compute.distributed import all_gather
from ..compute.memory import free_cached_memory
from ..compute.rank_info import SINGLE_PROCESS, RankInfo
from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import JobError
from ..contract.file_replacement import discard_empty_folder, remove_file
from ..contract.model_card import Card
from ..contract.protocol import Event, Warned
from ..contract.training_files import visuals_folder
from ..contract.translation import tr
from ..losses.segmentation_loss import SegmentationLoss
from ..models.logits import Outputs, predicted_classes
from ..outputs.pictures import save_comparison
from ..sampling.data_loader import Batch, WindowDataset, WindowLoader
from ..sampling.window_dataset import ValidationWindows, auxiliary_of
from ..scores.confusion import Scores
from .batch_size import Result, repeat_until_it_fits
from .metrics import ConfusionMatrix


class OutputCollector(Protocol):
    """Collects what a network gives for windows."""

    def add(self, indices: Sequence[int], outputs: Outputs, target: Tensor) -> None:
        """Adds windows by their indices: outputs, and class indices (B, H, W); again if batches did not fit."""


Collector = TypeVar("Collector", bound=OutputCollector)

#: Number of pictures per validation, of windows spread over all.
_PICTURES = 3


@dataclass(frozen=True)
class Validation:
    """Result of a validation.

    Attributes:
        scores: Scores over all validation pixels, from one confusion matrix.
        loss: Mean training loss of the batches, weighted by their labelled pixels; NaN without any.
        pictures: Paths of the pictures as a sentence, or "". Of several processes only the first saves
            pictures, of its own windows.
    """

    scores: Scores
    loss: float
    pictures: str


class Validator:
    """Validates a network on the same windows every time.

    Several processes divide the windows among themselves, and all get the same scores and loss.

    Args:
        windows: The validation windows.
        size: Windows per batch.
        output: Path of the model file, beside which pictures are saved.
        card: The model's card with the threshold between two classes.
        loss: The training loss.
        device: The device.
        ranks: The rank of this process.
        finished: Epochs of earlier runs, whose pictures are kept.
        colours: The image's bands for red, green and blue in pictures, see ``chosen_colours``.
        emit: Callback for warnings about batches that do not fit into memory.

    Attributes:
        size: Windows per batch; halved when batches do not fit into memory.
        errors: Share of wrong pixels of each of this process's windows in the latest ``collect``; windows without a
            labelled pixel are left out.
        colours: As given.

    Raises:
        JobError: If the folder for the pictures cannot be made.
    """

    def __init__(
        self,
        windows: ValidationWindows,
        size: int,
        output: str,
        card: Card,
        loss: SegmentationLoss,
        device: Device,
        ranks: RankInfo = SINGLE_PROCESS,
        finished: int = 0,
        colours: Sequence[int] = (),
        emit: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self._card, self._loss = card, loss
        self._device = device
        self._ranks = ranks
        self._emit = emit
        self._windows = windows
        self._set_batch_size(size)
        self.errors: dict[int, float] = {}
        self.colours = colours
        self._pictured: set[int] = set()
        self._folder = visuals_folder(output)
        if self._ranks.is_main_process:
            indices = [index for batch in self._loader.batch_indices for index in batch]
            steps = range(_PICTURES if indices else 0)
            self._pictured = {indices[len(indices) * n // _PICTURES] for n in steps}
            self._prepare_folder(finished)

    def _set_batch_size(self, size: int) -> None:
        self.size = size
        self._loader = self._load(self._windows)

    def _load(self, windows: WindowDataset) -> WindowLoader:
        """This process's batches of some windows."""
        device, ranks = self._device.torch_device, self._ranks
        return WindowLoader(windows, self.size, device, ranks.rank, ranks.world_size)

    def _prepare_folder(self, finished: int) -> None:
        """Checks that pictures can be saved, and removes pictures of later epochs."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in self._folder.glob("epoch-*.png"):
                if _epoch_of(old) > finished or not finished:
                    remove_file(old)
            for empty in (self._folder, self._folder.parent):  # made again with the first picture
                discard_empty_folder(empty)
        except OSError as error:
            raise JobError(
                tr(
                    "The folder {} for pictures of the validations cannot be used ({}): rename what is "
                    "in its place."
                ).format(self._folder, error.strerror)
            ) from error

    def validate(self, model: torch.nn.Module, epoch: int) -> Validation:
        """Validates the network after an epoch.

        When memory runs out, the whole validation is repeated with batches of half the size; several
        processes, which wait for each other, cannot do so.
        """
        return self._repeat_until_it_fits(
            partial(self._validate, model, epoch), tr("Validation of epoch {}").format(epoch)
        )

    def collect(
        self,
        model: torch.nn.Module,
        build_collector: Callable[[int], Collector],
        others: WindowDataset | None = None,
        beside: Sequence[OutputCollector] = (),
    ) -> Collector:
        """Passes what the network gives for this process's windows to a collector, with smaller batches as in ``validate``.

        Args:
            model: The network.
            build_collector: Returns a new collector for the number of all windows.
            others: Other windows, which all processes have; their errors are not kept.
            beside: Further collectors of the same pass.
        """
        attempt = partial(self._collect, model, build_collector, others, beside)
        return self._repeat_until_it_fits(attempt, tr("Calibration"))

    def score(
        self, model: torch.nn.Module, windows: WindowDataset, threshold: float, what: str = ""
    ) -> Scores:
        """The scores of a network on other windows, the same for all processes, with smaller batches as in ``validate``.

        Args:
            model: The network.
            windows: The windows, which all processes have.
            threshold: Of two classes, the smallest probability of the second.
            what: What is scored, for the warning about batches that do not fit; empty: streams and bands.
        """
        attempt = partial(self._score, model, windows, threshold)
        return self._repeat_until_it_fits(attempt, what or tr("Comparison of streams"))

    def first_inputs(self) -> tuple[Tensor, Tensor | None]:
        """The image (1, Ci, H, W) and the auxiliary stream (1, Ca, h, w), if any, of the first window."""
        batch = self._batch(0)
        return batch["image"], auxiliary_of(batch)

    @torch.inference_mode()
    def predict(self, model: torch.nn.Module, index: int) -> tuple[Batch, Tensor]:
        """A window as a batch of one, and its logits (1, K, H, W)."""
        model.eval()
        batch = self._batch(index)
        with self._device.autocast():
            logits: Tensor = model(batch["image"], auxiliary_of(batch))["logits"]
        return batch, logits

    def _batch(self, index: int) -> Batch:
        """A window as a batch of one on the device."""
        device, sample = self._device.torch_device, self._windows[index]
        return {name: torch.from_numpy(part)[None].to(device) for name, part in sample.items()}

    def _repeat_until_it_fits(self, attempt: Callable[[], Result], what: str) -> Result:
        def halve() -> None:
            smaller = self.size // 2
            text = tr("{}: batches of {} do not fit into the memory, so it begins again with {}.")
            batches = tr("batches of {}").format(smaller)
            self._emit(Warned(text.format(what, self.size, batches)))
            self._set_batch_size(smaller)
            free_cached_memory(self._device.torch_device)

        def can_halve() -> bool:
            return self.size > 1 and not self._ranks.is_distributed

        return repeat_until_it_fits(attempt, can_halve, halve)

    @torch.inference_mode()
    def _validate(self, model: torch.nn.Module, epoch: int) -> Validation:
        matrix = ConfusionMatrix(len(self._card.classes), self._device.torch_device)
        pictures: list[Path] = []
        labelled = total = 0.0
        for indices, batch, outputs in self._outputs(model, self._loader):
            target = batch["target"]
            predicted = predicted_classes(outputs["logits"], self._card.threshold)
            matrix.update(predicted, target)
            pixels = int((target != IGNORE_INDEX).sum())
            total += pixels * self._loss(outputs, target).item()
            labelled += pixels
            for row, index in enumerate(indices):
                if index in self._pictured:
                    path = self._folder / f"epoch-{epoch:03d}-{len(pictures) + 1}.png"
                    sample = {name: part[row].cpu() for name, part in batch.items()}
                    # In English, because Pillow's font has few letters.
                    title = f"Epoch {epoch}, tile {index + 1}"
                    self._save_picture(path, sample, predicted[row], title)
                    pictures.append(path)
        total, labelled = map(sum, zip(*all_gather((total, labelled))))
        loss = total / labelled if labelled else math.nan
        return Validation(matrix.scores(), loss, _describe(pictures))

    @torch.inference_mode()
    def _collect(
        self,
        model: torch.nn.Module,
        build_collector: Callable[[int], Collector],
        others: WindowDataset | None,
        beside: Sequence[OutputCollector],
    ) -> Collector:
        windows, errors = others or self._windows, dict[int, float]()
        collector = build_collector(len(windows))
        every: list[OutputCollector] = [collector, *beside]
        for indices, batch, outputs in self._outputs(model, self._load(windows)):
            for each in every:
                each.add(indices, outputs, batch["target"])
            predicted = predicted_classes(outputs["logits"], self._card.threshold)
            errors |= window_errors(indices, predicted, batch["target"])
        self.errors = self.errors if others else errors
        return collector

    @torch.inference_mode()
    def _score(self, model: torch.nn.Module, windows: WindowDataset, threshold: float) -> Scores:
        matrix = ConfusionMatrix(len(self._card.classes), self._device.torch_device)
        for _, batch, outputs in self._outputs(model, self._load(windows)):
            matrix.update(predicted_classes(outputs["logits"], threshold), batch["target"])
        return matrix.scores()

    def _outputs(
        self, model: torch.nn.Module, loader: WindowLoader
    ) -> Iterator[tuple[range, Batch, Outputs]]:
        """Window indices, inputs and outputs of each batch of this process."""
        model.eval()
        for indices, batch in zip(loader.batch_indices, loader, strict=True):
            with self._device.autocast():
                outputs = model(batch["image"], auxiliary_of(batch))
            yield indices, batch, outputs

    def _save_picture(self, path: Path, sample: Batch, predicted: Tensor, title: str) -> None:
        save_comparison(
            path,
            sample["image"].numpy(),
            sample["auxiliary"].numpy(),
            predicted.cpu().numpy(),
            sample["target"].numpy(),
            self._card.classes,
            limits=(self._card.image.low, self._card.image.high),
            title=title,
            names=self._card.image.band_names,
            colours=self.colours,
        )


def window_errors(indices: range, predicted: Tensor, target: Tensor) -> dict[int, float]:
    """The share of wrong pixels of each window with labelled pixels, of class indices (B, H, W)."""
    is_labelled = target != IGNORE_INDEX
    labelled = is_labelled.flatten(1).sum(1).tolist()
    wrong = ((predicted != target) & is_labelled).flatten(1).sum(1).tolist()
    return {i: w / n for i, w, n in zip(indices, wrong, labelled, strict=True) if n}


def _epoch_of(picture: Path) -> int:
    """The epoch in a picture's name, epoch-007-1.png; 1 without a number."""
    number = picture.stem.split("-")[1]
    return int(number) if number.isdigit() else 1


def _describe(pictures: list[Path]) -> str:
    """The pictures as a sentence for the log."""
    if not pictures:
        return ""
    if len(pictures) == 1:
        return tr("Picture: {}.").format(pictures[0])
    return tr("Pictures: {} to {}.").format(pictures[0], pictures[-1].name)
