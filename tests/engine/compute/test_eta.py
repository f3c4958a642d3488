"""The time left counts from where a run began, which may be behind what an earlier one has done."""

from __future__ import annotations

import pytest

from engine.compute.eta import Stopwatch, tile_progress


@pytest.mark.parametrize(
    ("begun", "left"), [(0.0, ", 10 s left"), (0.25, ", 20 s left"), (0.5, ""), (None, "")]
)
def test_the_time_left(begun, left, monkeypatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr("engine.compute.eta.time.monotonic", lambda: seconds[0])
    stopwatch = Stopwatch(begun)
    seconds[0] = 10.0
    assert stopwatch.time_left(0.5) == left
    assert stopwatch.time_left(1.0) == ""
    assert stopwatch.time_left(0.75) == {0.0: ", 3 s left", 0.25: ", 5 s left"}.get(
        begun, ", 10 s left"
    )


def test_tiles_are_a_part_of_the_run(events) -> None:
    on_progress = tile_progress(events, Stopwatch(), 0.5, 1.0, "scene 2 of 2, b: ")
    for tile in (1, 4):
        on_progress(tile, 4)
    progress = [(event.fraction, event.message) for event in events.heard]
    assert progress == [
        (0.625, "scene 2 of 2, b: tile 1 of 4"),
        (1.0, "scene 2 of 2, b: tile 4 of 4"),
    ]
