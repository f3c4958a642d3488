"""Masks carry grid, palette, names, nodata and provenance, and cost memory of one strip."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS

from engine.classes import class_table
from engine.errors import RasterError
from engine.grids import Grid
from engine.mask_writer import mask_writer, percent_writer
from engine.windows import Window
from tests.engine.synthetic import UTM, UTM_GRID

TABLE = class_table({0: "land", 1: "deep water", 7: "<ice> & snow"}, {1: "#0000ff"})
GRID = Grid(1300, 700, UTM_GRID, CRS.from_string(UTM))


def write(path: Path, region: Window = GRID.bounds, grid: Grid = GRID) -> np.ndarray:
    rows = (
        np.random.default_rng(0)
        .choice([0, 1, 7, 255], (region.height, region.width))
        .astype(np.uint8)
    )
    with mask_writer(str(path), grid, region, TABLE, {"DUALSTREAM_MODEL": "m"}) as writer:
        for start in range(0, region.height, 300):
            writer.write(rows[start : start + 300])
    return rows


def test_pixels_grid_and_layout(tmp_path: Path) -> None:
    rows = write(tmp_path / "m.tif")
    with rasterio.open(tmp_path / "m.tif") as file:
        assert (file.read(1) == rows).all()
        assert file.transform == UTM_GRID and file.crs == CRS.from_string(UTM)
        assert (
            file.nodata == 255 and file.profile["compress"] == "deflate" and file.profile["tiled"]
        )
        assert file.overviews(1) == [2, 4]
        assert file.colormap(1)[1] == (0, 0, 255, 255)
        assert file.tags()["DUALSTREAM_MODEL"] == "m"
    assert not list(tmp_path.glob("*.part"))


def test_a_region_keeps_its_place(tmp_path: Path) -> None:
    write(tmp_path / "m.tif", Window(100, 50, 64, 32))
    with rasterio.open(tmp_path / "m.tif") as file:
        assert file.transform == UTM_GRID @ Affine.translation(50, 100)


def test_names_and_style_stand_beside_the_mask(tmp_path: Path) -> None:
    write(tmp_path / "m.tif")
    style = Xml.parse(tmp_path / "m.qml")
    entries = [(e.get("value"), e.get("label"), e.get("color")) for e in style.iter("paletteEntry")]
    assert entries == [(str(c.value), c.name, c.colour) for c in TABLE]


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="gdalinfo is not installed")
def test_gdalinfo_shows_palette_and_names(tmp_path: Path) -> None:
    write(tmp_path / "m.tif")
    told = subprocess.run(
        ["gdalinfo", str(tmp_path / "m.tif")], capture_output=True, text=True
    ).stdout
    assert "1: deep water" in told and "7: <ice> & snow" in told and "1: 0,0,255,255" in told


def test_control_points_are_kept(tmp_path: Path) -> None:
    points = tuple(
        GroundControlPoint(r, c, 10.0 + c, 50.0 - r) for r, c in ((0, 0), (0, 9), (9, 0))
    )
    grid = Grid(10, 10, Affine.identity(), None, (points, CRS.from_epsg(4326)))
    write(tmp_path / "m.tif", Window(2, 3, 5, 5), grid)
    with rasterio.open(tmp_path / "m.tif") as file:
        kept, crs = file.gcps
    assert crs == CRS.from_epsg(4326)
    assert [(p.row, p.col, p.x) for p in kept] == [(p.row - 2, p.col - 3, p.x) for p in points]


def test_large_class_values_make_a_16_bit_mask(tmp_path: Path) -> None:
    table = class_table({1: "a", 1000: "b"})
    with mask_writer(str(tmp_path / "m.tif"), GRID, Window(0, 0, 4, 4), table, {}) as writer:
        writer.write(np.full((4, 4), 1000, np.uint16))
    with rasterio.open(tmp_path / "m.tif") as file:
        assert file.dtypes == ("uint16",) and file.nodata == 65535 and (file.read(1) == 1000).all()


def test_confidence_is_in_percent_with_a_ramp(tmp_path: Path) -> None:
    with percent_writer(
        str(tmp_path / "c.tif"), "confidence", GRID, Window(0, 0, 4, 4), {}
    ) as writer:
        writer.write(np.full((4, 4), 88, np.uint8))
    with rasterio.open(tmp_path / "c.tif") as file:
        assert file.units == ("%",) and file.nodata == 255
    assert (
        "88" not in (tmp_path / "c.qml").read_text() and "75 %" in (tmp_path / "c.qml").read_text()
    )


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        mask_writer(str(tmp_path / "m.tif"), GRID, GRID.bounds, TABLE, {}) as writer,
    ):
        writer.write(np.zeros((600, 700), np.uint8))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_mask_that_is_open_elsewhere_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("engine.outputs.os.replace", replace)
    grid = Grid(4, 4, UTM_GRID, CRS.from_string(UTM))
    table = class_table({0: "land"})
    with (
        pytest.raises(RasterError, match="is the file open in QGIS"),
        mask_writer(str(tmp_path / "m.tif"), grid, grid.bounds, table, {}) as writer,
    ):
        writer.write(np.zeros((4, 4), np.uint8))
    assert not list(tmp_path.iterdir())


def test_a_coordinate_system_that_geotiff_cannot_hold_is_kept(tmp_path: Path) -> None:
    rotated_pole = "+proj=ob_tran +o_proj=longlat +o_lon_p=-162 +o_lat_p=39.25 +lon_0=180 +datum=WGS84 +to_meter=0.0174532925199433"
    grid = Grid(64, 64, Affine(0.1, 0, 5, 0, -0.1, 5), CRS.from_proj4(rotated_pole))
    write(tmp_path / "m.tif", grid.bounds, grid)
    with rasterio.open(tmp_path / "m.tif") as file:
        assert file.crs is not None
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]
