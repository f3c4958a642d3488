"""The survey of several images with the same labels: which tile has what, and what is told of the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from affine import Affine

from engine.contract.errors import LabelError, LayoutError, RasterError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.rasters.windows import Window
from engine.sampling.sample_reader import WindowReader
from engine.sampling.survey import Survey, survey
from tests.engine.synthetic import UTM_GRID, box, write_geojson

SIDE = 64


@pytest.fixture
def tiles(write_raster: Callable[..., str]) -> list[str]:
    """Three tiles side by side."""
    pixels = np.full((3, SIDE, SIDE), 7, np.uint8)
    places = [UTM_GRID @ Affine.translation(SIDE * number, 0) for number in range(3)]
    return [write_raster(f"t{n}.tif", pixels, transform=place) for n, place in enumerate(places)]


@pytest.fixture
def polygons(tmp_path: Path) -> Callable[..., str]:
    """Writes a GeoJSON in degrees with one square of 20 px at each (row, column)."""

    def write(*corners: tuple[int, int]) -> str:
        boxes = ((box(row, col, 20, 20), {}) for row, col in corners)
        return write_geojson(tmp_path / "polygons.geojson", *boxes, in_degrees=True)

    return write


def surveyed(images: list[str], labels: str, **fields: Any) -> Survey:
    job = TrainJob(image=tuple(images), labels=labels, tile_size=SIDE, **fields)
    return survey(job, find_scenes(job))


def test_each_tile_has_the_polygons_that_lie_in_it(
    tiles: list[str], polygons: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second square crosses from one tile into the next; the file is read once for all tiles."""
    path, reads, read = polygons((10, 10), (30, SIDE - 5)), [], pyogrio.raw.read
    monkeypatch.setattr(
        pyogrio.raw, "read", lambda *a, **k: reads.append(k["read_geometry"]) or read(*a, **k)
    )
    result = surveyed(tiles, path)
    assert reads.count(True) == 1
    counts = [
        sum(b.counts.get(1, 0) for b in result.blocks if b.scene == scene) for scene in range(3)
    ]
    assert counts == [20 * 20 + 5 * 20, 15 * 20, 0]
    (doubt,) = result.warnings
    assert doubt.startswith("Without any polygon: 1 of 3 images; all pixels there are background")
    target = WindowReader(result).read(1, Window(0, 0, SIDE, SIDE))["target"]
    assert (target[30:50, :15] == 1).all() and target.sum() == 15 * 20
    reads.clear()
    surveyed(tiles, polygons((12, 12), (30, SIDE - 5)))
    assert reads.count(True) == 1, "a file that has changed is read anew"


def test_a_scenes_table_may_name_one_polygon_file_in_every_row(
    tiles: list[str], polygons: Callable[..., str], tmp_path: Path
) -> None:
    path, table = polygons((10, 10), (30, SIDE - 5)), tmp_path / "scenes.csv"
    table.write_text("\n".join(["image,labels", *(f"{tile},{path}" for tile in tiles), ""]))
    job = TrainJob(dataset=str(table), tile_size=SIDE)
    one, other = survey(job, find_scenes(job)), surveyed(tiles, path)
    assert (one.scenes, one.blocks, one.classes) == (other.scenes, other.blocks, other.classes)


def test_a_tile_without_labels_is_told(tiles: list[str], polygons: Callable[..., str]) -> None:
    path, area = polygons((10, 10), (10, SIDE + 10)), "area.geojson"
    area = str(Path(path).rename(Path(path).with_name(area)))
    result = surveyed(tiles, polygons((0, 0), (20, 20), (10, SIDE + 20)), area=area)
    assert result.warnings == ["Not used, because they have no labelled pixel: 1 of 3 images."]
    assert {block.scene for block in result.blocks} == {0, 1}


def test_polygons_beside_all_tiles_are_refused(
    tiles: list[str], polygons: Callable[..., str]
) -> None:
    with pytest.raises(
        LabelError, match="No polygon, line or point of the labels covers a pixel: do labels"
    ):
        surveyed(tiles, polygons((500, 500)))


def test_one_class_raster_and_one_stack_cover_all_tiles(
    tiles: list[str], write_raster: Callable[..., str]
) -> None:
    classes = np.arange(3 * SIDE)[None].repeat(SIDE, 0) // 48
    labels = write_raster("labels.tif", classes.astype(np.uint8))
    coarse = np.arange(12, dtype=np.float32)[None].repeat(4, 0)
    stack = write_raster("air.tif", coarse, transform=UTM_GRID @ Affine.scale(16))
    result = surveyed(tiles, labels, auxiliary=(stack,))
    values = [{v for b in result.blocks if b.scene == n for v in b.counts} for n in range(3)]
    assert values == [{0, 1}, {1, 2}, {2, 3}]
    sample = WindowReader(result).read(2, Window(0, 0, SIDE, SIDE))
    assert sample["auxiliary"][0, 0, 0] == 7.75, "half a pixel from the neighbour's last value, 7"
    assert sample["auxiliary"][0, 0, -1] == 11


def test_the_tile_that_another_raster_does_not_cover_is_named(
    tiles: list[str], polygons: Callable[..., str], write_raster: Callable[..., str]
) -> None:
    stack = write_raster("air.tif", np.zeros((SIDE, 2 * SIDE), np.float32))
    says = r"air\.tif does not overlap the image: .* The image is .*t2\.tif\."
    with pytest.raises(RasterError, match=says):
        surveyed(tiles, polygons((10, 10)), auxiliary=(stack,))
    gray = write_raster("t9.tif", np.zeros((SIDE, SIDE), np.uint8))
    with pytest.raises(LayoutError, match=r"t9\.tif has 1 band, .*t0\.tif 3: all images"):
        surveyed([*tiles, gray], polygons((10, 10)))
