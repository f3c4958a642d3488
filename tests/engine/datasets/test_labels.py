"""Labels of every kind become class values on the image's grid."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from rasterio.crs import CRS

from engine.contract.errors import LabelError
from engine.datasets.label_source import UNLABELLED, LabelOptions
from engine.datasets.labels import ValidPixelLabels, open_labels
from engine.datasets.polygon_labels import class_numbers
from engine.datasets.vector_files import field_names, polygon_extent, read_attribute
from engine.outputs.geopackage import footprint_writer
from engine.rasters.extent import extent_to_window
from engine.rasters.grid import Grid
from engine.rasters.raster import Raster
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM, UTM_GRID, write_geojson

WHOLE = Window(0, 0, 40, 50)


def square(row: int, col: int, height: int, width: int, hole: bool = False) -> dict[str, Any]:
    """A polygon over whole pixels of the grid, in UTM; with a hole one pixel inside its edge."""

    def ring(margin: int) -> list[tuple[float, float]]:
        r0, c0, r1, c1 = row + margin, col + margin, row + height - margin, col + width - margin
        return [UTM_GRID @ corner for corner in ((c0, r0), (c1, r0), (c1, r1), (c0, r1), (c0, r0))]

    return {"type": "Polygon", "coordinates": [ring(0), ring(1)[::-1]] if hole else [ring(0)]}


@pytest.fixture
def write_polygons(tmp_path: Path) -> Callable[..., str]:
    """Writes (geometry in UTM, attributes) pairs as GeoJSON, which is in degrees."""

    def write(name: str, *features: tuple[dict[str, Any], dict[str, Any]]) -> str:
        return write_geojson(tmp_path / name, *features, in_degrees=True)

    return write


def options(path: str, field: str = "", **more: Any) -> LabelOptions:
    return LabelOptions(class_field=field, numbers=class_numbers([path], field), **more)


def test_polygons_of_another_system_land_on_their_pixels(
    grid: Any, write_polygons: Callable[..., str]
) -> None:
    path = write_polygons("p.geojson", (square(5, 7, 10, 12, hole=True), {}))
    labels = open_labels(path, grid, options(path))
    expected = np.zeros((40, 50), int)
    expected[5:15, 7:19] = 1
    expected[6:14, 8:18] = 0
    assert (labels.read(WHOLE) == expected).all()
    assert (labels.read(Window(4, 6, 9, 9)) == expected[4:13, 6:15]).all()
    assert labels.names == {0: "background", 1: "foreground"}


def test_named_classes_are_numbered_alike_in_all_files(
    grid: Any, write_polygons: Callable[..., str]
) -> None:
    first = write_polygons("a.geojson", (square(0, 0, 4, 4), {"use": "road"}))
    second = write_polygons(
        "b.geojson", (square(0, 0, 4, 4), {"use": "house"}), (square(9, 9, 4, 4), {"use": None})
    )
    numbers = class_numbers([first, second], "use")
    assert numbers == {"house": 1, "road": 2}
    shared = LabelOptions(class_field="use", numbers=numbers)
    assert open_labels(first, grid, shared).read(WHOLE)[0, 0] == 2
    values = open_labels(second, grid, shared).read(WHOLE)
    assert values[0, 0] == 1 and values[10, 10] == UNLABELLED, "no class: no label"


def test_whole_numbers_are_class_values(grid: Any, write_polygons: Callable[..., str]) -> None:
    """A blank turns the field into floats, and does not renumber them."""
    first, second = (square(0, 0, 4, 4), {"k": 30}), (square(9, 9, 4, 4), {"k": 7})
    path = write_polygons("a.geojson", first, second)
    labels = open_labels(path, grid, options(path, "k"))
    assert set(np.unique(labels.read(WHOLE))) == {0, 7, 30}
    assert labels.names == {0: "background", 7: "7", 30: "30"}
    path = write_polygons("b.geojson", first, second, (square(20, 20, 2, 2), {}))
    assert class_numbers([path], "k") == {"7": 7, "30": 30}
    assert set(np.unique(open_labels(path, grid, options(path, "k")).read(WHOLE))) == {-1, 0, 7, 30}


def test_outside_polygons_may_be_unlabelled_and_an_area_limits(
    grid: Any, write_polygons: Callable[..., str]
) -> None:
    path = write_polygons("a.geojson", (square(0, 0, 4, 4), {}))
    ignored = open_labels(path, grid, options(path, unlabelled="ignored"))
    assert (ignored.read(WHOLE)[10:] == UNLABELLED).all()
    area = write_polygons("area.geojson", (square(0, 0, 2, 50), {}))
    values = open_labels(path, grid, options(path, area=area)).read(WHOLE)
    assert (values[:2, :4] == 1).all() and (values[:2, 4:] == 0).all()
    assert (values[2:] == UNLABELLED).all()


@pytest.mark.parametrize(
    ("upward", "low"),
    [(1, -30), (1, 10), (-1, -30)],
    ids=["drawn in QGIS, below the x axis", "in pixels", "picture with negative rows"],
)
def test_polygons_over_a_picture_without_coordinates_land_where_they_were_drawn(
    tmp_path: Path, upward: int, low: int
) -> None:
    path = tmp_path / "drawn.gpkg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no coordinate system
        shapes = shapely.to_wkb([shapely.box(5, low, 25, low + 20)])
        pyogrio.raw.write(path, shapes, [], [], geometry_type="Polygon", crs=None, driver="GPKG")
    picture = Grid(40, 50, Affine.scale(1, upward), None)
    values = open_labels(str(path), picture, options(str(path))).read(WHOLE)
    assert (values[10:30, 5:25] == 1).all() and values.sum() == 400
    extent = polygon_extent(str(path), picture)
    assert extent_to_window(extent, "", picture, "p.png") == Window(10, 5, 20, 20)


def test_invalid_polygons_are_repaired(grid: Any, write_polygons: Callable[..., str]) -> None:
    bow = square(0, 0, 10, 10)
    ring = bow["coordinates"][0]
    bow["coordinates"] = [[ring[0], ring[2], ring[1], ring[3], ring[0]]]
    path = write_polygons("a.geojson", (bow, {}))
    assert 0 < (open_labels(path, grid, options(path)).read(WHOLE) == 1).sum() < 100


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_polygons_whose_coordinates_are_not_numbers_are_counted(
    value: float, grid: Any, tmp_path: Path
) -> None:
    """Repaired, such a polygon loses a corner, or vanishes and becomes background."""
    shape = shapely.geometry.shape(square(10, 5, 8, 20))
    good = shapely.to_wkb(shape, byte_order=1)
    x, y = shapely.get_coordinates(shape)[1]
    bad = good.replace(struct.pack("<2d", x, y), struct.pack("<2d", value, y))
    path, shapes = str(tmp_path / "a.gpkg"), np.array([good, bad, good, bad], object)
    names = [np.array(["a"] * len(shapes), object)]
    pyogrio.raw.write(path, shapes, names, ["class"], geometry_type="Polygon", crs=UTM)
    with pytest.raises(LabelError, match=r"not numbers: 2 of 4, the first of them is number 2\."):
        open_labels(path, grid, LabelOptions())


def test_a_class_raster_of_another_grid_is_read_by_nearest_pixel(
    grid: Any, write_raster: Callable[..., str]
) -> None:
    classes = np.arange(20, dtype=np.uint8).reshape(4, 5)
    path = write_raster("l.tif", classes, transform=UTM_GRID @ Affine.scale(10), nodata=13)
    values = open_labels(path, grid, LabelOptions()).read(WHOLE)
    expected = np.kron(classes.astype(int), np.ones((10, 10), int))
    expected[expected == 13] = UNLABELLED
    assert (values == expected).all()


def test_unusable_labels_are_refused(
    grid: Any, write_raster: Callable[..., str], write_polygons: Callable[..., str], tmp_path: Path
) -> None:
    def refuse(path: str, says: str, **more: Any) -> None:
        with pytest.raises(LabelError, match=says):
            open_labels(path, grid, LabelOptions(**more)).read(WHOLE)

    refuse(write_raster("rgb.tif", np.zeros((3, 40, 50), np.uint8)), "3 bands")
    refuse(write_raster("frac.tif", np.full((40, 50), 0.5, np.float32)), "value 0.5")
    refuse(write_raster("neg.tif", np.full((40, 50), -3, np.int16)), "value -3")
    point = {"type": "Point", "coordinates": [500_000.0, 3_050_000.0]}
    refuse(write_polygons("points.geojson", (point, {})), "no polygon with an area")
    good = write_polygons("good.geojson", (square(0, 0, 4, 4), {"use": "a"}))
    refuse(good, "no field 'usage'; it has: use", class_field="usage")
    (tmp_path / "broken.geojson").write_text("{")
    refuse(str(tmp_path / "broken.geojson"), "cannot be read")


def test_real_building_polygons_cover_part_of_their_tile(data: Callable[[str], Path]) -> None:
    tile = data("buildings/train/OAM-386690-220241-19.tif")
    polygons = next(data("buildings").glob("*.geojson"))
    grid = Raster(str(tile)).grid
    values = open_labels(str(polygons), grid, LabelOptions()).read(grid.bounds)
    assert 0.3 < (values == 1).mean() < 0.8


def test_a_spike_burns_no_line(grid: Any, write_polygons: Callable[..., str]) -> None:
    shape = square(0, 0, 10, 10)
    ring = shape["coordinates"][0]
    spike = UTM_GRID @ (40, 10)
    shape["coordinates"] = [[*ring[:3], spike, *ring[2:]]]
    path = write_polygons("a.geojson", (shape, {}))
    assert (open_labels(path, grid, options(path)).read(WHOLE) == 1).sum() == 100


def test_labels_count_only_where_the_image_has_a_value(write_raster: Callable[..., str]) -> None:
    image = np.ones((40, 50), np.uint8)
    image[:, :25] = 0
    raster = Raster(write_raster("holes.tif", image, nodata=0))
    labels = open_labels(write_raster("l.tif", image), raster.grid, LabelOptions())
    assert (ValidPixelLabels(labels, raster).read(WHOLE)[:, :25] == UNLABELLED).all()


@pytest.mark.filterwarnings("error")
def test_polygons_with_a_style_are_read_without_a_warning(tmp_path: Path) -> None:
    path = str(tmp_path / "squares.gpkg")
    with footprint_writer(path, CRS.from_string(UTM), {"class": np.int32}) as writer:
        writer.write(np.array([shapely.box(0, 0, 9, 9)]), {"class": np.array([3])})
        writer.style("classes", "<qgis/>")
    assert field_names(path) == ("class",) and list(read_attribute(path, "class")) == [3]


def test_a_filter_in_a_path_is_refused() -> None:
    """QGIS's ``subset`` would leave polygons out; read without it, all would count."""
    with pytest.raises(LabelError, match="names subset, which is not read"):
        read_attribute("p.gpkg|layername=p|subset=kind = 1", "kind")
