"""One training epoch: a pass over the batches with gradient accumulation, clipping and optimizer steps."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from statistics import fmean
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from ..compute.distributed import all_gather, pixel_weight
from ..compute.eta import Stopwatch
from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import EngineError
from ..contract.translation import tr
from ..losses.segmentation_loss import SegmentationLoss
from ..sampling.augmentation import Augmentation
from ..sampling.data_loader import Batch
from ..sampling.window_dataset import auxiliary_of
from .optimizer import set_learning_rates

#: Gradients with a larger norm are scaled down to this norm.
MAX_GRADIENT_NORM = 1.0

#: Interval of the checks of the loss, s: each check makes the CPU wait for a GPU.
_CHECK_INTERVAL = 0.5


class DivergedError(EngineError):
    """The loss is not finite."""


class Loader(Protocol):
    """Iterable over this process's batches of an epoch, on the device."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Batch]: ...


class FirstBatches:
    """The first batches of a loader.

    Args:
        loader: The loader.
        count: Number of batches; all if it has fewer.
    """

    def __init__(self, loader: Loader, count: int) -> None:
        self._loader, self._count = loader, min(count, len(loader))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Batch]:
        return islice(iter(self._loader), self._count)


def seed_epoch(seed: int, epoch: int, rank: int = 0) -> torch.Generator:
    """Seeds all random generators of a process for an epoch.

    An epoch then depends only on the state before it, see ``training_state``.

    Returns:
        A generator for the augmentation, independent of the random numbers that the network draws.
    """
    numbers = np.random.SeedSequence((seed, epoch, rank)).generate_state(4)
    torch_seed, numpy_seed, python_seed, augmentation_seed = map(int, numbers)
    torch.manual_seed(torch_seed)
    np.random.seed(numpy_seed)
    random.seed(python_seed)
    return torch.Generator().manual_seed(augmentation_seed)


class EpochLoop:
    """Trains a network, one epoch per call of ``run``.

    Args:
        model: The network, wrapped by ``distributed.wrap_ddp`` if several processes train together.
        optimizer: The network's optimizer, prepared by accelerate.
        ema_model: Moving average of the network's weights, or None.
        loss: The training loss.
        augment: The augmentation.
        accelerator: Handles precision, gradient scaling and several processes.

    Attributes:
        model: The network; may be replaced between epochs.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Any,
        ema_model: AveragedModel | None,
        loss: SegmentationLoss,
        augment: Augmentation,
        accelerator: Accelerator,
    ) -> None:
        self.model = model
        self._optimizer = optimizer
        self._ema_model = ema_model
        self._loss = loss
        self._augment = augment
        self._accelerator = accelerator

    def run(
        self,
        loader: Loader,
        accumulation: int,
        factor: Callable[[int], float],
        rng: torch.Generator,
        on_progress: Callable[[float], None],
    ) -> float:
        """Trains for one epoch and returns the mean loss over the batches of all processes.

        Args:
            loader: The batches.
            accumulation: Batches per step; the last step of an epoch may have fewer.
            factor: Returns the factor of the learning rates at a step of this epoch, counted from 0.
            rng: Random generator of the augmentation.
            on_progress: Callback for the finished share of the epoch.

        Raises:
            DivergedError: If the loss is not finite.
        """
        self.model.train()
        torch_device, count = self._accelerator.device, len(loader)
        # Apple GPUs do not support float64.
        sum_type = torch.float32 if torch_device.type == "mps" else torch.float64
        total = torch.zeros((), device=torch_device, dtype=sum_type)
        last_check = -math.inf
        for number, batch in enumerate(loader):
            first = number - number % accumulation
            last = min(first + accumulation, count) - 1
            total += self._backward(batch, rng, last - first + 1, is_last=number == last)
            if number == last:
                self._step(factor(number // accumulation))
            # The sum stays on the device: reading every batch's loss would make a GPU wait.
            now = time.monotonic()
            is_due = now - last_check > _CHECK_INTERVAL
            if torch_device.type == "cpu" or is_due or number == count - 1:
                last_check = now
                self._check_finite(total)
                on_progress((number + 1) / count)
        return fmean(all_gather(float(total) / count))

    def _backward(self, batch: Batch, rng: torch.Generator, parts: int, is_last: bool) -> Tensor:
        """Adds the gradient of one of the ``parts`` batches of a step; returns the loss of the batch."""
        batch = self._augment(batch, rng)
        # Gradients are exchanged between processes once per step.
        with nullcontext() if is_last else self._accelerator.no_sync(self.model):
            with self._accelerator.autocast():
                outputs = self.model(batch["image"], auxiliary_of(batch))
            loss: Tensor = self._loss(outputs, batch["target"])
            # Weighted so that the mean over processes is the loss of all labelled pixels together.
            loss = loss * pixel_weight((batch["target"] != IGNORE_INDEX).sum())
            self._accelerator.backward(loss / parts)
        return loss.detach()

    def _step(self, factor: float) -> None:
        set_learning_rates(self._optimizer, factor)
        self._accelerator.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT_NORM)
        self._optimizer.step()
        self._optimizer.zero_grad()
        if self._ema_model is not None:
            self._ema_model.update_parameters(self.model)

    def _check_finite(self, total: Tensor) -> None:
        """Checks the sum of all losses so far, which is finite only if each of them is."""
        if not math.isfinite(total.item()):
            rate = max(group["peak"] for group in self._optimizer.param_groups)
            raise DivergedError(
                tr(
                    "The loss is no longer a number: the training diverged. Try a learning rate ten "
                    "times smaller than {:g}, or the precision fp32."
                ).format(rate)
            )


class TrainingProgressReporter:
    """Reports the progress of a training and the time left, estimated from the speed of this run.

    Args:
        finished: Number of epochs that earlier runs finished.
        epochs: Total number of epochs.
        epochs_share: Share of the progress for all epochs.
        report: Callback for the finished share and a text.
    """

    def __init__(
        self,
        finished: int,
        epochs: int,
        epochs_share: float,
        report: Callable[[float, str], None],
    ) -> None:
        self._report = report
        self._epochs_share = epochs_share
        self._epochs = epochs
        self._share = epochs_share * finished / epochs
        self._stopwatch = Stopwatch(self._share)

    def __call__(self, epoch: int, share: float) -> None:
        """Reports the finished share of an epoch; when an epoch restarts, the progress does not decrease."""
        finished = min(1.0, (epoch - 1 + share) / self._epochs)
        self._advance(
            self._epochs_share * finished, tr("epoch {} of {}").format(epoch, self._epochs)
        )

    def finish(self, share: float, text: str) -> None:
        """Reports the finished share of what follows the last epoch."""
        self._advance(self._epochs_share + (1 - self._epochs_share) * share, text)

    def _advance(self, share: float, text: str) -> None:
        self._share = max(self._share, share)
        self._report(self._share, text + self._stopwatch.time_left(self._share))
