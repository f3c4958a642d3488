"""The reader: samples have the files' values under each pixel, in any number of threads."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import rasterio
from affine import Affine
from rasterio.features import rasterize

from engine.contract.class_table import IGNORE_INDEX
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.datasets.vector_files import read_polygons
from engine.rasters.windows import Window
from engine.sampling.sample_reader import WindowReader
from engine.sampling.survey import Survey, survey
from tests.engine.synthetic import UTM_GRID

TILED = {"tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "deflate"}
SIDE = 600


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """Noise with nodata, labels with nodata, and a coarse stack."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 30, (2, SIDE, SIDE)).astype(np.uint16)
    labels = rng.integers(1, 5, (SIDE, SIDE)).astype(np.uint8)
    coarse = rng.normal(size=(3, 75, 75)).astype(np.float32)
    return {
        "image": write_raster("i.tif", image, nodata=0, **TILED),
        "labels": write_raster("l.tif", labels, nodata=4, blockysize=8, compress="deflate"),
        "auxiliary": (write_raster("a.tif", coarse, transform=UTM_GRID @ Affine.scale(8)),),
    }


def surveyed(**fields: Any) -> Survey:
    job = TrainJob(**{"tile_size": 64, **fields})
    return survey(job, find_scenes(job))


def some_windows(count: int, side: int, beyond: int = 0) -> list[Window]:
    rng = np.random.default_rng(2)
    corners = rng.integers(-beyond, SIDE - side + beyond + 1, (count, 2)).tolist()
    return [Window(row, col, side, side) for row, col in corners]


def test_samples_have_the_values_of_the_files(scene: dict[str, Any]) -> None:
    """As read by rasterio; beyond the edges mirrored and without labels."""
    reader = WindowReader(surveyed(**scene))
    with rasterio.open(scene["image"]) as file:
        image = np.where(file.read() == 0, np.nan, file.read()).astype(np.float32)
    with rasterio.open(scene["labels"]) as file:
        labels = file.read(1).astype(np.int64)
    labels = np.where((labels == 4) | np.isnan(image).all(axis=0), IGNORE_INDEX, labels - 1)
    pad = 40
    image = np.pad(image, ((0, 0), (pad, pad), (pad, pad)), mode="symmetric")
    labels = np.pad(labels, pad, constant_values=IGNORE_INDEX)
    for window in some_windows(40, 150, pad):
        sample = reader.read(0, window)
        rows = slice(window.row + pad, window.row_stop + pad)
        cols = slice(window.col + pad, window.col_stop + pad)
        assert np.array_equal(sample["image"], image[:, rows, cols], equal_nan=True)
        assert np.array_equal(sample["target"], labels[rows, cols])
        assert sample["image"].dtype == np.float32 and sample["target"].dtype == np.int64
        assert np.array_equal(reader.target(0, window), labels[rows, cols])


def test_many_threads_read_the_same_and_decode_each_pixel_once(
    scene: dict[str, Any], file_reads: list[Any]
) -> None:
    data, windows = surveyed(**scene), some_windows(60, 100)
    expected = [WindowReader(data).read(0, window) for window in windows]
    file_reads.clear()
    reader, start = WindowReader(data), threading.Barrier(6)

    def read(part: list[Window]) -> list[dict[str, np.ndarray]]:
        start.wait()
        return [reader.read(0, window) for window in part]

    with ThreadPoolExecutor(6) as pool:
        for samples in pool.map(read, [windows] * 6):
            for sample, right in zip(samples, expected, strict=True):
                assert all(np.array_equal(sample[n], right[n], equal_nan=True) for n in right)
    assert Counter((read.path, read.window) for read in file_reads).most_common(1)[0][1] == 1
    pixels = Counter()
    for path, part, _ in file_reads:
        pixels[path.name] += part.pixels
    assert pixels["i.tif"] <= SIDE**2 and pixels["l.tif"] <= SIDE**2 and pixels["a.tif"] == 75**2


def test_coarse_rasters_are_in_memory_once(scene: dict[str, Any]) -> None:
    reader = WindowReader(surveyed(**scene))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda window: reader.read(0, window), some_windows(20, 64)))
    assert reader._open_bytes == reader._scenes[0].memory_bytes == 3 * 75 * 75 * 4


def test_labels_of_other_rasters_and_polygons_do_not_depend_on_blocks(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    import pyogrio
    import shapely

    rng = np.random.default_rng(4)
    image = write_raster("i.tif", np.ones((1, SIDE, 700), np.uint8), **TILED)
    left, top = UTM_GRID.c, UTM_GRID.f
    places = rng.uniform(0, 6000, (80, 2))
    shapes = [shapely.Point(left + x, top - y).buffer(rng.uniform(20, 300), 7) for x, y in places]
    path = str(tmp_path / "p.gpkg")
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[],
        fields=[],
        geometry_type="Polygon",
        crs="EPSG:32645",
    )
    data = surveyed(image=image, labels=path)
    reader = WindowReader(data)
    grid = reader.image(0).grid
    burnt = [(shape, 1) for shape in read_polygons(path, grid)[0]]
    for window in some_windows(30, 130):
        expected = rasterize(
            burnt, out_shape=(130, 130), transform=grid.window_transform(window, 130, 130)
        )
        assert np.array_equal(reader.read(0, window)["target"], expected)
    coarse = rng.integers(0, 3, (60, 70)).astype(np.uint8)
    labels = write_raster("c.tif", coarse, transform=UTM_GRID @ Affine.scale(10))
    reader = WindowReader(surveyed(image=image, labels=labels))
    wide = np.kron(coarse, np.ones((10, 10), int))
    for window in some_windows(30, 130):
        place = slice(window.row, window.row_stop), slice(window.col, window.col_stop)
        assert np.array_equal(reader.target(0, window), wide[place])


def test_datasets_of_a_survey_share_one_reader(scene: dict[str, Any]) -> None:
    first, second = surveyed(**scene), surveyed(**scene)
    reader = WindowReader.of(first)
    assert WindowReader.of(first) is reader and WindowReader.of(second) is not reader
    gone = weakref.ref(reader)
    reader.read(0, Window(0, 0, 64, 64))
    del reader
    gc.collect()
    assert gone() is None, "its blocks are freed with the last dataset"


def test_files_are_closed_when_asked(scene: dict[str, Any], tmp_path: Path) -> None:
    reader = WindowReader(surveyed(**scene))
    expected = reader.read(0, Window(0, 0, 64, 64))

    def open_files() -> int:
        gc.collect()
        return sum(Path(file.path).parent == tmp_path for file in psutil.Process().open_files())

    assert open_files() > 0
    reader.close_files()
    assert open_files() == 0
    again = reader.read(0, Window(0, 0, 64, 64))
    assert np.array_equal(again["target"], expected["target"])
    reader.read(0, Window(500, 500, 64, 64))
    assert open_files() > 0
