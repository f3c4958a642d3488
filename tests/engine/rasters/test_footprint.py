"""Footprints: where on Earth windows of rasters lie."""

from __future__ import annotations

import pytest
from affine import Affine
from rasterio.crs import CRS

from engine.rasters.footprint import MAX_POLYGONS, footprint, outlines
from engine.rasters.grid import Grid
from engine.rasters.windows import Window


def grid(crs: str | None, x: float, y: float, size: float, width: int = 200) -> Grid:
    transform = Affine(size, 0, x, 0, -size, y)
    return Grid(100, width, transform, CRS.from_user_input(crs) if crs else None)


def test_the_rectangle_around_windows() -> None:
    degrees = grid("EPSG:4326", 128.0, 37.0, 0.01)
    windows = [Window(10, 20, 30, 40), Window(60, 100, 10, 20)]
    assert outlines(degrees, windows) == [
        [[128.2, 36.9], [129.2, 36.9], [129.2, 36.3], [128.2, 36.3], [128.2, 36.9]]
    ]
    (ring,) = outlines(grid("EPSG:32652", 500_000, 4_000_000, 10), [Window(0, 0, 100, 200)])
    assert ring[0] == pytest.approx([129.0, 36.1447], abs=1e-3)
    assert ring[2] == pytest.approx([129.0222, 36.1357], abs=1e-3)


def test_the_180th_meridian_cuts_it() -> None:
    parts = outlines(grid("EPSG:32660", 600_000, 6_000_000, 1000), [Window(0, 0, 100, 200)])
    west, east = sorted(parts, key=lambda ring: ring[0][0])
    assert all(x <= 0 for x, _ in west) and all(x >= 0 for x, _ in east)
    assert {180.0, -180.0} <= {x for ring in parts for x, _ in ring}


@pytest.mark.parametrize(
    "raster",
    [
        grid(None, 0, 0, 1),
        grid("EPSG:32652", 5e9, 4e9, 10),
        grid("EPSG:4326", 300, 0, 0.1),
        grid('LOCAL_CS["site",UNIT["metre",1]]', 0, 0, 1),
    ],
)
def test_what_has_no_place_on_earth(raster) -> None:
    assert outlines(raster, [raster.bounds]) == [] and footprint([]) is None


def test_one_geometry_of_all() -> None:
    rings = [[[x, 0.0], [x + 1.0, 0.0], [x, 1.0], [x, 0.0]] for x in map(float, range(101))]
    assert len(footprint([*rings[:3], *rings[:3]])["coordinates"]) == 3  # type: ignore[index]
    assert len(footprint(rings[:MAX_POLYGONS])["coordinates"]) == MAX_POLYGONS  # type: ignore[index]
    assert footprint(rings) == {
        "type": "MultiPolygon",
        "coordinates": [[[[0.0, 0.0], [101.0, 0.0], [101.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]],
    }
