"""The rasters of several models are decoded once, with any bands and any first row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.compute.devices import choose_device
from engine.inference.scene_prefetch import MemberInput, ScenePrefetcher
from engine.rasters.alignment import AlignedRasters
from engine.rasters.raster import Raster
from engine.rasters.windows import Window

CPU = choose_device("cpu", "fp32")
TILED = {"tiled": True, "blockxsize": 128, "blockysize": 128}


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(1, 255, (4, 900, 400)).astype(np.uint8)


def test_each_model_gets_its_own_bands(
    write_raster: Callable[..., str], pixels: np.ndarray, file_reads: list[Any]
) -> None:
    with Raster(write_raster("i.tif", pixels, **TILED), (3, 1)) as first:
        second = first.view((2,))
        whole = first.grid.bounds
        parts = [MemberInput([first], whole, 0), MemberInput([second], Window(0, 0, 900, 200), 0)]
        with ScenePrefetcher(parts, CPU, 0) as ahead:
            for row in range(0, 800, 100):
                ahead.begin(0, row, row + 100)
                ahead.begin(1, row, row + 100)
                window = Window(row, 30, 100, 150)
                expected = pixels[:, row : row + 100, 30:180]
                assert (first.read_raw(window).pixels == expected[[2, 0]]).all()
                assert (second.read_raw(window).pixels == expected[1]).all()
        rows = [(read.window.row, read.window.row_stop) for read in file_reads]
        assert len(rows) == len(set(rows)), "each band once"
        assert first.source is None, "at the end the file is read again"
        assert (first.read_raw(Window(0, 0, 5, 5)).pixels == pixels[[2, 0], :5, :5]).all()


def test_transparency_is_data_for_one_and_a_mask_for_the_other(
    write_raster: Callable[..., str], pixels: np.ndarray
) -> None:
    pixels[3] = np.where(np.arange(400) < 100, 0, 255)
    path = write_raster("rgba.tif", pixels, photometric="RGB", alpha="YES", **TILED)
    window = Window(10, 50, 60, 100)
    with Raster(path) as plain:
        data = plain.view((4, 1))
        expected = [raster.read(window) for raster in (plain, data)]
        assert np.isnan(expected[0]).any() and not np.isnan(expected[1]).any()
        parts = [
            MemberInput([plain], plain.grid.bounds, 0),
            MemberInput([data], plain.grid.bounds, 0),
        ]
        with ScenePrefetcher(parts, CPU, 0) as ahead:
            ahead.begin(0, 0, 128)
            ahead.begin(1, 0, 128)
            for raster, values in zip((plain, data), expected):
                assert np.array_equal(raster.read(window), values, equal_nan=True)


def test_a_second_stream_of_another_extent(
    write_raster: Callable[..., str], pixels: np.ndarray
) -> None:
    image = Raster(write_raster("i.tif", pixels, **TILED))
    stack = AlignedRasters([write_raster("short.tif", pixels[:1, :300, :150], **TILED)], image.grid)
    assert len(stack.rasters_on_grid) == 1
    window = Window(200, 100, 256, 256)
    expected = stack.read(window, 256, 256)
    assert np.isfinite(expected).any() and np.isnan(expected).any()
    parts = [MemberInput([image, *stack.rasters_on_grid], image.grid.bounds, 0)]
    with image, ScenePrefetcher(parts, CPU, 0) as ahead:
        ahead.begin(0, 200, 456)
        assert np.array_equal(stack.read(window, 256, 256), expected, equal_nan=True)


def test_models_that_begin_further_down_hold_nothing_above(
    write_raster: Callable[..., str], pixels: np.ndarray, file_reads: list[Any]
) -> None:
    with Raster(write_raster("i.tif", pixels, **TILED)) as image:
        other = image.view((2,))
        parts = [
            MemberInput([image], image.grid.bounds, 700),
            MemberInput([other], image.grid.bounds, 660),
        ]
        with ScenePrefetcher(parts, CPU, 0) as ahead:
            ahead.begin(0, 700, 800)
            ahead.begin(1, 660, 760)
            assert (other.read_raw(Window(660, 0, 90, 9)).pixels == pixels[1, 660:750, :9]).all()
    assert min(read.window.row for read in file_reads) == 640, "the blocks around row 660"
