"""The time of a training run: fixes the length of the training before its first epoch, and reports the time it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime

from torch import nn

from ..compute.devices import Device
from ..compute.distributed import all_gather
from ..compute.eta import Stopwatch, format_duration
from ..compute.rank_info import RankInfo
from ..contract.jobs import TrainJob
from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from ..planning.training_length import (
    FORWARD_SHARE,
    DataSize,
    Speed,
    TrainingLength,
    automatic_length,
    fit_epochs,
    fixed_length,
    least_seconds,
    more_steps_advice,
    timed_length,
)
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .batch_size import StepBatches
from .comparisons import planned_windows
from .optimizer import count_frozen_epochs
from .training_end import TrainingEnd
from .training_pace import Estimate, TrainingPace, measure_step, measure_tile
from .training_state import TrainingProgress

#: Time of a run's epochs after which the time of the whole training is reported, s.
_ESTIMATE_AFTER = 60.0

#: Optimizer steps of an automatic training on a GPU and on a CPU, where they take minutes: on chips and tiles more steps
#: gained little. The share that a training needs which starts from a model.
_STEPS = 2000
_STEPS_ON_CPU = 300
_STARTED_SHARE = 0.25

#: Share of the given time by which a training may exceed it without a word. The length does not change once it is planned,
#: so a training whose computer becomes slower ends late; one that is later than this ends after its next validation.
_OVERRUN = 0.25


class TrainingTime:
    """Plans the length of a training once, measures its time and reports the estimate.

    Args:
        job: The training job, with its recipe.
        windows: The training windows.
        held_out: The validation windows.
        device: The device.
        ranks: The rank of this process.
        stopwatch: The stopwatch of this run.
        emit: Callback for the plan, the estimate and warnings.
        end: What follows the last epoch.
    """

    def __init__(
        self,
        job: TrainJob,
        windows: TrainingWindows,
        held_out: ValidationWindows,
        device: Device,
        ranks: RankInfo,
        stopwatch: Stopwatch,
        emit: Emit,
        end: TrainingEnd,
    ) -> None:
        self._job = job
        self._device = device
        self._processes = ranks.world_size
        self._stopwatch = stopwatch
        self._emit = emit
        self._held_out = held_out
        self._pass_windows, self._tiles = windows.pass_windows, len(held_out)
        self._before = 0.0
        self._is_estimated = False
        self._given = 60 * job.minutes
        self._tile = 0.0
        self._end = end

    def first_length(self) -> TrainingLength:
        """The length of a new training, with 0 epochs if it is planned later from the measured speed."""
        job = self._job
        # The default if the batch size is automatic: the length must not depend on the device.
        size = self._size(StepBatches(job.batch_size or TrainJob.batch_size, job.accumulation))
        if job.minutes:
            return replace(fixed_length(0, size, job.validate_every), is_fixed=False)
        if job.epochs:
            return self._with_frozen(fixed_length(job.epochs, size, job.validate_every))
        steps = _STEPS_ON_CPU if self._device.kind == "cpu" else _STEPS
        if job.start:
            steps = max(1, round(_STARTED_SHARE * steps))
        return self._with_frozen(automatic_length(size, job.validate_every, steps))

    def resume(self, progress: TrainingProgress) -> TrainingProgress:
        """Counts the time of earlier runs. Only if the user gives other minutes, other epochs are planned."""
        self._before = progress.seconds
        length = progress.length
        if not self._job.minutes or self._job.minutes == length.minutes:
            return replace(progress, length=replace(length, minutes=self._job.minutes))
        epoch_seconds = progress.seconds / progress.epochs
        # Rank 0 decides: the stopwatches of several processes differ.
        self._tile = FORWARD_SHARE * epoch_seconds / length.windows
        left = all_gather(self._seconds_left())[0]
        epochs = fit_epochs(progress.epochs, epoch_seconds, left, self._most(length))
        epochs = max(epochs, progress.epochs + (not progress.best))
        length = replace(length, epochs=epochs, minutes=self._job.minutes)
        return replace(progress, length=length)

    def foresee(self, speed: Speed) -> tuple[float, str]:
        """Estimates what the given minutes will allow, before the training itself measures anything.

        Args:
            speed: The estimated speed.

        Returns:
            The seconds that the training needs at least, with those that have passed, and the sentence about minutes in
            which it would hardly begin.
        """
        job = self._job
        size = self._size(StepBatches(job.batch_size or TrainJob.batch_size, job.accumulation))
        length = self._fit(size, speed)
        least = self._seconds() + least_seconds(size, speed) + self._end.least(speed.tile)
        return least, self._describe_few_steps(length, size)

    def plan(
        self,
        progress: TrainingProgress,
        rehearse: Callable[[int], None],
        model: nn.Module,
    ) -> TrainingProgress:
        """Plans the length from the measured speed if the job has a time, and applies and reports the length.

        Args:
            progress: The progress of a new or a resumed training.
            rehearse: Trains for a number of steps and restores the state.
            model: The network that is validated.
        """
        size = self._size(progress.batches)
        if not progress.length.epochs:
            progress = replace(progress, length=self._measure(progress, size, rehearse, model))
        length = progress.length
        self._held_out.thin(length.tiles)
        self._emit(Metric(length.describe(size)))
        if not progress.epochs and (text := self._describe_few_steps(length, size)):
            self._emit(Warned(text))
        self._pace = TrainingPace(self._seconds)
        return progress

    def begin_epoch(self) -> None:
        """Begins to measure an epoch."""
        self._pace.begin_epoch()

    def on_progress(self, progress: TrainingProgress, share: float) -> None:
        """Measures the steps of an epoch, and reports the estimate after a minute.

        Args:
            progress: The progress before the epoch.
            share: The finished share of the epoch.
        """
        length, size = progress.length, self._size(progress.batches)
        steps = -(-length.windows // size.step_windows)
        self._pace.advance(share * steps)
        if self._is_estimated or self._pace.elapsed < _ESTIMATE_AFTER:
            return
        self._is_estimated = True
        validation = self._pace.validation_seconds(length.tiles / size.step_windows)
        estimate = Estimate(
            length=length,
            steps=steps,
            step=self._pace.step,
            validation=validation,
            spent=self._seconds(),
            finished=progress.epochs + share,
            end=self.end_seconds(length, validation / length.tiles),
        )
        on_cpu = self._device.kind == "cpu"
        text = f"{estimate.describe(datetime.now())} {estimate.advice(self._job, on_cpu)}"
        self._emit(Metric(text.rstrip()))

    def validation(self) -> AbstractContextManager[None]:
        """Measures a validation."""
        return self._pace.validation()

    @contextmanager
    def calibration(self, length: TrainingLength) -> Iterator[None]:
        """Measures the passes after the last epoch that cannot be cut."""
        start = self._seconds()
        yield
        self._tile = (self._seconds() - start) / self._end.calibration(length)

    def comparable_windows(self, length: TrainingLength) -> int:
        """Number of windows whose comparison without streams and bands the plan allows, or what is left of a given time."""
        if not self._given:
            return planned_windows(self._end.card, length)
        left = self._given - self._seconds()
        return all_gather(self._end.affordable(self._given, left, self._tile))[0]

    def end_seconds(self, length: TrainingLength, tile: float) -> float:
        """Seconds of what follows the last epoch, at the seconds of a tile."""
        return length.tiles * tile + self._end.seconds(length, tile)

    def end_share(self, length: TrainingLength) -> float:
        """The share of the progress for what follows the last epoch."""
        return self._end.share(length)

    def finish_epoch(self, progress: TrainingProgress, is_validated: bool) -> TrainingProgress:
        """Adds the time to the progress, and stops a training that exceeds its given time by much.

        Only a validated epoch stops it, so that the model has the weights of this epoch or of a better one.
        """
        progress = replace(progress, seconds=all_gather(self._seconds())[0])
        length = progress.length
        is_over = is_validated and progress.epochs < length.epochs and bool(progress.best)
        if is_over and not progress.stop and self._exceeds(progress.seconds):
            text = tr(
                "Training stopped after epoch {} of {}: it has taken {} instead of {:g} min. The computer became slower "
                "after the training had been planned."
            )
            taken = format_duration(progress.seconds)
            stop = text.format(progress.epochs, length.epochs, taken, length.minutes)
            progress = replace(progress, stop=stop)
        return progress

    def finish(self, progress: TrainingProgress) -> TrainingProgress:
        """Adds the time of what followed the last epoch, and warns if the given time is exceeded by much."""
        progress = replace(progress, seconds=self._seconds())
        if self._exceeds(progress.seconds) and not progress.stop:
            text = tr(
                "The training took {} instead of {:g} min: the data need more time, or the computer became slower."
            )
            taken = format_duration(progress.seconds)
            self._emit(Warned(text.format(taken, progress.length.minutes)))
        return progress

    def _exceeds(self, seconds: float) -> bool:
        """Whether a time is later than the given one by much; never without a given time."""
        return 0 < (1 + _OVERRUN) * self._given < seconds

    def _measure(
        self,
        progress: TrainingProgress,
        size: DataSize,
        rehearse: Callable[[int], None],
        model: nn.Module,
    ) -> TrainingLength:
        """The length that fits into the job's time at the measured speed."""
        step = measure_step(rehearse, self._given, self._seconds)
        tile = measure_tile(
            model,
            self._held_out,
            progress.validation_size,
            self._device,
            self._given,
            self._seconds,
        )
        return self._fit(size, Speed(step, tile / self._processes))

    def _fit(self, size: DataSize, speed: Speed) -> TrainingLength:
        """The length that fits into the time that is left."""
        job = self._job
        self._tile = speed.tile
        left = all_gather(self._seconds_left())[0]
        length = timed_length(size, speed, left, job.validate_every, job.epochs)
        return self._with_frozen(replace(length, minutes=job.minutes))

    def _describe_few_steps(self, length: TrainingLength, size: DataSize) -> str:
        """The sentence about a training that hardly begins in its given minutes; empty if it has enough steps."""
        job = self._job
        if job.start or length.is_fixed or not length.minutes:
            return ""
        steps = length.epochs * -(-length.windows // size.step_windows)
        minutes = length.minutes * max(1, job.folds)  # a fold has its share of them
        advice = more_steps_advice(steps, 60 * minutes, job.tile_size)
        short = tr("{:g} min is short for these data on this computer.").format(minutes)
        return f"{short} {advice}" if advice else ""

    def _with_frozen(self, length: TrainingLength) -> TrainingLength:
        frozen = count_frozen_epochs(replace(self._job, epochs=length.epochs))
        return replace(length, frozen_epochs=frozen)

    def _size(self, batches: StepBatches) -> DataSize:
        step_windows = batches.windows * self._processes
        return DataSize(self._pass_windows, step_windows, self._tiles)

    def _most(self, length: TrainingLength) -> int:
        """Maximum number of epochs with the job's number of passes; 0: any."""
        passes = self._job.epochs
        return max(1, passes * self._pass_windows // length.windows) if passes else 0

    def _seconds(self) -> float:
        """Seconds of this run and of the finished epochs of earlier runs."""
        return self._before + self._stopwatch.seconds

    def _seconds_left(self) -> float:
        """Seconds of the given time that are left for epochs."""
        return self._given - self._seconds() - self._end.reserved(self._given, self._tile)
