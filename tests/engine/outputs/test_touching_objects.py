"""A row of touching houses becomes houses, and a house of any shape stays one."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest
from scipy import ndimage

from engine.contract.file_jobs import PolygonsJob
from engine.outputs.mask_reader import NO_CLASS, MaskStrip
from engine.outputs.polygonize import Outlines, outlines
from engine.outputs.touching_objects import (
    HALO,
    find_objects,
    label_objects,
    strip_rows,
)

NECK = PolygonsJob.neck / 100


def strips(
    values: np.ndarray, rows: int = 512, confidence: np.ndarray | None = None
) -> Iterator[MaskStrip]:
    for row in range(0, len(values), rows):
        shares = None if confidence is None else confidence[row : row + rows]
        yield MaskStrip(row, values[row : row + rows].astype(np.uint16), shares)


def split(
    values: np.ndarray,
    rows: int = 512,
    confidence: np.ndarray | None = None,
    neck: float = NECK,
) -> Outlines:
    object_of = find_objects(strips(values, rows, confidence), neck)
    labelled = label_objects(strips(values, rows, confidence), object_of)
    return Outlines.merge(outlines(labelled))


def blank(height: int = 100, width: int = 160) -> np.ndarray:
    return np.full((height, width), NO_CLASS)


def row_of_houses() -> np.ndarray:
    """Five houses of 24 x 20 px, joined by necks of 8 x 4 px."""
    values = blank()
    for left in range(5, 145, 28):
        values[30:50, left : left + 24] = 1
    values[36:44, 5:141] = 1
    return values


def shape(name: str) -> np.ndarray:
    """A house with wings 20 px wide, of the shape of a letter."""
    values = blank()
    bars = {
        "I": [np.s_[10:30, 10:140]],
        "L": [np.s_[10:30, 10:90], np.s_[10:90, 10:30]],
        "T": [np.s_[10:30, 10:110], np.s_[10:90, 50:70]],
        "U": [np.s_[10:90, 10:30], np.s_[70:90, 10:110], np.s_[10:90, 90:110]],
        "+": [np.s_[10:90, 50:70], np.s_[40:60, 10:110]],
    }
    for bar in bars[name]:
        values[bar] = 1
    return values


def test_a_row_of_touching_houses_becomes_houses() -> None:
    values = row_of_houses()
    assert len(Outlines.merge(outlines(strips(values)))) == 1
    found = split(values)
    assert len(found) == 5
    assert found.pixels.sum() == (values == 1).sum()
    assert np.abs(found.pixels - 24 * 20).max() <= 8 * 4
    assert [*found.values] == [1] * 5


@pytest.mark.parametrize("letter", [*"ILTU+"])
def test_a_house_of_any_shape_stays_one(letter: str) -> None:
    assert len(split(shape(letter))) == 1


def test_stairs_and_bumps_are_no_necks() -> None:
    rng = np.random.default_rng(3)
    values = blank(300, 300)
    rows, cols = np.mgrid[:300, :300]
    slanted = (np.abs(rows + 0.3 * cols - 190) < 30) & (np.abs(cols - 0.3 * rows - 110) < 90)
    values[
        slanted
        ^ ((ndimage.distance_transform_edt(slanted) == 1) & (rng.random(slanted.shape) < 0.3))
    ] = 1
    assert (Outlines.merge(outlines(strips(values))).pixels > 100).sum() == 1
    assert (split(values).pixels > 100).sum() == 1


@pytest.mark.parametrize(("neck", "houses"), [(0.35, 1), (0.45, 5)])
def test_a_neck_is_narrower_than_a_share_of_the_house(neck: float, houses: int) -> None:
    """The necks have 8 px and the houses 20."""
    assert len(split(row_of_houses(), neck=neck)) == houses


def test_confidence_tells_apart_what_has_no_neck() -> None:
    values = blank()
    values[30:50, 10:90] = 1
    confidence = np.full(values.shape, 95, np.float32)
    assert len(split(values, confidence=confidence)) == 1
    confidence[:, 48:52] = 55
    found = split(values, confidence=confidence)
    # Any column of the four may be the border.
    assert np.abs(found.pixels - 40 * 20).max() <= 2 * 20
    assert found.confidence == pytest.approx([(38 * 95 + 2 * 55) / 40] * 2, abs=1.5)
    unknown = np.full(values.shape, np.nan, np.float32)
    assert len(split(values, confidence=unknown)) == 1
    assert len(split(row_of_houses(), confidence=unknown)) == 5


def test_two_classes_are_never_one_object() -> None:
    values = blank()
    values[10:30, 10:40], values[10:30, 40:70] = 1, 2
    found = split(values)
    assert sorted(zip(found.values.tolist(), found.pixels.tolist())) == [(1, 600), (2, 600)]


@pytest.mark.parametrize("rows", [HALO, 300, 5000])
def test_the_height_of_strips_changes_nothing(rows: int) -> None:
    """Houses, some of which cross the borders of strips, and one as long as the whole raster."""
    values = np.tile(row_of_houses(), (9, 1))
    values[:, 155:159] = 1
    found = split(values, rows)
    assert len(found) == 5 * 9 + 1
    assert found.pixels.max() == 4 * 900


def test_an_object_larger_than_all_strips_stays_one() -> None:
    values = np.ones((3 * HALO, 300), int)
    found = split(values, HALO)
    assert [*found.pixels] == [values.size]


@pytest.mark.parametrize("values", [blank(), np.full((1, 1), NO_CLASS), np.zeros((1, 1), int)])
def test_masks_without_any_hill_or_with_one(values: np.ndarray) -> None:
    assert len(split(values)) == (values != NO_CLASS).any()


def test_memory_does_not_grow_with_the_scene() -> None:
    def peak(repeats: int) -> int:
        values = np.tile(row_of_houses(), (repeats, 4)).astype(np.uint16)
        tracemalloc.start()
        for labelled in label_objects(
            strips(values, HALO), find_objects(strips(values, HALO), NECK)
        ):
            assert labelled.objects is not None
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(60) < 1.2 * peak(10)


def test_strips_of_a_wide_raster_are_lower() -> None:
    assert strip_rows(1000) == 512
    assert strip_rows(10_000) < 250
    assert strip_rows(1_000_000) == HALO


def test_many_values_cost_no_more_than_few() -> None:
    bars = np.repeat(np.arange(400) * 163, 4)[None].repeat(512, axis=0)
    begun = time.process_time()
    assert len(split(bars)) == 400
    assert time.process_time() - begun < 5
