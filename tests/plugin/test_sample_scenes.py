"""The sample scenes are georeferenced, and only both streams together tell smoke from mist."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import numpy as np
from osgeo import gdal, ogr

from dualstream_qgis.sample_scenes.files import AIR_NODATA, write_scene
from dualstream_qgis.sample_scenes.scene import TRAINING, UNSEEN, generate_scene

SMALL = replace(UNSEEN, shape=(320, 384), plumes=4)


@pytest.fixture(scope="module")
def scene():
    return generate_scene(SMALL)


@pytest.fixture(scope="module")
def folder(scene, tmp_path_factory):
    target = tmp_path_factory.mktemp("scenes")
    write_scene(scene, target)
    return target / SMALL.name


def best_threshold_accuracy(values, truth) -> float:
    """How well one threshold on ``values`` tells truth from not, classes weighing the same."""
    cuts = np.quantile(values, np.linspace(0.02, 0.98, 49))
    hits = [((values > c)[truth].mean() + (values <= c)[~truth].mean()) / 2 for c in cuts]
    return max(*hits, *(1 - hit for hit in hits))


def test_same_seed_same_scene(scene):
    again = generate_scene(SMALL)
    assert np.array_equal(scene.image, again.image)
    assert np.array_equal(scene.pollution, again.pollution)
    assert not np.array_equal(scene.image, generate_scene(replace(SMALL, seed=6)).image)


def test_the_sites_lie_side_by_side_and_do_not_touch():
    right = TRAINING.west + 10 * TRAINING.shape[1]
    assert 500 < UNSEEN.west - right < 5000
    assert UNSEEN.north < TRAINING.north
    assert UNSEEN.north - 10 * UNSEEN.shape[0] > TRAINING.north - 10 * TRAINING.shape[0]


def test_the_image_is_written_as_it_was_made(scene, folder):
    image = gdal.Open(str(folder / "image.tif"))
    assert image.GetGeoTransform() == (SMALL.west, 10, 0, SMALL.north, 0, -10)
    assert image.GetSpatialRef().GetAuthorityCode(None) == "32633"
    bands = [image.GetRasterBand(number) for number in range(1, 5)]
    assert [band.GetDescription() for band in bands] == ["blue", "green", "red", "near infrared"]
    assert bands[0].DataType == gdal.GDT_UInt16
    assert bands[0].GetNoDataValue() == 0
    assert image.ReadRaster() == scene.image.tobytes()


def test_air_lies_where_the_smoke_is(scene, folder):
    """Warping the written air back to the image's grid gives the pollution that it was made from."""
    air = gdal.Open(str(folder / "air.tif"))
    assert air.RasterCount == 48
    assert air.GetSpatialRef().IsGeographic()
    assert air.GetRasterBand(8).GetDescription() == "NO2 10:00"
    assert 9 * air.RasterXSize < SMALL.shape[1] + 9 * 10
    height, width = SMALL.shape
    bounds = (SMALL.west, SMALL.north - 10 * height, SMALL.west + 10 * width, SMALL.north)
    back = gdal.Warp(
        "", air, format="MEM", dstSRS="EPSG:32633", outputBounds=bounds, xRes=40, yRes=40,
        resampleAlg="bilinear",
    )  # fmt: skip
    shape = scene.pollution[7].shape
    values = np.frombuffer(back.GetRasterBand(8).ReadRaster(), np.float32).reshape(shape)
    assert (values != AIR_NODATA).all(), "the air covers the whole image"
    assert np.corrcoef(values.ravel(), scene.pollution[7].ravel())[0, 1] > 0.97


def test_labels_are_named_polygons_on_the_plumes(scene, folder):
    file = ogr.Open(str(folder / "labels.gpkg"))
    layer = file.GetLayer(0)
    assert layer.GetName() == "plumes"
    assert layer.GetGeomType() == ogr.wkbPolygon
    areas = {"smoke": 0.0, "mist": 0.0}
    for feature in layer:
        areas[feature.GetField("class")] += feature.GetGeometryRef().GetArea()
    for value, name in ((1, "smoke"), (2, "mist")):
        assert areas[name] == pytest.approx(100 * (scene.classes == value).sum(), rel=0.03)


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


def test_files_that_are_there_are_kept_and_missing_ones_are_made(scene, tmp_path):
    target = tmp_path / SMALL.name
    target.mkdir()
    (target / "image.tif").write_text("mine")
    write_scene(scene, tmp_path)
    assert (target / "image.tif").read_text() == "mine"
    assert {path.name for path in target.iterdir()} == {"image.tif", "air.tif", "labels.gpkg"}


def test_a_folder_that_cannot_be_made_is_an_error_with_its_path(scene, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write_scene(scene, tmp_path / "file")
