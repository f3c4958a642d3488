"""The reduced picture of differences and the places with most wrong pixels."""

from __future__ import annotations

import numpy as np
import pytest

from engine.scores.differences import DifferenceMap


@pytest.mark.parametrize("step", [1, 100, 5000])
def test_wrong_pixels_are_counted_where_they_are(step):
    height, width = 1700, 90
    wrong = np.zeros((height, width), bool)
    wrong[600:610, 40:50] = True
    wrong[1690:, 80:] = True
    wrong[1690, 80] = False
    compared = np.ones_like(wrong)
    compared[:300] = False
    found = DifferenceMap(height, width)
    for row in range(0, height, step):
        found.add(row, compared[row : row + step], wrong[row : row + step])
    assert found.wrong.shape == (567, 30), "cells of 3 px, at most 800 a side"
    assert np.isnan(found.wrong[:100]).all()
    assert found.wrong[200, 15] == 1
    assert np.nansum(found.wrong[:, :10]) == 0
    side = found.place_side
    assert side == 256
    assert found.worst_places(5) == [(2 * side, 0, 100), (6 * side, 0, 99)]
