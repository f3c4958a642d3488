"""Trainer of single epochs, which repeats an epoch with smaller batches if memory runs out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, is_initialized
from torch import nn
from torch.optim.swa_utils import AveragedModel

from ..compute.devices import Device
from ..compute.distributed import describe_step, wrap_ddp
from ..compute.memory import free_cached_memory
from ..contract.errors import JobError
from ..contract.protocol import Metric, Warned
from ..contract.translation import tr
from ..losses.segmentation_loss import SegmentationLoss
from ..planning.automatic_choices import CHOICES
from ..planning.training_context import TrainingContext
from ..planning.training_length import TrainingLength
from ..sampling.augmentation import Augmentation
from ..sampling.data_loader import WindowLoader
from ..sampling.window_dataset import TrainingWindows
from .batch_size import Result, StepBatches, repeat_until_it_fits
from .checkpoints import Checkpoints
from .epoch_loop import EpochLoop, FirstBatches, seed_epoch
from .optimizer import build_optimizer
from .schedule import EarlyStopping, Schedule
from .training_state import TrainerState, TrainingProgress

#: Accelerate's names of the precisions.
_MIXED_PRECISION = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}


class Trainer:
    """Trains a network epoch by epoch, starting from the state in its checkpoints.

    Args:
        context: The training.
        model: The network.
        ema_model: Moving average of its weights, or None.
        loss: The training loss.
        augment: The augmentation.
        accelerator: Handles precision, gradient scaling and several processes.
        windows: The training windows.
        checkpoints: The checkpoints of this training.
        batches: Division of a step into batches.

    Attributes:
        state: Everything that an epoch changes.
        batches: The batches; smaller than the given ones once these did not fit into memory.
    """

    def __init__(
        self,
        context: TrainingContext,
        model: nn.Module,
        ema_model: AveragedModel | None,
        loss: SegmentationLoss,
        augment: Augmentation,
        accelerator: Accelerator,
        windows: TrainingWindows,
        checkpoints: Checkpoints,
        batches: StepBatches,
    ) -> None:
        job = context.job
        self.batches = batches
        self._pastes = context.plan.augmentation.pastes
        self._ranks = context.ranks
        self._emit = context.emit
        self._job = job
        self._model = model
        self._windows = windows
        self._device = next(model.parameters()).device
        self._accelerator, self._checkpoints = accelerator, checkpoints
        self._loader: WindowLoader | None = None
        self._length: TrainingLength | None = None
        optimizer = accelerator.prepare_optimizer(build_optimizer(model, job))
        # Only for its precision: DDP is wrapped again whenever encoders are frozen or unfrozen.
        accelerator.prepare_model(model, evaluation_mode=True)
        self._is_frozen: bool | None = None
        self._epoch_loop = EpochLoop(
            model=model,
            optimizer=optimizer,
            ema_model=ema_model,
            loss=loss,
            augment=augment,
            accelerator=accelerator,
        )
        self.state = TrainerState(
            model=model,
            ema_model=ema_model,
            optimizer=optimizer,
            schedule=Schedule(job.schedule, 1),
            early_stopping=EarlyStopping(job.patience),
            scaler=accelerator.scaler,
        )
        self._initial: dict[str, torch.Tensor] = {}
        if checkpoints.epoch:
            self._load_state()
        else:  # there is no state on disk yet
            self._initial = {name: value.clone() for name, value in self.state.tensors().items()}
            self._initial_numbers = self.state.numbers()
        self._report_batches()

    @property
    def learning_rate(self) -> float:
        """The decoder's learning rate in the latest step."""
        return float(self.state.optimizer.param_groups[-1]["lr"])

    def plan(self, length: TrainingLength) -> None:
        """Sets the length of the training, before the first epoch and whenever it is planned again."""
        if self._length is None or self._length.windows != length.windows:
            self._windows.set_epoch_windows(length.windows)
            self._loader = None  # it has the windows of another length
        self._length = length

    def train_epoch(self, epoch: int, on_progress: Callable[[float], None]) -> float:
        """Trains for one epoch; the result depends only on the state, the batches and the epoch's number.

        Args:
            epoch: Its number, from 1.
            on_progress: Callback for the finished share of the epoch.

        Returns:
            The mean loss.

        Raises:
            EngineError: If the loss diverges, or the batches of several processes do not fit into memory.
        """
        attempt = partial(self._train_epoch, epoch, on_progress)
        return self._repeat_until_it_fits(attempt, tr("Epoch {}").format(epoch))

    def rehearse(self, steps: int) -> None:
        """Trains for some steps and restores the state before them, to measure their time.

        The learning rate is 0, so that the weights stay.

        Raises:
            EngineError: As in ``train_epoch``.
        """
        self._repeat_until_it_fits(partial(self._rehearse, steps), tr("Trial"))

    def save(self, progress: TrainingProgress, choices: Mapping[str, Any]) -> None:
        """Saves the state after the last epoch, with the automatic choices of the training.

        Raises:
            EngineError: If it cannot be written.
        """
        record = {**self.state.numbers(), **progress.record(self._job), CHOICES: choices}
        self._checkpoints.save(self.state.tensors(), record)
        self._initial = {}

    def _train_epoch(self, epoch: int, on_progress: Callable[[float], None]) -> float:
        if self._length is None:
            raise AssertionError("no length is planned")
        loader, schedule = self._get_loader(), self.state.schedule
        epochs, accumulation = self._length.epochs, self.batches.accumulation
        steps = -(-len(loader) // accumulation)
        schedule.plan(epochs * steps, epochs, self._length.is_fixed, self._length.frozen_epochs)
        rng = seed_epoch(self._job.seed, epoch, self._ranks.rank)
        self._windows.start_epoch(epoch)
        self._freeze(epoch <= self._length.frozen_epochs)

        def factor(step: int) -> float:
            return schedule.factor((epoch - 1) * steps + step)

        return self._epoch_loop.run(loader, accumulation, factor, rng, on_progress)

    def _rehearse(self, steps: int) -> None:
        accumulation = self.batches.accumulation
        loader = FirstBatches(self._get_loader(), steps * accumulation)
        rng = seed_epoch(self._job.seed, 1, self._ranks.rank)
        self._windows.start_epoch(1)
        self._freeze(False)
        self._epoch_loop.run(loader, accumulation, lambda step: 0.0, rng, lambda share: None)
        self._load_state()

    def _repeat_until_it_fits(self, attempt: Callable[[], Result], what: str) -> Result:
        """Repeats an attempt with smaller batches; ``what`` names it for the warning."""
        return repeat_until_it_fits(attempt, self._can_halve, partial(self._halve, what))

    def _can_halve(self) -> bool:
        if self.batches.size == 1:
            return False
        if self._ranks.is_distributed:  # the other processes wait for this one
            raise JobError(self.batches.too_large_message())
        return True

    def _halve(self, what: str) -> None:
        """Restores the state after the last finished epoch, frees the memory of a batch, and makes batches smaller."""
        self._loader = None
        free_cached_memory(self._device)
        self._load_state()
        smaller = self.batches.halve()
        text = tr("{}: batches of {} do not fit into the memory, so it begins again with {}.")
        self._emit(Warned(text.format(what, self.batches.size, smaller)))
        self.batches = smaller
        self._warn_about_paste()

    def _report_batches(self) -> None:
        """Reports the batches of a new or resumed training."""
        self._warn_about_paste()
        size, accumulation = self.batches.size, self.batches.accumulation
        text = tr("Learning from {}.").format(self.batches)
        if self._ranks.is_distributed:
            text = describe_step(self._ranks, size, accumulation)
        self._emit(Metric(text, {"batch_size": size, "accumulation": accumulation}))

    def _warn_about_paste(self) -> None:
        if self.batches.size == 1 != self._job.batch_size and self._pastes:
            self._emit(
                Warned(
                    tr(
                        "The augmentation copy-paste does nothing now: a batch of one tile has no other to "
                        "paste from."
                    )
                )
            )

    def _freeze(self, frozen: bool) -> None:
        """Freezes or unfreezes the encoders, and wraps the network for DDP again."""
        if frozen == self._is_frozen:
            return
        self._is_frozen = frozen
        self._model.freeze_encoders(frozen)  # type: ignore[operator]
        self._epoch_loop.model = self._model  # releases the old wrapper first
        find_unused: bool = self._model.find_unused  # type: ignore[assignment]
        self._epoch_loop.model = wrap_ddp(self._model, self._accelerator.device, find_unused)

    def _get_loader(self) -> WindowLoader:
        """The loader of the batches, made once."""
        if self._loader is None:
            self._loader = WindowLoader(
                self._windows,
                self.batches.size,
                self._device,
                self._ranks.rank,
                self._ranks.world_size,
            )
        return self._loader

    def _load_state(self) -> None:
        """Loads the state after the last finished epoch."""
        if self._checkpoints.epoch:
            self.state.restore(self._checkpoints.load(), self._checkpoints.record)
        else:
            self.state.restore(self._initial, self._initial_numbers)


def place_network(network: nn.Module, device: Device) -> None:
    """Moves a network to its device, in the memory format in which it trains fastest there."""
    if device.kind == "cpu":
        network.to(memory_format=torch.channels_last)  # a quarter faster for convolutions
    network.to(device.torch_device)


def accelerator_for(device: Device) -> Accelerator:
    """Builds the accelerator for a device's type and precision."""
    kind, precision = device.kind, _MIXED_PRECISION[device.precision]
    if kind == "cuda":
        torch.cuda.set_device(device.torch_device)
    # Accelerate refuses another precision than that of the process's last training, which is over.
    if is_initialized() and AcceleratorState().mixed_precision != precision:
        AcceleratorState._reset_state()
    return Accelerator(cpu=kind == "cpu", mixed_precision=precision)
