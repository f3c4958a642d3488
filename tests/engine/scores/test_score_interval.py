"""The interval of a mean IoU."""

from __future__ import annotations

import numpy as np
import pytest

from engine.scores.confusion import Scores
from engine.scores.score_interval import miou_interval


def test_the_interval_holds_the_scores_of_other_samples_of_the_same_land() -> None:
    shares, noise = np.array([[0.5, 0.1], [0.05, 0.35]]), np.random.default_rng(1)
    found = miou_interval(1000 * shares)
    assert found is not None and found.high - found.low == pytest.approx(4 * found.error)
    samples = [
        Scores.of(noise.multinomial(1000, shares.ravel()).reshape(2, 2)).miou for _ in range(300)
    ]
    inside = np.mean([found.low <= one <= found.high for one in samples])
    assert 0.9 < inside < 0.99


def test_fewer_pixels_give_a_wider_interval() -> None:
    shares = np.array([[0.5, 0.1], [0.05, 0.35]])
    many, few = miou_interval(10_000 * shares), miou_interval(40 * shares)
    assert many is not None and few is not None
    assert few.error == pytest.approx(many.error * 250**0.5, rel=0.15) and few.error > 0.05


def test_nothing_has_no_interval_and_a_class_may_be_absent() -> None:
    assert miou_interval(np.zeros((3, 3))) is None and miou_interval(()) is None
    alone = miou_interval(np.diag([20, 0, 0]))
    assert alone is not None and (alone.low, alone.high) == (1, 1)
