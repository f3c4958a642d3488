"""Finds the largest batch that fits into the device's memory, and halves it when memory runs out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import torch
from torch import nn

from ..compute.memory import free_cached_memory, free_memory, is_out_of_memory, measure_peak_memory
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..sampling.augmentation import Augmentation, Batch
from ..sampling.window_dataset import auxiliary_of
from .epoch_loop import MAX_GRADIENT_NORM
from .losses import SegmentationLoss
from .optimizer import build_optimizer

#: The share of the memory that a training may fill: batches in waiting and other programs want some too.
_FULL = 0.85

#: On a processor a larger batch is not faster.
_MAX_ON_CPU = 32

#: An epoch has at least so many batches, or too few steps would be left to learn in.
_MIN_BATCHES = 8

#: A training's step on so many windows, which leaves nothing behind.
TrialFunction = Callable[[int], None]


def max_batch_windows(count: int) -> int:
    """The largest batch that is looked for where an epoch has so many windows."""
    return max(1, count // _MIN_BATCHES)


def find_batch_size(attempt: TrialFunction, maximum: int, torch_device: torch.device) -> int:
    """The largest power of two of windows that fits into a device's memory with room to spare.

    On a GPU batches are tried, each twice as large as the one before. On a processor, where trying too much
    would end the process, what one and two windows take is measured.

    Args:
        attempt: A step of the training in question.
        maximum: More windows are not wanted.
        torch_device: The device.

    Raises:
        Exception: What ``attempt`` raises on a single window, if that does not fit.
    """
    if torch_device.type == "cpu":
        return _by_measuring(attempt, min(maximum, _MAX_ON_CPU))
    return _by_trying(attempt, maximum, torch_device)


def _by_trying(attempt: TrialFunction, maximum: int, torch_device: torch.device) -> int:
    fitting = size = 1
    while size <= maximum and _fits(attempt, size, torch_device):
        fitting, size = size, 2 * size
    free_cached_memory(torch_device)
    return fitting


def _fits(attempt: TrialFunction, size: int, torch_device: torch.device) -> bool:
    """Whether a batch leaves room to spare. The smallest fits if it runs at all."""
    free_cached_memory(torch_device)
    try:
        attempt(size)
    except Exception as error:
        if size == 1 or not is_out_of_memory(error):
            raise
        return False
    return size == 1 or memory_fraction_used(torch_device) <= _FULL


def _by_measuring(attempt: TrialFunction, maximum: int) -> int:
    attempt(1)  # what is got once and kept belongs to no batch
    one, two = (measure_peak_memory(lambda size=size: attempt(size)) for size in (1, 2))  # type: ignore[misc]
    each = max(two - one, 1)
    room = _FULL * free_memory() - (one - each)
    size = 1
    while 2 * size <= maximum and 2 * size * each <= room:
        size *= 2
    return size


def memory_fraction_used(torch_device: torch.device) -> float:
    """The share of the memory that is there for us that was taken at most since ``free_cached_memory``."""
    if torch_device.type == "mps":
        return torch.mps.driver_allocated_memory() / torch.mps.recommended_max_memory()
    free = torch.cuda.mem_get_info(torch_device)[0]
    return torch.cuda.max_memory_reserved(torch_device) / (
        free + torch.cuda.memory_reserved(torch_device)
    )


class TrialStep:
    """Steps of a training on made-up windows of full size, which leave network and chance as they were.

    Args:
        model: The network.
        job: The training job.
        card: The network's card.
        loss: What it learns from.
        augment: What changes the batches.
        autocast: Makes the context of a forward pass.
    """

    def __init__(
        self,
        model: nn.Module,
        job: TrainJob,
        card: Card,
        loss: SegmentationLoss,
        augment: Augmentation,
        autocast: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self._model, self._job, self._card = model, job, card
        self._loss, self._augment, self._autocast = loss, augment, autocast
        self._device = next(model.parameters()).device

    def __call__(self, size: int) -> None:
        """One step on a batch of ``size`` windows.

        Raises:
            Exception: Whatever says that the memory is not enough, see ``memory.is_out_of_memory``.
        """
        before = {name: value.cpu().clone() for name, value in self._model.state_dict().items()}
        devices = [self._device] if self._device.type == "cuda" else []
        try:
            with torch.random.fork_rng(devices):
                self._step(size)
        finally:
            for parameter in self._model.parameters():
                parameter.grad = None
            self._model.load_state_dict(before)

    def _step(self, size: int) -> None:
        self._model.train()
        self._model.freeze_encoders(False)  # type: ignore[operator] # which takes most
        optimizer = build_optimizer(self._model, self._job)
        batch = self._augment(self._batch(size), torch.Generator().manual_seed(0))
        with self._autocast():
            outputs = self._model(batch["image"], auxiliary_of(batch))
        self._loss(outputs, batch["target"]).backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), MAX_GRADIENT_NORM)
        optimizer.step()

    def _batch(self, size: int) -> Batch:
        """Random pixels, labelled in stripes of all classes."""
        image, auxiliary, side = self._card.image, self._card.auxiliary, self._card.tile_size
        count = len(self._card.classes)
        stripes = torch.arange(side, device=self._device) * count // side
        coarse = (size, auxiliary.bands, auxiliary.tile_size, auxiliary.tile_size)
        return {
            "image": torch.rand(size, image.bands, side, side, device=self._device),
            "auxiliary": torch.rand(*coarse, device=self._device),
            "target": stripes.expand(size, side, side).contiguous(),
        }
