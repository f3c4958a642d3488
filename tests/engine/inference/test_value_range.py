"""Values on another scale than the training's are told; another surface is not another scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.inference.value_range import auxiliary_warning, range_warning
from engine.rasters.alignment import Aligned
from engine.rasters.raster import Raster

LOW, HIGH = (100.0, 200.0), (3100.0, 4200.0)


def image(factor: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(1500, 300, (2, 150, 200))
    return (factor * noise).astype(np.float32)


@pytest.mark.parametrize(
    "factor, is_told",
    [(1, False), (0.7, False), (2, False), (1e-4, True), (0.0255, True), (10, True)],
)
def test_another_scale_is_told(
    write_raster: Callable[..., str], factor: float, is_told: bool
) -> None:
    with Raster(write_raster("a.tif", image(factor))) as raster:
        text = range_warning(raster, LOW, HIGH)
    assert bool(text) == is_told
    assert not text or ("a.tif" in text and "between 100 and 4200" in text)


@pytest.mark.parametrize("factor, is_told", [(1, False), (40, True), (1e-4, True), (1e4, True)])
def test_another_scale_of_the_second_stream_is_told(
    write_raster: Callable[..., str], factor: float, is_told: bool
) -> None:
    with Raster(write_raster("a.tif", image(1))) as raster:
        stack = Aligned([write_raster("nir.tif", image(factor))], raster.grid)
        text = auxiliary_warning(stack, (1500.0, 1500.0), (600.0, 600.0))
    assert bool(text) == is_told and (not text or "nir.tif" in text)


def test_nothing_is_said_of_nothing(write_raster: Callable[..., str]) -> None:
    with Raster(write_raster("a.tif", np.zeros((2, 40, 40), np.uint8), nodata=0)) as raster:
        assert range_warning(raster, LOW, HIGH) == ""
    with Raster(write_raster("b.tif", image(1e-4))) as raster:
        assert range_warning(raster, (), ()) == "", "a card that names no range"


def test_no_real_chip_is_told_to_be_on_another_scale(data: Callable[[str], Path]) -> None:
    paths = sorted(str(path) for path in data("water/ts_sn").glob("*.tif"))
    pixels = np.concatenate(
        [Raster(p).read(Raster(p).grid.bounds).reshape(3, -1) for p in paths], 1
    )
    low, high = np.percentile(pixels, (0.5, 99.5), axis=1)
    chips = [str(path) for path in data("water/vs_sn").glob("*.tif")] + paths
    assert [range_warning(Raster(path), low, high) for path in chips] == [""] * len(chips)
    assert all(range_warning(Raster(path), low / 1e4, high / 1e4) for path in chips)


def test_no_real_coarse_stack_is_told_to_be_on_another_scale(data: Callable[[str], Path]) -> None:
    paths = sorted(str(path) for path in data("water/t_gems").glob("*.tif"))
    pixels = np.concatenate(
        [Raster(p).read(Raster(p).grid.bounds).reshape(2, -1) for p in paths], 1
    )
    mean, std = pixels.mean(axis=1), pixels.std(axis=1)
    grid = Raster(str(next(data("water/ts_sn").glob("*.tif")))).grid
    stacks = [Aligned([path], grid) for path in paths]
    assert [auxiliary_warning(stack, mean, std) for stack in stacks] == [""] * len(stacks)
    assert all(auxiliary_warning(stack, mean / 1e4, std / 1e4) for stack in stacks)
