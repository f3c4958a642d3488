"""Physical values that torch decodes on the network's device equal those of ``RawWindow.physical``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import rasterio
import torch

from engine.compute.arrays import namespace
from engine.rasters.pixel_encoding import Encoding, to_physical
from engine.rasters.raster import Raster
from engine.rasters.windows import Window


def physical(pixels: Any, masks: Any, encoding: Encoding) -> Any:
    return to_physical(pixels, masks, encoding, namespace(pixels))


@pytest.mark.parametrize(
    ("kind", "nodata", "highest"),
    [
        ("uint8", 0, 9),
        ("int8", -7, 9),
        ("uint16", 65535, 65535),
        ("int16", -5, 9),
        ("uint32", 4294967295, 4294967295),
        ("int32", -2147483648, 9),
        ("float32", -9999.0, 9),
        ("float64", float("nan"), 9),
        ("uint16", None, 65535),
    ],
)
def test_physical_values(
    write_raster: Callable[..., str], kind: str, nodata: Any, highest: int
) -> None:
    generator = np.random.default_rng(0)
    numbers = (generator.random((2, 40, 50)) * highest).astype(kind)
    if nodata is not None:
        numbers[0, :10] = numbers[1, 5:15] = nodata
    if kind == "float32":
        numbers[1, 30] = np.inf
    path = write_raster("i.tif", numbers, nodata=nodata)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1, 1.0), (-3.0, 0.0)
    expected = numbers.astype(np.float64) * [[[0.1]], [[1.0]]] + [[[-3.0]], [[0.0]]]
    missing = np.zeros(numbers.shape, bool)
    if nodata is not None:
        missing = numbers == nodata
        missing[0, :10] = missing[1, 5:15] = True
    missing |= ~np.isfinite(numbers.astype(np.float64))
    with Raster(path) as raster:
        raw = raster.read_raw(Window(0, 0, 40, 50))
        values = physical(torch.from_numpy(raw.pixels[None]), None, raw.encoding)[0].numpy()
        assert values.dtype == np.float32
        assert (np.isnan(values) == missing).all()
        assert values[~missing] == pytest.approx(expected[~missing], rel=1e-7)
        assert np.array_equal(values, raw.physical(), equal_nan=True)
        known = raw.known()
        assert (known is None) == (nodata is None)
        assert known is None or (known == ~missing.all(axis=0)).all()


def test_a_mask_hides_its_own_band_only() -> None:
    pixels = torch.arange(8, dtype=torch.uint8).view(1, 2, 2, 2)
    masks = torch.tensor([[True, False], [True, True]]).expand(1, 2, 2, 2)
    encoding = Encoding((1.0, 1.0), (0.0, 0.0), (None, None), (False, True))
    values = physical(pixels, masks, encoding)
    assert values[0, 0].tolist() == [[0, 1], [2, 3]]
    assert values[0, 1, 0, 1].isnan() and values[0, 1].isnan().sum() == 1


def test_a_narrow_number_among_wide_pixels() -> None:
    """Bands of 8 and of 16 bits are read together as 16 bits; nodata stays an 8-bit number."""
    pixels = torch.from_numpy(np.array([[[[0, 7]], [[0, 65535]]]], np.uint16))
    encoding = Encoding((1.0, 1.0), (0.0, 0.0), (np.uint8(7), None), (False, False))
    values = physical(pixels, None, encoding)
    assert values[0, 0, 0, 0] == 0 and values[0, 0, 0, 1].isnan()
    assert values[0, 1].tolist() == [[0, 65535]]
