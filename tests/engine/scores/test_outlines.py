"""Boundary F1 of shifted squares, in strips as in one piece."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.scores.outlines import OutlineCounter, mean_f1


def scores(mapped, true, tolerance, step=1000):
    """The scores, counted in strips of ``step`` rows."""
    counter, height = OutlineCounter(2, tolerance), len(mapped)
    for row in range(0, height, step):
        top, stop = max(0, row - counter.halo), min(height, row + step + counter.halo)
        rows = slice(row - top, min(height, row + step) - top)
        counter.add(mapped[top:stop], true[top:stop], rows)
    return counter.scores()


def square(row, col):
    found = np.zeros((40, 40), np.int64)
    found[row : row + 10, col : col + 10] = 1
    return found


@pytest.mark.parametrize(("shift", "f1"), [(0, 1.0), (2, 1.0), (12, 0.0)])
def test_an_outline_within_the_tolerance_is_right(shift, f1):
    assert scores(square(10, 10), square(10, 10 + shift), 2)[1].f1 == f1


def test_a_shift_beyond_the_tolerance_counts_by_its_share_of_the_outline():
    """Of 36 outline pixels the ten of the left side are 3 px off, and four of the right side."""
    found = scores(square(10, 10), square(10, 13), 2)[1]
    assert found.precision == found.recall == found.f1 == 22 / 36


def test_strips_give_the_same_numbers():
    generator = np.random.default_rng(0)
    mapped, true = (generator.integers(-1, 2, (70, 50)) for _ in range(2))
    mapped[true < 0] = true[mapped < 0] = -1
    mapped[true < 0] = -1
    whole = scores(mapped, true, 1.5)
    assert 0 < whole[1].f1 < 1
    for step in (1, 7, 32):
        assert scores(mapped, true, 1.5, step) == whole


def test_pixels_without_a_class_make_no_outline():
    inside = np.ones((9, 9), np.int64)
    inside[:3] = -1
    found = scores(inside, inside, 2)
    assert all(math.isnan(score.f1) for score in found)
    assert math.isnan(mean_f1(found))
    assert mean_f1(scores(square(10, 10), square(30, 30), 2)) == 0
