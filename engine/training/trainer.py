"""Trainer of single epochs, which restores the state before an epoch that does not fit into memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from accelerate import Accelerator
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ..compute.distributed import wrap_ddp
from ..compute.memory import free_cached_memory, is_out_of_memory
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..sampling.augmentation import Augmentation
from ..sampling.data_loader import WindowLoader
from ..sampling.window_dataset import TrainingWindows
from .batch_size import StepBatches
from .checkpoints import Checkpoints
from .epoch_loop import EpochLoop, seed_epoch
from .losses import SegmentationLoss
from .optimizer import build_optimizer, count_frozen_epochs
from .schedule import EarlyStopping, Schedule
from .training_state import TrainerState, TrainingProgress


class Trainer:
    """Trains a network epoch by epoch, starting from the state in its checkpoints.

    Args:
        job: The training job, with its recipe.
        model: The network.
        ema_model: Moving average of its weights, or None.
        loss: The training loss.
        augment: The augmentation.
        accelerator: Handles precision, gradient scaling and several processes.
        windows: The training windows.
        checkpoints: The checkpoints of this training.

    Attributes:
        state: Everything that an epoch changes.
    """

    def __init__(
        self,
        job: TrainJob,
        model: nn.Module,
        ema_model: AveragedModel | None,
        loss: SegmentationLoss,
        augment: Augmentation,
        accelerator: Accelerator,
        windows: TrainingWindows,
        checkpoints: Checkpoints,
    ) -> None:
        self._job, self._model, self._windows = job, model, windows
        self._device = next(model.parameters()).device
        self._accelerator, self._checkpoints = accelerator, checkpoints
        self._loader: tuple[int, WindowLoader] | None = None
        optimizer = accelerator.prepare_optimizer(build_optimizer(model, job))
        # Only for its precision: DDP is wrapped anew whenever encoders are frozen or unfrozen.
        accelerator.prepare_model(model, evaluation_mode=True)
        self._is_frozen: bool | None = None
        self._epoch_loop = EpochLoop(model, optimizer, ema_model, loss, augment, accelerator)
        schedule, early_stopping = Schedule(job.schedule, 1), EarlyStopping(job.patience)
        self.state = TrainerState(
            model, ema_model, optimizer, schedule, early_stopping, accelerator.scaler
        )
        self._initial: dict[str, torch.Tensor] = {}
        if checkpoints.epoch:
            self._restore()
        else:  # there is no state on disk yet
            self._initial = {name: value.clone() for name, value in self.state.tensors().items()}
            self._initial_numbers = self.state.numbers()

    def train_epoch(
        self, epoch: int, batches: StepBatches, on_progress: Callable[[float], None]
    ) -> float | None:
        """Trains for one epoch; the result depends only on the state and the epoch's number.

        Args:
            epoch: Its number, from 1.
            batches: Division of a step into batches.
            on_progress: Callback for the finished share of the epoch.

        Returns:
            The mean loss; None if the batches do not fit into memory and the state is restored.

        Raises:
            EngineError: If the loss diverges, or batches of several processes do not fit into memory.
        """
        try:
            return self._train_epoch(epoch, batches, on_progress)
        except Exception as error:
            if not is_out_of_memory(error) or batches.size == 1:
                raise
            if self._accelerator.num_processes > 1:  # the others wait for this one
                raise JobError(too_large_message(batches)) from error
        # Outside the exception handler nothing refers to the batch any more.
        self._loader = None
        free_cached_memory(self._device)
        self._restore()
        return None

    def save(self, progress: TrainingProgress) -> None:
        """Saves the state after the last epoch.

        Raises:
            EngineError: If it cannot be written.
        """
        record = {**self.state.numbers(), **progress.record(self._job)}
        self._checkpoints.save(self.state.tensors(), record)
        self._initial = {}

    def _train_epoch(
        self, epoch: int, batches: StepBatches, on_progress: Callable[[float], None]
    ) -> float:
        job, loader, schedule = self._job, self._get_loader(batches.size), self.state.schedule
        steps = -(-len(loader) // batches.accumulation)
        schedule.plan(job.epochs * steps, job.epochs)
        rng = seed_epoch(job.seed, epoch, self._accelerator.process_index)
        self._windows.start_epoch(epoch)
        self._freeze(epoch <= count_frozen_epochs(job))

        def factor(step: int) -> float:
            return schedule.factor((epoch - 1) * steps + step)

        return self._epoch_loop.run(loader, batches.accumulation, factor, rng, on_progress)

    def _freeze(self, frozen: bool) -> None:
        """Freezes or unfreezes the encoders, and wraps the network for DDP again."""
        if frozen == self._is_frozen:
            return
        self._is_frozen = frozen
        self._model.freeze_encoders(frozen)  # type: ignore[operator]
        self._epoch_loop.model = self._model  # releases the old wrapper first
        find_unused: bool = self._model.find_unused  # type: ignore[assignment]
        self._epoch_loop.model = wrap_ddp(self._model, self._accelerator.device, find_unused)

    def _get_loader(self, size: int) -> WindowLoader:
        """The loader of batches of ``size``, made once."""
        if self._loader is None or self._loader[0] != size:
            ranks = self._accelerator.process_index, self._accelerator.num_processes
            self._loader = size, WindowLoader(self._windows, size, self._device, *ranks)
        return self._loader[1]

    def _restore(self) -> None:
        """Restores the state after the last finished epoch."""
        if self._checkpoints.epoch:
            self.state.restore(self._checkpoints.load(), self._checkpoints.record)
        else:
            self.state.restore(self._initial, self._initial_numbers)


def too_large_message(batches: StepBatches) -> str:
    """Advises smaller batches with exactly as many windows per step, with which the training can resume."""
    windows = batches.windows
    size = next(n for n in range(batches.size // 2, 0, -1) if windows % n == 0)
    return (
        f"Batches of {batches.size} do not fit into the memory of every device: give batch_size {size} and "
        f"accumulation {windows // size}."
    )
