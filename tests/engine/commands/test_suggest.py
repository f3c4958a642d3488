"""Where to label next: squares of a made-up scene, with a model and without, and what is refused."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine

from engine.commands.suggest import suggest
from engine.contract.errors import EngineError
from engine.contract.file_jobs import UNCERTAIN, UNLIKE, SuggestJob
from engine.contract.protocol import Progress, Warned
from tests.engine.active_learning.conftest import (
    BRIGHT,
    SIDE,
    summarised_model,
    unsure_model,
    write_land,
)
from tests.engine.synthetic import UTM, UTM_GRID

__all__ = ["summarised_model", "unsure_model", "write_land"]

#: Side of a square in metres.
METRES = 10 * SIDE


#: An extent of 4 x 4 px.
CORNER = (UTM_GRID.c, UTM_GRID.f - 40, UTM_GRID.c + 40, UTM_GRID.f)


def ignore(_: Any) -> None:
    """Ignores events."""


def read(path: Path) -> dict[str, Any]:
    """The fields of the squares, and their places: row and column, in squares."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the table with the style, which is a layer too
        meta, _, blobs, columns = pyogrio.raw.read(path)
    boxes = shapely.bounds(shapely.from_wkb(blobs))
    rows, cols = (UTM_GRID.f - boxes[:, 3]) / METRES, (boxes[:, 0] - UTM_GRID.c) / METRES
    places = [(round(float(r), 3), round(float(c), 3)) for r, c in zip(rows, cols)]
    return {**dict(zip(meta["fields"], columns)), "places": places, "crs": meta["crs"]}


def polygons(path: Path, *squares: tuple[float, float, float, float]) -> str:
    """Writes rectangles (row, column, rows, columns), in squares."""
    shapes = [
        shapely.transform(
            shapely.box(col, row, col + cols, row + rows),
            lambda p: np.column_stack(
                [UTM_GRID.c + METRES * p[:, 0], UTM_GRID.f - METRES * p[:, 1]]
            ),
        )
        for row, col, rows, cols in squares
    ]
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), [], [], geometry_type="Polygon", crs=UTM, driver="GPKG"
    )
    return str(path)


def points(path: Path, *places: tuple[float, float]) -> str:
    """Writes points (row, column), in squares."""
    rows, cols = np.array(places).T
    blobs = shapely.to_wkb(shapely.points(UTM_GRID.c + METRES * cols, UTM_GRID.f - METRES * rows))
    pyogrio.raw.write(path, blobs, [], [], geometry_type="Point", crs=UTM, driver="GPKG")
    return str(path)


def test_squares_lie_where_the_model_is_unsure(
    unsure_model: str, write_land: Callable[..., str], tmp_path: Path
) -> None:
    image = write_land(4, 5, [(1, 2)])
    output = tmp_path / "next.gpkg"
    job = SuggestJob(model=(unsure_model,), image=image, count=3, output=str(output))
    done = suggest(job, ignore)
    found = read(output)
    assert found["places"][0] == (1, 2) and found["crs"] == UTM
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["uncertainty"][0] > 0.5 and (found["uncertainty"][1:] < 0.3).all()
    assert (found["score"] <= found["uncertainty"]).all()
    assert found["reason"].tolist() == [UNCERTAIN] * 3 and not found["checked"].any()
    shares = found["percent_land"] + found["percent_water"]
    assert shares == pytest.approx([100] * 3, abs=0.02)
    assert (done.outputs["squares"], done.outputs["candidates"]) == (3, 20)
    assert done.outputs["side_px"] == [SIDE, SIDE]
    assert "3 squares to label next, of 20 possible ones." in done.message
    assert "In all of them the model is unsure" in done.message and "labelled" not in done.message
    assert "image" not in found, "there is only one"
    with closing(sqlite3.connect(output)) as file:
        name, qml = file.execute("SELECT styleName, styleQML FROM layer_styles").fetchone()
    assert name == "squares" and f'value="{UNCERTAIN}"' in qml and 'fieldName="rank"' in qml


def test_land_unlike_the_training_is_labelled_next_though_the_model_is_sure_of_it(
    summarised_model: str, write_raster: Callable[..., str], tmp_path: Path
) -> None:
    land = np.random.default_rng(0).normal(BRIGHT, 50, (4, 4 * SIDE, 5 * SIDE))
    land[:, SIDE : 2 * SIDE, 2 * SIDE : 3 * SIDE] += 6000
    image, output = write_raster("land.tif", land.astype(np.uint16)), tmp_path / "next.gpkg"
    job = SuggestJob(model=(summarised_model,), image=image, count=20, output=str(output))
    suggest(job, ignore)
    found = read(output)
    # The logit rises with the brightness, so the entropy of the brightest square is the smallest.
    assert found["places"][1] == (1, 2) and found["reason"][1] == UNLIKE
    assert found["uncertainty"][1] == found["uncertainty"].min()
    assert found["reason"][0] == UNCERTAIN


def test_labelled_squares_other_land_and_holes_are_left_out(
    unsure_model: str,
    write_land: Callable[..., str],
    write_raster: Callable[..., str],
    tmp_path: Path,
) -> None:
    dark = [(0, 0), (0, 3), (2, 1), (3, 3)]
    image, heard = write_land(4, 4, dark), []
    job = SuggestJob(model=(unsure_model,), image=image, count=1, output=str(tmp_path / "n.gpkg"))

    def places(**changes: Any) -> list[tuple[float, float]]:
        suggest(SuggestJob(**{**vars(job), **changes}), heard.append)
        return read(tmp_path / "n.gpkg")["places"]

    first = places()[0]
    assert first in dark
    classes = np.full((256, 256), 255, np.uint8)
    classes[int(SIDE * first[0]), int(SIDE * first[1])] = 1  # one pixel of the square is labelled
    raster = write_raster("labels.tif", classes, nodata=255)
    others = places(labels=raster, count=16)
    assert len(others) == 15 and first not in others
    houses = polygons(
        tmp_path / "houses.gpkg", *((r + 0.4, c + 0.4, 0.2, 0.2) for r, c in dark[:3])
    )
    assert {*dark[:3]} & {*places(labels=houses, count=13)} == set()
    marks = points(tmp_path / "marks.gpkg", *((r + 0.4, c + 0.4) for r, c in dark[:3]))
    left = {*places(labels=marks, count=13)}
    assert len(left) == 13 and not {*dark[:3]} & left, "a point labels one pixel"
    assert len(places(labels=marks, count=16, point_radius=0.7 * METRES)) < 13
    north = polygons(tmp_path / "north.gpkg", (0, 0, 1.5, 4))
    left = {*places(labels=houses, labelled_area=north, count=16)}
    assert left == {(row, col) for row in (2, 3) for col in range(4)}, (
        "the north is labelled wholly"
    )
    assert {row for row, _ in places(area=north, count=4)} == {0.25}, "in the middle of the area"
    corner = (UTM_GRID.c, UTM_GRID.f - 2 * METRES, UTM_GRID.c + 2 * METRES, UTM_GRID.f)
    assert places(extent=corner) == [(0, 0)]
    heard.clear()
    assert len(places(extent=corner, count=9)) == 4
    (warning,) = heard_warnings(heard)
    assert warning.startswith("Only 4 of 9 squares are left to label: for more, give a smaller")


def test_points_lie_in_the_middle_of_doubt_and_not_on_marks(
    unsure_model: str, write_land: Callable[..., str], tmp_path: Path
) -> None:
    dark = [(0, 0), (2, 3)]
    image, output = write_land(4, 4, dark), tmp_path / "next.gpkg"
    mark = points(tmp_path / "marks.gpkg", (0.1, 0.1))
    job = SuggestJob(
        model=(unsure_model,),
        image=image,
        labels=(mark,),
        shape="points",
        count=12,
        output=str(output),
    )
    done = suggest(job, ignore)
    meta, _, blobs, columns = pyogrio.raw.read(output, layer="next")
    found = shapely.from_wkb(blobs)
    assert {shapely.get_type_id(point) for point in found} == {0}
    cols, rows = shapely.get_coordinates(found).T
    places = (UTM_GRID.f - rows) / METRES, (cols - UTM_GRID.c) / METRES
    squares = {(int(row), int(col)) for row, col in zip(*places)}
    assert squares == {*dark}, "the model is sure of all others"
    near = np.hypot(places[0] - 0.1, places[1] - 0.1) * SIDE
    assert near.min() > 8, "the small square with the mark is left out"
    middles = np.concatenate(places) * SIDE % 16
    assert middles == pytest.approx(np.full(24, 8.5)), "the pixel in the middle of 16 x 16"
    assert "12 points to label next, of 255 possible ones." in done.message
    assert columns[[*meta["fields"]].index("rank")].tolist() == [*range(1, 13)]
    with closing(sqlite3.connect(output)) as file:
        name, qml = file.execute("SELECT styleName, styleQML FROM layer_styles").fetchone()
    assert name == "points" and 'class="SimpleMarker"' in qml


def test_points_need_no_model(write_land: Callable[..., str], tmp_path: Path) -> None:
    image, output = write_land(2, 2, [(0, 1)]), tmp_path / "next.gpkg"
    suggest(SuggestJob(image=image, shape="points", count=2, output=str(output)), ignore)
    cols, rows = shapely.get_coordinates(
        shapely.from_wkb(pyogrio.raw.read(output, layer="next")[2])
    ).T
    is_dark = (rows > UTM_GRID.f - METRES) & (cols > UTM_GRID.c + METRES)
    assert sorted(is_dark) == [False, True], "one on each kind of land"


def heard_warnings(events: list[Any]) -> list[str]:
    """The warnings among events."""
    return [event.message for event in events if isinstance(event, Warned)]


def test_squares_without_data_are_left_out(
    unsure_model: str, write_land: Callable[..., str], tmp_path: Path
) -> None:
    image = write_land(3, 3, [(0, 0), (2, 2)], nodata=BRIGHT)
    job = SuggestJob(model=(unsure_model,), image=image, count=9, output=str(tmp_path / "n.gpkg"))
    suggest(job, ignore)
    assert {*read(tmp_path / "n.gpkg")["places"]} == {(0, 0), (2, 2)}


def test_without_a_model_each_kind_of_land_is_shown_once(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    """Ten squares of noise, ten of stripes, ten that are even: three suggestions show all of them."""
    noise = np.random.default_rng(0)
    stripes = np.where(np.arange(SIDE) // 4 % 2, 40, 220)[:, None] * np.ones(SIDE)
    kinds = [
        lambda: noise.integers(0, 255, (SIDE, SIDE)),
        lambda: stripes,
        lambda: stripes * 0 + 128,
    ]
    rows = [np.concatenate([kind() for _ in range(10)], axis=1) for kind in kinds]
    pixels = np.stack([np.concatenate(rows)] * 3).astype(np.uint8)
    image = write_raster("image.tif", pixels)
    job = SuggestJob(image=image, count=3, size=METRES, output=str(tmp_path / "first.gpkg"))
    heard: list[Any] = []
    done = suggest(job, heard.append)
    found = read(tmp_path / "first.gpkg")
    assert {row for row, _ in found["places"]} == {0, 1, 2}
    assert found["reason"].tolist() == [UNLIKE] * 3 and np.isnan(found["uncertainty"]).all()
    assert "They are unlike each other." in done.message
    labels = polygons(tmp_path / "labels.gpkg", (1.2, 0.2, 0.5, 9), (0.2, 0.2, 0.5, 3))
    job = SuggestJob(**{**vars(job), "labels": labels, "count": 1})
    done = suggest(job, heard.append)
    assert "unlike each other and unlike what is labelled" in done.message
    shares = [event.fraction for event in heard if isinstance(event, Progress)]
    again = shares.index(0.0)  # the second run begins with its labels
    for run in (shares[:again], shares[again:]):
        assert run == sorted(run) and run[1] < 0.2 and run[-1] == 1, "the whole work is comparing"
    assert read(tmp_path / "first.gpkg")["places"][0][0] == 2, "noise and stripes are labelled"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": ""}, "The option image is missing"),
        ({"output": ""}, "The option output is missing"),
        ({"shape": "circles"}, "shape must be squares or points, not circles"),
        ({"count": 0}, "count must be a whole number from 1 to 500, not 0"),
        ({"size": -5.0}, r"size must be a number, 0.001 or more \(0: automatic\), not -5"),
        ({"size": 5000.0}, "500 x 500 px does not fit into the 192 x 128 px of the image"),
        ({"auxiliary": ("a.tif",)}, "Without a model auxiliary rasters are not used"),
        ({"class_field": "kind"}, "There are no labels"),
        ({"ignore": ("255",)}, "There are no labels: give them, or leave out"),
        (
            {"size": 0.0, "extent": CORNER},
            "only 4 px wide or high, and a square has at least 8 x 8",
        ),
        ({"area": "small.gpkg", "size": 0.0}, "No square .* lies inside the area small.gpkg"),
        ({"corrections": "all.gpkg"}, "have no checked squares"),
        ({"checked": "next.gpkg"}, "The output .*next.gpkg is an input too"),
        ({"image": ("image.tif", "image.tif")}, "The image image.tif is given twice"),
        ({"output": "next.shp"}, "gpkg"),
        ({"model": ("none.safetensors",)}, "none.safetensors"),
        (
            {"labels": "everywhere.gpkg"},
            "image.tif is left to label: all hold labelled pixels .* ignore it",
        ),
        ({"area": "elsewhere.gpkg"}, "The area elsewhere.gpkg lies outside of the image"),
    ],
)
def test_impossible_jobs_are_refused_in_a_sentence(
    write_land: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    polygons(tmp_path / "everywhere.gpkg", (-1, -1, 9, 9))
    polygons(tmp_path / "elsewhere.gpkg", (20, 20, 2, 2))
    polygons(tmp_path / "small.gpkg", (0, 0, 0.5, 0.01), (0, 0.9, 0.01, 0.1))
    job = {"image": write_land(2, 3, []), "size": METRES, "output": str(tmp_path / "next.gpkg")}
    with pytest.raises(EngineError, match=message):
        suggest(SuggestJob(**{**job, **changes}), ignore)
    assert not (tmp_path / "next.gpkg").exists()


def test_a_picture_without_coordinates_has_squares_of_pixels(
    unsure_model: str, write_land: Callable[..., str], tmp_path: Path
) -> None:
    image = write_land(3, 3, [(2, 1)], transform=Affine.identity(), crs=None)
    job = SuggestJob(
        model=(unsure_model,), image=image, count=1, size=SIDE, output=str(tmp_path / "n.gpkg")
    )
    suggest(job, ignore)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = shapely.bounds(shapely.from_wkb(pyogrio.raw.read(tmp_path / "n.gpkg")[2]))[0]
    assert box.tolist() == [SIDE, -3 * SIDE, 2 * SIDE, -2 * SIDE], "QGIS draws it below the x axis"
