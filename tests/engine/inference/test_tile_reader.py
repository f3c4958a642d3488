"""Batches are computed in lanes and come back in their order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from engine.inference.tile_reader import Tile, map_in_lanes
from engine.rasters.tiling import TileSpan


def batch(number: int) -> list[Tile]:
    span = TileSpan(number, number, number, 0, 0)
    return [Tile(span, span, np.zeros((1, 1, 1), np.float32), None, None)]


def number_of(tiles: list[Tile]) -> int:
    return tiles[0].rows.start


@pytest.mark.parametrize("lanes", [1, 3])
def test_the_order_is_kept_whatever_takes_longest(lanes: int) -> None:
    """In three lanes the first batch ends after the third."""
    is_third_done = threading.Event()

    def predict(tiles: list[Tile]) -> int:
        if number_of(tiles) == 0 and lanes > 1:
            assert is_third_done.wait(timeout=60)
        if number_of(tiles) == 2:
            is_third_done.set()
        return -number_of(tiles)

    results = [*map_in_lanes(predict, map(batch, range(12)), lanes)]
    assert [(number_of(tiles), result) for tiles, result in results] == [(n, -n) for n in range(12)]


def test_all_lanes_work_at_a_time_and_one_is_this_thread() -> None:
    meeting = threading.Barrier(3, timeout=60)
    assert len([*map_in_lanes(lambda _: meeting.wait(), map(batch, range(6)), 3)]) == 6
    threads: list[Any] = []
    list(
        map_in_lanes(lambda _: threads.append(threading.current_thread()), map(batch, range(2)), 1)
    )
    assert set(threads) == {threading.current_thread()}


def test_lanes_share_torchs_threads_and_restore_them(
    threads: Callable[[int], None],
) -> None:
    threads(6)
    first, second = (
        map_in_lanes(lambda _: torch.get_num_threads(), map(batch, range(4)), lanes)
        for lanes in (3, 2)
    )
    results = []
    for (_, three), (_, two) in zip(first, second):  # the first begun ends first
        results.append((three, two, torch.get_num_threads()))
    assert results == [(2, 3, 6)] * 4
    assert torch.get_num_threads() == 6
    first.close()
    second.close()
    with ThreadPoolExecutor(1) as later:
        assert later.submit(torch.get_num_threads).result() == 6


def test_no_more_is_cut_than_lanes_can_take() -> None:
    cut: list[int] = []
    before = {*threading.enumerate()}

    def batches() -> Any:
        for number in range(40):
            cut.append(number)
            yield batch(number)

    results = map_in_lanes(number_of, batches(), 2)
    next(results)
    assert len(cut) == 5
    results.close()
    assert not {*threading.enumerate()} - before


def test_a_failure_is_told_in_its_turn() -> None:
    def predict(tiles: list[Tile]) -> int:
        if number_of(tiles) == 2:
            raise MemoryError("of the third")
        return number_of(tiles)

    seen = []
    with pytest.raises(MemoryError, match="of the third"):
        for _, result in map_in_lanes(predict, map(batch, range(9)), 2):
            seen.append(result)
    assert seen == [0, 1]
