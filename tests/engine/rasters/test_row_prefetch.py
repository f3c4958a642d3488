"""Decoded rows: the same values as the file's, each block decoded once, in a fixed room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from engine.contract.errors import RasterError
from engine.rasters.raster import Raster
from engine.rasters.row_prefetch import RowPrefetcher
from engine.rasters.windows import Window

TILED = {"tiled": True, "blockxsize": 256, "blockysize": 128, "compress": "deflate"}
STRIPS = {"blockysize": 16, "compress": "deflate"}


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 60_000, (3, 700, 900)).astype(np.uint16)


@pytest.mark.parametrize("layout", [TILED, STRIPS, {}])
@pytest.mark.parametrize("threads", [1, 3])
def test_windows_are_the_file_s_and_nothing_is_read_twice(
    write_raster: Callable[..., str],
    pixels: np.ndarray,
    file_reads: list[Any],
    layout: dict[str, Any],
    threads: int,
) -> None:
    path = write_raster("i.tif", pixels, **layout)
    region = Window(37, 20, 600, 850)
    with Raster(path, (3, 1)) as raster, RowPrefetcher(raster, region, 200_000, threads) as bands:
        for top in range(37, 637 - 130, 90):
            bands.release_rows(top)
            bands.prefetch_rows(top, top + 130)
            window = Window(top, 333, 130, 400)
            assert bands.covers(window)
            found = bands.read(window).pixels
            assert (found == pixels[[2, 0], top : top + 130, 333:733]).all()
            assert not bands.covers(Window(36, 333, 10, 10))
            assert not bands.covers(Window(top, 860, 10, 20))
    rows = np.zeros(700, int)
    block = Raster(path).block_shape[0]
    for _, window, _ in file_reads:
        assert window.row == 37 or window.row % block == 0  # cut between blocks
        rows[window.row : window.row_stop] += window.width
    assert (rows[37:627] == 850).all() and (rows[:37] == 0).all()


def test_several_threads_share_a_wide_band(
    write_raster: Callable[..., str], file_reads: list[Any]
) -> None:
    wide = np.random.default_rng(1).integers(0, 255, (1, 128, 9000)).astype(np.uint8)
    path = write_raster("wide.tif", wide, **TILED)
    with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, 0, 3) as bands:
        bands.prefetch_rows(0, 128)
        assert (bands.read(Window(0, 0, 128, 9000)).pixels == wide).all()
    assert len(file_reads) == 3 and all(name.startswith("decoder") for *_, name in file_reads)
    assert {window.col % 256 for _, window, _ in file_reads} == {0}


def test_a_picture_is_decoded_by_one_thread(tmp_path: Path, file_reads: list[Any]) -> None:
    """A PNG has to be decoded from its beginning: two readers would decode it twice."""
    values = np.random.default_rng(2).integers(0, 255, (3, 90, 5000)).astype(np.uint8)
    path = str(tmp_path / "p.png")
    with rasterio.open(path, "w", driver="PNG", height=90, width=5000, count=3, dtype="uint8") as f:
        f.write(values)
    with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, 0, 4) as bands:
        bands.prefetch_rows(0, 90)
        assert (bands.read(Window(0, 0, 90, 5000)).pixels == values).all()
    assert len({name for *_, name in file_reads}) == 1


def test_a_narrow_scene_is_read_as_far_ahead_as_there_is_room(
    write_raster: Callable[..., str], pixels: np.ndarray, file_reads: list[Any]
) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    a_band = 128 * 900 * 3 * 2
    for room, bands_read in ((0, 2), (3 * a_band, 3), (100 * a_band, 6)):
        file_reads.clear()
        with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, room) as bands:
            bands.prefetch_rows(0, 10)
            for band in bands._held:
                band.wait()
            assert len(file_reads) == bands_read


def test_masks_come_along(write_raster: Callable[..., str], pixels: np.ndarray) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    mask = np.random.default_rng(3).random((700, 900)) > 0.3
    with rasterio.open(path, "r+") as file:
        file.write_mask(mask)
    window = Window(100, 50, 300, 500)
    with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, 0) as bands:
        bands.prefetch_rows(100, 400)
        raw = bands.read(window)
        known = raw.known()
        assert known is not None and (known == mask[100:400, 50:550]).all()
        assert np.array_equal(raw.physical(), raster.read(window), equal_nan=True)


def test_a_damaged_file_is_named(write_raster: Callable[..., str], pixels: np.ndarray) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    with (
        pytest.raises(RasterError, match=r"i\.tif cannot be read at rows .* damaged"),
        Raster(path) as raster,
        RowPrefetcher(raster, raster.grid.bounds, 0) as bands,
    ):
        bands.prefetch_rows(0, 700)
