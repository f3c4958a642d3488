"""The pace of a training: its measured speed, and the estimate of its whole time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import torch
from torch import nn

from ..compute.devices import Device
from ..compute.distributed import all_gather
from ..compute.eta import format_duration
from ..contract.errors import format_count
from ..contract.jobs import TrainJob
from ..contract.translation import tr
from ..planning.training_length import FORWARD_SHARE, TrainingLength
from ..sampling.data_loader import WindowLoader
from ..sampling.window_dataset import ValidationWindows, auxiliary_of
from .epoch_loop import FirstBatches

#: Time of the measured steps as a share of the time of the training, and its limits, s.
_TRIAL_SHARE = 0.02
_MIN_TRIAL = 0.5
_MAX_TRIAL = 10.0

#: Maximum numbers of measured steps and of measured validation batches.
_TRIAL_STEPS, _TRIAL_BATCHES = 1024, 4

#: Estimated time above which ways to make a training shorter are named, s.
_LONG = 30 * 60

#: Time that is proposed for a long training, min.
_PROPOSED_MINUTES = 30

#: Largest tile size that is not called large, px.
_SMALL_TILE = 128


def measure_step(
    rehearse: Callable[[int], None], seconds: float, clock: Callable[[], float]
) -> float:
    """Measures the time of an optimizer step in seconds; all ranks get that of the first.

    The first step is several times slower than the others and does not count. Then the number of steps doubles
    until they take long enough.

    Args:
        rehearse: Trains for a number of steps and restores the state.
        seconds: The time of the whole training.
        clock: Returns a time in seconds.
    """
    enough = _enough(seconds)
    rehearse(1)
    steps = 1
    while True:
        start = clock()
        rehearse(steps)
        # All ranks must go through equally many steps.
        spent = all_gather(clock() - start)[0]
        if spent >= enough or steps >= _TRIAL_STEPS:
            return spent / steps
        steps *= 2


def _enough(seconds: float) -> float:
    """Seconds that a measurement takes at least in a training of some seconds."""
    return min(max(_TRIAL_SHARE * seconds, _MIN_TRIAL), _MAX_TRIAL) / 2


@torch.inference_mode()
def measure_tile(
    model: nn.Module,
    windows: ValidationWindows,
    batch_size: int,
    device: Device,
    seconds: float,
    clock: Callable[[], float],
) -> float:
    """Measures the time of a validation tile in one process in seconds; 0 without tiles.

    All ranks get the time of the first.

    Args:
        model: The network.
        windows: The validation windows.
        batch_size: Windows per batch.
        device: The device.
        seconds: The time of the whole training.
        clock: Returns a time in seconds.
    """
    loader = WindowLoader(windows, batch_size, device.torch_device)
    if not len(loader):
        return 0.0
    model.eval()
    start, tiles = clock(), 0
    for number, batch in enumerate(FirstBatches(loader, 1 + _TRIAL_BATCHES)):
        with device.autocast():
            outputs = model(batch["image"], auxiliary_of(batch))
        outputs["logits"].sum().item()  # waits for a GPU
        if number == 0 and len(loader) > 1:
            start = clock()  # the first batch is slower than the others
        else:
            tiles += len(batch["image"])
            if clock() - start >= _enough(seconds):
                break
    return all_gather((clock() - start) / tiles)[0]


class TrainingPace:
    """Measures the steps and validations of this run.

    Args:
        seconds: Returns the seconds that the training has taken.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._train_seconds, self._steps = 0.0, 0.0
        self._validation_seconds, self._validations = 0.0, 0
        self._begun = self._last = seconds()
        self._epoch_steps = 0.0

    def begin_epoch(self) -> None:
        """Begins to measure the steps of an epoch."""
        self._last, self._epoch_steps = self._seconds(), 0.0

    def advance(self, steps: float) -> None:
        """Counts the finished steps of the epoch, which may have begun again with smaller batches."""
        now = self._seconds()
        self._train_seconds += now - self._last
        self._steps += steps - (self._epoch_steps if steps >= self._epoch_steps else 0.0)
        self._last, self._epoch_steps = now, steps

    @contextmanager
    def validation(self) -> Iterator[None]:
        """Measures a validation."""
        start = self._seconds()
        yield
        self._validation_seconds += self._seconds() - start
        self._validations += 1

    @property
    def elapsed(self) -> float:
        """Seconds since this object was made."""
        return self._seconds() - self._begun

    @property
    def step(self) -> float:
        """Mean seconds per step."""
        return self._train_seconds / self._steps

    def validation_seconds(self, steps: float) -> float:
        """Mean seconds per validation, estimated before the first one.

        Args:
            steps: Number of steps that have as many windows as a validation has tiles.
        """
        if self._validations:
            return self._validation_seconds / self._validations
        return self.step * FORWARD_SHARE * steps


@dataclass(frozen=True)
class Estimate:
    """Estimated time of a training.

    Attributes:
        length: Its length.
        steps: Steps per epoch.
        step: Seconds per step.
        validation: Seconds per validation.
        spent: Seconds so far.
        finished: Finished epochs, with the finished share of the present one.
        end: Seconds of what follows the last epoch.
    """

    length: TrainingLength
    steps: int
    step: float
    validation: float
    spent: float
    finished: float
    end: float = 0.0

    @property
    def left(self) -> float:
        """Seconds to the end."""
        every, epochs = self.length.validate_every, self.length.epochs
        validations = -(-epochs // every) - (math.ceil(self.finished) - 1) // every
        training = (epochs - self.finished) * self.steps * self.step
        return training + validations * self.validation + self.end

    def describe(self, now: datetime) -> str:
        """The estimate as a sentence.

        Args:
            now: The present time.
        """
        epochs, every = self.length.epochs, self.length.validate_every
        end = now + timedelta(seconds=self.left)
        until = end.strftime("%H:%M" if end.date() == now.date() else "%Y-%m-%d %H:%M")
        is_short = self.step < 10
        text = (
            tr("About {} in all (until {}): {} a step, {} of {}, validation {} every {} epochs.")
            if every > 1
            else tr("About {} in all (until {}): {} a step, {} of {}, validation {}.")
        )
        return text.format(
            format_duration(self.spent + self.left),
            until,
            tr("{:.2g} s").format(self.step) if is_short else format_duration(self.step),
            format_count(epochs, "{} epoch", "{} epochs"),
            format_count(self.steps, "{} step", "{} steps"),
            format_duration(self.validation),
            every,
        )

    def advice(self, job: TrainJob, on_cpu: bool) -> str:
        """A sentence about ways to make a long training shorter; empty if it is short or has a given time.

        Args:
            job: The training job.
            on_cpu: Whether it trains on the CPU.
        """
        if self.spent + self.left <= _LONG or job.minutes:
            return ""
        ways = [tr("minutes {} plans it for that time").format(_PROPOSED_MINUTES)]
        epoch = self.steps * self.step + self.validation / self.length.validate_every
        fitting = int(_PROPOSED_MINUTES * 60 / epoch)
        if 0 < fitting < self.length.epochs:
            duration = format_duration(fitting * epoch)
            ways.append(tr("epochs {} takes about {}").format(fitting, duration))
        if job.tile_size > _SMALL_TILE:
            ways.append(tr("a tile_size below {}").format(job.tile_size))
        ways.append(tr("a smaller encoder than {}").format(job.encoder))
        ways += [tr("a GPU")] * on_cpu
        return tr("What would make it shorter: {}.").format("; ".join(ways))
