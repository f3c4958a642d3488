"""Run lengths in a table are a label source; a mask is never decoded as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import LabelError
from engine.contract.jobs import TrainJob
from engine.datasets import rle_tables
from engine.datasets.label_source import LabelOptions
from engine.datasets.labels import open_labels
from engine.datasets.layouts import find_scenes
from engine.datasets.polygon_labels import class_numbers
from engine.datasets.rle_labels import RunLengthLabels, is_rle_reference, rle_reference
from engine.rasters.raster import Raster
from engine.rasters.windows import Window


@pytest.fixture
def grid(write_raster: Callable[..., str]) -> Any:
    return Raster(write_raster("image.tif", np.zeros((4, 6), np.uint8))).grid


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "masks.csv"
    path.write_text("img_id,mask_rle\na,3 5 24 1\nempty,-1\nnone,\nlong,20 9\nodd,1\n")
    return path


def test_a_window_of_the_mask(grid: Any, table: Path) -> None:
    labels = open_labels(rle_reference(table, "a"), grid, LabelOptions())
    expected = [[0, 0, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0], [0] * 6, [0, 0, 0, 0, 0, 1]]
    assert labels.read(grid.bounds).tolist() == expected
    assert labels.read(Window(0, 1, 2, 3)).tolist() == [[0, 1, 1], [0, 0, 0]]
    assert labels.names == {0: "background", 1: "foreground"} and not labels.declared
    down = open_labels(rle_reference(table, "a"), grid, LabelOptions(order="column"))
    expected = [[0, 1, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 1]]
    assert down.read(grid.bounds).tolist() == expected
    for name in ("empty", "none"):
        labels = open_labels(rle_reference(table, name), grid, LabelOptions())
        assert not labels.read(grid.bounds).any()


@pytest.mark.parametrize("order", ["row", "column"])
def test_any_window_is_that_of_the_whole_mask(
    write_raster: Callable[..., str], tmp_path: Path, order: str
) -> None:
    draws = np.random.default_rng(5)
    image = Raster(write_raster("drawn.tif", np.zeros((9, 13), np.uint8)))
    for number in range(20):
        path = tmp_path / f"{number}.csv"
        mask = draws.random((9, 13)) < draws.choice([0.1, 0.5, 0.9])
        # One pixel per run: runs may touch.
        pixels = np.flatnonzero(mask if order == "row" else mask.T) + 1
        path.write_text(f"img_id,mask_rle\na,{' '.join(f'{pixel} 1' for pixel in pixels)}\n")
        labels = open_labels(rle_reference(path, "a"), image.grid, LabelOptions(order=order))
        for row, col in draws.integers(0, (9, 13), (10, 2)):
            height, width = draws.integers(1, 10 - row), draws.integers(1, 14 - col)
            found = labels.read(Window(row, col, height, width))
            assert (found == mask[row : row + height, col : col + width]).all()


def test_memory_is_that_of_the_runs(tmp_path: Path) -> None:
    """A picture of 10 Gpx with two runs."""
    path = tmp_path / "vast.csv"
    path.write_text("img_id,mask_rle\nvast,4999950001 3 9999999999 2\n")
    for order, corner in (("row", (49999, 50000)), ("column", (50000, 49999))):
        labels = RunLengthLabels(rle_reference(path, "vast"), 100_000, 100_000, order)
        assert labels.memory_bytes == 2 * 2 * 8
        found = labels.read(Window(*corner, 2, 2))
        assert found.tolist() == ([[1, 1], [0, 0]] if order == "row" else [[1, 0], [1, 0]])
        assert labels.read(Window(99_998, 99_998, 2, 2)).sum() == 2


def test_classes_are_called_as_those_of_polygons(grid: Any, table: Path) -> None:
    """So that models of both kinds of labels may work together."""
    polygons = table.with_name("polygons.geojson")
    polygons.write_text(
        '{"type": "Polygon", "coordinates": [[[87, 27], [87, 28], [88, 28], [88, 27], [87, 27]]]}'
    )
    paths = (str(polygons), rle_reference(table, "a"))
    one, other = (open_labels(path, grid, LabelOptions()) for path in paths)
    assert one.names == other.names


def test_unusable_tables_and_runs_are_named(grid: Any, table: Path) -> None:
    def refuse(kind: type[Exception], says: str, path: str, order: str = "row") -> None:
        with pytest.raises(kind, match=says):
            open_labels(path, grid, LabelOptions(order=order)).read(grid.bounds)

    refuse(LabelError, r"masks\.csv has no row of the img_id 'b'", rle_reference(table, "b"))
    refuse(
        LabelError, r"Line 5 of .*masks\.csv, img_id 'long': .* 6 x 4", rle_reference(table, "long")
    )
    refuse(LabelError, "img_id 'odd': .* cut off", rle_reference(table, "odd"))
    refuse(LabelError, r"no\.csv cannot be read", rle_reference(table.with_name("no.csv"), "a"))
    table.write_text("image_id,class,rle\n")
    refuse(
        LabelError,
        "no column 'img_id'; it needs .*: image_id, class, rle",
        rle_reference(table, "a"),
    )


def test_a_table_is_read_once_until_it_changes(
    grid: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "many.csv"
    path.write_text("img_id,mask_rle\n" + "".join(f"i{n},{n + 1} 1\n" for n in range(20)))
    reads: list[Path] = []
    real = rle_tables.read_rows
    monkeypatch.setattr(
        rle_tables, "read_rows", lambda *given: reads.append(given[0]) or real(*given)
    )
    for number in range(20):
        labels = open_labels(rle_reference(path, f"i{number}"), grid, LabelOptions())
        assert np.flatnonzero(labels.read(grid.bounds)).tolist() == [number]
    assert reads == [path]
    path.write_text("img_id,mask_rle\ni0,3 4\n")
    assert open_labels(rle_reference(path, "i0"), grid, LabelOptions()).read(grid.bounds).sum() == 4
    assert reads == [path, path]


def test_a_mask_longer_than_a_csv_reader_s_usual_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    text = " ".join(f"{start} 1" for start in range(1, 100_001, 2))
    assert len(text) > 2 * 131_072
    path.write_text(f"img_id,mask_rle\na,{text}\n")
    assert rle_tables.read_masks(path)["a"].runs == text


def test_polygons_in_a_table_of_points_stay_polygons(table: Path) -> None:
    assert is_rle_reference(rle_reference(table, "a"))
    assert not is_rle_reference(f"{table}|layername=masks") and not is_rle_reference(str(table))
    assert class_numbers([rle_reference(table, "a")], "use") == {}, "no field is asked of a table"


def test_a_scenes_table_may_name_run_lengths(tmp_path: Path, table: Path) -> None:
    (tmp_path / "image.tif").touch()
    (tmp_path / "scenes.csv").write_text(
        f"image,labels\nimage.tif,{rle_reference(Path(table.name), 'a')}"
    )
    (scene,) = find_scenes(TrainJob(dataset=str(tmp_path / "scenes.csv")))
    assert scene.labels == rle_reference(table, "a")
