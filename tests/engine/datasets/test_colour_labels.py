"""Coloured labels become class values; an error names the pixel of an unknown colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from affine import Affine

from engine.contract.class_table import PALETTE, class_table
from engine.contract.errors import LabelError
from engine.datasets.colour_labels import ColourClasses, apply_palette, colours_from_table
from engine.datasets.label_source import UNLABELLED, LabelOptions
from engine.datasets.labels import open_labels
from engine.rasters.windows import Window

WHOLE = Window(0, 0, 40, 50)
COLOURS = {"#000000": 0, "#ff0000": 1, "#00ff00": 2, "#ffff00": 30}
OPTIONS = LabelOptions(colours=ColourClasses(COLOURS))
FIXED = LabelOptions(colours=ColourClasses(COLOURS, fixed=frozenset(COLOURS.values())))


def painted(values: np.ndarray) -> np.ndarray:
    """The picture (3, H, W) of class values, painted class by class."""
    picture = np.zeros((3, *values.shape), np.uint8)
    for colour, value in COLOURS.items():
        for band in range(3):
            picture[band][values == value] = int(colour[1 + 2 * band : 3 + 2 * band], 16)
    return picture


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).choice(list(COLOURS.values()), (40, 50))


def test_colours_become_class_values(
    grid: Any, write_raster: Callable[..., str], values: np.ndarray
) -> None:
    png = {"driver": "PNG", "transform": Affine.identity(), "crs": None}
    for name, profile in (("l.tif", {}), ("l.png", png)):
        labels = open_labels(write_raster(name, painted(values), **profile), grid, OPTIONS)
        assert np.array_equal(labels.read(WHOLE), values)
        assert np.array_equal(labels.read(Window(5, 7, 8, 9)), values[5:13, 7:16])


def test_transparent_pixels_are_unlabelled(
    grid: Any, write_raster: Callable[..., str], values: np.ndarray
) -> None:
    alpha = np.full((1, 40, 50), 255, np.uint8)
    alpha[0, :7] = 0
    picture = painted(values)
    picture[0, 0, 0] = 77  # a colour that is no class, but transparent
    path = write_raster("l.tif", np.concatenate([picture, alpha]), photometric="rgb", alpha="yes")
    found = open_labels(path, grid, OPTIONS).read(WHOLE)
    assert (found[:7] == UNLABELLED).all() and np.array_equal(found[7:], values[7:])


def test_an_unknown_colour_is_named_with_its_pixel(
    grid: Any, write_raster: Callable[..., str], values: np.ndarray
) -> None:
    picture = painted(values)
    picture[:, 17, 23] = 254, 1, 128
    labels = open_labels(write_raster("l.tif", picture), grid, OPTIONS)
    for window in (WHOLE, Window(10, 20, 16, 16)):
        with pytest.raises(LabelError, match=r"l\.tif .*#fe0180 at row 17, column 23 .*#ffff00"):
            labels.read(window)
    assert labels.read(Window(18, 0, 22, 50)).shape == (22, 50)


def test_other_pictures_are_refused_in_a_sentence(
    grid: Any, write_raster: Callable[..., str], values: np.ndarray
) -> None:
    def refuse(path: str, says: str, options: LabelOptions = OPTIONS) -> None:
        with pytest.raises(LabelError, match=says):
            open_labels(path, grid, options).read(WHOLE)

    picture, four = painted(values), np.zeros((4, 40, 50), np.uint8)
    refuse(write_raster("l.tif", picture), "no colour is known: name .* 1=cloud=#f", LabelOptions())
    refuse(write_raster("16.tif", picture.astype(np.uint16)), "have 3 bands")
    refuse(write_raster("4.tif", four, photometric="minisblack"), "4 bands")
    refuse(write_raster("n.tif", picture, nodata=255), "nodata value that is part of a colour")


def test_a_declared_nodata_colour_is_unlabelled(
    grid: Any, write_raster: Callable[..., str]
) -> None:
    picture = np.zeros((3, 40, 50), np.uint8)
    picture[:, :, 10:] = 9
    path = write_raster("l.tif", picture, nodata=0)
    nine = LabelOptions(colours=ColourClasses({"#090909": 4}))
    found = open_labels(path, grid, nine).read(WHOLE)
    assert (found[:, :10] == UNLABELLED).all() and (found[:, 10:] == 4).all()


def test_a_palette_means_classes_only_where_the_layout_fixes_the_colours(
    grid: Any, write_raster: Callable[..., str]
) -> None:
    indices = np.random.default_rng(0).integers(0, 4, (40, 50)).astype(np.uint8)
    palette = {0: (255, 255, 0), 1: (0, 255, 0), 2: (0, 0, 0), 3: (255, 0, 0)}
    path = write_raster("p.tif", indices, colormap=palette, photometric="palette", nodata=3)
    classes = np.array([30, 2, 0, UNLABELLED])[indices]
    assert np.array_equal(open_labels(path, grid, FIXED).read(WHOLE), classes)
    plain = np.array([0, 1, 2, UNLABELLED])[indices]
    ordinary = open_labels(path, grid, OPTIONS)
    assert np.array_equal(ordinary.read(WHOLE), plain), "a class raster with a legend"
    assert ordinary.colours[1] == "#00ff00"


def test_a_palette_number_without_a_colour_is_refused() -> None:
    indices = np.array([[4, np.nan, 6]], np.float32)
    found = apply_palette(indices, {4: "#0102ff", 6: "#030405"}, "l.png")
    assert np.array_equal(found[:, 0, 0], [1, 2, 255]) and np.array_equal(found[:, 0, 2], [3, 4, 5])
    assert np.isnan(found[:, 0, 1]).all()
    with pytest.raises(LabelError, match=r"l\.png hold the number 6, which their palette lacks"):
        apply_palette(indices, {4: "#0102ff"}, "l.png")


def test_one_band_may_hold_the_values_of_the_layout_only(
    grid: Any, write_raster: Callable[..., str]
) -> None:
    values = np.full((40, 50), 30, np.uint8)
    values[:4] = 2
    path = write_raster("g.tif", values)
    assert np.array_equal(open_labels(path, grid, FIXED).read(WHOLE), values)
    values[17, 23] = 255
    labels = open_labels(write_raster("g.tif", values), grid, FIXED)
    for window in (WHOLE, Window(10, 20, 16, 16)):
        with pytest.raises(LabelError, match=r"g\.tif .*value 255 at row 17, col.*0, 1, 2, 30"):
            labels.read(window)
    hidden = open_labels(write_raster("g.tif", values, nodata=255), grid, FIXED).read(WHOLE)
    assert hidden[17, 23] == UNLABELLED


def test_a_colour_of_several_classes_means_none() -> None:
    names = {value: str(value) for value in range(14)}
    numbers = colours_from_table(class_table(names))  # its palette has twelve colours
    assert numbers.values == {PALETTE[value]: value for value in range(2, 12)}
    assert numbers.shared == {PALETTE[0]: (0, 12), PALETTE[1]: (1, 13)}
