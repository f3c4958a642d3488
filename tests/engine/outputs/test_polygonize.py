"""Outlines from strips of any height equal those of the whole raster."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from rasterio import features
from scipy import ndimage

from engine.outputs.mask_reader import NO_CLASS, MaskStrip
from engine.outputs.polygonize import Outlines, outlines

HEIGHT, WIDTH = 700, 500


def noise() -> np.ndarray:
    """Classes and nothing, without any order: the most crossings of borders there can be."""
    rng = np.random.default_rng(4)
    return rng.choice([0, 1, 2, NO_CLASS], (90, 70), p=[0.1, 0.65, 0.2, 0.05])


def patches() -> np.ndarray:
    """Three classes in small random patches."""
    rng = np.random.default_rng(7)
    return ndimage.median_filter(rng.choice(3, (HEIGHT, WIDTH)), 9)


def land() -> np.ndarray:
    """Large areas with ragged borders and holes, and a long one that winds through all strips."""
    rng = np.random.default_rng(5)
    heights = ndimage.gaussian_filter(rng.random((HEIGHT, WIDTH)), 6)
    values = np.digitize(heights, np.quantile(heights, [0.4, 0.8]))
    rows = np.arange(HEIGHT)
    for row, col in zip(rows, (250 + 150 * np.sin(rows / 40)).astype(int)):
        values[row, col : col + 12] = 7
    return values


def heights() -> np.ndarray:
    """Hundreds of values, each in many areas."""
    rng = np.random.default_rng(8)
    return (ndimage.gaussian_filter(rng.random((60, 50)), 2) * 3000).astype(int)


def strips(
    values: np.ndarray, rows: int, confidence: np.ndarray | None = None
) -> Iterator[MaskStrip]:
    for row in range(0, len(values), rows):
        shares = None if confidence is None else confidence[row : row + rows]
        yield MaskStrip(row, values[row : row + rows].astype(np.uint16), shares)


def whole(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """GDAL's polygonize of the whole raster: polygons and their values."""
    known = values != NO_CLASS
    found = list(features.shapes(values.astype(np.int32), known, connectivity=4))
    polygons = [shapely.Polygon(s["coordinates"][0], s["coordinates"][1:]) for s, _ in found]
    return np.array(polygons), np.array([int(value) for _, value in found])


def key(polygons: np.ndarray) -> list[bytes]:
    return sorted(shapely.to_wkb(shapely.normalize(polygons)).tolist())


@pytest.mark.parametrize(
    ("make", "rows"),
    [(noise, 1), (noise, 7), (land, 7), (land, 64), (patches, 64), (land, 1000), (heights, 7)],
)
def test_they_are_those_of_the_whole_raster(make, rows) -> None:
    values = make()
    found = Outlines.merge(outlines(strips(values, rows)))
    truth, classes = whole(values)
    assert shapely.is_valid(found.shapes).all()
    assert (shapely.area(found.shapes) == found.pixels).all()
    assert len(found) == len(truth)
    for value in np.unique(classes):
        assert key(found.shapes[found.values == value]) == key(truth[classes == value])


@pytest.mark.parametrize("rows", [3, 50, 1000])
def test_confidence_is_the_mean_of_the_known_pixels(rows) -> None:
    values = land()
    confidence = np.random.default_rng(6).uniform(0, 100, values.shape).astype(np.float32)
    confidence[values == 2] = np.nan
    confidence[::5] = np.nan
    found = Outlines.merge(outlines(strips(values, rows, confidence)))
    river = found.confidence[found.values == 7]
    assert river == pytest.approx([np.nanmean(confidence[values == 7])], rel=1e-5)
    assert np.isnan(found.confidence[found.values == 2]).all()


def test_a_u_that_closes_late_is_one_area() -> None:
    values = np.zeros((9, 9), int)
    values[:, 1] = values[:, 5] = values[8, 1:6] = values[0, 7] = 1
    values[values == 0] = NO_CLASS
    found = Outlines.merge(outlines(strips(values, 2)))
    assert sorted(found.pixels) == [1, 21]
    large = found.shapes[found.pixels.argmax()]
    assert len(large.exterior.coords) == 9, "no corner where strips met"


def test_areas_that_touch_in_a_corner_across_a_border_stay_two() -> None:
    values = np.array([[1, NO_CLASS], [NO_CLASS, 1]])
    assert len(Outlines.merge(outlines(strips(values, 1)))) == 2
    other = np.array([[1], [2]])
    assert len(Outlines.merge(outlines(strips(other, 1)))) == 2, "two classes are never joined"


def test_nothing_at_all() -> None:
    found = Outlines.merge(outlines(strips(np.full((5, 5), NO_CLASS), 2)))
    assert len(found) == 0


def test_many_values_cost_no_more_than_few() -> None:
    """400 values took 3 s and more when each was looked for in the whole strip."""
    bars = np.repeat(np.arange(400) * 163, 4)[None].repeat(512, axis=0)
    begun = time.process_time()
    found = Outlines.merge(outlines(strips(bars, 512)))
    assert time.process_time() - begun < 1
    assert [*found.values] == [*range(0, 400 * 163, 163)]
    assert set(found.pixels) == {4 * 512}
