"""The length of a training: epochs, windows per epoch and validations, by number, by data or by time."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.errors import format_count
from ..contract.translation import tr

#: Automatic epochs: the smallest and the largest number. An epoch of large data is then a part of the area, and one of
#: small data is several passes over it.
_MIN_EPOCHS, _MAX_EPOCHS = 12, 100

#: Epochs of a training that is planned for a time: each is a chance to find better weights, and costs a validation.
_TIMED_EPOCHS = 20

#: Minimum number of steps per epoch in a training that is planned for a time, and the steps that measure its speed.
_MIN_TIMED_STEPS, _TRIAL_STEPS = 4, 4

#: Maximum time of all validations together as a share of the time of all training steps.
_VALIDATION_SHARE = 0.25

#: Minimum number of validations if they are made rarer to save time, before tiles are left out.
_MIN_VALIDATIONS = 4

#: Minimum number of validation tiles if tiles are left out to save time.
_MIN_TILES = 32

#: Time of a validation tile as a share of the time of a training window: the forward pass without the backward
#: pass, which takes about twice as long.
FORWARD_SHARE = 1 / 3

#: Number of steps below which a training has hardly begun.
FEW_STEPS = 100

#: Times in minutes that are proposed to a training that has hardly begun: the first one that is this many times as long.
#: The number of its steps says little about the time of more steps: the least training takes a minute for other things.
_PROPOSED_MINUTES, _LONGER = (10, 20, 30, 60, 120, 240, 480), 4

#: Side of a tile that is proposed where few steps fit: on a CPU a step takes a quarter of the time of one of 256 px, and with
#: some 50 steps of that size smaller tiles reached more (sample data .87 for .83, buildings .69 for .62), with 72 they did not.
_SMALL_TILE = 128

#: Share of the last epoch that may be after the time.
_OVERTIME = 0.25


@dataclass(frozen=True)
class DataSize:
    """The data on which the length of a training depends, of all processes together.

    Attributes:
        pass_windows: Training windows of one pass over the labelled area.
        step_windows: Windows per optimizer step.
        tiles: Validation tiles.
    """

    pass_windows: int
    step_windows: int
    tiles: int


@dataclass(frozen=True)
class Speed:
    """Measured speed of a training.

    Attributes:
        step: Seconds per optimizer step.
        tile: Seconds per validation tile.
    """

    step: float
    tile: float


@dataclass(frozen=True)
class TrainingLength:
    """The length of a training, which is part of its state.

    Attributes:
        epochs: Number of epochs.
        windows: Windows per epoch of all processes together.
        validate_every: Epochs between validations.
        tiles: Tiles per validation.
        minutes: The time for which it is planned; 0: none.
        is_fixed: Whether the number of epochs was given, and each is a pass over the area.
        frozen_epochs: Number of first epochs with frozen encoders.
    """

    epochs: int
    windows: int
    validate_every: int
    tiles: int
    minutes: float = 0.0
    is_fixed: bool = False
    frozen_epochs: int = 0

    def describe(self, size: DataSize) -> str:
        """The length as sentences for the log."""
        steps = -(-self.windows // size.step_windows)
        text = (
            tr("{} of {} ({} each), {} in all, planned for {:g} min.")
            if self.minutes
            else tr("{} of {} ({} each), {} in all.")
        )
        sentence = text.format(
            format_count(self.epochs, "{} epoch", "{} epochs"),
            format_count(self.windows, "{} tile", "{} tiles"),
            format_count(steps, "{} step", "{} steps"),
            format_count(self.epochs * steps, "{} step", "{} steps"),
            self.minutes,
        )
        parts = [sentence]
        if self.windows < size.pass_windows:
            parts.append(
                tr("One pass over the area has {} tiles: each epoch is another part of it.").format(
                    size.pass_windows
                )
            )
        if self.tiles < size.tiles:
            parts.append(tr("Validation sees {} of {} tiles.").format(self.tiles, size.tiles))
        return " ".join(parts)


def fixed_length(epochs: int, size: DataSize, validate_every: int) -> TrainingLength:
    """The length of a training with a given number of epochs, each a pass over the area."""
    return TrainingLength(epochs, size.pass_windows, validate_every, size.tiles, is_fixed=True)


def automatic_length(size: DataSize, validate_every: int, total: int) -> TrainingLength:
    """The length by the amount of data: about equally many steps for any.

    Args:
        size: The data, with the windows per step of the recipe: the length does not depend on the batch size found.
        validate_every: Minimum number of epochs between validations.
        total: Optimizer steps of the whole training.
    """
    pass_steps = -(-size.pass_windows // size.step_windows)
    fewest, most = -(-total // _MAX_EPOCHS), -(-total // _MIN_EPOCHS)
    steps = min(max(pass_steps, fewest), most)
    # An epoch of one pass is exactly one, also if its last step has fewer windows.
    windows = size.pass_windows if steps == pass_steps else steps * size.step_windows
    epochs = round(total / steps)
    cost, budget = FORWARD_SHARE * size.tiles, _VALIDATION_SHARE * epochs * windows
    every, tiles = _plan_validations(epochs, size.tiles, cost, budget, validate_every)
    return TrainingLength(epochs, windows, every, tiles)


def timed_length(
    size: DataSize, speed: Speed, seconds: float, validate_every: int, epochs: int = 0
) -> TrainingLength:
    """The length that fits into a time.

    Args:
        size: The data.
        speed: The measured speed.
        seconds: The time that is left.
        validate_every: Minimum number of epochs between validations.
        epochs: Maximum number of passes over the area; 0: any. If all of them fit into the time, each epoch is
            a pass.
    """
    pass_steps = -(-size.pass_windows // size.step_windows)
    cost = size.tiles * speed.tile
    if epochs:
        fixed = fixed_length(epochs, size, validate_every)
        # One more, because the best weights are looked at once more in the end.
        validations = -(-epochs // validate_every) + 1
        if epochs * pass_steps * speed.step + validations * cost <= seconds:
            return fixed
    budget = seconds * _VALIDATION_SHARE / (1 + _VALIDATION_SHARE)
    most = int((seconds - budget) / speed.step)
    count = min(max(1, most // _MIN_TIMED_STEPS), _TIMED_EPOCHS)
    every, tiles = _plan_validations(count, size.tiles, cost, budget, validate_every)
    validations = -(-count // every)
    spent = (validations + 1) * tiles * speed.tile
    steps = max(1, int((seconds - spent) / speed.step))
    if epochs:
        steps = min(steps, epochs * pass_steps)
    per_epoch = max(1, steps // count)
    count = steps // per_epoch
    return TrainingLength(count, per_epoch * size.step_windows, -(-count // validations), tiles)


def least_seconds(size: DataSize, speed: Speed) -> float:
    """Seconds of the shortest sensible training for a time: its trial, one epoch, a validation and the calibration.

    Args:
        size: The data.
        speed: The speed.
    """
    tiles = min(size.tiles, _MIN_TILES)
    return (_TRIAL_STEPS + _MIN_TIMED_STEPS) * speed.step + 2 * tiles * speed.tile


def fit_epochs(finished: int, epoch_seconds: float, seconds: float, most: int = 0) -> int:
    """Number of epochs that about fit into the time of a training that resumes with other minutes.

    Args:
        finished: Number of finished epochs, which is the smallest result.
        epoch_seconds: Mean seconds of a finished epoch, with its share of the validations.
        seconds: The time that is left.
        most: Maximum number of epochs; 0: any.
    """
    fitting = finished + max(0, int(seconds / epoch_seconds + _OVERTIME))
    return max(finished, min(fitting, most)) if most else fitting


def more_steps_advice(steps: int, seconds: float, tile_size: int) -> str:
    """The sentence for a training with few steps about ways to more of them; empty if it has enough.

    Args:
        steps: Its number of steps.
        seconds: Its time, s.
        tile_size: Side of its tiles, px.
    """
    if steps >= FEW_STEPS:
        return ""
    needed = _LONGER * seconds / 60
    minutes = next((time for time in _PROPOSED_MINUTES if time >= needed), _PROPOSED_MINUTES[-1])
    if tile_size > _SMALL_TILE:
        text = tr("Give it {} minutes or more, or tiles of {} px.")
        return text.format(minutes, _SMALL_TILE)
    return tr("Give it {} minutes or more.").format(minutes)


def _plan_validations(
    epochs: int, tiles: int, cost: float, budget: float, validate_every: int
) -> tuple[int, int]:
    """Epochs between validations and tiles per validation, so that all together cost at most ``budget``.

    Args:
        epochs: Number of epochs.
        tiles: Number of validation tiles.
        cost: Cost of a validation on all tiles, in the unit of ``budget``.
        budget: Maximum cost of all validations.
        validate_every: Minimum number of epochs between validations.
    """
    affordable = -(-epochs * cost // budget) if budget > 0 else epochs
    rarest = max(validate_every, epochs // _MIN_VALIDATIONS, 1)
    every = int(min(max(affordable, validate_every), rarest))
    total = -(-epochs // every) * cost
    if total <= budget:
        return every, tiles
    return every, min(tiles, max(_MIN_TILES, int(tiles * budget / total)))
