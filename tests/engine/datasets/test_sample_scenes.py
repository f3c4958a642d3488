"""The sample scenes are georeferenced, and only both streams together tell smoke from mist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyogrio
import pytest
import rasterio
from rasterio.warp import transform_bounds

from engine.contract.errors import RasterError
from engine.datasets.sample_scenes import AIR_NODATA, UNSEEN, generate_scene, write_scene
from engine.rasters.source_files import write_geotiff

SMALL = replace(UNSEEN, shape=(320, 384), plumes=4)


@pytest.fixture(scope="module")
def scene():
    return generate_scene(SMALL)


@pytest.fixture(scope="module")
def folder(scene, tmp_path_factory):
    return write_scene(scene, tmp_path_factory.mktemp("demo"))


def best_threshold_accuracy(values: np.ndarray, truth: np.ndarray) -> float:
    """How well one threshold on ``values`` tells truth from not, classes weighing the same."""
    cuts = np.quantile(values, np.linspace(0.02, 0.98, 49))
    hits = [((values > c)[truth].mean() + (values <= c)[~truth].mean()) / 2 for c in cuts]
    return max(*hits, *(1 - hit for hit in hits))


def test_same_seed_same_scene(scene):
    again = generate_scene(SMALL)
    assert np.array_equal(scene.image, again.image)
    assert np.array_equal(scene.pollution, again.pollution)
    assert not np.array_equal(scene.image, generate_scene(replace(SMALL, seed=6)).image)


def test_streams_lie_on_different_grids(folder):
    with rasterio.open(folder / "image.tif") as image, rasterio.open(folder / "air.tif") as air:
        assert (image.count, image.dtypes[0], image.nodata) == (4, "uint16", 0)
        assert (air.count, air.dtypes[0], air.nodata) == (48, "float32", AIR_NODATA)
        assert image.crs.is_projected
        assert air.crs.is_geographic
        bounds = transform_bounds(image.crs, air.crs, *image.bounds)
        assert air.bounds.left < bounds[0]
        assert air.bounds.right > bounds[2]
        assert air.bounds.bottom < bounds[1]
        assert air.bounds.top > bounds[3]
        assert image.width > 9 * (air.width - 7)


def test_air_lies_where_the_smoke_is(scene, folder):
    """Sampling the written air at the image's pixels gives the pollution it was made from."""
    with rasterio.open(folder / "image.tif") as image, rasterio.open(folder / "air.tif") as air:
        rows, cols = np.unravel_index(np.argsort(scene.pollution[7].ravel())[-50:], (80, 96))
        xs, ys = image.transform @ (4 * cols + 2.0, 4 * rows + 2.0)
        points = rasterio.warp.transform(image.crs, air.crs, xs, ys)
        sampled = np.array([values[7] for values in air.sample(zip(*points))])
    assert np.corrcoef(sampled, np.sort(scene.pollution[7].ravel())[-50:])[0, 1] > 0.5
    assert sampled.min() > np.median(scene.pollution[7]) + 20


def test_labels_are_named_polygons(folder):
    info = pyogrio.read_info(folder / "labels.gpkg")
    _, _, _, (names,) = pyogrio.raw.read(folder / "labels.gpkg")
    assert info["geometry_type"] == "Polygon"
    assert list(info["fields"]) == ["class"]
    assert set(names) == {"smoke", "mist"}


def test_image_shows_plumes_but_not_which(scene):
    blue = scene.image[0].astype(float)
    smoke, mist = scene.classes == 1, scene.classes == 2
    assert smoke.sum() > 1000
    assert mist.sum() > 1000
    assert best_threshold_accuracy(blue, smoke | mist) > 0.85
    assert best_threshold_accuracy(blue[smoke | mist], smoke[smoke | mist]) < 0.7


def test_air_tells_smoke_from_mist_but_not_the_outline(scene):
    fine = scene.pollution[7].repeat(4, 0).repeat(4, 1)
    smoke, mist = scene.classes == 1, scene.classes == 2
    assert best_threshold_accuracy(fine[smoke | mist], smoke[smoke | mist]) > 0.9
    outlines = [fine > cut for cut in np.quantile(fine[smoke], np.linspace(0.05, 0.7, 14))]
    assert max((smoke & o).sum() / (smoke | o).sum() for o in outlines) < 0.7


def test_a_folder_that_cannot_be_written_is_one_sentence(scene, tmp_path):
    with pytest.raises(RasterError, match=r"The raster .*image\.tif could not be written \("):
        write_geotiff(tmp_path / "missing" / "image.tif", scene.image, ["band"] * 4)
