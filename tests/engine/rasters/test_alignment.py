"""Half a pixel of shift is a defect: an analytic field read on another grid must match its coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from affine import Affine

from engine.contract.errors import RasterError
from engine.rasters import raster
from engine.rasters.alignment import AlignedRasters
from engine.rasters.extent import extent_to_window
from engine.rasters.raster import Raster
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM, UTM_GRID, field

ROTATED = Affine.translation(500_000, 3_050_000) @ Affine.rotation(30) @ Affine.scale(10, -10)
SOUTH_UP = Affine(10, 0, 500_000, 0, 10, 3_043_000)

#: The auxiliary rasters: name -> (coordinate system, grid, rows, columns).
GRIDS = {
    "coarse degrees": ("EPSG:4326", Affine(0.01, 0, 86.9, 0, -0.01, 27.7), 40, 40),
    "fine degrees": ("EPSG:4326", Affine(2e-4, 0, 86.94, 0, -2e-4, 27.6), 750, 900),
    "finer metres": (UTM, Affine(7, 0, 494_000, 0, -7, 3_054_000), 2000, 2300),
    "south up": (UTM, Affine(25, 0, 490_000, 0, 25, 3_035_000), 1000, 1200),
    "rotated": (
        UTM,
        Affine.translation(490_000, 3_050_000) @ Affine.rotation(20) @ Affine.scale(30, -30),
        900,
        900,
    ),
}


@pytest.mark.parametrize("in_memory", [True, False], ids=["in memory", "by window"])
@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize(
    "grid", [UTM_GRID, ROTATED, SOUTH_UP], ids=["north up", "rotated", "south up"]
)
def test_an_analytic_field_is_not_shifted(
    write_raster: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    grid: Affine,
    name: str,
    in_memory: bool,
) -> None:
    monkeypatch.setattr(raster, "MAX_IN_MEMORY_BYTES", 2**40 if in_memory else 0)
    crs, transform, height, width = GRIDS[name]
    values = field(crs, transform, height, width)
    path = write_raster("auxiliary.tif", values, crs=crs, transform=transform)
    image = Raster(write_raster("image.tif", np.zeros((600, 700), np.uint8), transform=grid))
    aligned = AlignedRasters([path], image.grid)
    for window, side in ((Window(37, 91, 512, 512), 64), (Window(100, 130, 256, 256), 256)):
        expected = field(UTM, image.grid.window_transform(window, side, side), side, side)
        values = aligned.read(window, side, side)[0]
        pixel_size = 10 * window.width / side  # metres; the field changes by 1 per metre
        assert np.abs(values - expected).max() < 0.1 * pixel_size


def test_a_raster_on_the_image_grid_is_not_resampled(write_raster: Callable[..., str]) -> None:
    array = np.random.default_rng(0).random((2, 50, 60)).astype(np.float32)
    path = write_raster("a.tif", array)
    aligned = AlignedRasters([path], Raster(path).grid)
    assert (aligned.read(Window(3, 4, 20, 20), 20, 20) == array[:, 3:23, 4:24]).all()


def test_stacks_keep_the_order_of_rasters_and_bands(write_raster: Callable[..., str]) -> None:
    first = write_raster("one.tif", np.stack([np.full((9, 9), v, np.float32) for v in (1, 2)]))
    second = write_raster(
        "two.tif", np.full((3, 3), 3, np.float32), transform=UTM_GRID @ Affine.scale(3)
    )
    aligned = AlignedRasters([first, second], Raster(first).grid)
    values = aligned.read(Window(0, 0, 9, 9), 4, 4)
    assert aligned.bands == 3 and [float(band.mean()) for band in values] == [1, 2, 3]
    assert aligned.band_names == ["one: band 1", "one: band 2", "two: band 1"]


def test_nodata_does_not_bleed_and_outside_is_missing(write_raster: Callable[..., str]) -> None:
    coarse = np.full((4, 4), 5.0, np.float32)
    coarse[0, 0] = -9999
    path = write_raster("a.tif", coarse, nodata=-9999, transform=UTM_GRID @ Affine.scale(16))
    image = Raster(write_raster("i.tif", np.zeros((128, 128), np.uint8)))
    values = AlignedRasters([path], image.grid).read(Window(0, 0, 128, 128), 64, 64)[0]
    known = values[np.isfinite(values)]
    assert np.allclose(known, 5) and np.isnan(values[:6, :6]).all()
    assert np.isnan(values[33:]).all() and np.isnan(values[:, 33:]).all()


def test_pictures_without_coordinates_share_their_extent(write_raster: Callable[..., str]) -> None:
    coarse = np.arange(64, dtype=np.float32).reshape(8, 8)
    plain = {"transform": Affine.identity(), "crs": None}
    path = write_raster("a.png", coarse.astype(np.uint8), driver="PNG", **plain)
    image = Raster(write_raster("i.tif", np.zeros((128, 128), np.uint8), **plain))
    values = AlignedRasters([path], image.grid).read(Window(32, 64, 64, 64), 4, 4)[0]
    assert values.tolist() == coarse[2:6, 4:8].tolist()


def test_rasters_without_a_system_share_their_coordinates(
    write_raster: Callable[..., str],
) -> None:
    profile = {"transform": Affine(30, 0, 0, 0, -30, 3840), "crs": None}
    image = Raster(write_raster("i.tif", np.zeros((128, 128), np.uint8), **profile))
    coarse = write_raster(
        "a.tif", np.eye(8, dtype=np.float32), transform=Affine(480, 0, 0, 0, -480, 3840), crs=None
    )
    values = AlignedRasters([coarse], image.grid).read(Window(0, 0, 128, 128), 8, 8)[0]
    assert (values == np.eye(8)).all()


def test_rasters_that_cannot_be_aligned_are_refused(write_raster: Callable[..., str]) -> None:
    image = Raster(write_raster("i.tif", np.zeros((64, 64), np.uint8)))
    far = UTM_GRID @ Affine.translation(10_000, 0)
    with pytest.raises(RasterError, match="does not overlap"):
        AlignedRasters(
            [write_raster("far.tif", np.zeros((64, 64), np.uint8), transform=far)], image.grid
        )
    with pytest.raises(RasterError, match="names no coordinate system"):
        AlignedRasters(
            [write_raster("bare.tif", np.zeros((64, 64), np.uint8), crs=None)], image.grid
        )
    plain = {"transform": Affine.identity(), "crs": None}
    with pytest.raises(RasterError, match="same extent"):
        AlignedRasters(
            [write_raster("wide.tif", np.zeros((64, 99), np.uint8), **plain)], image.grid
        )


def test_extents_of_any_system_become_pixels(write_raster: Callable[..., str]) -> None:
    grid = Raster(write_raster("i.tif", np.zeros((600, 700), np.uint8))).grid
    inside = (500_101.0, 3_049_001.0, 500_200.0, 3_049_900.0)
    assert extent_to_window(inside, UTM, grid, "i") == Window(10, 10, 90, 10)
    assert extent_to_window((0, 0, 1e7, 1e7), "", grid, "i") == grid.bounds
    degrees = extent_to_window((87.001, 27.52, 87.01, 27.56), "EPSG:4326", grid, "i")
    assert 0 < degrees.pixels < grid.bounds.pixels
    with pytest.raises(RasterError, match="outside the image"):
        extent_to_window((0.0, 0.0, 1.0, 1.0), UTM, grid, "i")
    with pytest.raises(RasterError, match="cannot be brought"):
        extent_to_window(inside, "EPSG:nonsense", grid, "i")


@pytest.mark.parametrize("west", [-180.0, 0.0])
def test_longitudes_may_run_to_180_or_to_360(write_raster: Callable[..., str], west: float) -> None:
    """A raster of the world in either convention, for a scene west of Greenwich."""
    grid = Affine(1, 0, west, 0, -1, 90)
    longitudes = (np.arange(360) + 0.5 + west + 180) % 360 - 180
    world = np.broadcast_to(longitudes.astype(np.float32), (180, 360))
    path = write_raster("world.tif", world, transform=grid, crs="EPSG:4326")
    scene = write_raster(
        "i.tif",
        np.zeros((64, 64), np.uint8),
        transform=Affine(0.1, 0, -63, 0, -0.1, -10),
        crs="EPSG:4326",
    )
    values = AlignedRasters([path], Raster(scene).grid).read(Window(0, 0, 64, 64), 64, 64)[0]
    assert np.allclose(values[0], -63 + 0.1 * (np.arange(64) + 0.5), atol=1e-3)


def test_points_outside_the_other_coordinate_system_are_missing(
    write_raster: Callable[..., str],
) -> None:
    world = write_raster(
        "i.tif",
        np.zeros((90, 180), np.uint8),
        transform=Affine(2, 0, -180, 0, -2, 90),
        crs="EPSG:4326",
    )
    local = write_raster(
        "a.tif", np.ones((64, 64), np.uint8), transform=UTM_GRID @ Affine.scale(1000)
    )
    values = AlignedRasters([local], Raster(world).grid).read(Window(0, 0, 90, 180), 90, 180)[0]
    assert 0 < (values == 1).sum() < 90 * 180 / 2


def test_extents_on_pictures_count_downwards_as_in_qgis(write_raster: Callable[..., str]) -> None:
    plain = {"transform": Affine.identity(), "crs": None}
    grid = Raster(write_raster("i.tif", np.zeros((60, 50), np.uint8), **plain)).grid
    assert extent_to_window((10, -40, 30, -20), "", grid, "i") == Window(20, 10, 20, 20)


def test_both_streams_are_mirrored_alike_beyond_a_small_image(
    write_raster: Callable[..., str],
) -> None:
    pixels = np.random.default_rng(0).integers(1, 200, (24, 40)).astype(np.uint8)
    image = Raster(write_raster("image.tif", pixels))
    window = Window(-4, -12, 64, 64)
    same = AlignedRasters([write_raster("auxiliary.tif", pixels)], image.grid).read_reflected(
        window, 64, 64
    )
    assert np.array_equal(same, image.read_reflected(window))
