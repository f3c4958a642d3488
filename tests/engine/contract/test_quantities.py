"""Shares, areas and speeds are told in units that people can picture."""

from __future__ import annotations

import pytest

from engine.contract.quantities import describe_classes, format_area, format_pixels


@pytest.mark.parametrize(
    ("square_metres", "text"),
    [
        (0.0, "0 m²"),
        (86.4, "86.4 m²"),
        (19_200.0, "1.92 ha"),
        (2_834_000.0, "283 ha"),
        (7_062_000.0, "706 ha"),
        (12_340_000.0, "1,230 ha"),
        (3.217e9, "3,220 km²"),
    ],
)
def test_areas(square_metres: float, text: str) -> None:
    assert format_area(square_metres) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 pixel"),
        (32_800, "32,800 pixels"),
        (999_400, "999,000 pixels"),
        (5e6, "5 million pixels"),
        (1.2345e9, "1,230 million pixels"),
    ],
)
def test_pixels(count: float, text: str) -> None:
    assert format_pixels(count) == text


def test_classes_of_a_mask() -> None:
    shares = {"land": 0.0, "smoke": 0.0403, "mist": 0.0501, "haze": 0.0002}
    areas = {"land": 0.0, "smoke": 2.83e6, "mist": 3.5e6, "haze": 1.4e4}
    told = "mist 5.01 % (350 ha), smoke 4.03 % (283 ha), haze < 0.1 % (1.4 ha)"
    assert describe_classes(shares, areas, 4) == told
    assert describe_classes(shares, {}, 1) == "mist 5.01 % and 2 more"
    assert describe_classes({"land": 0.0}, {}, 4) == ""
