"""Trains a network epoch by epoch; one that does not fit into the memory is begun again from its start."""

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
from ..sampling.window_dataset import TrainingWindows, batches
from .checkpoints import Checkpoints
from .epoch_loop import EpochLoop, Loader, seed_epoch
from .losses import SegmentationLoss
from .optimizer import build_optimizer, count_frozen_epochs
from .schedule import EarlyStopping, Schedule
from .step_batches import StepBatches
from .training_state import TrainerState, TrainingProgress


class Trainer:
    """What moves the weights of a training, from where its checkpoints left them.

    Args:
        job: The training job, with its recipe.
        model: The network.
        ema_model: The running average of its weights, if one is wanted.
        loss: What it learns from.
        augment: What changes the batches.
        accelerator: Keeps precision, scaling of gradients and several processes.
        windows: What to learn from.
        checkpoints: Where what is reached is kept.

    Attributes:
        state: All that an epoch changes.
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
        self._loaded: tuple[int, Loader] | None = None
        optimizer = accelerator.prepare_optimizer(build_optimizer(model, job))
        # For its precision only: which weights take part in the exchange changes when encoders are freed.
        accelerator.prepare_model(model, evaluation_mode=True)
        self._is_frozen: bool | None = None
        self._epoch_loop = EpochLoop(model, optimizer, ema_model, loss, augment, accelerator)
        schedule, patience = Schedule(job.schedule, 1), EarlyStopping(job.patience)
        self.state = TrainerState(
            model, ema_model, optimizer, schedule, patience, accelerator.scaler
        )
        self._fresh: dict[str, torch.Tensor] = {}
        if checkpoints.epoch:
            self._restore()
        else:  # there is none on disk yet to go back to
            self._fresh = {name: value.clone() for name, value in self.state.tensors().items()}
            self._fresh_numbers = self.state.numbers()

    def epoch(
        self, epoch: int, sizes: StepBatches, on_progress: Callable[[float], None]
    ) -> float | None:
        """Trains for an epoch; what it does depends on the state and the epoch's number alone.

        Args:
            epoch: Its number, from 1.
            sizes: How the windows of a step are divided.
            on_progress: Is told the share of the epoch that is done.

        Returns:
            The mean loss; None where such batches do not fit into the memory: then nothing has changed.

        Raises:
            EngineError: If it diverges, or several processes have no memory for such batches.
        """
        try:
            return self._trained(epoch, sizes, on_progress)
        except Exception as error:
            if not is_out_of_memory(error) or sizes.size == 1:
                raise
            if self._accelerator.num_processes > 1:  # the others wait for this one
                raise JobError(_too_large(sizes)) from error
        # Only here, out of the handler, does nothing hold on to the batch any more.
        self._loaded = None
        free_cached_memory(self._device)
        self._restore()
        return None

    def keep(self, at: TrainingProgress) -> None:
        """Makes the state on disk that after the last epoch.

        Raises:
            EngineError: If it cannot be written.
        """
        record = {**self.state.numbers(), **at.record(self._job)}
        self._checkpoints.save(self.state.tensors(), record)
        self._fresh = {}

    def _trained(
        self, epoch: int, sizes: StepBatches, on_progress: Callable[[float], None]
    ) -> float:
        job, loader, schedule = self._job, self._loader(sizes.size), self.state.schedule
        steps = -(-len(loader) // sizes.accumulation)
        schedule.plan(job.epochs * steps, job.epochs)
        rng = seed_epoch(job.seed, epoch, self._accelerator.process_index)
        self._windows.start_epoch(epoch)
        self._freeze(epoch <= count_frozen_epochs(job))

        def rate(step: int) -> float:
            return schedule.factor((epoch - 1) * steps + step)

        return self._epoch_loop.epoch(loader, sizes.accumulation, rate, rng, on_progress)

    def _freeze(self, frozen: bool) -> None:
        """Freezes the encoders or frees them, in the exchange of gradients too."""
        if frozen == self._is_frozen:
            return
        self._is_frozen = frozen
        self._model.freeze_encoders(frozen)  # type: ignore[operator]
        self._epoch_loop.model = self._model  # the old exchange ends before the new one begins
        find_unused: bool = self._model.find_unused  # type: ignore[assignment]
        self._epoch_loop.model = wrap_ddp(self._model, self._accelerator.device, find_unused)

    def _loader(self, size: int) -> Loader:
        """The windows in batches of ``size``, made once."""
        if self._loaded is None or self._loaded[0] != size:
            rank, world_size = self._accelerator.process_index, self._accelerator.num_processes
            self._loaded = size, batches(self._windows, size, self._device, rank, world_size)
        return self._loaded[1]

    def _restore(self) -> None:
        """Goes back to the state after the last finished epoch."""
        if self._checkpoints.epoch:
            self.state.restore(self._checkpoints.load(), self._checkpoints.record)
        else:
            self.state.restore(self._fresh, self._fresh_numbers)


def _too_large(sizes: StepBatches) -> str:
    """Advises smaller batches of which a step has exactly as many windows: only so the training goes on."""
    windows = sizes.windows
    size = next(n for n in range(sizes.size // 2, 0, -1) if windows % n == 0)
    return (
        f"Batches of {sizes.size} do not fit into the memory of every device: give batch_size {size} and "
        f"accumulation {windows // size}."
    )
