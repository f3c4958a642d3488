"""Squares over a region: where they lie, samples of them, and sums over their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from rasterio.crs import CRS

from engine.active_learning.doubt import Doubt, MappedRows
from engine.active_learning.known_land import KnownLand
from engine.active_learning.square_grid import SquareGrid, lay_squares, square_sides
from engine.active_learning.square_sums import MappedSquares
from engine.compute.memory import measure_peak_memory
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.rasters.grid import Grid
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM_GRID

UTM = Grid(1000, 2000, UTM_GRID, CRS.from_epsg(32645))


def test_squares_lie_in_the_middle_of_their_region() -> None:
    squares = SquareGrid.over(Window(100, 50, 70, 95), 30, 20)
    assert (squares.rows, squares.cols, len(squares)) == (2, 4, 8)
    assert squares.window == Window(105, 57, 60, 80)
    assert squares.square(5) == Window(135, 77, 30, 20)
    assert squares.tile(5, 40) == Window(130, 67, 40, 40)


def test_a_size_in_metres_is_one_on_the_ground() -> None:
    assert square_sides(0, 256, UTM, "i.tif") == (256, 256)
    assert square_sides(320, 256, UTM, "i.tif") == (32, 32)
    degrees = Grid(1000, 1000, Affine(1e-5, 0, 127, 0, -1e-5, 60), CRS.from_epsg(4326))
    height, width = square_sides(100, 256, degrees, "i.tif")
    assert (height, width) == (90, 179), "a degree of longitude is half as long at 60 degrees north"
    plain = Grid(100, 100, Affine.identity(), None)
    assert square_sides(50, 256, plain, "i.tif") == (50, 50)
    with pytest.raises(JobError, match=r"20 m has 2 x 2 px of the image i.tif, and at least 8 x 8"):
        square_sides(20, 256, UTM, "i.tif")


def test_squares_that_do_not_fit_or_are_too_many_are_refused() -> None:
    assert len(lay_squares(UTM.bounds, 500, 500, "i.tif")) == 8
    with pytest.raises(JobError, match="900 x 1001 px does not fit into the 2000 x 1000 px"):
        lay_squares(UTM.bounds, 1001, 900, "i.tif")
    with pytest.raises(
        JobError, match="would be 1,562,500 on the image i.tif, and at most 1,000,000"
    ):
        lay_squares(Window(0, 0, 10_000, 10_000), 8, 8, "i.tif")


def test_a_sample_is_spread_over_the_squares() -> None:
    squares = SquareGrid.over(Window(0, 0, 400, 400), 10, 10)
    every = np.arange(1600)
    sample = squares.spread(every, 100)
    assert len({*sample}) == 100 and (np.diff(sample) > 0).all()
    strata = sample // 40 // 4 * 10 + sample % 40 // 4
    assert len({*strata}) == 100, "one of each stratum"
    some = every[:7]
    assert squares.spread(some, 100) is some
    left = every[every % 40 < 20]
    half = squares.spread(left, 100)
    assert len({*half}) == 100 and {*half} <= {*left}
    assert np.bincount(half // 40 // 4, minlength=10).min() >= 8


def test_sums_are_those_of_each_square() -> None:
    noise, table = np.random.default_rng(0), class_table({0: "land", 3: "water", 9: "road"})
    squares = SquareGrid.over(Window(10, 20, 64, 90), 16, 30)
    mask = noise.choice([0, 3, 9, 255], (64, 90), p=[0.5, 0.3, 0.1, 0.1]).astype(np.uint8)
    uncertainty = noise.integers(0, 101, mask.shape).astype(np.uint8)
    uncertainty[mask == 255] = 255
    unlike = noise.random(mask.shape) < 0.2
    mapped = MappedSquares(squares, table, 255, Doubt(table, np.array([0.5, 1.0, 0.8]), 255))
    for begin, end in ((0, 5), (5, 40), (40, 64)):  # strips begin within squares
        rows = MappedRows(mask[begin:end], uncertainty[begin:end], unlike[begin:end])
        mapped.add(10 + begin, rows)
    for index in range(len(squares)):
        window = squares.square(index)
        rows = slice(window.row - 10, window.row_stop - 10)
        cols = slice(window.col - 20, window.col_stop - 20)
        known = mask[rows, cols] != 255
        assert mapped.pixels[index] == known.sum()
        mean = uncertainty[rows, cols][known].mean() / 100
        assert mapped.uncertainty[index] == pytest.approx(mean)
        weights = np.select([mask == 0, mask == 3, mask == 9], [0.5, 1.0, 0.8])[rows, cols]
        doubt = (weights * uncertainty[rows, cols]).sum() / known.sum() / 100
        assert mapped.doubt[index] == pytest.approx(doubt)
        assert mapped.unlike[index] == pytest.approx(unlike[rows, cols][known].mean())
        shares = [(mask[rows, cols] == value).sum() / known.sum() for value in (0, 3, 9)]
        assert mapped.shares[:, index] == pytest.approx(shares)


def test_sums_of_a_large_strip_need_little_memory() -> None:
    squares = SquareGrid.over(Window(0, 0, 1024, 32_768), 256, 256)
    mapped = MappedSquares(squares, class_table({0: "land", 1: "water"}), 255)
    mask, uncertainty = (np.zeros((1024, 32_768), np.uint8) for _ in range(2))
    rows = MappedRows(mask, uncertainty, np.zeros(mask.shape, bool))
    assert measure_peak_memory(lambda: mapped.add(0, rows)) < 30e6
    assert mapped.pixels.sum() == mask.size


def test_squares_of_a_rare_class_count_by_how_much_they_show_of_it() -> None:
    table = class_table({0: "background", 1: "house", 2: "road"})
    nowhere = SquareGrid.over(Window(0, 0, 8, 8), 8, 8)
    shares = np.array([[0.5, 1.0, 0.95, 0.1], [0.4, 0.0, 0.0, 0.5], [0.1, 0.0, 0.05, 0.4]])

    def rarity(pixels: dict[int, int]) -> list[float]:
        land = KnownLand(np.ones(4, bool), nowhere, np.arange(0), pixels)
        return land.rarity(shares, table).tolist()

    assert rarity({}) == [0, 0, 0, 0], "without labels no class is rare"
    # The background is never rare; houses have more than half of an equal share.
    assert rarity({0: 10, 1: 200, 2: 30}) == pytest.approx([0.0625, 0, 0, 0.25])
