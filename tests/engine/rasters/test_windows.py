"""Tiles cover everything once, with as few tiles as possible, and hand over inside what they share."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from engine.rasters.tiling import Tiling, tile_spans
from engine.rasters.windows import Window, mirror_indices


def random_axes(count: int) -> list[tuple[int, int, int]]:
    draw = random.Random(0)
    axes = []
    for _ in range(count):
        tile = draw.randint(1, 64)
        axes.append((draw.randint(1, 400), tile, draw.randint(0, tile // 2)))
    return axes


@pytest.mark.parametrize("length, tile, overlap", random_axes(300))
def test_slots_partition_the_axis_and_stay_inside_it(length: int, tile: int, overlap: int) -> None:
    slots = tile_spans(length, tile, overlap)
    assert slots[0].begin == 0 and slots[-1].end == length
    for slot in slots:
        assert slot.start >= 0 and slot.start + tile <= max(length, tile)
        assert slot.start <= slot.begin and slot.begin + slot.fade_in <= slot.end
    for before, after in itertools.pairwise(slots):
        assert before.end == after.begin
        assert before.fade_out == after.fade_in <= overlap
        assert before.end + before.fade_out <= before.start + tile, "fades beyond what it sees"
        assert before.start + tile - after.start >= overlap, "shares less than the overlap"


@pytest.mark.parametrize("length, tile, overlap", random_axes(200))
def test_no_covering_has_fewer_tiles(length: int, tile: int, overlap: int) -> None:
    count = len(tile_spans(length, tile, overlap))
    assert count == 1 or (count - 1) * tile - (count - 2) * overlap < length


def test_the_last_tile_is_shifted_inward_not_padded() -> None:
    assert [slot.start for slot in tile_spans(1100, 512, 64)] == [0, 294, 588]


@pytest.mark.parametrize("length, tile, overlap", [(0, 8, 0), (8, 0, 0), (8, 8, 5), (8, 8, -1)])
def test_impossible_tilings_are_refused(length: int, tile: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="no tiling"):
        tile_spans(length, tile, overlap)


def test_tiling_counts_its_windows_from_the_region() -> None:
    tiling = Tiling.over(Window(100, 50, 70, 40), 32, 8)
    windows = list(tiling.windows())
    assert len(windows) == len(tiling) == 3 * 2
    assert windows[0] == Window(100, 50, 32, 32)
    assert windows[-1] == Window(138, 58, 32, 32)


def test_intersection_shift_and_growth() -> None:
    window = Window(2, 3, 4, 5)
    assert window.intersection(Window(4, 0, 10, 5)) == Window(4, 3, 2, 2)
    assert window.intersection(Window(6, 0, 1, 1)) is None
    assert window.shift(-2, 1) == Window(0, 4, 4, 5)
    bounds = Window(0, 0, 100, 6)
    assert window.grow_to(10, bounds) == Window(0, 0, 10, 6)
    assert Window(97, 0, 3, 6).grow_to(10, bounds) == Window(90, 0, 10, 6)


@pytest.mark.parametrize(
    ("length", "begin", "end"), [(9, 2, 6), (9, 0, 9), (20, 1, 3), (16, 4, 16)]
)
def test_mirrored_is_what_numpy_pads(length: int, begin: int, end: int) -> None:
    inside = list(range(begin, end))
    expected = np.pad(inside, (begin, length - end), mode="symmetric").tolist()
    assert mirror_indices(length, length, begin, end) == expected


def test_mirrored_pixels_of_a_coarser_grid_show_the_same_places() -> None:
    assert mirror_indices(4, 32, 0, 16) == [0, 1, 1, 0]
    assert mirror_indices(4, 32, 8, 32) == [1, 1, 2, 3]
