"""Prefetched rows have the file's values, each block is decoded once, and their memory is bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
def test_no_block_is_decoded_twice(
    write_raster: Callable[..., str],
    pixels: np.ndarray,
    file_reads: list[Any],
    layout: dict[str, Any],
    threads: int,
) -> None:
    path = write_raster("i.tif", pixels, **layout)
    region = Window(37, 20, 600, 850)
    with Raster(path, (3, 1)) as raster, RowPrefetcher(raster, region, 200_000, threads) as rows:
        for top in range(37, 637 - 130, 90):
            rows.release_rows(top)
            rows.prefetch_rows(top, top + 130)
            window = Window(top, 333, 130, 400)
            assert rows.covers(window)
            assert (rows.read(window).pixels == pixels[[2, 0], top : top + 130, 333:733]).all()
            assert not rows.covers(Window(36, 333, 10, 10))
            assert not rows.covers(Window(top, 860, 10, 20))
    decoded = np.zeros(700, int)
    block = Raster(path).block_shape[0]
    for _, window, _ in file_reads:
        assert window.row == 37 or window.row % block == 0, "bands begin at blocks"
        decoded[window.row : window.row_stop] += window.width
    assert (decoded[37:627] == 850).all() and (decoded[:37] == 0).all()


def test_several_threads_share_a_wide_band(
    write_raster: Callable[..., str], file_reads: list[Any]
) -> None:
    wide = np.random.default_rng(1).integers(0, 255, (1, 128, 9000)).astype(np.uint8)
    path = write_raster("wide.tif", wide, **TILED)
    with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, 0, 3) as rows:
        rows.prefetch_rows(0, 128)
        assert (rows.read(Window(0, 0, 128, 9000)).pixels == wide).all()
    assert len(file_reads) == 3 and all(name.startswith("decoder") for *_, name in file_reads)
    assert {window.col % 256 for _, window, _ in file_reads} == {0}


def test_a_picture_is_decoded_by_one_thread(
    write_raster: Callable[..., str], file_reads: list[Any]
) -> None:
    """A PNG is decoded from its beginning: two threads would decode it twice."""
    values = np.random.default_rng(2).integers(0, 255, (3, 90, 5000)).astype(np.uint8)
    path = write_raster("p.png", values, driver="PNG")
    with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, 0, 4) as rows:
        rows.prefetch_rows(0, 90)
        assert (rows.read(Window(0, 0, 90, 5000)).pixels == values).all()
    assert len({name for *_, name in file_reads}) == 1


def test_as_many_rows_are_decoded_ahead_as_memory_allows(
    write_raster: Callable[..., str], pixels: np.ndarray, file_reads: list[Any]
) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    band_bytes = 128 * 900 * 3 * 2
    for max_bytes, bands in ((0, 2), (3 * band_bytes, 3), (100 * band_bytes, 6)):
        file_reads.clear()
        with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, max_bytes) as rows:
            rows.prefetch_rows(0, 10)
            rows.release_rows(700)  # waits for the bands that are being decoded
        assert len(file_reads) == bands


def test_prefetched_windows_have_masks(
    write_raster: Callable[..., str], pixels: np.ndarray
) -> None:
    mask = np.random.default_rng(3).random((700, 900)) > 0.3
    path = write_raster("i.tif", pixels, mask=mask, **TILED)
    window = Window(100, 50, 300, 500)
    with Raster(path) as raster, RowPrefetcher(raster, raster.grid.bounds, 0) as rows:
        rows.prefetch_rows(100, 400)
        raw = rows.read(window)
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
        RowPrefetcher(raster, raster.grid.bounds, 0) as rows,
    ):
        rows.prefetch_rows(0, 700)
