"""Scores of masks and labels; a class that the mask does not have is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasterio.crs import CRS

from engine.commands.evaluate import evaluate
from engine.contract.class_table import class_table, to_records
from engine.contract.errors import JobError, LabelError, RasterError
from engine.contract.file_jobs import EvaluateJob
from engine.rasters.grid import Grid
from tests.engine.masks import write_mask as publish
from tests.engine.synthetic import UTM, UTM_GRID, box, write_geojson

GRID = Grid(40, 50, UTM_GRID, CRS.from_string(UTM))


@pytest.fixture
def write_mask(tmp_path) -> Callable[..., str]:
    """A mask whose left half is background and whose right half is another class, 2 by default."""

    def write(name: str = "urban", value: int = 2) -> str:
        table = class_table({0: "background", value: name})
        tags = {"DUALSTREAM_CLASSES": json.dumps(to_records(table))}
        rows = np.zeros((40, 50), np.uint8)
        rows[:, 25:] = value
        publish(tmp_path / "mask.tif", rows, GRID, table, tags)
        return str(tmp_path / "mask.tif")

    return write


@pytest.mark.parametrize("order", ["row", "column"])
def test_run_lengths_are_counted_in_the_job_s_order(write_mask, tmp_path, events, order) -> None:
    """The mask's right half, in runs down the columns one run of 1000 px."""
    runs = {"row": " ".join(f"{50 * row + 26} 25" for row in range(40)), "column": "1001 1000"}
    table = tmp_path / "truth.csv"
    table.write_text(f"img_id,mask_rle\na,{runs[order]}\n")
    mask, labels = write_mask("foreground", value=1), f"{table}|img_id=a"
    found = evaluate(EvaluateJob(mask, labels, rle_order=order), events)
    assert found.outputs["miou"] == 1
    other = {"row": "column", "column": "row"}[order]
    assert evaluate(EvaluateJob(mask, labels, rle_order=other), events).outputs["miou"] < 0.5
    with pytest.raises(JobError, match="rle_order must be row or column, not diagonal"):
        evaluate(EvaluateJob(mask, mask, rle_order="diagonal"), events)


def polygons(path: Path, value: Any) -> str:
    """The right half of the mask as a polygon whose field ``use`` has ``value``."""
    return write_geojson(path, (box(0, 25, 40, 25), {"use": value}), in_degrees=True)


@pytest.mark.parametrize("value", ["urban", 2])
def test_names_and_numbers_of_classes_are_both_understood(
    write_mask, events, tmp_path, value
) -> None:
    labels = polygons(tmp_path / "l.geojson", value)
    done = evaluate(EvaluateJob(mask=write_mask(), labels=labels, class_field="use"), events)
    assert done.outputs["iou"] == {"background": 1.0, "urban": 1.0}
    assert done.outputs["pixels"] == 40 * 50


def test_the_score_of_the_most_frequent_class_alone_is_told(write_mask, events, tmp_path) -> None:
    """A corner of 5 x 10 px is the class, the other 1950 of 2000 px are background."""
    mask, rows = write_mask(), np.zeros((40, 50), np.uint8)
    rows[:5, :10] = 2
    publish(tmp_path / "l.tif", rows, GRID, class_table({0: "background", 2: "urban"}), {})
    done = evaluate(EvaluateJob(mask, str(tmp_path / "l.tif")), events)
    sentence = "A mask that shows background everywhere would have 97.5 % of them right."
    assert sentence in done.message.replace("\u00a0", " ")


def test_a_class_the_mask_does_not_know_is_refused(
    write_mask, write_raster, events, tmp_path
) -> None:
    mask = write_mask()
    assert evaluate(EvaluateJob(mask, mask), events).outputs["miou"] == 1
    polygon = polygons(tmp_path / "l.geojson", "urbann")
    raster = write_raster("l.tif", np.full((40, 50), 4, np.uint8))
    for labels, name in ((polygon, "'urbann'"), (raster, "4")):
        with pytest.raises(LabelError, match=f"class {name}, which the mask does not know"):
            evaluate(EvaluateJob(mask, labels, class_field="use"), events)


def test_labels_are_merged_and_ignored_as_in_training(
    write_mask, write_raster, events, tmp_path
) -> None:
    """The mask has one class where the labels have two names, or values that it does not know."""
    mask, polygon = write_mask("water"), polygons(tmp_path / "l.geojson", "river")
    job = EvaluateJob(mask, polygon, class_field="use", merge=("river=water",))
    assert evaluate(job, events).outputs["iou"] == {"background": 1.0, "water": 1.0}
    ignored = EvaluateJob(mask, polygon, class_field="use", ignore=("river",))
    assert evaluate(ignored, events).outputs["pixels"] == 40 * 25
    values = np.zeros((40, 50), np.int16)
    values[:, 25:] = 7
    values[:, 40:] = 8
    values[:10] = -9999
    raster = write_raster("l.tif", values)
    job = EvaluateJob(mask, raster, merge=("7+8=water",), ignore=("-9999",))
    assert evaluate(job, events).outputs == {**evaluate(job, events).outputs, "pixels": 30 * 50}
    assert evaluate(job, events).outputs["miou"] == 1


def test_a_merge_that_the_mask_does_not_have_is_refused(write_mask, events, tmp_path) -> None:
    polygon = polygons(tmp_path / "l.geojson", "river")
    job = EvaluateJob(write_mask(), polygon, class_field="use", merge=("river=lake",))
    with pytest.raises(LabelError, match="class 'lake', which the mask does not know"):
        evaluate(job, events)
    table = tmp_path / "truth.csv"
    table.write_text("img_id,mask_rle\na,1 3\n")
    with pytest.raises(JobError, match="leave out area, class_field, ignore and merge"):
        evaluate(EvaluateJob(str(table), str(table), ignore=("0",)), events)


def test_a_colour_of_two_classes_is_refused_where_it_is_met(write_raster, events, tmp_path) -> None:
    table = class_table({value: f"class {value}" for value in range(13)})
    truth = np.full((40, 50), 3, np.uint8)
    truth[:, 30:] = 11
    tags = {"DUALSTREAM_CLASSES": json.dumps(to_records(table))}
    mask = str(tmp_path / "mask.tif")
    publish(mask, truth, GRID, table, tags)
    picture = np.array([entry.rgb for entry in table], np.uint8)[truth].transpose(2, 0, 1).copy()
    done = evaluate(EvaluateJob(mask=mask, labels=write_raster("l.tif", picture)), events)
    assert done.outputs["pixel_accuracy"] == 1, "colours of one class each"
    picture[:, 17, 23] = table[12].rgb
    assert table[0].rgb == table[12].rgb
    labels = write_raster("l.tif", picture)
    with pytest.raises(LabelError, match="row 17, column 23 .* that of several classes, 0, 12:"):
        evaluate(EvaluateJob(mask=mask, labels=labels), events)


def test_rasters_that_are_no_masks_are_refused(write_raster, events) -> None:
    labels = write_raster("plain.tif", np.zeros((4, 4), np.uint8))
    heights = write_raster("heights.tif", np.zeros((4, 4), np.float32))
    picture = write_raster("picture.tif", np.zeros((3, 4, 4), np.uint8))
    many = write_raster("many.tif", np.arange(400, dtype=np.uint16).reshape(20, 20))
    for path, message in (
        (heights, "1 band of the type float32"),
        (picture, "3 bands of the type uint8"),
        (many, "400 values from 0 to 399: classes are at most 256"),
    ):
        with pytest.raises(RasterError, match=message):
            evaluate(EvaluateJob(mask=path, labels=labels), events)


def test_any_class_raster_is_a_mask(write_raster, events, tmp_path) -> None:
    """Its classes are the values of both rasters; a class that only the labels have is missed."""
    mapped, true = np.zeros((40, 50), np.uint8), np.zeros((40, 50), np.uint8)
    mapped[:, 25:] = true[:20, 25:] = 2
    true[20:, 25:] = 9
    mask, labels = write_raster("mask.tif", mapped), write_raster("labels.tif", true)
    found = evaluate(EvaluateJob(mask, labels), events).outputs
    assert found["iou"] == {"0": 1.0, "2": 0.5, "9": 0.0}
    assert found["recall"] == {"0": 1.0, "2": 1.0, "9": 0.0}
    assert found["precision"]["2"] == 0.5
    assert found["matrix"] == [[1000, 0, 0], [0, 500, 0], [0, 500, 0]]


def test_polygons_are_compared_on_the_grid_of_the_labels(write_raster, events, tmp_path) -> None:
    truth = np.zeros((40, 50), np.uint8)
    truth[:, 25:] = 1
    labels = write_raster("labels.tif", truth, crs=UTM, transform=UTM_GRID)
    mask = polygons(tmp_path / "houses.geojson", "house")
    assert evaluate(EvaluateJob(mask, labels), events).outputs["miou"] == 1
    named = evaluate(EvaluateJob(mask, labels, mask_field="use"), events).outputs
    assert named["iou"] == {"background": 1.0, "house": 1.0}
    with pytest.raises(JobError, match="both polygons"):
        evaluate(EvaluateJob(mask, mask), events)


def test_outlines_and_objects_are_scored(write_mask, write_raster, events) -> None:
    """The labels' half begins 3 px further right: one object, found, with an outline beyond 2 px."""
    truth = np.zeros((40, 50), np.uint8)
    truth[:, 28:] = 2
    job = EvaluateJob(write_mask(), write_raster("l.tif", truth, crs=UTM, transform=UTM_GRID))
    near = evaluate(job, events).outputs
    assert near["boundary_f1"] == {"background": 0.0, "urban": 0.0}
    assert near["tolerance_m"] == pytest.approx(2 * UTM_GRID.a, rel=1e-3)
    assert near["objects"] == {"urban": {"true": 1, "mapped": 1, "found": 1, "f1": 1.0}}
    far = evaluate(replace(job, tolerance=3), events).outputs
    assert far["mean_boundary_f1"] == 1


def test_a_sample_gives_areas_of_the_whole_mask(write_mask, write_raster, events) -> None:
    """Twenty samples: ten in each half of the mask, of which one on the right is background."""
    truth = np.full((40, 50), 255, np.uint8)
    truth[::4, 5] = 0
    truth[::4, 40] = 2
    truth[0, 40] = 0
    labels = write_raster("l.tif", truth, nodata=255, crs=UTM, transform=UTM_GRID)
    job = EvaluateJob(write_mask(), labels, sampling="stratified")
    found = evaluate(job, events).outputs
    half = 40 * 25 * UTM_GRID.a**2
    estimates = found["estimates"]
    assert estimates["samples"] == {"background": 10, "urban": 10}
    assert estimates["mapped_area_m2"] == pytest.approx({"background": half, "urban": half})
    assert estimates["area_m2"]["urban"]["value"] == pytest.approx(0.9 * half)
    margin = 1.96 * (0.5**2 * 0.9 * 0.1 / 9) ** 0.5
    assert estimates["overall_accuracy"] == pytest.approx({"value": 0.95, "half_width_95": margin})
    assert "objects" not in found and "boundary_f1" not in found
    with pytest.raises(JobError, match="sampling must be none, random or stratified, not census"):
        evaluate(replace(job, sampling="census"), events)


def test_points_are_labels(write_mask, events, tmp_path) -> None:
    """Two on the left of which one pixel has two, two on the right of which one is background."""
    places = [(5.2, 3.5, 0), (5.7, 3.5, 0), (7.5, 30.5, 0), (30.5, 3.5, 2), (40.5, 39.5, 0)]
    points = (
        ({"type": "Point", "coordinates": UTM_GRID @ (col, row)}, {"use": value})
        for col, row, value in places
    )
    labels = write_geojson(tmp_path / "points.geojson", *points)
    job = EvaluateJob(write_mask(), labels, class_field="use", sampling="random")
    found = evaluate(job, events).outputs
    assert found["matrix"] == [[2, 1], [0, 1]]
    assert found["estimates"]["users_accuracy"]["urban"]["value"] == 0.5
    without = evaluate(replace(job, sampling="none"), events).outputs
    assert without["matrix"] == found["matrix"], "what no point marks is unknown"
    larger = evaluate(replace(job, point_radius=3 * UTM_GRID.a), events).outputs
    assert larger["pixels"] > 50


def test_the_report_has_the_numbers(write_mask, write_raster, events, tmp_path) -> None:
    truth = np.zeros((40, 50), np.uint8)
    truth[5:, 28:] = 2
    labels = write_raster("l.tif", truth, crs=UTM, transform=UTM_GRID)
    report = tmp_path / "accuracy.html"
    for sampling in ("none", "random"):
        job = EvaluateJob(write_mask("<town>"), labels, sampling=sampling, report=str(report))
        found = evaluate(job, events).outputs
        page = report.read_text("utf-8")
        assert found["report"] == str(report)
        for score in (found["miou"], found["precision"]["<town>"], found["recall"]["<town>"]):
            assert f">{score:.3f}<" in page
        assert "&lt;town&gt;" in page and "<town>" not in page
        assert ("Objects" in page) == ("Where they differ" in page) == (sampling == "none")
        assert ("95 % confidence interval" in page) == (sampling == "random")
        assert "<script" not in page and "http" not in page.replace("http://www.w3.org", "")
    with pytest.raises(JobError, match=r"must end in \.html"):
        evaluate(EvaluateJob(write_mask(), labels, report="x.pdf"), events)
