"""The batch size: division of a step into batches, the largest batch that fits into memory, and smaller ones.

The number of windows per optimizer step determines the result of a training; their division into batches
affects little more than time and memory. So a step keeps its number of windows when batches become smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from ..compute.distributed import all_gather
from ..compute.failures import is_out_of_memory
from ..compute.memory import free_cached_memory, free_memory, measure_peak_memory
from ..compute.rank_info import RankInfo
from ..contract.errors import format_count
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.translation import tr
from ..losses.segmentation_loss import SegmentationLoss
from ..sampling.augmentation import Augmentation
from ..sampling.data_loader import Batch
from ..sampling.window_dataset import auxiliary_of
from .epoch_loop import MAX_GRADIENT_NORM
from .optimizer import build_optimizer

#: Maximum share of the memory, which leaves room for prefetched batches and other programs.
_MAX_MEMORY_SHARE = 0.85

#: Maximum batch size on a CPU, where larger batches are not faster.
_MAX_ON_CPU = 32

#: Minimum number of batches per epoch, so that enough optimizer steps are left.
_MIN_BATCHES = 8

#: Runs a training step on a number of windows without side effects.
TrialFunction = Callable[[int], None]
Result = TypeVar("Result")


@dataclass(frozen=True)
class StepBatches:
    """Division of the windows of an optimizer step into batches.

    Attributes:
        size: Windows per batch.
        accumulation: Batches per step.
    """

    size: int
    accumulation: int

    @classmethod
    def of(cls, windows: int, size: int) -> StepBatches:
        """Divides ``windows`` into batches of ``size``, rounded to a whole number of batches."""
        return cls(size, max(1, round(windows / size)))

    @property
    def windows(self) -> int:
        """Windows per step: the effective batch size."""
        return self.size * self.accumulation

    def __str__(self) -> str:
        windows = format_count(self.windows, "{} tile", "{} tiles")
        if self.accumulation == 1:
            return tr("{} a step, in one batch").format(windows)
        text = tr("{} a step: batches of {}, {} of them")
        return text.format(windows, self.size, self.accumulation)

    def halve(self) -> StepBatches:
        """Batches of half the size, with the same number of windows per step, up to rounding."""
        return StepBatches.of(self.windows, self.size // 2)

    def too_large_message(self) -> str:
        """Advises smaller batches with exactly as many windows per step, with which the training can resume."""
        size = next(n for n in range(self.size // 2, 0, -1) if self.windows % n == 0)
        return tr(
            "Batches of {} do not fit into the memory of every device: give batch_size {} and accumulation {}."
        ).format(self.size, size, self.windows // size)


def choose_batches(
    job: TrainJob,
    ranks: RankInfo,
    trial: TrialFunction,
    windows: int,
    torch_device: torch.device,
) -> tuple[int, StepBatches]:
    """The batch size and the batches of a new training: the job's, or the largest that fit.

    Args:
        job: The training job, with its recipe.
        ranks: The rank of this process.
        trial: Runs a training step on a number of windows without side effects.
        windows: Number of windows per epoch.
        torch_device: The device.
    """
    if job.batch_size:
        return job.batch_size, StepBatches(job.batch_size, job.accumulation)
    # The windows of an epoch are divided among all processes.
    most = max_batch_windows(windows // ranks.world_size)
    size = min(all_gather(find_batch_size(trial, most, torch_device)))
    return size, keep_recipe_step(size, job.accumulation)


def repeat_until_it_fits(
    attempt: Callable[[], Result], can_halve: Callable[[], bool], halve: Callable[[], None]
) -> Result:
    """The result of an attempt, which is repeated with smaller batches as long as memory runs out.

    Args:
        attempt: Callback that computes something in batches.
        can_halve: Whether the batches can be smaller.
        halve: Callback that restores the state before the attempt and makes the batches smaller.

    Raises:
        Exception: The error of the attempt if the batches cannot be smaller, or memory is not the reason.
    """
    while True:
        try:
            return attempt()
        except Exception as error:
            if not is_out_of_memory(error) or not can_halve():
                raise
        # After the handler nothing refers to the batch any more.
        halve()


def keep_recipe_step(size: int, accumulation: int) -> StepBatches:
    """Batches of ``size`` with the windows per step of the default batch size, or one larger batch."""
    return StepBatches.of(TrainJob.batch_size * accumulation, size)


def max_batch_windows(count: int) -> int:
    """Maximum batch size for an epoch of ``count`` windows."""
    return max(1, count // _MIN_BATCHES)


def find_batch_size(attempt: TrialFunction, maximum: int, torch_device: torch.device) -> int:
    """Finds the largest power of two of windows that fits into a device's memory with room to spare.

    On a GPU it tries batches of doubling size. On a CPU, where running out of memory would kill the process,
    it extrapolates from the memory of one and two windows.

    Args:
        attempt: A training step.
        maximum: Maximum batch size.
        torch_device: The device.

    Raises:
        Exception: The error of ``attempt`` if a single window does not fit.
    """
    if torch_device.type == "cpu":
        return _extrapolate(attempt, min(maximum, _MAX_ON_CPU))
    fitting = size = 1
    while size <= maximum and _fits(attempt, size, torch_device):
        fitting, size = size, 2 * size
    free_cached_memory(torch_device)
    return fitting


def _fits(attempt: TrialFunction, size: int, torch_device: torch.device) -> bool:
    """Whether a batch leaves room to spare; a single window only has to run."""
    free_cached_memory(torch_device)
    try:
        attempt(size)
    except Exception as error:
        if size == 1 or not is_out_of_memory(error):
            raise
        return False
    return size == 1 or memory_fraction_used(torch_device) <= _MAX_MEMORY_SHARE


def _extrapolate(attempt: TrialFunction, maximum: int) -> int:
    attempt(1)  # allocates what later steps reuse
    one, two = (measure_peak_memory(lambda size=size: attempt(size)) for size in (1, 2))  # type: ignore[misc]
    per_window = max(two - one, 1)
    room = _MAX_MEMORY_SHARE * free_memory() - (one - per_window)
    size = 1
    while 2 * size <= maximum and 2 * size * per_window <= room:
        size *= 2
    return size


def memory_fraction_used(torch_device: torch.device) -> float:
    """Peak share of the available memory since ``free_cached_memory``."""
    if torch_device.type == "mps":
        used, most = torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory()
        return used / min(
            most, used + free_memory()
        )  # Apple's GPUs share the memory of all programs
    free = torch.cuda.mem_get_info(torch_device)[0]
    available = free + torch.cuda.memory_reserved(torch_device)
    return torch.cuda.max_memory_reserved(torch_device) / available


class TrialStep:
    """Training step on synthetic windows, which restores the network and the random state afterwards.

    Args:
        model: The network.
        job: The training job.
        card: The network's card.
        loss: The training loss.
        augment: The augmentation.
        autocast: Returns the context of a forward pass.
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
        self._model = model
        self._job = job
        self._card = card
        self._loss = loss
        self._augment = augment
        self._autocast = autocast
        self._device = next(model.parameters()).device

    def __call__(self, size: int) -> None:
        """Runs one step on a batch of ``size`` windows.

        Raises:
            Exception: If the memory is not enough, see ``failures.is_out_of_memory``.
        """
        before = {name: value.cpu().clone() for name, value in self._model.state_dict().items()}
        devices = [self._device] if self._device.type == "cuda" else []
        try:
            with torch.random.fork_rng(devices):
                self._step(size)
        finally:  # no CleanUp: the training continues with these weights, also after an error that is handled
            for parameter in self._model.parameters():
                parameter.grad = None
            self._model.load_state_dict(before)

    def _step(self, size: int) -> None:
        self._model.train()
        self._model.freeze_encoders(False)  # type: ignore[operator] # needs the most memory
        optimizer = build_optimizer(self._model, self._job)
        batch = self._augment(self._batch(size), torch.Generator().manual_seed(0))
        with self._autocast():
            outputs = self._model(batch["image"], auxiliary_of(batch))
        self._loss(outputs, batch["target"]).backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), MAX_GRADIENT_NORM)
        optimizer.step()

    def _batch(self, size: int) -> Batch:
        """Random pixels with stripes of all classes as labels."""
        side = self._card.tile_size
        auxiliary = self._card.auxiliary
        coarse = auxiliary.tile_size
        stripes = torch.arange(side, device=self._device) * len(self._card.classes) // side
        return {
            "image": torch.rand(size, self._card.image.bands, side, side, device=self._device),
            "auxiliary": torch.rand(size, auxiliary.bands, coarse, coarse, device=self._device),
            "target": stripes.expand(size, side, side).contiguous(),
        }
