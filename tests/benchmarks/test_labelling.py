"""The benchmark of simulated labelling: places of suggested squares, and where a curve reaches a score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from benchmarks.labelling.engine_runs import suggested_places
from benchmarks.labelling.picture import draw, medians, tiles_for
from engine.outputs.geopackage import footprint_writer


def test_squares_are_found_in_the_order_of_their_rank(tmp_path: Path) -> None:
    """Two squares of 10 px in a mosaic of 40 rows: the lower right one is better."""
    boxes = shapely.box(*np.array([(0, 30, 10, 40), (20, 0, 30, 10)], float).T)
    with footprint_writer(str(tmp_path / "a.gpkg"), None, {"rank": np.int32}) as writer:
        writer.write(boxes, {"rank": np.array([2, 1])})
    assert suggested_places(tmp_path / "a.gpkg", 10, 40) == [(3, 2), (0, 0)]


def test_tiles_for_a_score_lie_between_two_rounds() -> None:
    counts, curve = [6, 12, 18], medians([[0.1, 0.5, 0.9], [0.3, 0.5, 0.7], [0.2, 0.4, 0.6]])
    assert curve == [0.2, 0.5, 0.7]
    assert tiles_for(0.6, counts, curve) == pytest.approx(15)
    assert tiles_for(0.2, counts, curve) == 6
    assert tiles_for(0.8, counts, curve) is None


def test_curves_of_different_lengths_are_drawn(tmp_path: Path) -> None:
    scores = {"suggest": [[0.1, 0.2]], "random": [[0.1, 0.15, 0.2]]}
    draw({"buildings": ([6, 12, 18], scores)}, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size < 100_000
