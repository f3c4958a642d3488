"""Decoded blocks: the file's own pixels, each decoded once by all threads together, in a bounded room."""

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
import rasterio

from engine.contract.errors import RasterError
from engine.rasters import block_cache as decoded_module
from engine.rasters.block_cache import BlockCache, block_shape
from engine.rasters.raster import Raster
from engine.rasters.windows import Window

TILED = {"tiled": True, "blockxsize": 128, "blockysize": 256, "compress": "deflate"}
STRIPS = {"blockysize": 16, "compress": "deflate"}
ROOM = 2**30


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 60_000, (4, 700, 900)).astype(np.uint16)


def times_read(reads: list[Any], shape: tuple[int, int]) -> np.ndarray:
    counts = np.zeros(shape, int)
    for _, part, _ in reads:
        counts[part.row : part.row_stop, part.col : part.col_stop] += 1
    return counts


def attached(
    path: str, *bands: tuple[int, ...], room: int = ROOM
) -> tuple[BlockCache, list[Raster]]:
    rasters = [Raster(path, chosen) for chosen in bands]
    decoded = BlockCache(room)
    decoded.attach(rasters)
    return decoded, rasters


@pytest.mark.parametrize("layout", [TILED, STRIPS, {}])
@pytest.mark.parametrize("threads", [1, 6])
def test_windows_are_the_file_s_and_no_block_is_decoded_twice(
    write_raster: Callable[..., str],
    pixels: np.ndarray,
    file_reads: list[Any],
    layout: dict[str, Any],
    threads: int,
) -> None:
    path = write_raster("i.tif", pixels, **layout)
    decoded, (raster,) = attached(path, (3, 1))
    rng = np.random.default_rng(1)
    corners = [(int(rng.integers(600)), int(rng.integers(700))) for _ in range(60)]

    def read(corner: tuple[int, int]) -> np.ndarray:
        return raster.read_raw(Window(*corner, 100, 200)).pixels

    with ThreadPoolExecutor(threads) as pool:
        for (row, col), found in zip(corners, pool.map(read, corners)):
            assert (found == pixels[[2, 0], row : row + 100, col : col + 200]).all()
    decoded.close_files()
    assert times_read(file_reads, (700, 900)).max() == 1
    assert decoded.made == len(file_reads) and decoded.dropped == 0


def test_masks_scales_and_nodata_come_along(
    write_raster: Callable[..., str], pixels: np.ndarray
) -> None:
    pixels[pixels < 20_000] = 7
    path = write_raster("i.tif", pixels, nodata=7, scales=(0.1,) * 4, offsets=(2.0,) * 4, **TILED)
    masked = write_raster("m.tif", pixels[:1], **TILED)
    with rasterio.open(masked, "r+") as file:
        file.write_mask(np.random.default_rng(3).random((700, 900)) > 0.3)
    for name, bands in ((path, (4, 2)), (masked, (1,))):
        with Raster(name, bands) as plain:
            window = Window(-10, 100, 300, 500)
            expected = plain.read_reflected(window)
        assert np.isnan(expected).any()
        _, (raster,) = attached(name, bands)
        assert np.array_equal(raster.read_reflected(window), expected, equal_nan=True)


def test_views_of_one_file_are_decoded_together(
    write_raster: Callable[..., str], pixels: np.ndarray, file_reads: list[Any]
) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    _, (image, second) = attached(path, (3, 2, 1), (4,))
    window = Window(100, 100, 300, 300)
    assert (second.read_raw(window).pixels == pixels[3, 100:400, 100:400]).all()
    first = len(file_reads)
    assert (image.read_raw(window).pixels == pixels[[2, 1, 0], 100:400, 100:400]).all()
    assert first == len(file_reads) > 0


def test_transparency_is_data_for_one_and_a_mask_for_the_other(
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
    _, rasters = attached(path, *choices)
    for raster, values in zip(rasters, expected):
        assert np.array_equal(raster.read(window), values, equal_nan=True)


def test_what_was_used_least_lately_makes_room(
    write_raster: Callable[..., str],
    pixels: np.ndarray,
    file_reads: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoded_module, "_NEIGHBOURS", 1)
    path = write_raster("i.tif", pixels[:1], **TILED)
    size = 256 * 256 * 2
    decoded, (raster,) = attached(path, (1,), room=8 * size)

    def read(*numbers: int) -> list[int]:
        """Reads a pixel of each of some blocks; which of them were decoded for it."""
        file_reads.clear()
        for number in numbers:
            raster.read_raw(Window(*corners[number], 5, 5))
        return [corners.index((part.row, part.col)) for _, part, _ in file_reads]

    corners = [(row, col) for row in (0, 256, 512) for col in (0, 256, 512)]
    assert read(*range(8), *range(8)) == [*range(8)] and decoded.spare_bytes == 0
    assert read(2, 8) == [8], "one too many: a quarter of the room stays, what was used last"
    assert (decoded.spare_bytes, decoded.made, decoded.dropped) == (6 * size, 9, 7)
    assert read(8, 2, 7, 2, 8) == [7, 8] and decoded.memory_bytes <= 2 * size
    tight, (raster,) = attached(path, (1,), room=1)
    assert (raster.read_raw(Window(0, 0, 700, 900)).pixels == pixels[0]).all()
    assert tight.memory_bytes <= size, "one block stays, however small the room"


def test_what_fails_fails_for_all_that_wait_and_is_tried_anew() -> None:
    decoded, begun, tries = BlockCache(ROOM), threading.Event(), []

    def make() -> np.ndarray:
        tries.append(1)
        begun.wait(5)
        if len(tries) == 1:
            raise RasterError("The file is damaged.")
        return np.ones(3)

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(decoded.get, "key", make) for _ in range(4)]
        time.sleep(0.05)
        begun.set()
        errors = [future.exception() for future in waiting]
    assert {str(error) for error in errors} == {"The file is damaged."} and len(tries) == 1
    assert decoded.get("key", make).sum() == 3 and decoded.made == 1


def test_a_damaged_file_is_named(write_raster: Callable[..., str], pixels: np.ndarray) -> None:
    path = write_raster("i.tif", pixels, **TILED)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 2])
    _, (raster,) = attached(path, (1, 2))
    with pytest.raises(RasterError, match=r"i\.tif cannot be read at rows .* damaged"):
        raster.read(Window(500, 0, 200, 900))


def test_a_block_is_whole_blocks_of_the_file(write_raster: Callable[..., str]) -> None:
    wide = np.zeros((1, 600, 2000), np.uint8)
    shapes = {
        "small tiles": (block_of(write_raster("a.tif", wide, **TILED)), (256, 256)),
        "strips": (block_of(write_raster("b.tif", wide, blockysize=10)), (70, 2000)),
        "one strip": (
            block_of(write_raster("c.tif", wide, blockysize=600, compress="lzw")),
            (600, 2000),
        ),
        "from the top only": (block_of(write_raster("d.png", wide, driver="PNG")), (600, 2000)),
    }
    assert all(found == expected for found, expected in shapes.values()), shapes


def block_of(path: str) -> tuple[int, int]:
    with Raster(path) as raster:
        rows, cols = block_shape(raster)
        return rows, min(cols, raster.grid.width)


def test_few_files_stay_open_and_none_when_asked(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    decoded = BlockCache(1)  # room for the newest block alone
    rasters = []
    for number in range(40):
        path = write_raster(f"{number}.tif", np.full((1, 20, 20), number, np.uint8))
        rasters.append(Raster(path))
    decoded.attach(rasters)

    def open_files() -> int:
        return sum(Path(file.path).parent == tmp_path for file in psutil.Process().open_files())

    assert open_files() == 0, "attached rasters are closed"
    for number, raster in enumerate(rasters):
        assert (raster.read(raster.grid.bounds) == number).all()
    assert 0 < open_files() <= 32
    decoded.close_files()
    assert open_files() == 0
    assert (rasters[5].read(rasters[5].grid.bounds) == 5).all()
    assert open_files() == 1, "closed, it is opened when needed"
    decoded.close_files()
