"""Values on another scale than in training cause a warning; another surface does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.inference.value_range import auxiliary_warning, range_warning
from engine.rasters.alignment import AlignedRasters
from engine.rasters.raster import Raster

LOW, HIGH = (100.0, 200.0), (3100.0, 4200.0)


def image(factor: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(1500, 300, (2, 150, 200))
    return (factor * noise).astype(np.float32)


@pytest.mark.parametrize(
    "factor, is_reported",
    [(1, False), (0.7, False), (2, False), (1e-4, True), (0.0255, True), (10, True)],
)
def test_another_scale_is_reported(
    write_raster: Callable[..., str], factor: float, is_reported: bool
) -> None:
    with Raster(write_raster("a.tif", image(factor))) as raster:
        text = range_warning(raster, LOW, HIGH)
    assert bool(text) == is_reported
    assert not text or ("a.tif" in text and "between 100 and 4200" in text)


@pytest.mark.parametrize("factor, is_reported", [(1, False), (40, True), (1e-4, True), (1e4, True)])
def test_another_scale_of_the_auxiliary_stream_is_reported(
    write_raster: Callable[..., str], factor: float, is_reported: bool
) -> None:
    with Raster(write_raster("a.tif", image(1))) as raster:
        stack = AlignedRasters([write_raster("nir.tif", image(factor))], raster.grid)
        text = auxiliary_warning(stack, (1500.0, 1500.0), (600.0, 600.0))
    assert bool(text) == is_reported and (not text or "nir.tif" in text)


def test_nothing_is_said_of_nothing(write_raster: Callable[..., str]) -> None:
    with Raster(write_raster("a.tif", np.zeros((2, 40, 40), np.uint8), nodata=0)) as raster:
        assert range_warning(raster, LOW, HIGH) == ""
    with Raster(write_raster("b.tif", image(1e-4))) as raster:
        assert range_warning(raster, (), ()) == "", "a card that names no range"


def read_all(paths: list[Path], bands: int) -> np.ndarray:
    """All pixels (C, n) of rasters."""
    rasters = [Raster(str(path)) for path in paths]
    return np.concatenate([r.read(r.grid.bounds).reshape(bands, -1) for r in rasters], axis=1)


def test_no_real_chip_is_on_another_scale(data: Callable[[str], Path]) -> None:
    paths = sorted(data("water/ts_sn").glob("*.tif"))
    low, high = np.percentile(read_all(paths, 3), (0.5, 99.5), axis=1)
    chips = [Raster(str(path)) for path in [*data("water/vs_sn").glob("*.tif"), *paths]]
    assert not any(range_warning(chip, low, high) for chip in chips)
    assert all(range_warning(chip, low / 1e4, high / 1e4) for chip in chips)


def test_no_real_coarse_stack_is_on_another_scale(data: Callable[[str], Path]) -> None:
    paths = sorted(data("water/t_gems").glob("*.tif"))
    pixels = read_all(paths, 2)
    mean, std = pixels.mean(axis=1), pixels.std(axis=1)
    grid = Raster(str(next(data("water/ts_sn").glob("*.tif")))).grid
    stacks = [AlignedRasters([str(path)], grid) for path in paths]
    assert not any(auxiliary_warning(stack, mean, std) for stack in stacks)
    assert all(auxiliary_warning(stack, mean / 1e4, std / 1e4) for stack in stacks)
