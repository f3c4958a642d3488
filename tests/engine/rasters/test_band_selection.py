"""Streams consist of any bands of any files, and a model finds its bands in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from affine import Affine

from engine.contract.errors import RasterError
from engine.rasters.alignment import AlignedRasters
from engine.rasters.band_selection import choose_bands
from engine.rasters.raster import Raster, open_image
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM_GRID

WHOLE = Window(0, 0, 4, 5)


def bands(*values: int, dtype: str = "uint8") -> np.ndarray:
    return np.stack([np.full((4, 5), value, dtype) for value in values])


def means(values: np.ndarray) -> list[float]:
    return [float(band.mean()) for band in values]


def test_bands_are_read_in_the_order_they_are_chosen(write_raster: Callable[..., str]) -> None:
    with open_image(write_raster("a.tif", bands(10, 20, 30, 40)), (4, 1)) as image:
        assert image.bands == 2 and image.of == 4 and image.band_names == ["band 4", "band 1 (red)"]
        assert means(image.read(WHOLE)) == [40, 10]


def test_nodata_and_scale_stay_with_their_band(write_raster: Callable[..., str]) -> None:
    path = write_raster(
        "a.tif", bands(1, 2, 3, dtype="int16"), nodata=2, scales=(1, 1, 0.5), offsets=(0, 0, 7)
    )
    with Raster(path, (3, 2)) as raster:
        values = raster.read(WHOLE)
        assert raster.dtype == np.float32, "of the physical values"
    assert (values[0] == 8.5).all() and np.isnan(values[1]).all()
    with Raster(path, (1,)) as raster:
        assert raster.dtype == np.int16


@pytest.mark.parametrize("chosen", [(1, 5), (0,), (-1,)])
def test_a_band_that_does_not_exist_is_refused(
    write_raster: Callable[..., str], chosen: tuple[int, ...]
) -> None:
    path = write_raster("a.tif", bands(1, 2, 3, 4))
    with pytest.raises(RasterError, match=rf"a\.tif has no band {chosen[-1]}: it has 4 band"):
        Raster(path, chosen)
    with pytest.raises(RasterError, match=rf"no band {chosen[-1]}: together they have 4 band"):
        AlignedRasters([path], Raster(path).grid, bands=chosen)


def test_a_chosen_alpha_band_is_data_and_no_mask(write_raster: Callable[..., str]) -> None:
    array = bands(10, 20, 30, 40)
    array[3, 0, 0] = 0
    path = write_raster("a.tif", array, photometric="rgb", alpha="yes")
    with Raster(path, (1, 4)) as raster:
        values = raster.read(WHOLE)
        assert not raster.warnings and np.array_equal(values, array[[0, 3]])
    with Raster(path, (1, 2)) as raster:
        assert "band 4 is marked as transparency" in raster.warnings[0]
        assert np.isnan(raster.read(WHOLE)[:, 0, 0]).all(), "not chosen: still a mask"


def test_a_stack_counts_through_its_files(write_raster: Callable[..., str]) -> None:
    rgba = bands(1, 2, 3, 255)
    first = write_raster("one.tif", rgba, photometric="rgb", alpha="yes")
    middle = write_raster("two.tif", bands(5))
    coarse = write_raster(
        "three.tif", np.stack([np.full((2, 3), v) for v in (6.0, 7.0)]), transform=UTM_GRID
    )
    grid = Raster(first).grid
    files = [first, middle, coarse]
    stack = AlignedRasters(files, grid, bands=(7, 2, 6))
    assert [raster.path for raster in stack.rasters] == [first, coarse], (
        "only files with chosen bands"
    )
    assert stack.bands == 3
    assert stack.band_names == ["three: band 2", "one: band 2 (green)", "three: band 1"]
    assert means(stack.read(Window(0, 0, 2, 3), 2, 3)) == [7, 2, 6]
    assert means(AlignedRasters(files, grid, bands=(4,)).read(WHOLE, 4, 5)) == [255]
    assert AlignedRasters(files, grid).bands == 6, "without a choice alpha is left out"


def test_a_file_may_occur_twice_in_a_stack(write_raster: Callable[..., str]) -> None:
    path = write_raster("a.tif", bands(1, 2))
    assert means(
        AlignedRasters([path, path], Raster(path).grid, bands=(4, 1)).read(WHOLE, 4, 5)
    ) == [2, 1]


def test_one_file_may_be_both_streams(write_raster: Callable[..., str]) -> None:
    path = write_raster("a.tif", bands(10, 20, 30, 40))
    image = open_image(path, (1, 2, 3))
    stack = AlignedRasters([path], image.grid, bands=(4,))
    assert means(image.read(WHOLE)) == [10, 20, 30]
    assert means(stack.read(WHOLE, 4, 5)) == [40]


def test_pictures_of_the_image_size_are_not_resampled(write_raster: Callable[..., str]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 40, 50)).astype(np.uint8)
    plain = {"transform": Affine.identity(), "crs": None, "driver": "PNG"}
    path = write_raster("a.png", noise, **plain)
    stack = AlignedRasters([path], Raster(path).grid, bands=(1,))
    window = Window(3, 7, 32, 32)
    assert np.array_equal(stack.read(window, 32, 32)[0], noise[0, 3:35, 7:39])
    assert stack.memory_bytes == 0, "only resampled rasters are kept in memory"
    stack.read(window, 8, 8)
    assert stack.memory_bytes == 4 * 40 * 50


def test_a_model_finds_its_bands_again(write_raster: Callable[..., str]) -> None:
    four, three, one = (write_raster(f"{n}.tif", bands(*range(n))) for n in (4, 3, 1))
    rgba = write_raster("rgba.tif", bands(1, 2, 3, 4), photometric="rgb", alpha="yes")
    assert choose_bands([four], (2,), (4,), 4, 1) == (2,), "the user's choice"
    assert choose_bands([one], (), (4,), 4, 1) == (), "as many bands as the model needs"
    assert choose_bands([four], (), (4,), 4, 1) == (4,), "as many bands as the training files"
    assert choose_bands([three], (), (4,), 4, 1) == (), "neither: a later check refuses the file"
    assert choose_bands([rgba], (), (4,), 4, 1) == (4,), "alpha counts as GDAL counts"
    assert choose_bands([three, one], (), (4, 1), 4, 2) == (4, 1), "a stack"
    assert choose_bands([three], (), (3, 2, 1), 3, 3) == (3, 2, 1), "the order of the training"
    assert choose_bands([four], (), (), 0, 4) == () and choose_bands([], (), (4,), 4, 1) == ()
    for chosen in ((1, 2, 4), (3, 2, 1)):
        assert choose_bands([rgba], (), chosen, 4, 3) == chosen, "the training file itself"


def test_the_bands_of_a_layout_are_the_default(write_raster: Callable[..., str]) -> None:
    three, one = (write_raster(f"{n}.tif", bands(*range(n))) for n in (3, 1))
    assert choose_bands([three], (), (), 0, 1, default=(1,)) == (1,)
    assert choose_bands([three], (), (2,), 3, 1, default=(1,)) == (2,), (
        "the model's own choice wins"
    )
    assert choose_bands([three], (3,), (2,), 3, 1, default=(1,)) == (3,), (
        "and the user's before all"
    )
    assert choose_bands([three], (), (4,), 4, 1, default=(1,)) == (1,), "chosen from another raster"
    assert choose_bands([three], (), (), 3, 3, default=(1,)) == (), "all, as in the training"
    assert choose_bands([one], (), (), 0, 3, default=(1, 2, 3)) == (), (
        "too few bands for the default"
    )
