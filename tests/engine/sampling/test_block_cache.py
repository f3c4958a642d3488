"""The block cache returns the file's pixels, decodes each block once for all threads, and bounds its memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.contract.errors import RasterError
from engine.rasters.raster import Raster
from engine.rasters.windows import Window
from engine.sampling.block_cache import BlockCache, block_shape

TILED = {"tiled": True, "blockxsize": 128, "blockysize": 256, "compress": "deflate"}
STRIPS = {"blockysize": 16, "compress": "deflate"}
MAX_BYTES = 2**30


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 60_000, (4, 700, 900)).astype(np.uint16)


def cached(path: str, *bands: tuple[int, ...]) -> tuple[BlockCache, list[Raster]]:
    """A cache, and one raster for each choice of bands that reads through it."""
    cache, rasters = BlockCache(MAX_BYTES), [Raster(path, indexes) for indexes in bands]
    cache.attach(rasters)
    return cache, rasters


@pytest.mark.parametrize("layout", [TILED, STRIPS, {}])
@pytest.mark.parametrize("threads", [1, 6])
def test_no_block_is_decoded_twice(
    write_raster: Callable[..., str],
    pixels: np.ndarray,
    file_reads: list[Any],
    layout: dict[str, Any],
    threads: int,
) -> None:
    path = write_raster("i.tif", pixels, **layout)
    cache, (raster,) = cached(path, (3, 1))
    rng = np.random.default_rng(1)
    corners = [(int(rng.integers(600)), int(rng.integers(700))) for _ in range(60)]

    def read(corner: tuple[int, int]) -> np.ndarray:
        return raster.read_raw(Window(*corner, 100, 200)).pixels

    with ThreadPoolExecutor(threads) as pool:
        for (row, col), values in zip(corners, pool.map(read, corners)):
            assert (values == pixels[[2, 0], row : row + 100, col : col + 200]).all()
    cache.close_files()
    assert len({block for _, block, _ in file_reads}) == len(file_reads)
    assert cache.spare_bytes == 0, "none was dropped"


def test_cached_windows_have_masks_scales_and_nodata(
    write_raster: Callable[..., str], pixels: np.ndarray
) -> None:
    pixels[pixels < 20_000] = 7
    path = write_raster("i.tif", pixels, nodata=7, scales=(0.1,) * 4, offsets=(2.0,) * 4, **TILED)
    mask = np.random.default_rng(3).random((700, 900)) > 0.3
    masked = write_raster("m.tif", pixels[:1], mask=mask, **TILED)
    for name, bands in ((path, (4, 2)), (masked, (1,))):
        with Raster(name, bands) as plain:
            window = Window(-10, 100, 300, 500)
            expected = plain.read_reflected(window)
        assert np.isnan(expected).any()
        _, (raster,) = cached(name, bands)
        assert np.array_equal(raster.read_reflected(window), expected, equal_nan=True)


def test_views_of_one_file_are_decoded_together(
    write_raster: Callable[..., str], pixels: np.ndarray, file_reads: list[Any]
) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    _, (image, second) = cached(path, (3, 2, 1), (4,))
    window = Window(100, 100, 300, 300)
    assert (second.read_raw(window).pixels == pixels[3, 100:400, 100:400]).all()
    first = len(file_reads)
    assert (image.read_raw(window).pixels == pixels[[2, 1, 0], 100:400, 100:400]).all()
    assert first == len(file_reads) > 0


def test_alpha_is_data_in_one_view_and_a_mask_in_the_other(
    write_raster: Callable[..., str], pixels: np.ndarray
) -> None:
    pixels = pixels.astype(np.uint8)
    pixels[3] = np.where(np.arange(900) < 300, 0, 255)
    path = write_raster("rgba.tif", pixels, photometric="RGB", alpha="YES", **TILED)
    window = Window(10, 250, 60, 100)
    choices = ((), (4, 1))
    expected = []
    for bands in choices:
        with Raster(path, bands) as plain:
            expected.append(plain.read(window))
    assert np.isnan(expected[0]).any() and not np.isnan(expected[1]).any()
    _, rasters = cached(path, *choices)
    for raster, values in zip(rasters, expected):
        assert np.array_equal(raster.read(window), values, equal_nan=True)


def test_the_least_recently_used_blocks_are_dropped() -> None:
    cache = BlockCache(80 * 8)

    def made(*keys: int) -> list[int]:
        """Gets blocks of 8 bytes, and returns the keys of those that were not cached."""
        missing: list[int] = []
        for key in keys:
            cache.get(key, lambda key=key: missing.append(key) or np.zeros(1))
        return missing

    assert made(*range(80), *range(80)) == [*range(80)] and cache.spare_bytes == 0
    assert made(2, 80) == [80], "one block too many: a quarter of the memory is kept"
    assert (cache.spare_bytes, cache.memory_bytes) == (60 * 8, 20 * 8)
    assert made(80, 2, *range(62, 80)) == [] and made(61) == [61] and made(80) == [80]
    small = BlockCache(1)
    assert small.get(0, lambda: np.zeros(1)) is small.get(0, lambda: np.ones(1))
    assert small.memory_bytes == 8, "the newest block is kept in any case"


def test_an_error_is_raised_in_all_waiting_threads_and_the_next_call_tries_again() -> None:
    cache, begun, tries = BlockCache(MAX_BYTES), threading.Event(), []

    def make() -> np.ndarray:
        tries.append(1)
        begun.wait(5)
        if len(tries) == 1:
            raise RasterError("The file is damaged.")
        return np.ones(3)

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(cache.get, "key", make) for _ in range(4)]
        time.sleep(0.05)
        begun.set()
        errors = [future.exception() for future in waiting]
    assert {str(error) for error in errors} == {"The file is damaged."} and len(tries) == 1
    assert cache.get("key", make).sum() == 3 and len(tries) == 2


def test_a_damaged_file_is_named(write_raster: Callable[..., str], pixels: np.ndarray) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    _, (raster,) = cached(path, (1, 2))
    with pytest.raises(RasterError, match=r"i\.tif cannot be read at rows .* damaged"):
        raster.read(Window(500, 0, 200, 900))


@pytest.mark.parametrize(
    ("name", "profile", "expected"),
    [
        ("tiles.tif", TILED, (256, 256)),
        ("strips.tif", {"blockysize": 10}, (70, 2000)),
        ("one_strip.tif", {"blockysize": 600, "compress": "lzw"}, (600, 2000)),
        ("not_random_access.png", {"driver": "PNG"}, (600, 2000)),
    ],
)
def test_a_block_is_a_multiple_of_the_blocks_of_the_file(
    name: str,
    profile: dict[str, Any],
    expected: tuple[int, int],
    write_raster: Callable[..., str],
) -> None:
    with Raster(write_raster(name, np.zeros((1, 600, 2000), np.uint8), **profile)) as raster:
        rows, cols = block_shape(raster)
    assert (rows, min(cols, 2000)) == expected


def test_few_files_stay_open_and_none_after_close_files(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    cache = BlockCache(1)  # keeps the newest block only
    images = (np.full((1, 20, 20), number, np.uint8) for number in range(40))
    rasters = [Raster(write_raster(f"{n}.tif", image)) for n, image in enumerate(images)]
    cache.attach(rasters)

    def open_files() -> int:
        return sum(Path(file.path).parent == tmp_path for file in psutil.Process().open_files())

    assert open_files() == 0, "attached rasters are closed"
    for number, raster in enumerate(rasters):
        assert (raster.read(raster.grid.bounds) == number).all()
    assert 0 < open_files() <= 32
    cache.close_files()
    assert open_files() == 0
    assert (rasters[5].read(rasters[5].grid.bounds) == 5).all()
    assert open_files() == 1, "it is opened again when needed"
    cache.close_files()
