"""Pixels are physical values, NaN wherever the file marks them as missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.contract.errors import RasterError
from engine.rasters.raster import Raster, open_image
from engine.rasters.windows import Window

WHOLE = Window(0, 0, 4, 5)


def ramp(dtype: str, bands: int = 1) -> np.ndarray:
    return np.arange(20 * bands).reshape(bands, 4, 5).astype(dtype)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int16", "uint16", "int32", "float32", "float64"]
)
def test_every_real_type_is_read(write_raster: Callable[..., str], dtype: str) -> None:
    with Raster(write_raster("a.tif", ramp(dtype, 2))) as raster:
        values = raster.read(WHOLE)
    assert values.dtype == np.float32 and (values == ramp("float32", 2)).all()


def test_nodata_is_missing_per_band(write_raster: Callable[..., str]) -> None:
    with Raster(write_raster("a.tif", ramp("int16", 2), nodata=3)) as raster:
        values = raster.read(WHOLE)
    assert np.isnan(values[0, 0, 3]) and np.isnan(values).sum() == 1


@pytest.mark.parametrize(
    ("values", "nodata"),
    [((np.nan, np.inf, -np.inf), np.nan), ((-3.4e38,), float(np.float32(-3.4e38)))],
)
def test_nan_infinity_and_float_nodata_are_missing(
    write_raster: Callable[..., str], values: tuple[float, ...], nodata: float
) -> None:
    array = ramp("float32")
    array[0, 0, : len(values)] = values
    with Raster(write_raster("a.tif", array, nodata=nodata)) as raster:
        assert np.isnan(raster.read(WHOLE)).sum() == len(values)


def test_a_mask_band_is_missing_in_every_band(write_raster: Callable[..., str]) -> None:
    mask = np.full((4, 5), 255, np.uint8)
    mask[2, 2] = 0
    with Raster(write_raster("a.tif", ramp("uint8", 2), mask=mask)) as raster:
        assert np.argwhere(np.isnan(raster.read(WHOLE))).tolist() == [[0, 2, 2], [1, 2, 2]]


def test_an_alpha_band_is_a_mask_and_no_band(write_raster: Callable[..., str]) -> None:
    array = ramp("uint8", 4)
    array[3] = 255
    array[3, 0, 0] = 0
    path = write_raster("a.tif", array, photometric="rgb", alpha="yes")
    with Raster(path) as raster:
        assert raster.bands == 3
        values = raster.read(WHOLE)
    assert np.isnan(values[:, 0, 0]).all() and np.isnan(values).sum() == 3


def test_scale_and_offset_are_applied_after_nodata(write_raster: Callable[..., str]) -> None:
    path = write_raster("a.tif", ramp("int16", 2), nodata=0, scales=(0.1, 1.0), offsets=(5.0, 0.0))
    with Raster(path) as raster:
        values = raster.read(WHOLE)
    assert np.isnan(values[0, 0, 0]) and values[0, 0, 1] == pytest.approx(5.1)
    assert values[1, 0, 0] == 20


def test_pixels_beyond_the_edge_are_missing_or_mirrored(
    write_raster: Callable[..., str],
) -> None:
    with Raster(write_raster("a.tif", ramp("uint8"))) as raster:
        values = raster.read(Window(-1, 3, 3, 4))
        assert np.isnan(values[0, 0]).all() and np.isnan(values[0, :, 2:]).all()
        assert values[0, 1, 0] == 3
        mirrored = raster.read_reflected(Window(0, 0, 8, 8))
        assert (mirrored[0, 4:] == mirrored[0, 3::-1]).all() and not np.isnan(mirrored).any()


def test_one_pixel_fills_a_tile(write_raster: Callable[..., str]) -> None:
    with Raster(write_raster("a.tif", np.array([[7]], np.uint8))) as raster:
        assert (raster.read_reflected(Window(0, 0, 32, 32)) == 7).all()


@pytest.mark.parametrize(
    "name, message",
    [("nowhere.tif", "no such file"), ("text.tif", "not a raster that GDAL can open")],
)
def test_files_that_are_no_rasters_are_named(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(RasterError, match=message):
        Raster(str(tmp_path / name))


def test_complex_and_paletted_rasters_are_refused(write_raster: Callable[..., str]) -> None:
    with pytest.raises(RasterError, match="complex numbers"):
        Raster(write_raster("c.tif", ramp("complex64")))
    palette = write_raster("p.tif", ramp("uint8"), colormap={0: (1, 2, 3, 255)})
    with pytest.raises(RasterError, match="paletted"):
        open_image(palette)
    with Raster(palette) as raster:
        assert raster.colours[0] == "#010203"


def test_a_damaged_file_is_named_with_the_place(data: Callable[[str], Path]) -> None:
    with (
        Raster(str(data("odd/rasterio+rasterio__corrupt.tif"))) as raster,
        pytest.raises(RasterError, match=r"corrupt\.tif cannot be read at rows .* damaged"),
    ):
        raster.read(raster.grid.bounds)
