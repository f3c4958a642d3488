"""The land that each class of a mask covers, in any coordinate system."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from rasterio.crs import CRS

from engine.contract.class_table import class_table
from engine.outputs.class_areas import measure_classes
from engine.rasters.grid import Grid
from engine.rasters.windows import Window

TABLE = class_table({0: "land", 3: "water"})


def rows(path: Path, values: np.ndarray) -> Path:
    values.tofile(path / "rows")
    return path / "rows"


def grid(height: int, width: int, transform: Affine, crs: int | None) -> Grid:
    return Grid(height, width, transform, CRS.from_epsg(crs) if crs else None)


@pytest.mark.parametrize(("values", "kind"), [((0, 3), "u1"), ((2, 300), "<u2")])
def test_pixels_of_classes(tmp_path: Path, values: tuple[int, int], kind: str) -> None:
    table = class_table(dict(zip(values, ("land", "water"))))
    nodata = 255 if kind == "u1" else 65535
    flat = np.array([values[0]] * 3_000_000 + [values[1]] * 500_000 + [nodata] * 7, kind)
    plane = grid(3_500_007, 1, Affine.identity(), None)
    found = measure_classes(rows(tmp_path, flat), table, plane, plane.bounds)
    assert found.pixels == {"land": 3_000_000, "water": 500_000} and not found.square_metres
    assert found.known == 3_500_000 and found.shares["water"] == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("crs", "pixel", "square_metres"),
    [
        (32645, 10.0, 100.0),
        (2225, 10.0, (10 * 1200 / 3937) ** 2),  # US survey feet
    ],
)
def test_areas_in_metres_and_feet(
    tmp_path: Path, crs: int, pixel: float, square_metres: float
) -> None:
    x, y = (500_000, 3_000_000) if crs == 32645 else (6_500_000, 2_000_000)
    plane = grid(40, 50, Affine(pixel, 0, x, 0, -pixel, y), crs)
    values = np.zeros((20, 50), np.uint8)
    values[:4, :10], values[5] = 3, 255
    region = Window(10, 0, 20, 50)
    found = measure_classes(rows(tmp_path, values), TABLE, plane, region)
    assert found.square_metres["water"] == pytest.approx(40 * square_metres, rel=1e-6)
    assert found.square_metres["land"] == pytest.approx((1000 - 40 - 50) * square_metres, rel=1e-6)


def test_areas_in_degrees_are_those_of_the_ellipsoid(tmp_path: Path) -> None:
    """Rows of equal pixels shrink towards the pole; so do those of web Mercator, the other way round."""
    plane = grid(200, 100, Affine(0.01, 0, 20, 0, -0.01, 61), 4326)
    values = np.zeros((200, 100), np.uint8)
    values[:100] = 3
    found = measure_classes(rows(tmp_path, values), TABLE, plane, plane.bounds)
    assert found.square_metres["water"] == pytest.approx(zone(60, 61), rel=2e-4)
    assert found.square_metres["land"] == pytest.approx(zone(59, 60), rel=2e-4)
    part = measure_classes(rows(tmp_path, values[:100]), TABLE, plane, Window(0, 0, 100, 100))
    assert part.square_metres["water"] == pytest.approx(zone(60, 61), rel=2e-4)


def test_web_mercator_is_measured_on_the_ground(tmp_path: Path) -> None:
    side = 100 / np.cos(np.radians(60))  # about 100 m on the ground
    plane = grid(80, 80, Affine(side, 0, 2e6, 0, -side, 8_399_738), 3857)
    found = measure_classes(
        rows(tmp_path, np.full((80, 80), 3, np.uint8)), TABLE, plane, plane.bounds
    )
    assert found.square_metres["water"] == pytest.approx(6400 * 1e4, rel=0.01)


def zone(south: float, north: float) -> float:
    """Area of a degree of longitude between two latitudes of WGS 84 (Snyder 1987, equations 3-12 and 3-13), m2."""
    a, e2 = 6378137.0, 0.0066943799901413165
    e = np.sqrt(e2)

    def q(latitude: float) -> float:
        s = np.sin(np.radians(latitude))
        return (1 - e2) * (s / (1 - e2 * s**2) - np.log((1 - e * s) / (1 + e * s)) / (2 * e))

    return float(np.radians(1) * a**2 / 2 * (q(north) - q(south)))
