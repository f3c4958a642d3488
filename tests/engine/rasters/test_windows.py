"""Tiles cover a region once, with as few tiles as possible, and fade within their overlap."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import numpy as np
import pytest

from engine.rasters.tiling import Tiling, tile_spans
from engine.rasters.windows import Window, mirror_indices


def random_axes(count: int) -> Iterator[tuple[int, int, int]]:
    """Random lengths, tiles and overlaps, px."""
    generator = random.Random(0)
    for _ in range(count):
        tile = generator.randint(1, 64)
        yield generator.randint(1, 400), tile, generator.randint(0, tile // 2)


def test_tiles_partition_the_axis_and_are_as_few_as_possible() -> None:
    for length, tile, overlap in random_axes(500):
        spans = tile_spans(length, tile, overlap)
        assert spans[0].begin == 0 and spans[-1].end == length
        for span in spans:
            assert span.start >= 0 and span.start + tile <= max(length, tile)
            assert span.start <= span.begin and span.begin + span.fade_in <= span.end
        for before, after in itertools.pairwise(spans):
            assert before.end == after.begin
            assert before.fade_out == after.fade_in <= overlap
            assert before.end + before.fade_out <= before.start + tile, "fades beyond the tile"
            assert before.start + tile - after.start >= overlap
        count = len(spans)
        assert count == 1 or (count - 1) * tile - (count - 2) * overlap < length


def test_the_last_tile_is_shifted_inward_not_padded() -> None:
    assert [span.start for span in tile_spans(1100, 512, 64)] == [0, 294, 588]


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
def test_mirror_indices_are_those_of_symmetric_padding(length: int, begin: int, end: int) -> None:
    inside = list(range(begin, end))
    expected = np.pad(inside, (begin, length - end), mode="symmetric").tolist()
    assert mirror_indices(length, length, begin, end) == expected


def test_mirror_indices_of_a_coarser_grid() -> None:
    assert mirror_indices(4, 32, 0, 16) == [0, 1, 1, 0]
    assert mirror_indices(4, 32, 8, 32) == [1, 1, 2, 3]
