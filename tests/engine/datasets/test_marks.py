"""Points and lines are labels: what they cover, what stays unknown, and which of several marks counts."""

from __future__ import annotations

import sqlite3
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform

from engine.contract.errors import LabelError
from engine.datasets.covered_pixels import MarkSize
from engine.datasets.label_source import UNLABELLED, LabelOptions
from engine.datasets.labels import open_labels
from engine.datasets.polygon_labels import PolygonLabels
from engine.rasters.grid import Grid
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM, UTM_GRID

WHOLE = Window(0, 0, 40, 50)
GRID = Grid(40, 50, UTM_GRID, CRS.from_string(UTM))

Write = Callable[..., str]


@pytest.fixture
def write_marks(tmp_path: Path) -> Write:
    """Writes shapes in pixels (column, row) with the class of each into a GeoPackage in UTM, or in another system."""

    def write(
        shapes: Sequence[Any],
        classes: Sequence[int] = (),
        crs: str | None = UTM,
        name: str = "marks.gpkg",
    ) -> str:
        def placed(points: Any) -> Any:
            xs, ys = UTM_GRID @ (points[:, 0], points[:, 1])
            if crs not in (UTM, None):
                xs, ys = transform(UTM, crs, xs.tolist(), ys.tolist())
            return np.column_stack([xs, ys]) if crs else points

        placed_shapes = shapely.transform(np.array([*shapes], object), placed)
        values = np.array([*(classes or [1] * len(shapes))], np.int32)
        path = str(tmp_path / name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one has no coordinate system
            pyogrio.raw.write(
                path,
                shapely.to_wkb(placed_shapes),
                [values],
                ["class"],
                geometry_type="Unknown",
                crs=crs,
                driver="GPKG",
            )
        return path

    return write


def options(radius: float = 0, width: float = 0, **more: Any) -> LabelOptions:
    numbers = {str(value): value for value in range(10)}
    return LabelOptions("class", numbers=numbers, marks=MarkSize(radius, width), **more)


def read(path: str, *size: float, grid: Grid = GRID, **more: Any) -> Any:
    return open_labels(path, grid, options(*size, **more)).read(grid.bounds)


def marked(values: Any) -> set[tuple[int, int, int]]:
    rows, cols = (values != UNLABELLED).nonzero()
    return {(int(r), int(c), int(values[r, c])) for r, c in zip(rows, cols)}


@pytest.mark.parametrize("crs", [UTM, "EPSG:4326", "EPSG:3857"])
def test_a_point_is_its_pixel_and_all_else_is_unknown(write_marks: Write, crs: str) -> None:
    path = write_marks([shapely.Point(7.3, 5.9), shapely.Point(49.9, 0.1)], [2, 0], crs)
    labels = open_labels(path, GRID, options())
    assert marked(labels.read(WHOLE)) == {(5, 7, 2), (0, 49, 0)}
    assert labels.names == {0: "0", 2: "2"}, "no background that nobody marked"
    assert marked(labels.read(Window(4, 6, 3, 3))) == {(1, 1, 2)}


def test_a_line_is_the_pixels_that_it_crosses(write_marks: Write) -> None:
    path = write_marks([shapely.LineString([(2.5, 3.5), (6.5, 3.5), (6.5, 5.2)])])
    found = {(row, col) for row, col, _ in marked(read(path))}
    assert found == {(3, 2), (3, 3), (3, 4), (3, 5), (3, 6), (4, 6), (5, 6)}
    slanted = shapely.LineString([(10.1, 10.2), (14.9, 12.8)])
    path = write_marks([slanted], name="slanted.gpkg")
    crossed = {
        (row, col)
        for row in range(40)
        for col in range(50)
        if slanted.intersects(shapely.box(col, row, col + 1, row + 1))
    }
    assert {(row, col) for row, col, _ in marked(read(path))} == crossed


def test_sizes_are_metres_on_the_ground(write_marks: Write) -> None:
    """In UTM, in degrees and in web Mercator, whose metres are too long, a disc and a strip are as large."""
    side = GRID.pixel_size[0]
    point, line = shapely.Point(25, 20), shapely.LineString([(5, 30), (45, 30)])
    path = write_marks([point, line], [1, 2])
    centres = np.stack(np.meshgrid(np.arange(50) + 0.5, np.arange(40) + 0.5), axis=-1)
    disc = np.hypot(*(centres - (25, 20)).transpose(2, 0, 1)) * side <= 6 * side
    values = read(path, 6 * side, 4 * side)
    assert np.abs((values == 1).astype(int) - disc).sum() <= 8, "a polygon stands for the circle"
    assert set(np.flatnonzero((values == 2)[:, 25])) == {28, 29, 30, 31}
    for crs in ("EPSG:4326", "EPSG:3857"):
        xs, ys = UTM_GRID @ (np.array([0, 50, 0]), np.array([0, 0, 40]))
        xs, ys = transform(UTM, crs, xs.tolist(), ys.tolist())
        step = Affine((xs[1] - xs[0]) / 50, 0, xs[0], 0, (ys[2] - ys[0]) / 40, ys[0])
        other = Grid(40, 50, step, CRS.from_string(crs))
        count = (read(path, 6 * side, 4 * side, grid=other) == 1).sum()
        assert count == pytest.approx(disc.sum(), rel=0.06), crs


def test_a_small_size_keeps_the_pixel_itself(write_marks: Write) -> None:
    path = write_marks([shapely.Point(7.1, 5.1), shapely.LineString([(1.1, 20.1), (4.1, 20.1)])])
    assert marked(read(path, 0.1, 0.1)) == marked(read(path))


def test_without_coordinates_sizes_are_pixels(write_marks: Write) -> None:
    path = write_marks([shapely.Point(20.5, 20.5)], crs=None)
    picture = Grid(40, 50, Affine.identity(), None)
    assert (read(path, 1.1, grid=picture) == 1).sum() == 5


@pytest.mark.parametrize("system", [0, -1], ids=["geographic", "cartesian"])
def test_the_undefined_systems_of_a_geopackage_are_none(write_marks: Write, system: int) -> None:
    path = write_marks([shapely.Point(20.5, 10.5)], crs=None)
    with closing(sqlite3.connect(path)) as file, file:
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            file.execute(f"UPDATE {table} SET srs_id = {system}")
    picture = Grid(40, 50, Affine.identity(), None)
    assert marked(read(path, grid=picture)) == {(10, 20, 1)}


def test_windows_show_what_the_whole_image_shows(write_marks: Write) -> None:
    generator = np.random.default_rng(0)
    ends = generator.uniform(0, 40, (60, 2, 2))
    shapes = [
        *map(shapely.LineString, ends),
        *map(shapely.Point, generator.uniform(0, 40, (60, 2))),
    ]
    path = write_marks(shapes, generator.integers(0, 5, 120).tolist())
    side = GRID.pixel_size[0]
    for size in ((0, 0), (2.3 * side, 1.7 * side)):
        labels = open_labels(path, GRID, options(*size))
        whole = labels.read(WHOLE)
        tiles = [
            [labels.read(Window(row, col, 8, 10)) for col in range(0, 50, 10)]
            for row in range(0, 40, 8)
        ]
        assert (np.block(tiles) == whole).all()


def test_polygons_keep_their_rule_and_marks_leave_the_rest_unknown(write_marks: Write) -> None:
    area = shapely.box(10, 10, 20, 20)
    alone = write_marks([area], name="alone.gpkg")
    assert set(np.unique(read(alone))) == {0, 1}
    mixed = write_marks([area, shapely.Point(30.5, 30.5)], [1, 2])
    values = read(mixed)
    assert set(np.unique(values)) == {UNLABELLED, 1, 2}
    assert (values == 1).sum() == 100 and values[30, 30] == 2
    limit = write_marks([shapely.box(0, 0, 50, 25)], name="area.gpkg")
    inside = read(mixed, area=limit)
    assert (inside[:25] != UNLABELLED).all() and (inside[25:] == UNLABELLED).all()
    assert (inside[:25] == 0).sum() == 25 * 50 - 100
    assert marked(read(mixed, area=limit, unlabelled="ignored")) == {
        (row, col, 1) for row in range(10, 20) for col in range(10, 20)
    }


def test_the_last_mark_of_a_pixel_counts_and_contradictions_are_counted(write_marks: Write) -> None:
    """Whatever kind the marks have: a point may correct a polygon and the other way round."""
    polygon, line = shapely.box(10, 10, 20, 20), shapely.LineString([(5.5, 12.5), (15.5, 12.5)])
    point, other = shapely.Point(12.5, 12.5), shapely.Point(30.5, 30.5)
    path = write_marks([polygon, line, point, other, other], [1, 2, 3, 4, 4])
    values = read(path)
    assert (values[11, 12], values[12, 11], values[12, 12]) == (1, 2, 3)
    labels = PolygonLabels(path, GRID, options())
    assert labels.contradictions(WHOLE) == 6, "the line and the point in the polygon"
    path = write_marks(
        [point, line, polygon, shapely.Point(12.5, 12.5)], [3, 2, 1, 1], name="b.gpkg"
    )
    assert set(np.unique(read(path)[10:20, 10:20])) == {1}
    agreeing = write_marks([other, other], [4, 4], name="c.gpkg")
    assert PolygonLabels(agreeing, GRID, options()).contradictions(WHOLE) == 0


def test_parts_of_one_mark_are_of_its_class(write_marks: Write) -> None:
    points, lines = (
        shapely.MultiPoint([(1.5, 1.5), (8.5, 8.5)]),
        shapely.MultiLineString([[(20.5, 5.5), (22.5, 5.5)], [(20.5, 9.5), (20.5, 9.5)]]),
    )
    both = shapely.GeometryCollection(
        [shapely.Point(30.5, 1.5), shapely.GeometryCollection([shapely.box(40, 30, 42, 31)])]
    )
    assert marked(read(write_marks([points, lines, both], [1, 2, 3]))) == {
        *((1, 1, 1), (8, 8, 1), (5, 20, 2), (5, 21, 2), (5, 22, 2), (9, 20, 2)),
        *((1, 30, 3), (30, 40, 3), (30, 41, 3)),
    }


def test_marks_outside_of_the_image_do_not_count(write_marks: Write) -> None:
    shapes = [shapely.Point(-0.1, 5), shapely.Point(50.0, 5), shapely.Point(5, 40.5)]
    path = write_marks([*shapes, shapely.LineString([(-9, -9), (-5, -5)])])
    assert (read(path) == UNLABELLED).all()
    assert (read(path, GRID.pixel_size[0]) == 1).any(), "a disc reaches into the image"


def test_a_file_without_a_mark_is_refused(write_marks: Write) -> None:
    with pytest.raises(LabelError, match="holds no point, no line and no polygon"):
        read(write_marks([]))
    with pytest.raises(LabelError, match="nothing is marked"):
        read(write_marks([shapely.Point()], name="empty.gpkg"))


def test_an_area_must_be_polygons(write_marks: Write) -> None:
    path = write_marks([shapely.Point(5.5, 5.5)])
    with pytest.raises(LabelError, match="must be polygons"):
        read(path, area=path)


def test_marks_without_a_class_are_no_labels(write_marks: Write) -> None:
    path = write_marks([shapely.Point(5.5, 5.5), shapely.Point(6.5, 5.5)], [1, 77])
    assert marked(read(path)) == {(5, 5, 1)}


def test_a_hundred_thousand_marks_take_seconds(write_marks: Write) -> None:
    side = 2000
    generator = np.random.default_rng(0)
    places = generator.uniform(0, side, (100_000, 2))
    values = generator.integers(0, 5, len(places))
    path = write_marks(shapely.points(places), values.tolist())
    large = Grid(side, side, UTM_GRID, CRS.from_string(UTM))
    begin = time.process_time()
    labels = open_labels(path, large, options())
    found = np.vstack([labels.read(Window(row, 0, 250, side)) for row in range(0, side, 250)])
    assert time.process_time() - begin < 20
    expected = np.full((side, side), UNLABELLED)
    rows, cols = np.floor(places).astype(int)[:, ::-1].T
    expected[rows, cols] = values
    assert (found != expected).mean() < 1e-5, "but for points on the edge of a pixel"
