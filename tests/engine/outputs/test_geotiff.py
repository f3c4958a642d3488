"""Masks have grid, palette, names, nodata and provenance, are cloud-optimised, and appear when finished."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.windows import Window as RasterioWindow

from engine.contract.class_table import class_table, from_records, to_records
from engine.contract.errors import RasterError
from engine.contract.map_styles import read_category_names
from engine.outputs.geotiff import publish_mask, publish_percent
from engine.rasters.grid import Grid
from engine.rasters.windows import Window
from tests.engine.masks import write_mask, write_rows
from tests.engine.synthetic import UTM, UTM_GRID

TABLE = class_table({0: "land", 1: "deep water", 7: "<ice> & snow"}, {1: "#0000ff"})
GRID = Grid(1301, 1027, UTM_GRID, CRS.from_string(UTM))
TAGS = {"DUALSTREAM_MODEL": "m", "DUALSTREAM_JOB": '{"image": "<é> & \\"x\\""}'}


def write(path: Path, region: Window = GRID.bounds, grid: Grid = GRID) -> np.ndarray:
    shape = (region.height, region.width)
    rows = np.random.default_rng(0).choice([0, 1, 7, 255], shape).astype(np.uint8)
    write_mask(path, rows, grid, TABLE, TAGS, region)
    return rows


def write_percent(path: Path, values: np.ndarray) -> None:
    grid = Grid(*values.shape, UTM_GRID, CRS.from_string(UTM))
    raw = write_rows(path, values)
    publish_percent(str(path), "confidence", raw, grid, grid.bounds, TAGS)
    raw.unlink()


def test_pixels_grid_and_layout(tmp_path: Path) -> None:
    rows = write(tmp_path / "m.tif")
    with rasterio.open(tmp_path / "m.tif") as file:
        assert (file.read(1) == rows).all()
        assert file.transform == UTM_GRID and file.crs == CRS.from_string(UTM)
        assert file.nodata == 255 and file.profile["compress"] == "deflate"
        assert file.block_shapes == [(512, 512)] and file.overviews(1) == [2, 4]
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.colormap(1)[1] == (0, 0, 255, 255) and file.descriptions == ("class",)
        assert TAGS.items() <= file.tags().items()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.qml", "m.tif", "m.tif.aux.xml"]
    names = read_category_names(tmp_path / "m.tif")
    assert names == {entry.value: entry.name for entry in TABLE}


def test_overviews_of_a_mask_show_its_own_values(tmp_path: Path) -> None:
    rows = write(tmp_path / "m.tif")
    for level, factor in enumerate((2, 4)):
        with rasterio.open(tmp_path / "m.tif", overview_level=level) as file:
            assert (file.read(1) == rows[::factor, ::factor]).all()


def test_overviews_of_percents_are_means_of_what_is_known(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 101, (1025, 1023)).astype(np.uint8)
    values[np.random.default_rng(2).random(values.shape) < 0.4] = 255
    write_percent(tmp_path / "c.tif", values)
    known = np.full((1026, 1024), np.nan)
    known[:1025, :1023] = np.where(values == 255, np.nan, values)
    corners = np.stack([known[i::2, j::2] for i in (0, 1) for j in (0, 1)])
    count = (~np.isnan(corners)).sum(0)
    mean = np.floor(np.nansum(corners, 0) / np.maximum(count, 1) + 0.5)
    with rasterio.open(tmp_path / "c.tif", overview_level=0) as file:
        assert (file.read(1) == np.where(count, mean, 255)).all()
    with rasterio.open(tmp_path / "c.tif") as file:
        assert (file.read(1) == values).all() and file.overviews(1) == [2, 4]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.tif", "b.tif"):
        write(tmp_path / name)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_what_fits_a_block_has_no_overviews(tmp_path: Path) -> None:
    write(tmp_path / "m.tif", Window(0, 0, 512, 512))
    write(tmp_path / "n.tif", Window(0, 0, 513, 3))
    with rasterio.open(tmp_path / "m.tif") as file, rasterio.open(tmp_path / "n.tif") as longer:
        assert file.overviews(1) == [] and longer.overviews(1) == [2]
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


@pytest.mark.parametrize("name", ["Wald & Flur 'süd'", "größe 20 % <a>", "x;y#z"])
def test_any_name_will_do(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32" and "<" in name:
        pytest.skip("no name on Windows")
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    rows = write(Path(name) / f"{name}.tif")
    with rasterio.open(tmp_path / name / f"{name}.tif") as file:
        assert (file.read(1) == rows).all()


def test_a_region_keeps_its_place(tmp_path: Path) -> None:
    write(tmp_path / "m.tif", Window(100, 50, 64, 32))
    with rasterio.open(tmp_path / "m.tif") as file:
        assert file.transform == UTM_GRID @ Affine.translation(50, 100)


def test_the_style_is_beside_the_mask(tmp_path: Path) -> None:
    write(tmp_path / "m.tif")
    style = Xml.parse(tmp_path / "m.qml")
    entries = [(e.get("value"), e.get("label"), e.get("color")) for e in style.iter("paletteEntry")]
    assert entries == [(str(c.value), c.name, c.colour) for c in TABLE]
    assert {entry.get("alpha") for entry in style.iter("paletteEntry")} == {"255"}


@pytest.mark.parametrize(
    ("name", "by_layout", "alpha"),
    [("Background", (), "0"), ("배경", (), "0"), ("elsewhere", (0,), "0"), ("land", (), "255")],
)
def test_a_background_is_transparent_by_name_or_by_layout(
    tmp_path: Path, name: str, by_layout: tuple[int, ...], alpha: str
) -> None:
    table = class_table({0: name, 1: "water"}, backgrounds=by_layout)
    assert from_records(to_records(table))[0].background == bool(by_layout)
    grid = Grid(4, 4, UTM_GRID, CRS.from_string(UTM))
    write_mask(tmp_path / "m.tif", np.zeros((4, 4), np.uint8), grid, table)
    entries = [*Xml.parse(tmp_path / "m.qml").iter("paletteEntry")]
    assert [entry.get("alpha") for entry in entries] == [alpha, "255"]
    assert entries[0].get("label") == name, "still in the legend"


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


def test_a_picture_without_coordinates_stays_one(tmp_path: Path) -> None:
    grid = Grid(9, 7, Affine.identity(), None)
    rows = write(tmp_path / "m.tif", grid.bounds, grid)
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        file = rasterio.open(tmp_path / "m.tif")
    with file:
        assert file.crs is None and file.transform.is_identity and (file.read(1) == rows).all()


def test_large_class_values_make_a_16_bit_mask(tmp_path: Path) -> None:
    table = class_table({1: "a", 1000: "b"})
    values = np.random.default_rng(0).choice([1, 1000, 65535], GRID.bounds.pixels)
    values = values.astype("<u2").reshape(GRID.height, GRID.width)
    write_mask(tmp_path / "m.tif", values, GRID, table)
    with rasterio.open(tmp_path / "m.tif") as file:
        assert file.dtypes == ("uint16",) and file.nodata == 65535
        assert (file.read(1) == values).all()
    with rasterio.open(tmp_path / "m.tif", overview_level=1) as file:
        assert (file.read(1) == values[::4, ::4]).all()


def test_confidence_is_in_percent_with_a_ramp(tmp_path: Path) -> None:
    write_percent(tmp_path / "c.tif", np.full((4, 4), 88, np.uint8))
    with rasterio.open(tmp_path / "c.tif") as file:
        assert file.units == ("%",) and file.nodata == 255 and file.descriptions == ("confidence",)
        assert file.colorinterp == (rasterio.enums.ColorInterp.gray,)
    style = (tmp_path / "c.qml").read_text()
    assert "88" not in style and "75 %" in style


@pytest.mark.parametrize("grid", [GRID, Grid(9, 7, UTM_GRID, CRS.from_string(UTM))])
def test_rows_that_cannot_be_read_leave_nothing(tmp_path: Path, grid: Grid) -> None:
    """With overviews and without."""
    with pytest.raises(RasterError, match=r"m\.tif could not be written"):
        publish_mask(str(tmp_path / "m.tif"), tmp_path / "none", grid, grid.bounds, TABLE, {})
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.engine.outputs.test_geotiff import GRID, TABLE
from engine.outputs.geotiff import publish_mask
from engine.contract.errors import RasterError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    publish_mask(sys.argv[1], Path(sys.argv[1] + ".part"), GRID, GRID.bounds, TABLE, {})
except RasterError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
@pytest.mark.parametrize("limit", [4_000, 100_000, 300_000, 400_000])
def test_a_full_disk_is_a_sentence_and_leaves_the_old_mask(tmp_path: Path, limit: int) -> None:
    """The flat overviews have 335 kB, the GeoTIFF some 600."""
    path = tmp_path / "m.tif"
    path.write_text("old")
    rows = np.random.default_rng(0).integers(0, 8, (GRID.height, GRID.width)).astype(np.uint8)
    raw = write_rows(path, rows)
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(limit)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert "could not be written" in run.stdout and "is the disk full" in run.stdout, run
    assert sorted(tmp_path.iterdir()) == [path, raw] and path.read_text() == "old"
    assert raw.read_bytes() == rows.tobytes()


def test_a_mask_that_cannot_be_replaced_keeps_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "m.tif", Window(0, 0, 4, 4))
    old = {path: path.read_bytes() for path in tmp_path.iterdir()}
    replace = os.replace

    def busy(source: str | Path, target: str | Path) -> None:
        if Path(target) == tmp_path / "m.tif":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr("engine.contract.file_replacement.os.replace", busy)
    with pytest.raises(RasterError, match=r"m\.tif could not be written .*open in QGIS"):
        write(tmp_path / "m.tif", Window(9, 9, 5, 5))
    (tmp_path / "m.tif.part").unlink()  # the rows stay
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old


@pytest.mark.parametrize("name", ["m.qml", "m.tif.aux.xml", "m.qml.part"])
def test_what_lies_beside_a_raster_and_cannot_be_written_is_a_sentence(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    sentence = (
        rf"^The legend .*{re.escape(name.removesuffix('.part'))} could not be written \(.*\): "
    )
    with pytest.raises(RasterError, match=sentence):
        write(tmp_path / "m.tif", Window(0, 0, 4, 4))
    assert (tmp_path / "m.tif").is_file()
    with pytest.raises(RasterError, match=sentence):
        write_percent(tmp_path / "m.tif", np.full((4, 4), 88, np.uint8))


def test_a_coordinate_system_that_geotiff_cannot_hold_is_kept(tmp_path: Path) -> None:
    rotated_pole = "+proj=ob_tran +o_proj=longlat +o_lon_p=-162 +o_lat_p=39.25 +lon_0=180 +datum=WGS84 +to_meter=0.0174532925199433"
    grid = Grid(64, 64, Affine(0.1, 0, 5, 0, -0.1, 5), CRS.from_proj4(rotated_pole))
    write(tmp_path / "m.tif", grid.bounds, grid)
    with rasterio.open(tmp_path / "m.tif") as file:
        assert file.crs is not None
        assert file.transform.almost_equals(grid.transform)
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


def test_very_wide_rows_are_read_past_the_cache(tmp_path: Path) -> None:
    grid = Grid(3, 60_001, UTM_GRID, CRS.from_string(UTM))
    rows = write(tmp_path / "m.tif", grid.bounds, grid)
    with rasterio.open(tmp_path / "m.tif") as file:
        assert (file.read(1) == rows).all()
        assert file.overviews(1) == [2, 4, 8, 16, 32, 64, 128]
        last = file.read(1, window=RasterioWindow(59_990, 0, 11, 3))
    assert (last == rows[:, 59_990:]).all()
