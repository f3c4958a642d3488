"""Rasterized buildings at any angle get their corners back; other shapes stay unchanged."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rasterio import features
from shapely import affinity

from engine.outputs.regularize import regularize

SHAPES = {
    "rectangle": shapely.box(0, 0, 40, 24),
    "L": shapely.box(0, 0, 44, 18).union(shapely.box(0, 0, 16, 40)),
    "T": shapely.box(0, 0, 60, 16).union(shapely.box(22, 0, 38, 44)),
    "court": shapely.box(0, 0, 50, 50).difference(shapely.box(16, 16, 36, 34)),
}


def drawn(shape: shapely.Polygon, pixel: float = 1.0) -> shapely.Polygon:
    """The outline of the pixels whose centres lie inside ``shape``, as polygonise finds it."""
    side = 110
    mask = features.rasterize([shape], (side, side)).astype(np.uint8)
    ((found, _),) = features.shapes(mask, mask > 0)
    shell, *holes = found["coordinates"]
    return affinity.scale(shapely.Polygon(shell, holes), pixel, pixel, origin=(0, 0))


def placed(name: str, degrees: float) -> shapely.Polygon:
    shape = SHAPES[name].simplify(0)  # without the points where its boxes met
    turned = affinity.rotate(shape, degrees, origin=(20, 20))
    return affinity.translate(turned, 30.3, 30.7)


def angles(ring: shapely.LinearRing) -> np.ndarray:
    """The cosine at every corner."""
    points = shapely.get_coordinates(ring)[:-1]
    steps = np.roll(points, -1, axis=0) - points
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    return (steps * np.roll(steps, 1, axis=0)).sum(axis=1)


@pytest.mark.parametrize("degrees", [0, 3, 10, 17.5, 30, 45, 61, 80, 133])
@pytest.mark.parametrize("name", SHAPES)
def test_drawn_buildings_come_back(name: str, degrees: float) -> None:
    truth = placed(name, degrees)
    made = regularize(drawn(truth), 1.0)
    assert made is not None and made.is_valid
    assert len(made.interiors) == len(truth.interiors)
    for ring, known in zip((made.exterior, *made.interiors), (truth.exterior, *truth.interiors)):
        assert np.abs(angles(ring)).max() < 1e-9
        corners, wanted = (shapely.get_coordinates(one)[:-1] for one in (ring, known))
        assert len(corners) == len(wanted)
        away = np.linalg.norm(corners[:, None] - wanted[None], axis=2).min(axis=1)
        assert away.max() < 1.2, "px from the true corner"
    assert made.area == pytest.approx(truth.area, rel=0.05)


def test_the_unit_does_not_matter() -> None:
    shape = placed("L", 30)
    small, large = regularize(drawn(shape), 1.0), regularize(drawn(shape, 0.13), 0.13)
    assert small is not None and large is not None
    back = affinity.scale(large, 1 / 0.13, 1 / 0.13, origin=(0, 0))
    assert small.symmetric_difference(back).area < 1e-6


def test_a_longer_tolerance_takes_recesses_away() -> None:
    shape = shapely.box(10, 10, 60, 50).union(shapely.box(60, 20, 64, 30))
    kept, gone = regularize(drawn(shape), 1.0), regularize(drawn(shape), 1.0, 6.0)
    assert kept is not None and gone is not None
    assert (len(kept.exterior.coords), len(gone.exterior.coords)) == (9, 5)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(shapely.Point(50, 50).buffer(30), id="circle"),
        pytest.param(shapely.Polygon([(10, 10), (90, 10), (50, 80)]), id="triangle"),
        pytest.param(shapely.LineString([(10, 10), (50, 40), (60, 90)]).buffer(6), id="bend"),
    ],
)
def test_what_has_no_right_angles_is_left(shape: shapely.Polygon) -> None:
    assert regularize(drawn(shape), 1.0) is None


@pytest.mark.parametrize("degrees", [0, 20])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5), (10, 1), (2, 2), (3, 40)])
def test_small_and_thin_rectangles_come_back(height: int, width: int, degrees: float) -> None:
    outline = affinity.rotate(shapely.box(0, 0, width, height), degrees)
    made = regularize(outline, 1.0)
    assert made is not None
    assert made.symmetric_difference(outline).area < 1e-6


def test_few_pixels_without_walls_become_the_rectangle_around_them() -> None:
    corners = shapely.union(shapely.box(0, 0, 1, 1), shapely.box(11, 1, 12, 2))
    ends = shapely.box(0, 0, 12, 2).difference(corners)
    made = regularize(ends, 1.0)
    assert made is not None
    assert len(made.exterior.coords) == 5
    assert made.intersection(ends).area / made.union(ends).area > 0.83
    steps = shapely.union_all([shapely.box(0, i, i + 1, i + 1) for i in range(3)])
    assert regularize(steps, 1.0) is None, "the rectangle around them is half as large again"


def test_a_ring_of_pixels_keeps_its_hole() -> None:
    outline = shapely.Polygon(
        [(0, 0), (3, 0), (3, 2), (2, 2), (2, 3), (0, 3)], [[(1, 1), (1, 2), (2, 2), (2, 1)]]
    )
    assert regularize(outline, 1.0) is None


def test_a_tolerance_that_would_change_too_much_is_not_taken() -> None:
    shape = placed("L", 0)
    made = regularize(drawn(shape), 1.0, 30.0)
    assert made is not None
    assert made.area == pytest.approx(shape.area, rel=0.2)
    assert np.abs(angles(made.exterior)).max() < 1e-9
