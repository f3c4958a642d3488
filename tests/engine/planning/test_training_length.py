"""The length of a training: by the amount of data, and for a time."""

from __future__ import annotations

import pytest

from engine.planning.training_length import (
    DataSize,
    Speed,
    TrainingLength,
    automatic_length,
    fit_epochs,
    fixed_length,
    more_steps_advice,
    timed_length,
)


def steps(length: TrainingLength, size: DataSize) -> int:
    """Steps of the whole training."""
    return length.epochs * -(-length.windows // size.step_windows)


def validations(length: TrainingLength) -> int:
    return -(-length.epochs // length.validate_every)


@pytest.mark.parametrize("windows", [1, 32, 84, 300, 1000, 4000, 40_000, 10**7])
@pytest.mark.parametrize("step", [4, 16, 64])
def test_any_data_get_about_a_thousand_steps(windows: int, step: int) -> None:
    size = DataSize(windows, step, -(-windows // 4))
    length = automatic_length(size, 1, 1000)
    assert 12 <= length.epochs <= 100
    assert 0.95 * 1000 <= steps(length, size) <= 1.05 * 1000
    # A validation tile costs about a third of a training window.
    cost = validations(length) * length.tiles / 3
    assert cost <= 0.25 * length.epochs * length.windows
    assert 0 < length.tiles <= size.tiles and not length.is_fixed


def test_an_epoch_of_middling_data_is_a_pass() -> None:
    size = DataSize(198, 4, 50)
    length = automatic_length(size, 1, 1000)
    assert (length.epochs, length.windows) == (20, 198)
    assert (length.tiles, length.validate_every) == (50, 1)
    assert length.describe(size) == "20 epochs of 198 tiles (50 steps each), 1000 steps in all."


def test_an_epoch_of_large_data_is_a_part() -> None:
    size = DataSize(40_000, 4, 10_000)
    length = automatic_length(size, 1, 1000)
    assert (length.epochs, length.windows, length.validate_every) == (12, 336, 3)
    assert length.tiles < 1000
    assert length.describe(size) == (
        "12 epochs of 336 tiles (84 steps each), 1008 steps in all. One pass over the area has 40000 "
        f"tiles: each epoch is another part of it. Validation sees {length.tiles} of 10000 tiles."
    )


def test_automatic_epochs_are_not_validated_more_often_than_the_job_says() -> None:
    assert automatic_length(DataSize(84, 4, 23), 5, 1000).validate_every == 5


def test_given_epochs_are_passes_over_the_area() -> None:
    length = fixed_length(40, DataSize(40_000, 4, 10_000), 1)
    assert (length.epochs, length.windows, length.tiles) == (40, 40_000, 10_000)


@pytest.mark.parametrize("seconds", [20.0, 60.0, 600.0, 86_400.0])
@pytest.mark.parametrize("step", [0.01, 0.3, 2.0])
@pytest.mark.parametrize("windows", [40, 400, 100_000])
def test_a_timed_training_fills_its_time(seconds: float, step: float, windows: int) -> None:
    size, speed = DataSize(windows, 4, windows // 4), Speed(step, step / 12)
    length = timed_length(size, speed, seconds, 1)
    takes = steps(length, size) * step + (validations(length) + 1) * length.tiles * speed.tile
    assert 0.85 * seconds - 2 * step <= takes <= 1.01 * seconds + step
    assert 1 <= length.epochs <= 40
    if seconds / step > 200:
        assert length.epochs >= 10


def test_a_timed_training_has_a_step_at_least() -> None:
    length = timed_length(DataSize(40, 4, 10), Speed(100.0, 10.0), 1.0, 1)
    assert (length.epochs, length.windows, length.validate_every) == (1, 4, 1)


def test_minutes_and_epochs_end_with_whichever_is_first() -> None:
    size, speed = DataSize(400, 4, 100), Speed(0.1, 0.01)
    assert timed_length(size, speed, 3600, 1, epochs=5) == fixed_length(5, size, 1)
    shorter = timed_length(size, speed, 30, 1, epochs=5)
    assert not shorter.is_fixed and steps(shorter, size) < 5 * 100
    assert shorter == timed_length(size, speed, 30, 1)


def test_other_minutes_give_a_resumed_training_other_epochs() -> None:
    assert fit_epochs(4, 30.0, 16 * 30.0) == 20
    assert fit_epochs(4, 30.0, 16 * 30.0, most=12) == 12
    assert fit_epochs(4, 30.0, 2.8 * 30.0) == 7, "a little of the last epoch may be late"
    assert fit_epochs(17, 30.0, -5.0) == 17 == fit_epochs(17, 30.0, -5.0, most=12)


@pytest.mark.parametrize(
    ("steps", "minutes", "needed"),
    [(28, 3, 20), (28, 1, 10), (99, 5, 20), (1, 30, 120), (1, 600, 480), (0, 1, 10)],
)
def test_a_training_with_few_steps_is_proposed_more_minutes_and_smaller_tiles(
    steps: int, minutes: int, needed: int
) -> None:
    short = more_steps_advice(steps, 60.0 * minutes, tile_size=128)
    assert short == f"Give it {needed} minutes or more."
    large = more_steps_advice(steps, 60.0 * minutes, tile_size=256)
    assert large == f"Give it {needed} minutes or more, or tiles of 128 px."


def test_a_training_with_enough_steps_is_given_no_advice() -> None:
    assert more_steps_advice(100, 60.0, tile_size=512) == ""
