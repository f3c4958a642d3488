"""Scores of masks and labels; a class that the mask does not have is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasterio.crs import CRS
from rasterio.warp import transform_geom

from engine.commands.evaluate import evaluate
from engine.contract.class_table import class_table, to_records
from engine.contract.errors import JobError, LabelError, RasterError
from engine.contract.file_jobs import EvaluateJob
from engine.rasters.grid import Grid
from tests.engine.masks import write_mask as publish
from tests.engine.synthetic import UTM, UTM_GRID

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
    with pytest.raises(JobError, match="'diagonal' of run lengths is unknown: use row or column"):
        evaluate(EvaluateJob(mask, mask, rle_order="diagonal"), events)


def polygons(path: Path, value: Any) -> str:
    """The right half of the mask as a polygon whose field ``use`` has ``value``."""
    ring = [UTM_GRID @ corner for corner in ((25, 0), (50, 0), (50, 40), (25, 40), (25, 0))]
    shape = transform_geom(
        UTM, "EPSG:4326", {"type": "Polygon", "coordinates": [ring]}, precision=12
    )
    feature = {"type": "Feature", "geometry": shape, "properties": {"use": value}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return str(path)


@pytest.mark.parametrize("value", ["urban", 2])
def test_names_and_numbers_of_classes_are_both_understood(
    write_mask, events, tmp_path, value
) -> None:
    labels = polygons(tmp_path / "l.geojson", value)
    done = evaluate(EvaluateJob(mask=write_mask(), labels=labels, class_field="use"), events)
    assert done.outputs["iou"] == {"background": 1.0, "urban": 1.0}
    assert done.outputs["pixels"] == 40 * 50


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
    with pytest.raises(LabelError, match="row 17, column 23 .* that of several classes, 0 and 12:"):
        evaluate(EvaluateJob(mask=mask, labels=labels), events)


def test_a_raster_that_is_no_mask_is_refused(write_raster, events) -> None:
    path = write_raster("plain.tif", np.zeros((4, 4), np.uint8))
    with pytest.raises(RasterError, match="no mask of DualStream's"):
        evaluate(EvaluateJob(mask=path, labels=path), events)
