"""A mask becomes footprints: where they lie, what they measure, what is refused."""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio import features
from rasterio.crs import CRS
from rasterio.warp import transform
from shapely import affinity

from engine.commands.mask_to_polygons import mask_to_polygons
from engine.contract.class_table import class_table, to_records
from engine.contract.file_jobs import PolygonsJob
from engine.contract.protocol import Progress, Warned
from engine.datasets.vector_files import read_polygons
from engine.rasters.raster import Raster
from tests.engine.masks import write_mask
from tests.engine.synthetic import UTM, UTM_GRID

DATA = Path(os.environ.get("DUALSTREAM_DATA", Path(__file__).parents[4] / "shared" / "data"))

Found = dict[str, Any]


def read(path: Path) -> Found:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the table with the style, which is a layer too
        meta, fids, blobs, columns = pyogrio.raw.read(path, layer=path.stem, return_fids=True)
    named = dict(zip(meta["fields"], columns, strict=True))
    return {**named, "fid": fids, "shapes": shapely.from_wkb(blobs), "crs": meta["crs"]}


@pytest.fixture
def values() -> np.ndarray:
    """A house of 6 x 5 px with a hole of 2 px, one of 2 x 2 px, a pond, and nodata (255)."""
    mask = np.zeros((40, 50), np.uint8)
    mask[5:11, 10:15] = 1
    mask[7, 11:13] = 0
    mask[20:22, 30:32] = 1
    mask[30:38, 5:25] = 2
    mask[:, 45:] = 255
    return mask


@pytest.fixture
def run(events, tmp_path) -> Callable[..., tuple[Found, Any]]:
    def polygons(mask: str, **options: Any) -> tuple[Found, Any]:
        output = tmp_path / "out" / "houses.gpkg"
        done = mask_to_polygons(PolygonsJob(mask=mask, output=str(output), **options), events)
        assert [path.name for path in output.parent.iterdir()] == ["houses.gpkg"]
        return read(output), done

    return polygons


def test_every_attribute(write_raster, values, run, events) -> None:
    shares = np.where(values == 1, 80, 40).astype(np.uint8)
    shares[5, 10] = 20
    shares[20, 30] = 255
    confidence = write_raster("c.tif", shares, nodata=255)
    found, done = run(write_raster("m.tif", values, nodata=255), confidence=confidence)
    assert found["crs"] == UTM
    assert [*found["fid"]] == [1, 2, 3]
    order = np.argsort(found["pixels"])
    assert [*found["class"][order]] == [1, 1, 2]
    assert [*found["name"][order]] == ["1", "1", "2"]
    assert [*found["pixels"][order]] == [4, 28, 160]
    assert [*found["area_m2"][order]] == pytest.approx([400, 2800, 16000])
    assert found["confidence"][order] == pytest.approx([80, (27 * 80 + 20) / 28, 40])
    house = found["shapes"][order][1]
    assert house.equals(
        shapely.box(500_100, 3_049_890, 500_150, 3_049_950) - house.interiors[0].envelope
    )
    assert done.outputs["polygons"] == 3
    assert done.outputs["area_m2"] == pytest.approx(19200)
    assert "3 polygons of 1, 2, 1.92 ha in all" in done.message
    assert events.heard[-1] == Progress(1.0, "Outlining")


@pytest.mark.parametrize(
    ("options", "pixels"),
    [
        ({"minimum_area": 2800.0}, [28, 160]),
        ({"minimum_area": 2801.0}, [160]),
        ({"minimum_area": 2801.0, "fill_holes": 200.0}, [28, 160]),
        ({"minimum_area": 2801.0, "fill_holes": 199.0}, [160]),
        ({"classes": (2,)}, [160]),
    ],
)
def test_what_is_left_out(write_raster, values, run, options, pixels) -> None:
    found, _ = run(write_raster("m.tif", values, nodata=255), **options)
    assert sorted(found["pixels"]) == pixels
    if "fill_holes" in options:
        filled = options["fill_holes"] == 200
        assert not filled or sorted(found["area_m2"]) == pytest.approx([3000, 16000])
        assert shapely.get_num_interior_rings(found["shapes"]).sum() == 0


def test_touching_houses_are_split_where_the_job_says_so(write_raster, run, events) -> None:
    values = np.zeros((40, 70), np.uint8)
    values[10:30, 5:25] = values[10:30, 27:47] = 1
    values[17:23, 25:27] = 1
    mask = write_raster("m.tif", values, nodata=255)
    whole, _ = run(mask)
    assert [*whole["pixels"]] == [812]
    shares = np.full(values.shape, 60, np.uint8)
    shares[:, 26:] = 90
    confidence = write_raster("c.tif", shares, nodata=255)
    found, done = run(mask, split=True, confidence=confidence, right_angles=True)
    assert done.outputs["polygons"] == 2
    order = np.argsort(found["confidence"])
    assert np.abs(found["pixels"] - 406).max() <= 6
    assert found["confidence"][order] == pytest.approx([60, 90], abs=1)
    assert shapely.area(found["shapes"]) == pytest.approx([40_000] * 2, rel=0.05)
    heard = [event for event in events.heard if isinstance(event, Progress)]
    assert any(event.message.startswith("Finding touching objects") for event in heard)
    last = [event.fraction for event in heard[-2:]]
    assert last == [0.5, 1.0], "both passes over the one strip are told"


def test_simplified_polygons_stay_near_and_valid(write_raster, run) -> None:
    rows, cols = np.mgrid[:200, :200]
    values = (np.hypot(rows - 90, cols - 100) < 70).astype(np.uint8)
    mask = write_raster("m.tif", values)
    pixelled, _ = run(mask)
    simpler, _ = run(mask, simplify=15.0)
    before, after = pixelled["shapes"][0], simpler["shapes"][0]
    assert after.is_valid
    assert shapely.get_num_coordinates(after) < shapely.get_num_coordinates(before) / 3
    assert after.hausdorff_distance(before) <= 15.01
    assert simpler["area_m2"][0] == pytest.approx(after.area)
    assert simpler["pixels"][0] == pixelled["pixels"][0]


@pytest.mark.parametrize(
    ("crs", "metres", "width"),
    [("EPSG:4326", 111_320.0, 0.25), ("EPSG:3857", 1.0, 0.25), ("EPSG:3857", 0.5, 0.5)],
    ids=["degrees", "web", "coarse web"],
)
def test_metres_are_those_of_the_ground(write_raster, run, crs, metres, width) -> None:
    (x,), (y,) = transform(CRS.from_epsg(4326), CRS.from_string(crs), [85.52], [60.0])
    side = 0.5 / metres
    mask = write_raster(
        "m.tif",
        rectangle(width, 0.5 if crs == "EPSG:4326" else width),
        crs=crs,
        transform=Affine(side, 0, x, 0, -side, y),
    )
    found, _ = run(mask, right_angles=True)
    (shape,) = found["shapes"]
    # The same corners in UTM, whose metres are the ground's within 0.1 percent.
    points = shapely.get_coordinates(shape)
    utm = transform(CRS.from_string(crs), CRS.from_epsg(32645), *points.T.tolist())
    plane = shapely.Polygon(np.column_stack(utm[:2]))
    assert len(points) == 5
    assert found["area_m2"][0] == pytest.approx(450, rel=0.03)
    assert found["area_m2"][0] == pytest.approx(plane.area, rel=3e-3)
    steps = np.diff(shapely.get_coordinates(plane), axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    cosines = (steps * np.roll(steps, 1, axis=0)).sum(axis=1)
    assert np.abs(cosines).max() < 0.01, "right angles on the ground, not in degrees"
    kept, _ = run(mask, minimum_area=0.99 * plane.area)
    left, _ = run(mask, minimum_area=1.05 * plane.area)
    assert (len(kept["fid"]), len(left["fid"])) == (1, 0)


def rectangle(width: float, height: float) -> np.ndarray:
    """A rectangle of 30 x 15 m, turned by 35 degrees, in pixels of ``width`` x ``height`` metres."""
    ground = affinity.rotate(shapely.box(3, 13, 33, 28), 35)
    drawn = affinity.scale(ground, 1 / width, 1 / height, origin=(0, 0))
    return features.rasterize([drawn], (160, 160)).astype(np.uint8)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_without_coordinates_counts_in_pixels(write_raster, values, run, events) -> None:
    mask = write_raster("m.tif", values, nodata=255, crs=None, transform=Affine.identity())
    found, done = run(mask, minimum_area=5.0)
    assert sorted(found["pixels"]) == [28, 160]
    assert np.isnan(found["area_m2"]).all()
    assert found["crs"] is None
    bottom = min(shape.bounds[1] for shape in found["shapes"])
    assert bottom == -38, "below the x axis, where QGIS lays the picture"
    assert done.outputs["area_m2"] is None
    assert "188 pixels in all" in done.message
    assert any(
        "has no coordinate system" in e.message for e in events.heard if isinstance(e, Warned)
    )


def test_no_polygon_is_an_empty_layer(write_raster, values, run) -> None:
    found, done = run(write_raster("m.tif", values, nodata=255), minimum_area=1e9)
    assert len(found["fid"]) == 0
    assert {"class", "name", "area_m2", "pixels"} <= found.keys()
    assert done.outputs["polygons"] == 0
    assert "No polygon was found" in done.message and done.outputs["scene"] == ""
    assert "is empty" in done.message


def test_a_mask_of_ours_brings_names_and_style(values, run, tmp_path) -> None:
    table = class_table({0: "land", 1: "house & shed", 2: "pond"}, {1: "#ff0000"})
    job = {"segment": {"image": "/data/town.tif"}}
    tags = {
        "DUALSTREAM_CLASSES": json.dumps(to_records(table)),
        "DUALSTREAM_JOB": json.dumps(job),
    }
    values[values == 255] = 0
    with Raster(_blank(tmp_path)) as blank:
        grid = blank.grid
    write_mask(tmp_path / "m.tif", values, grid, table, tags)
    found, done = run(str(tmp_path / "m.tif"))
    assert sorted(set(found["name"])) == ["house & shed", "pond"]
    assert done.outputs["classes"] == to_records(table[1:])
    assert done.outputs["scene"] == "town", "the image that the mask was made from"
    with sqlite3.connect(tmp_path / "out" / "houses.gpkg") as file:
        rows = file.execute(
            "SELECT f_table_name, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
    assert [row[:2] for row in rows] == [("houses", 1)]
    assert 'label="house &amp; shed"' in rows[0][2]
    assert "255,0,0,90" in rows[0][2]


def _blank(folder: Path) -> str:
    path = str(folder / "blank.tif")
    profile = {"driver": "GTiff", "height": 40, "width": 50, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", crs=UTM, transform=UTM_GRID, **profile):
        return path


def test_a_confidence_without_coordinate_system_is_taken(write_raster, values, run) -> None:
    confidence = write_raster("c.tif", np.full(values.shape, 70, np.uint8), crs=None)
    found, _ = run(write_raster("m.tif", values, nodata=255), confidence=confidence)
    assert [*found["confidence"]] == [70, 70, 70]


def test_many_classes_are_not_all_named(write_raster, run) -> None:
    values = np.repeat(np.arange(1, 41, dtype=np.uint8), 3)[None].repeat(5, axis=0)
    _, done = run(write_raster("m.tif", values))
    assert "40 polygons of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 28 more, " in done.message
    assert len(done.outputs["classes"]) == 40


@pytest.mark.skipif(not (DATA / "buildings").is_dir(), reason=f"there is no {DATA / 'buildings'}")
def test_real_buildings_come_back(write_raster, run) -> None:
    tile = next(iter(sorted((DATA / "buildings" / "train").glob("*.tif"))))
    (labels,) = (DATA / "buildings").glob("*.geojson")
    with Raster(str(tile)) as image:
        grid = image.grid
    truth, _ = read_polygons(str(labels), grid)
    truth = truth[shapely.intersects(truth, shapely.box(*_bounds(grid)))]
    shape = (grid.height, grid.width)
    drawn = features.rasterize(truth, shape, transform=grid.transform).astype(np.uint8)
    mask = write_raster("m.tif", drawn, transform=grid.transform, crs=grid.crs)
    plain, _ = run(mask)
    again = features.rasterize(plain["shapes"], shape, transform=grid.transform)
    assert (again == drawn).all(), "the polygons lie exactly on the pixels"
    square, _ = run(mask, right_angles=True, minimum_area=5.0)
    again = features.rasterize(square["shapes"], shape, transform=grid.transform)
    assert (again & drawn).sum() / (again | drawn).sum() > 0.95
    fewer = shapely.get_num_coordinates(square["shapes"]).sum()
    assert fewer < shapely.get_num_coordinates(plain["shapes"]).sum() / 6


def _bounds(grid: Any) -> tuple[float, float, float, float]:
    left, top = grid.transform @ (0, 0)
    right, bottom = grid.transform @ (grid.width, grid.height)
    return left, bottom, right, top
