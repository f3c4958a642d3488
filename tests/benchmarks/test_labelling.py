"""The benchmark of simulated labelling: the person, the scene, suggested places, scores and curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from benchmarks.labelling.engine_runs import score, suggested_places, write_clicks
from benchmarks.labelling.person import Click, Person
from benchmarks.labelling.picture import draw, median_curve
from benchmarks.labelling.pools import COLUMNS, UNLABELLED, VIEW, Pool, PreparedScene, prepare
from engine.outputs.geopackage import footprint_writer

#: One row of views.
ROW = np.zeros((VIEW, COLUMNS * VIEW), np.uint8)


def test_the_person_clicks_the_largest_wrong_region_of_each_class_of_a_view() -> None:
    truth = ROW.copy()
    truth[20:60, 20:60] = 1  # missing on the map
    truth[100:110, 100:110] = 1  # missing too, but smaller
    mask = ROW.copy()
    mask[80:120, 60:90] = 1  # too much
    mask[5:8, VIEW + 5 : VIEW + 8] = 1  # too small to be noticed
    clicks = [click for seed in range(40) for click in Person(truth, VIEW, seed).correct(mask)]
    assert len(clicks) == 80, "one for each class, in the first view only"
    for value, middle in ((1, (39.5, 39.5)), (0, (99.5, 74.5))):
        places = [(one.row, one.col) for one in clicks[1 - (value == 0) :: 2]]
        assert np.mean(places, axis=0) == pytest.approx(middle, abs=2)
        assert 1.5 < np.std(places, axis=0).mean() < 5, "a hand is not exact"
    wrong = sum(click.value == number % 2 for number, click in enumerate(clicks, 1))
    assert 0 < wrong < 12, "few mistakes"


def test_the_person_stays_inside_the_land_that_may_be_labelled() -> None:
    truth = np.concatenate([ROW, ROW])
    truth[VIEW - 6 :] = 1
    person = Person(truth, VIEW, 0)
    clicks = [click for _ in range(20) for click in person.correct(np.zeros_like(truth))]
    assert clicks and max(click.row for click in clicks) < VIEW
    assert person.mark(500, 9999).row == VIEW - 1
    first = Person(truth, VIEW, 1).begin(2)
    assert {click.value for click in first} == {0, 1}, "an example of each class"


def test_the_scene_holds_the_views_and_below_them_those_that_are_scored(tmp_path: Path) -> None:
    def read(part: str) -> list[dict[str, np.ndarray]]:
        count, shift = (12, 0) if part == "pool" else (2, 100)
        pixels = [np.full((1, VIEW, VIEW), shift + n, np.uint8) for n in range(count)]
        return [{"image": one, "labels": one % 2} for one in pixels]

    scene = prepare(Pool(read, 6, is_contiguous=True, classes=(1,)), tmp_path, 0)
    truth = scene.truth
    assert truth.shape == (2 * VIEW, COLUMNS * VIEW) and scene.pool_height == VIEW
    assert truth[0, ::VIEW].tolist() == [0, 1, 0, 1, 0, 1]
    assert truth[VIEW, ::VIEW].tolist() == [0, 1] + [UNLABELLED] * 4
    assert scene.pool_extent == [0, VIEW, COLUMNS * VIEW, 2 * VIEW]
    assert scene.fields == {"image": str(tmp_path / "image.tif")}
    mask = truth.copy()
    mask[:VIEW] = 7
    assert score(mask, scene, (0, 1)) == 1, "only what nobody labels counts"
    mask[VIEW:, : VIEW // 2] = 1
    assert score(mask, scene, (0, 1)) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert PreparedScene(tmp_path, 1).truth is not truth


def test_clicks_become_points_in_the_middle_of_their_pixels(tmp_path: Path) -> None:
    write_clicks(tmp_path / "clicks.gpkg", [Click(0, 0, 1), Click(9, 4, 0)], 40)
    _, _, blobs, (values,) = pyogrio.raw.read(tmp_path / "clicks.gpkg", columns=["class"])
    assert shapely.get_coordinates(shapely.from_wkb(blobs)).tolist() == [[0.5, 39.5], [4.5, 30.5]]
    assert values.tolist() == [1, 0]


def test_squares_are_found_in_the_order_of_their_rank(tmp_path: Path) -> None:
    """Two squares of 10 px in a scene of 40 rows: the lower right one is better."""
    boxes = shapely.box(*np.array([(0, 30, 10, 40), (20, 0, 30, 10)], float).T)
    with footprint_writer(str(tmp_path / "a.gpkg"), None, {"rank": np.int32}) as writer:
        writer.write(boxes, {"rank": np.array([2, 1])})
    assert suggested_places(tmp_path / "a.gpkg", 40) == [(35, 25), (5, 5)]


def test_curves_of_different_lengths_are_drawn(tmp_path: Path) -> None:
    short, long = [(10, 1, 0.1), (20, 2, 0.2)], [(10, 1, 0.1), (20, 4, 0.4), (30, 9, 0.5)]
    middle = median_curve([short, long, [(10, 1, 0.3), (20, 3, 0.3)]])
    assert middle == [(10, 1, 0.1), (20, 3, 0.3)]
    arms = {"suggested squares, sketch": [short], "random points, update": [long]}
    draw({"buildings": arms}, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size < 100_000
