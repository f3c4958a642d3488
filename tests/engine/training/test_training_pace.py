"""What is told about the time of a training, and how it is measured."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from engine.contract.jobs import TrainJob
from engine.planning.training_length import TrainingLength
from engine.training.training_pace import Estimate, TrainingPace, measure_step

NOW = datetime(2026, 5, 1, 14, 8)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def estimate(step: float, finished: float = 2.5, **changes: int) -> Estimate:
    length = TrainingLength(
        **{"epochs": 40, "windows": 96, "validate_every": 1, "tiles": 24, **changes}
    )
    return Estimate(length, 24, step, 5.0, spent=100.0, finished=finished)


def test_the_estimate_is_a_sentence() -> None:
    # 37.5 epochs of 24 steps of 0.9 s, and 38 validations.
    assert estimate(0.9).left == pytest.approx(37.5 * 24 * 0.9 + 38 * 5)
    assert estimate(0.9).describe(NOW) == (
        "About 18 min in all (until 14:24): 0.9 s a step, 40 epochs of 24 steps, validation 5 s."
    )
    rare = estimate(120.0, validate_every=4)
    assert rare.left == pytest.approx(37.5 * 24 * 120 + 10 * 5)
    assert rare.describe(NOW) == (
        "About 30 h 2 min in all (until 2026-05-02 20:08): 2 min a step, 40 epochs of 24 steps, "
        "validation 5 s every 4 epochs."
    )


@pytest.mark.parametrize(("finished", "validations"), [(3.0, 4), (3.01, 3), (7.9, 2), (12.0, 1)])
def test_an_epoch_at_its_end_still_has_its_validation(finished: float, validations: int) -> None:
    left = estimate(0.0, finished=finished, epochs=12, validate_every=3).left
    assert left == pytest.approx(5.0 * validations)


def test_only_a_long_training_is_told_how_to_be_shorter() -> None:
    job = TrainJob(tile_size=512, encoder="mit-b1")
    assert estimate(0.9).advice(job, on_cpu=True) == ""
    assert estimate(9.0).advice(TrainJob(tile_size=512, minutes=300.0), on_cpu=True) == ""
    # An epoch takes 24 x 9 + 5 s, so 8 of them 29 min.
    assert estimate(9.0).advice(job, on_cpu=True) == (
        "What would make it shorter: minutes 30 plans it for that time; epochs 8 takes about 29 min; a "
        "tile_size below 512; a smaller encoder than mit-b1; a GPU."
    )
    small = TrainJob(tile_size=128, encoder="mit-b1")
    assert estimate(900.0).advice(small, on_cpu=False) == (
        "What would make it shorter: minutes 30 plans it for that time; a smaller encoder than mit-b1."
    )


def test_steps_and_validations_are_measured_apart() -> None:
    clock = Clock()
    pace = TrainingPace(clock)
    pace.begin_epoch()
    for steps in (2.0, 5.0, 1.0, 4.0):  # it begins again after five steps
        clock.seconds += 6.0
        pace.advance(steps)
    assert pace.step == pytest.approx(24.0 / 9)
    assert pace.validation_seconds(6.0) == pytest.approx(pace.step * 6 / 3), "a guess"
    with pace.validation():
        clock.seconds += 16.0
    assert pace.validation_seconds(6.0) == 16.0
    assert pace.elapsed == 40.0


@pytest.mark.parametrize(("minutes", "least"), [(0.5, 0.25), (2.0, 1.2), (600.0, 5.0)])
def test_the_first_step_does_not_count(minutes: float, least: float) -> None:
    clock, rounds = Clock(), []

    def rehearse(steps: int) -> None:
        clock.seconds += 0.1 * steps + 5.0 * (not rounds)
        rounds.append(steps)

    assert measure_step(rehearse, 60 * minutes, clock) == pytest.approx(0.1)
    assert all(after == 2 * before for before, after in pairwise(rounds[1:]))
    assert 0.1 * rounds[-1] >= least > 0.1 * rounds[-2]
