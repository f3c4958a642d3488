"""An epoch: one pass over the training windows, in batches, with a step of the optimiser every few of them."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from statistics import fmean
from typing import Any, Protocol

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from ..compute.distributed import gathered, pixel_weight
from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import EngineError
from ..contract.eta import Stopwatch
from ..sampling.augmentation import Augmentation, Batch
from ..sampling.window_dataset import auxiliary_of
from .losses import SegmentationLoss
from .optimizer import set_learning_rates

#: Gradients with a larger norm are scaled down to it.
MAX_GRADIENT_NORM = 1.0

#: Seconds between two looks at the loss: each makes a GPU wait for the processor.
_LOOK = 0.5


class DivergedError(EngineError):
    """The loss is no longer a number."""


class Loader(Protocol):
    """The batches of an epoch, on the device; in a run of several processes those of this one."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Batch]: ...


def seed_epoch(seed: int, epoch: int, rank: int = 0) -> torch.Generator:
    """Seeds all that is random in an epoch, in each process in another way.

    What an epoch does then depends on nothing but the state before it: see ``training_state``.

    Returns:
        A generator of its own for the augmentation, whose draws do not depend on the network's.
    """
    numbers = np.random.SeedSequence((seed, epoch, rank)).generate_state(4)
    first, second, third, fourth = (int(number) for number in numbers)
    torch.manual_seed(first)
    np.random.seed(second)
    random.seed(third)
    return torch.Generator().manual_seed(fourth)


class EpochLoop:
    """Moves the weights of a network.

    Args:
        model: The network; of several processes as ``distributed.parallel`` joined it. May be replaced.
        optimizer: Its optimiser as accelerate prepared it.
        ema_model: The running average of its weights, if one is wanted.
        loss: What it learns from.
        augment: What changes the batches.
        accelerator: Keeps precision, scaling of gradients and several processes.
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
        self.model, self._optimizer, self._ema_model = model, optimizer, ema_model
        self._loss, self._augment, self._accelerator = loss, augment, accelerator

    def epoch(
        self,
        loader: Loader,
        accumulation: int,
        rate: Callable[[int], float],
        rng: torch.Generator,
        on_progress: Callable[[float], None],
    ) -> float:
        """One pass over the windows; returns the mean loss of its batches, of all processes.

        Args:
            loader: The batches.
            accumulation: Batches a step; the last step of an epoch may have fewer.
            rate: The learning rates' share of their peaks at each step of this epoch, counted from 0.
            rng: What the augmentation draws from.
            on_progress: Is told the share of the epoch that is done.

        Raises:
            DivergedError: If the loss is no longer a number.
        """
        self.model.train()
        torch_device, count = self._accelerator.device, len(loader)
        # Apple GPUs know no float64.
        total = torch.zeros((), device=torch_device, dtype=_sum_type(torch_device))
        looked = -math.inf
        for number, batch in enumerate(loader):
            first = number - number % accumulation
            last = min(first + accumulation, count) - 1
            total += self._learn(batch, rng, last - first + 1, ends_run=number == last)
            if number == last:
                self._step(rate(number // accumulation))
            # The sum waits on the device: asking for every batch's loss would keep a GPU waiting.
            now = time.monotonic()
            if torch_device.type == "cpu" or now - looked > _LOOK or number == count - 1:
                looked = now
                self._look(total)
                on_progress((number + 1) / count)
        return fmean(gathered(float(total) / count))

    def _learn(self, batch: Batch, rng: torch.Generator, parts: int, ends_run: bool) -> Tensor:
        """Adds the gradient of a batch that is one of so many of a step; returns its loss."""
        batch = self._augment(batch, rng)
        # Several processes exchange their gradients once a step.
        with nullcontext() if ends_run else self._accelerator.no_sync(self.model):
            with self._accelerator.autocast():
                outputs = self.model(batch["image"], auxiliary_of(batch))
            own: Tensor = self._loss(outputs, batch["target"])
            # Their average is the loss of all windows together, however few labels one process has.
            loss = own * pixel_weight((batch["target"] != IGNORE_INDEX).sum())
            self._accelerator.backward(loss / parts)
        return loss.detach()

    def _step(self, share: float) -> None:
        set_learning_rates(self._optimizer, share)
        self._accelerator.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT_NORM)
        self._optimizer.step()
        self._optimizer.zero_grad()
        if self._ema_model is not None:
            self._ema_model.update_parameters(self.model)

    def _look(self, total: Tensor) -> None:
        """Makes sure that all losses so far are numbers: once one is none, their sum is none."""
        if not math.isfinite(total.item()):
            rate = max(group["peak"] for group in self._optimizer.param_groups)
            raise DivergedError(
                "The loss is no longer a number: the training diverged. Try a learning rate ten "
                f"times smaller than {rate:g}, or the precision fp32."
            )


class TrainingProgressReporter:
    """Tells how far a training is, and how long it takes from where it began.

    Args:
        begun: Epochs that were finished before.
        epochs: Epochs it shall have.
        tell: Is told the share that is done and a text.
    """

    def __init__(self, begun: int, epochs: int, tell: Callable[[float, str], None]) -> None:
        self._epochs, self._report = epochs, tell
        self._done = begun / epochs
        self._stopwatch = Stopwatch(self._done)

    def __call__(self, epoch: int, share: float) -> None:
        """Tells that a share of an epoch is done; one that begins again takes nothing back."""
        self._done = max(self._done, (epoch - 1 + share) / self._epochs)
        left = self._stopwatch.time_left(self._done)
        self._report(self._done, f"epoch {epoch} of {self._epochs}{left}")


def _sum_type(torch_device: torch.device) -> torch.dtype:
    return torch.float32 if torch_device.type == "mps" else torch.float64
