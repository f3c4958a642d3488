"""Sketch a map: points, lines and polygons of a made-up scene become a map and a model, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from engine.commands.export_model import export_model
from engine.commands.segment import segment
from engine.commands.sketch import sketch
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.errors import EngineError
from engine.contract.file_jobs import ExportJob, SketchJob
from engine.contract.jobs import SegmentJob, TrainJob
from engine.contract.protocol import Progress, Warned
from tests.engine.synthetic import UTM, UTM_GRID

#: Side of the scene in px, and the column where water begins.
SIDE, SHORE = 160, 70

#: Rows and columns of marks on land and on water.
LAND = [(10, 10), (60, 40), (120, 20), (150, 60)]
WATER = [(15, 100), (70, 140), (110, 90), (140, 150)]


def ignore(_: Any) -> None:
    """Ignores events."""


@pytest.fixture
def image(write_raster: Callable[..., str]) -> str:
    """Bright land with a texture, and dark water."""
    values = np.random.default_rng(0).normal(2000, 200, (4, SIDE, SIDE))
    values[:, :, SHORE:] *= 0.4
    return write_raster("image.tif", values.astype(np.uint16))


@pytest.fixture
def air(write_raster: Callable[..., str]) -> str:
    """A coarse raster over the same land, which differs from north to south only."""
    values = np.repeat(np.arange(8.0)[:, None], 8, axis=1)
    grid = UTM_GRID @ rasterio.Affine.scale(SIDE / 8)
    return write_raster("air.tif", np.stack([values, values**2]).astype(np.float32), transform=grid)


def place(row: float, col: float) -> tuple[float, float]:
    """Coordinates of the centre of a pixel."""
    x, y = UTM_GRID @ (col + 0.5, row + 0.5)
    return float(x), float(y)


def write_marks(
    path: Path, shapes: Sequence[Any], names: Sequence[Any], crs: str | None = UTM, **more: Any
) -> str:
    """Writes shapes with the field kind."""
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, object)),
        [np.array(names, object if isinstance(names[0], str) else np.int32)],
        ["kind"],
        geometry_type="Unknown",
        crs=crs,
        driver="GPKG",
        **more,
    )
    return str(path)


@pytest.fixture
def points(tmp_path: Path) -> str:
    """Points on land and on water."""
    shapes = [shapely.Point(place(*one)) for one in (*LAND, *WATER)]
    return write_marks(tmp_path / "points.gpkg", shapes, ["land"] * 4 + ["water"] * 4)


def job(tmp_path: Path, image: str, labels: str | tuple[str, ...], **more: Any) -> SketchJob:
    """A job of a scene."""
    given = {"class_field": "kind", "output": str(tmp_path / "map.tif"), **more}
    return SketchJob(image=image, labels=(labels,) if isinstance(labels, str) else labels, **given)


def read(path: str | Path) -> np.ndarray[Any, Any]:
    """The first band of a raster."""
    with rasterio.open(path) as raster:
        return raster.read(1)


def shore_agreement(values: np.ndarray[Any, Any], land: int, water: int) -> float:
    """Share of the pixels that have the right class."""
    truth = np.full((SIDE, SIDE), land)
    truth[:, SHORE:] = water
    return float((values == truth).mean())


def test_points_become_a_map_with_confidence_and_a_score(
    image: str, points: str, tmp_path: Path
) -> None:
    confidence, events = str(tmp_path / "sure.tif"), []
    done = sketch(job(tmp_path, image, points, confidence=confidence), events.append)
    assert shore_agreement(read(tmp_path / "map.tif"), 1, 2) > 0.97
    percent = read(confidence)
    assert percent.max() <= 100 and percent.min() >= 50
    outputs = done.outputs
    assert (outputs["marks"], [c["name"] for c in outputs["classes"]]) == (8, ["land", "water"])
    assert outputs["score_low"] <= outputs["score"] <= outputs["score_high"]
    assert "8 marked pixels in 2 classes (land, water)" in done.message
    assert "mIoU on marks that it had not seen" in done.message
    shares = [event.fraction for event in events if isinstance(event, Progress)]
    assert shares == sorted(shares) and shares[-1] == 1
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert raster.nodata == 255 and raster.crs.to_string() == UTM
        names = json.loads(raster.tags()["DUALSTREAM_CLASSES"])
    assert [one["name"] for one in names] == ["land", "water"]
    assert sorted(path.name for path in tmp_path.iterdir() if ".part" in path.name) == []


def test_lines_polygons_and_points_of_several_files_count_together(
    image: str, tmp_path: Path
) -> None:
    line = shapely.LineString([place(20, 5), place(90, 50)])
    box = shapely.box(*place(140, 100), *place(100, 120))
    one = write_marks(tmp_path / "one.gpkg", [line], ["land"])
    two = write_marks(tmp_path / "two.gpkg", [box, shapely.Point(place(5, 150))], ["water"] * 2)
    done = sketch(job(tmp_path, image, (one, two), line_width=50), ignore)
    assert shore_agreement(read(tmp_path / "map.tif"), 1, 2) > 0.97
    assert done.outputs["marks"] > 1000


def test_the_map_covers_the_extent_and_marks_outside_of_it_count(
    image: str, points: str, tmp_path: Path
) -> None:
    (left, top), (right, bottom) = place(30, 60), place(69, 99)
    extent = (left - 5, bottom - 5, right + 5, top + 5)
    sketch(job(tmp_path, image, points, extent=extent), ignore)
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert raster.shape == (40, 40) and raster.transform @ (0, 0) == (left - 5, top + 5)
    whole = str(tmp_path / "whole.tif")
    sketch(job(tmp_path, image, points, output=whole), ignore)
    assert (read(tmp_path / "map.tif") == read(whole)[30:70, 60:100]).all()


def test_the_model_file_maps_as_the_sketch_did(
    image: str, air: str, points: str, tmp_path: Path
) -> None:
    model, mask = str(tmp_path / "m.safetensors"), str(tmp_path / "mask.tif")
    given = {"auxiliary": (air,), "output_model": model}
    sketch(job(tmp_path, image, points, **given), ignore)
    segment(SegmentJob(model=(model,), image=image, auxiliary=(air,), output=mask), ignore)
    assert (read(mask) == read(tmp_path / "map.tif")).mean() > 0.99
    graph = tmp_path / "m.onnx"
    export_model(ExportJob(model=model, output=str(graph)), ignore)
    assert graph.stat().st_size < 15e6


def test_a_further_mark_changes_the_map_and_equal_marks_give_equal_bytes(
    image: str, points: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.tif", tmp_path / "second.tif"
    sketch(job(tmp_path, image, points, output=str(first)), ignore)
    sketch(job(tmp_path, image, points, output=str(second)), ignore)
    assert first.read_bytes() == second.read_bytes()
    more = write_marks(
        tmp_path / "more.gpkg", [shapely.box(*place(159, 30), *place(120, 0))], ["forest"]
    )
    done = sketch(job(tmp_path, image, (points, more), output=str(second)), ignore)
    assert len(done.outputs["classes"]) == 3 and not (read(first) == read(second)).all()


def test_names_and_colours_are_those_of_the_job(image: str, tmp_path: Path) -> None:
    shapes = [shapely.Point(place(*one)) for one in (*LAND, *WATER)]
    labels = write_marks(tmp_path / "marks.gpkg", shapes, [3] * 4 + [7] * 4)
    names = ("3=ground=#112233", "7=sea", "9=ice")
    done = sketch(job(tmp_path, image, labels, class_names=names), ignore)
    found = [(c["value"], c["name"]) for c in done.outputs["classes"]]
    assert found == [(3, "ground"), (7, "sea")], "ice is not marked"
    assert done.outputs["classes"][0]["colour"] == "#112233"


def test_marks_in_another_coordinate_system_lie_where_they_belong(
    image: str, tmp_path: Path
) -> None:
    shapes = [shapely.Point(place(*one)) for one in (*LAND, *WATER)]
    lon, lat = rasterio.warp.transform(UTM, "EPSG:4326", *np.array([(p.x, p.y) for p in shapes]).T)
    labels = write_marks(
        tmp_path / "degrees.gpkg",
        [*map(shapely.Point, lon, lat)],
        ["land"] * 4 + ["water"] * 4,
        crs="EPSG:4326",
    )
    sketch(job(tmp_path, image, labels), ignore)
    assert shore_agreement(read(tmp_path / "map.tif"), 1, 2) > 0.97


def test_marks_outside_and_on_nodata_are_left_out(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    values = np.random.default_rng(0).normal(2000, 200, (3, SIDE, SIDE))
    values[:, :, SHORE:] *= 0.4
    values[:, :20] = 0
    image = write_raster("image.tif", values.astype(np.uint16), nodata=0)
    shapes = [shapely.Point(place(*one)) for one in (*LAND, *WATER, (-50, 20), (500, 500))]
    names = ["land"] * 4 + ["water"] * 4 + ["snow", "land"]
    labels = write_marks(tmp_path / "marks.gpkg", shapes, names)
    done = sketch(job(tmp_path, image, labels), ignore)
    assert done.outputs["marks"] == 6, "two lie on nodata, and two outside"
    assert [c["name"] for c in done.outputs["classes"]] == ["land", "water"]
    assert (read(tmp_path / "map.tif")[:20] == 255).all()


def test_contradicting_marks_are_named_and_the_later_one_counts(image: str, tmp_path: Path) -> None:
    shapes = [shapely.Point(place(*one)) for one in (*LAND, *WATER)]
    labels = write_marks(
        tmp_path / "marks.gpkg",
        [shapely.Point(place(*LAND[0])), *shapes],
        ["water", *["land"] * 4, *["water"] * 4],
    )
    events: list[Any] = []
    done = sketch(job(tmp_path, image, labels), events.append)
    assert done.outputs["marks"] == 8
    warnings = [event.message for event in events if isinstance(event, Warned)]
    assert any("marks of different classes: 1." in text for text in warnings)


@pytest.mark.parametrize(
    ("places", "names", "sentence"),
    [
        ([(10, 10), (20, 20)], ["land", "land"], "All marks are of one class, land"),
        ([(-10, 10), (20, -20)], ["land", "water"], "No mark lies on the image"),
    ],
)
def test_too_few_marks_end_in_a_sentence(
    image: str, tmp_path: Path, places: Any, names: Any, sentence: str
) -> None:
    shapes = [shapely.Point(place(*one)) for one in places]
    labels = write_marks(tmp_path / "marks.gpkg", shapes, names)
    with pytest.raises(EngineError, match=sentence):
        sketch(job(tmp_path, image, labels), ignore)
    assert not (tmp_path / "map.tif").exists()


def test_a_class_in_one_place_gives_a_map_without_a_score(image: str, tmp_path: Path) -> None:
    shapes = [shapely.Point(place(10, 10)), shapely.Point(place(10, 150))]
    labels = write_marks(tmp_path / "marks.gpkg", shapes, ["land", "water"])
    done = sketch(job(tmp_path, image, labels), ignore)
    assert done.outputs["score"] is None and "no score" in done.message
    assert shore_agreement(read(tmp_path / "map.tif"), 1, 2) > 0.9


def test_a_class_raster_is_learnt_from(
    image: str, write_raster: Callable[..., str], tmp_path: Path
) -> None:
    values = np.full((SIDE, SIDE), 255, np.uint8)
    values[30:60, :30], values[30:60, 100:130] = 4, 6
    labels = write_raster("classes.tif", values, nodata=255)
    sketch(job(tmp_path, image, labels, class_field=""), ignore)
    assert shore_agreement(read(tmp_path / "map.tif"), 4, 6) > 0.95


def test_a_hundred_thousand_marks_are_no_hindrance(image: str, tmp_path: Path) -> None:
    spots = np.random.default_rng(0).uniform(0, SIDE, (100_000, 2))
    xs, ys = UTM_GRID @ (spots[:, 1], spots[:, 0])
    names = np.where(spots[:, 1] < SHORE, "land", "water")
    labels = write_marks(tmp_path / "marks.gpkg", [*shapely.points(xs, ys)], [*names])
    sketch(job(tmp_path, image, labels), ignore)
    assert shore_agreement(read(tmp_path / "map.tif"), 1, 2) > 0.99


def test_what_cannot_be_is_refused_before_anything_is_written(
    image: str, points: str, tmp_path: Path
) -> None:
    for more, sentence in (
        ({"output": ""}, "sketch needs image, labels and output"),
        ({"output": str(tmp_path / "map.png")}, "must end in .tif"),
        ({"output_model": str(tmp_path / "m.onnx")}, "must end in .safetensors"),
        ({"confidence": str(tmp_path / "map.tif")}, "is an input or another output too"),
        ({"extent": (0, 0, 1, 1)}, "outside the image"),
        ({"class_field": "name"}, "has no field 'name'"),
    ):
        with pytest.raises(EngineError, match=sentence):
            sketch(job(tmp_path, image, points, **more), ignore)
    assert not (tmp_path / "map.tif").exists()


@pytest.mark.usefixtures("without_pages")
def test_a_training_starts_from_a_sketch(
    image: str, points: str, write_raster: Callable[..., str], tmp_path: Path
) -> None:
    model, trained = str(tmp_path / "m.safetensors"), str(tmp_path / "trained.safetensors")
    names = ("1=land", "2=water")
    sketch(job(tmp_path, image, points, output_model=model), ignore)
    labels = np.ones((SIDE, SIDE), np.uint8)
    labels[:, SHORE:] = 2
    given = {"start": model, "image": image, "labels": write_raster("labels.tif", labels)}
    train(
        TrainJob(**given, class_names=names, output=trained, epochs=1, tile_size=64, device="cpu"),
        ignore,
    )
    assert read_card(trained).architecture == "sketch"
