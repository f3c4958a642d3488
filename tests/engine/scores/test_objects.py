"""Objects found, missed and false, counted in strips of any height."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label

from engine.scores.objects import SAME_OBJECT, ObjectCounter


def count(mapped, true, step):
    counter = ObjectCounter([1])
    for row in range(0, len(mapped), step):
        counter.add(mapped[row : row + step], true[row : row + step])
    return counter.scores()[1]


def by_definition(mapped, true):
    """Number of true and mapped objects, and of pairs with an IoU above the limit, from the whole image."""
    (ours, n), (theirs, m) = label(mapped == 1), label(true == 1)
    found = 0
    for a in range(1, n + 1):
        for b in np.unique(theirs[(ours == a) & (theirs > 0)]):
            both = (ours == a) & (theirs == b)
            either = (ours == a) | (theirs == b)
            found += both.sum() / either.sum() > SAME_OBJECT
    return m, n, found


def test_houses_are_found_missed_and_made_up():
    true = np.zeros((40, 40), np.int64)
    mapped = true.copy()
    true[5:15, 5:15] = mapped[6:15, 5:15] = 1  # found
    true[20:30, 5:15] = 1  # missed
    mapped[20:24, 5:15] = 1  # too small to find it: false
    mapped[30:35, 30:35] = 1  # false
    for step in (40, 7, 1):
        score = count(mapped, true, step)
        assert (score.true, score.mapped, score.found) == (2, 3, 1)
        assert (score.missed, score.false, score.f1) == (1, 2, 2 / 5)


def test_an_object_that_comes_together_below_is_one():
    """Two arms of a U are pieces of their own until a later strip joins them."""
    shape = np.zeros((12, 9), np.int64)
    shape[1:10, 1:3] = shape[1:10, 6:8] = shape[8:10, 1:8] = 1
    for step in (1, 3, 12):
        score = count(shape, shape, step)
        assert (score.true, score.mapped, score.found) == (1, 1, 1)


@pytest.mark.parametrize("step", [1, 5, 64])
def test_strips_agree_with_the_definition(step):
    generator = np.random.default_rng(1)
    true = np.kron(generator.integers(0, 2, (12, 10)), np.ones((5, 5), np.int64))
    mapped = true.copy()
    mapped[generator.random(true.shape) < 0.12] = 0
    mapped[generator.random(true.shape) < 0.05] = 1
    score = count(mapped, true, step)
    assert (score.true, score.mapped, score.found) == by_definition(mapped, true)
    assert 0 < score.found < score.true


def test_without_objects_there_is_no_score():
    empty = np.zeros((4, 4), np.int64)
    assert np.isnan(count(empty, empty, 2).f1)
