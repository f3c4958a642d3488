"""A mosaic shows every pixel of its masks, except where a later mask has a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.enums import Resampling

from engine.contract.class_table import class_table
from engine.contract.protocol import Warned
from engine.outputs.mask_reader import ClassMask
from engine.outputs.vrt_mosaic import write_mosaics
from engine.rasters.grid import Grid
from tests.engine.masks import write_mask
from tests.engine.synthetic import read_band

TABLE = class_table({0: "land", 1: "deep water", 7: "<ice> & snow"}, {1: "#0000ff"})
UTM = CRS.from_string("EPSG:32645")
TAGS = {"TIFFTAG_SOFTWARE": "DualStream <test>"}


def mask(path: Path, x: float, y: float, size: float = 10.0, **other: Any) -> np.ndarray:
    """A mask of random classes with its corner at (x, y)."""
    shape, seed = other.get("shape", (60, 80)), int(abs(x) + abs(y)) % 2**32
    values = np.random.default_rng(seed).choice([0, 1, 7, 255], shape).astype(np.uint8)
    transform = other.get("transform", Affine(size, 0, x, 0, -size, y))
    grid = Grid(*shape, transform, other.get("crs", UTM), other.get("gcps", ()))
    write_mask(path, values, grid, other.get("table", TABLE))
    return values


def unexpected(event: Any) -> None:
    raise AssertionError(event)


def test_a_mask_whose_name_xml_cannot_hold_is_left_out(tmp_path: Path, events: Any) -> None:
    for name in ("good", "odd\uffff"):
        mask(tmp_path / f"{name}.tif", 500_000, 3_050_000)
    paths = [str(tmp_path / "odd\uffff.tif"), str(tmp_path / "good.tif")]
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, TAGS, events)
    sources = Xml.parse(mosaic).iter("SourceFilename")
    assert [source.text for source in sources] == ["good.tif"]
    (warning,) = events.heard
    assert "a name that XML cannot hold: 1 mask (odd\\uffff.tif)" in warning.message


def test_every_pixel_palette_names_and_nodata(tmp_path: Path) -> None:
    left = mask(tmp_path / "left & 1.tif", 500_000, 3_050_000)
    below = mask(tmp_path / "below.tif", 500_900, 3_049_000, shape=(33, 41))
    paths = [str(tmp_path / "left & 1.tif"), str(tmp_path / "below.tif")]
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, TAGS, unexpected)
    assert Path(mosaic).name == "mosaic.vrt"
    expected = np.full((133, 131), 255, np.uint8)
    expected[:60, :80], expected[100:, 90:] = left, below
    with rasterio.open(mosaic) as file:
        assert (file.read(1) == expected).all()
        assert file.transform == Affine(10, 0, 500_000, 0, -10, 3_050_000) and file.crs == UTM
        assert file.nodata == 255 and file.dtypes == ("uint8",)
        colours = file.colormap(1)
        assert colours[1] == (0, 0, 255, 255)
        for entry in TABLE:
            assert colours[entry.value][:3] == entry.rgb
        assert file.tags()["TIFFTAG_SOFTWARE"] == "DualStream <test>"
        assert file.descriptions == ("class",)
    names = [node.text or "" for node in Xml.parse(mosaic).iter("Category")]
    assert names == ["land", "deep water", "", "", "", "", "", "<ice> & snow"]
    with ClassMask(mosaic) as opened:
        assert opened.table == TABLE
    assert 'label="deep water"' in Path(mosaic).with_suffix(".qml").read_text("utf-8")


def test_later_masks_count_except_where_they_have_no_value(tmp_path: Path) -> None:
    first = mask(tmp_path / "a.tif", 500_000, 3_050_000)
    second = mask(tmp_path / "b.tif", 500_200, 3_049_900)
    expected = np.full((70, 100), 255, np.uint8)
    expected[:60, :80] = first
    part = expected[10:, 20:]
    part[second != 255] = second[second != 255]
    paths = [str(tmp_path / f"{name}.tif") for name in "ab"]
    assert (read_band(write_mosaics(tmp_path, paths, TABLE, {}, unexpected)[0]) == expected).all()
    found = read_band(write_mosaics(tmp_path, paths[::-1], TABLE, {}, unexpected)[0])
    assert (found[:60, :80][first != 255] == first[first != 255]).all()


def test_the_mosaic_moves_with_its_masks(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    values = mask(tmp_path / "here" / "a.tif", 0, 900)
    write_mosaics(tmp_path / "here", [str(tmp_path / "here" / "a.tif")], TABLE, {}, unexpected)
    (tmp_path / "here").rename(tmp_path / "there")
    assert (read_band(str(tmp_path / "there" / "mosaic.vrt")) == values).all()


def test_small_steps_in_coordinates_shift_nothing(tmp_path: Path) -> None:
    """Pixel sizes of a third, and corners that were rounded when they were written."""
    size = 1 / 3e4
    wgs = CRS.from_string("EPSG:4326")
    values, paths = [], []
    for number in range(7):
        x = round(86.9 + 80 * number * size, 9)
        values.append(mask(tmp_path / f"{number}.tif", x, 27.7, size, crs=wgs))
        paths.append(str(tmp_path / f"{number}.tif"))
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, {}, unexpected)
    assert (read_band(mosaic) == np.concatenate(values, axis=1)).all()
    with rasterio.open(mosaic) as file:
        assert file.crs == wgs and file.bounds.left == pytest.approx(86.9, abs=size / 10)
        assert file.bounds.top == pytest.approx(27.7, abs=size / 10)  # not with the axes changed


def test_masks_between_the_others_pixels_move_to_the_nearest(tmp_path: Path) -> None:
    """By less than half a pixel, as a whole: none of their pixels is lost or comes twice."""
    values = [mask(tmp_path / "a.tif", 500_000, 3_050_000)]
    values.append(mask(tmp_path / "b.tif", 500_803.7, 3_050_000, 10.0001))
    paths = [str(tmp_path / f"{name}.tif") for name in "ab"]
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, {}, unexpected)
    whole = np.concatenate(values, axis=1)
    assert (read_band(mosaic)[:, :160] == whole).all()
    with rasterio.open(mosaic) as file:  # piece by piece too, as QGIS reads it
        for col in range(0, 160, 7):
            piece = file.read(1, window=((3, 40), (col, min(col + 7, 160))))
            assert (piece == whole[3:40, col : col + 7]).all()


def test_the_finest_pixels_are_the_mosaics(tmp_path: Path) -> None:
    coarse = mask(tmp_path / "coarse.tif", 500_000, 3_050_000, 30.0, shape=(10, 12))
    fine = mask(tmp_path / "fine.tif", 500_400, 3_050_000, 10.0, shape=(30, 20))
    paths = [str(tmp_path / "coarse.tif"), str(tmp_path / "fine.tif")]
    found = read_band(write_mosaics(tmp_path, paths, TABLE, {}, unexpected)[0])
    expected = np.full((30, 60), 255, np.uint8)
    expected[:, :36] = coarse.repeat(3, axis=0).repeat(3, axis=1)
    expected[:, 40:] = fine
    assert (found == expected).all()


def test_a_mosaic_for_each_coordinate_system(tmp_path: Path) -> None:
    systems = {"a": UTM, "b": CRS.from_string("EPSG:32652"), "c": UTM, "d": None}
    values = {}
    for place, (name, crs) in enumerate(systems.items()):
        values[name] = mask(tmp_path / f"{name}.tif", 500_000 + 800 * place, 3_050_000, crs=crs)
    paths = [str(tmp_path / f"{name}.tif") for name in systems]
    mosaics = write_mosaics(tmp_path, paths[:1], TABLE, {}, unexpected)
    (tmp_path / "mosaic-mine.vrt").write_text("my own")
    mosaics = write_mosaics(tmp_path, paths, TABLE, {}, unexpected)
    names = ["mosaic-EPSG-32645.vrt", "mosaic-EPSG-32652.vrt", "mosaic-3.vrt"]
    assert [Path(path).name for path in mosaics] == names
    assert (read_band(mosaics[0])[:, 160:] == values["c"]).all()
    assert (read_band(mosaics[1]) == values["b"]).all()
    assert (read_band(mosaics[2]) == values["d"]).all()
    # The mosaic of the first run is gone; the user's file stays.
    left = {path.name for path in tmp_path.glob("mosaic*.vrt")}
    assert left == {*names, "mosaic-mine.vrt"} and not (tmp_path / "mosaic.qml").exists()


def test_masks_without_a_georeference_are_left_out_and_named(tmp_path: Path, events: Any) -> None:
    placed = mask(tmp_path / "placed.tif", 500_000, 3_050_000)
    mask(tmp_path / "plain.tif", 0, 0, transform=Affine.identity(), crs=None)
    turned = Affine.translation(500_000, 3_050_000) @ Affine.rotation(20) @ Affine.scale(10, -10)
    mask(tmp_path / "turned.tif", 0, 0, transform=turned)
    mask(tmp_path / "south.tif", 0, 0, transform=Affine(10, 0, 500_000, 0, 10, 3_050_000))
    points = tuple(GroundControlPoint(r, c, c * 10, r * 10) for r, c in ((0, 0), (0, 80), (60, 0)))
    plain = {"transform": Affine.identity(), "crs": None}
    mask(tmp_path / "points.tif", 0, 0, **plain, gcps=(points, UTM))
    names = ["placed", "plain", "turned", "south", "points"]
    paths = [str(tmp_path / f"{name}.tif") for name in names]
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, {}, events)
    assert (read_band(mosaic) == placed).all()
    (warning,) = events.of(Warned)
    assert "not north up" in warning.message and ": 4 masks (" in warning.message
    assert all(f"{name}.tif" in warning.message for name in names[1:])
    assert write_mosaics(tmp_path, paths[1:], TABLE, {}, events) == []
    assert not (tmp_path / "mosaic.vrt").exists()


def test_masks_too_far_apart_have_none(tmp_path: Path, events: Any) -> None:
    mask(tmp_path / "a.tif", 0, 0, 1e-3)
    mask(tmp_path / "b.tif", 9e6, 0, 1e-3)
    paths = [str(tmp_path / "a.tif"), str(tmp_path / "b.tif")]
    assert write_mosaics(tmp_path, paths, TABLE, {}, events) == []
    assert "so far apart" in events.heard[0].message


def test_classes_of_16_bit(tmp_path: Path) -> None:
    table = class_table({0: "land", 300: "water"})
    values = np.random.default_rng(0).choice([0, 300, 65535], (60, 80)).astype(np.uint16)
    write_mask(tmp_path / "a.tif", values, Grid(60, 80, Affine(10, 0, 0, 0, -10, 0), UTM), table)
    (mosaic,) = write_mosaics(tmp_path, [str(tmp_path / "a.tif")], table, {}, unexpected)
    with rasterio.open(mosaic) as file:
        assert (file.read(1) == values).all() and file.nodata == 65535
        assert file.colormap(1)[300][:3] == table[1].rgb


def test_overviews_are_read_where_a_mosaic_is_read_smaller(tmp_path: Path) -> None:
    """The masks' overviews hold every other pixel; their own data are made unreadable for the proof."""
    mask(tmp_path / "a.tif", 0, 0, shape=(2048, 2048))
    mask(tmp_path / "b.tif", 20_480, 0, shape=(2048, 2048))
    paths = [str(tmp_path / f"{name}.tif") for name in "ab"]
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, {}, unexpected)
    expected = np.concatenate([read_level(path, 1) for path in paths], axis=1)
    with rasterio.open(mosaic) as file:
        assert (file.width, file.height) == (4096, 2048)
        small = file.read(1, out_shape=(512, 1024), resampling=Resampling.nearest)
    assert (small == expected).all()


def read_level(path: str, level: int) -> np.ndarray:
    with rasterio.open(path, overview_level=level) as file:
        return file.read(1)


def test_a_mosaic_that_is_as_it_should_be_is_not_touched(tmp_path: Path) -> None:
    mask(tmp_path / "a.tif", 500_000, 3_050_000)
    paths = [str(tmp_path / "a.tif")]
    (mosaic,) = write_mosaics(tmp_path, paths, TABLE, {}, unexpected)
    before = Path(mosaic).stat().st_mtime_ns
    write_mosaics(tmp_path, paths, TABLE, {}, unexpected)
    assert Path(mosaic).stat().st_mtime_ns == before


def test_old_mosaics_stay_without_masks_and_where_they_cannot_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask(tmp_path / "a.tif", 500_000, 3_050_000)
    (mosaic,) = write_mosaics(tmp_path, [str(tmp_path / "a.tif")], TABLE, TAGS, unexpected)
    assert write_mosaics(tmp_path, [], TABLE, TAGS, unexpected) == [] and Path(mosaic).is_file()
    old = Path(mosaic).rename(tmp_path / "mosaic-old.vrt")

    unlink = Path.unlink

    def held(path: Path, missing_ok: bool = False) -> None:
        if path == old:
            raise PermissionError(f"{path} is open")
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", held)
        write_mosaics(tmp_path, [str(tmp_path / "a.tif")], TABLE, TAGS, unexpected)
    assert old.is_file()
