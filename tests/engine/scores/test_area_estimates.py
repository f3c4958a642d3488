"""Estimates of areas and accuracies from a sample, against the example of Olofsson et al. 2014."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.scores.area_estimates import estimate_areas

#: Table 8 there: rows are the mapped classes deforestation, forest gain, stable forest and stable non-forest.
SAMPLE = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
#: Mapped pixels of 30 m.
MAPPED = np.array([200_000, 150_000, 3_200_000, 6_450_000])
HECTARES = 0.09


def test_the_published_example_comes_out():
    """Section 5: accuracies to two decimals, areas in hectares; producers' intervals by hand from equation 7."""
    found = estimate_areas(SAMPLE.T, MAPPED * HECTARES)
    assert (found.overall.value, found.overall.half_width) == pytest.approx((0.95, 0.02), abs=5e-3)
    users = [(0.88, 0.07), (0.73, 0.10), (0.93, 0.04), (0.96, 0.02)]
    producers = [(0.75, 0.21), (0.85, 0.25)]
    areas = [(21_158, 6_158), (11_686, 3_756), (285_770, 15_510), (581_386, 16_282)]
    for intervals, published, step in (
        (found.users, users, 5.1e-3),
        (found.producers, producers, 5.1e-3),
        (found.areas, areas, 1.0),
    ):
        for one, (value, half_width) in zip(intervals, published, strict=False):
            assert one.value == pytest.approx(value, abs=step)
            assert one.half_width == pytest.approx(half_width, abs=step)
    assert found.unsampled == ()
    assert sum(one.value for one in found.areas) == pytest.approx(900_000)


def test_a_class_without_samples_has_no_interval_and_is_named():
    """The third class is mapped nowhere, the second has one sample."""
    found = estimate_areas([[10, 0, 0], [2, 1, 0], [0, 0, 0]], [60.0, 40.0, 0.0])
    assert found.unsampled == (1,)
    assert found.samples == (12, 1, 0)
    assert found.areas[0].value == pytest.approx(60 * 10 / 12)
    assert math.isnan(found.overall.half_width)
    assert math.isnan(found.users[2].value)
    assert found.areas[2].value == 0


def test_a_perfect_sample_has_intervals_of_no_width():
    found = estimate_areas([[5, 0], [0, 7]], [3.0, 1.0])
    assert found.overall == found.users[0] == found.producers[1]
    assert (found.overall.value, found.overall.half_width) == (1.0, 0.0)
