"""A layer of a web service as image: its picture is fetched before the engine starts, whole or not at all."""

from __future__ import annotations

import subprocess

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from dualstream_qgis.engine.contract.model_card import ImageCard
from osgeo import gdal
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRectangle,
    QgsVectorLayer,
)

from dualstream_qgis.algorithms import model_checks, web_map, web_picture, xyz_tiles
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.suggest import SuggestAlgorithm
from dualstream_qgis.algorithms.train import TrainAlgorithm
from tests.plugin import calls
from tests.plugin.model_files import write_model
from tests.plugin.real_engine import ROOT, engine_python
from tests.plugin.recording import Log
from tests.plugin.test_onnx_model import MAKE, run_python
from tests.plugin.tile_server import HALF_WORLD, PIXEL, TILE, colour, tile_server

pytestmark = pytest.mark.usefixtures("processing_ready")

#: First column and row of the picture, its width and height: parts of some tiles, and of two squares.
COLUMN, ROW, WIDTH, HEIGHT = 2_000_100, 1_500_030, 700, 300
LEFT, TOP = COLUMN * PIXEL - HALF_WORLD, HALF_WORLD - ROW * PIXEL
EXTENT = f"{LEFT},{LEFT + WIDTH * PIXEL},{TOP - HEIGHT * PIXEL},{TOP} [EPSG:3857]"
RGB = ImageCard(3, ("red", "green", "blue"), "uint8", ground=8.0)
DONE = 'say("done", message="done", outputs={"output": job["output"], "image": job["image"]})'


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(web_picture, "_WAIT", 0.05)
    with tile_server() as running:
        yield running


@pytest.fixture(params=["tiles", "provider"])
def service(request, monkeypatch):
    """XYZ tiles, or another service: then the layer's provider draws."""
    if request.param == "provider":
        monkeypatch.setattr(web_picture, "xyz_tiles", lambda *_: None)


@pytest.fixture
def layer(server, project):
    found = QgsRasterLayer(server.uri(), "Base map", "wms")
    project.addMapLayer(found)
    return found


@pytest.fixture
def given(layer, tmp_path):
    """The parameters of a segmentation of the layer."""
    write_model(tmp_path / "m.safetensors", RGB)
    return {
        "MODEL": str(tmp_path / "m.safetensors"),
        "IMAGE": layer.id(),
        "EXTENT": EXTENT,
        "OUTPUT": str(tmp_path / "mask.tif"),
    }


def refusal(algorithm, parameters, context):
    is_fine, message = calls.check_parameters(algorithm, parameters, context)
    return "" if is_fine else message


def picture(folder):
    """The only picture in a folder."""
    (path,) = folder.glob("Base-map-*.tif")
    return gdal.Open(str(path))


def pixels(dataset):
    """Red, green and blue of each pixel."""
    bands = [dataset.GetRasterBand(band).ReadRaster() for band in (1, 2, 3)]
    return list(zip(*bands))


def expected():
    rows, columns = range(ROW, ROW + HEIGHT), range(COLUMN, COLUMN + WIDTH)
    return [tuple(colour(column, row)) for row in rows for column in columns]


@pytest.mark.usefixtures("service")
def test_the_picture_has_the_pixels_of_the_service(given, server, engine, context, tmp_path):
    engine(DONE)
    log = Log()
    _, ok = calls.run(SegmentAlgorithm, given, log, context)
    assert ok, log.errors
    found = picture(tmp_path)
    assert (found.RasterXSize, found.RasterYSize, found.RasterCount) == (WIDTH, HEIGHT, 3)
    assert found.GetGeoTransform() == pytest.approx((LEFT, PIXEL, 0, TOP, 0, -PIXEL))
    assert pixels(found) == expected()
    assert server.most <= 6, "few requests at a time"
    assert any("127.0.0.1" in line and "terms of use" in line for line in log.lines)
    assert found.GetDescription() in log.commands[0]
    assert "--extent" not in log.commands[0], "the picture is the extent"


def test_the_same_part_is_fetched_once(given, server, engine, context):
    engine(DONE)
    calls.run(SegmentAlgorithm, given, Log(), context)
    count = len(server.asked)
    log = Log()
    assert calls.run(SegmentAlgorithm, given, log, context)[1]
    assert len(server.asked) == count
    assert any("earlier run" in line for line in log.lines)


@pytest.mark.usefixtures("service")
def test_failing_now_and_then_does_not_show(given, server, engine, context, tmp_path):
    engine(DONE)
    server.failing, server.seconds = 3, 0.02
    log = Log()
    assert calls.run(SegmentAlgorithm, given, log, context)[1], log.errors
    assert pixels(picture(tmp_path)) == expected()


@pytest.mark.usefixtures("service")
def test_missing_tiles_are_empty_and_told(given, server, engine, context, tmp_path):
    engine(DONE)
    last = (COLUMN + WIDTH - 1) // TILE
    server.missing = {f"{last}/{row // TILE}" for row in range(ROW, ROW + HEIGHT)}
    log = Log()
    assert calls.run(SegmentAlgorithm, given, log, context)[1]
    found = picture(tmp_path)  # GDAL closes a raster that nothing holds
    alpha = found.GetRasterBand(1).GetMaskBand().ReadRaster()
    width = COLUMN + WIDTH - last * TILE
    assert alpha[:WIDTH] == bytes([255] * (WIDTH - width) + [0] * width)
    assert f"{100 * width / WIDTH:.1f} % of the picture are empty" in log.warnings[0]


def test_a_server_that_always_fails_is_one_error_and_no_file(
    given, server, engine, context, tmp_path
):
    engine(DONE)
    server.failing = 1
    log = Log()
    assert not calls.run(SegmentAlgorithm, given, log, context)[1]
    assert "127.0.0.1 did not give a part of Base map in 5 attempts (HTTP 503)" in log.errors[0]
    assert {path.name for path in tmp_path.iterdir()} <= {"m.safetensors", "root"}


@pytest.mark.usefixtures("service")
def test_an_error_message_in_place_of_a_picture_is_an_error(given, server, engine, context):
    engine(DONE)
    server.kind = "application/vnd.ogc.se_xml"
    log = Log()
    assert not calls.run(SegmentAlgorithm, given, log, context)[1]
    assert "se_xml" in log.errors[0]


def test_the_address_of_a_tile():
    for url, expected_url in (("{z}/{x}/{y}", "3/5/2"), ("{-y}", "5"), ("t{q}.png", "t121.png")):
        assert xyz_tiles.XyzTiles({"url": url}, 3).address(5, 2) == expected_url


def test_nothing_at_all_is_an_error(given, server, engine, context, tmp_path):
    engine(DONE)
    columns, rows = range(COLUMN, COLUMN + WIDTH, 100), range(ROW, ROW + HEIGHT)
    server.missing = {f"{column // TILE}/{row // TILE}" for column in columns for row in rows}
    log = Log()
    assert not calls.run(SegmentAlgorithm, given, log, context)[1]
    assert "shows nothing in this extent" in log.errors[0]
    assert not list(tmp_path.glob("Base-map*"))


def test_a_cancel_leaves_nothing(given, server, engine, context, tmp_path):
    engine(DONE)
    server.seconds = 0.1
    log = Log(cancel_at="square 2")
    assert not calls.run(SegmentAlgorithm, given, log, context)[1]
    assert not list(tmp_path.glob("Base-map*"))


def test_what_is_missing_is_refused_before_the_run(given, context, layer):
    assert refusal(SegmentAlgorithm, given, context) == ""
    text = refusal(SegmentAlgorithm, {**given, "EXTENT": None}, context)
    assert "Base map is a map of the web (127.0.0.1)" in text
    assert "Map view" in text
    wide = "0,4000000,0,4000000 [EPSG:3857]"
    text = refusal(SegmentAlgorithm, {**given, "EXTENT": wide}, context)
    assert "at most 50 million" in text
    text = refusal(SuggestAlgorithm, {"IMAGE": [layer.id()], "EXTENT": EXTENT}, context)
    assert "WEB_RESOLUTION" in text
    more = {"EXTENT": EXTENT, "WEB_RESOLUTION": 8, "OUTPUT": "TEMPORARY_OUTPUT"}
    assert refusal(SuggestAlgorithm, {"IMAGE": [layer.id()], **more}, context) == ""


def test_a_model_of_other_bands_is_refused(given, context, tmp_path):
    write_model(tmp_path / "m.safetensors", ImageCard(4, tuple("rgbn"), "uint8", ground=8.0))
    assert "4" in refusal(SegmentAlgorithm, given, context)
    inputs = model_checks.read_inputs(SegmentAlgorithm().create(), given, context)
    assert inputs.image.name() == "Base map"


def test_the_zoom_level_is_the_nearest_to_the_wanted_resolution(given, context, layer):
    algorithm = SegmentAlgorithm().create()
    for metres, factor in ((8.0, 1), (12.0, 2), (27.0, 4), (0.1, 1)):
        found = web_map.picture(algorithm, {**given, "WEB_RESOLUTION": metres}, layer, context)
        assert found.grid.size == pytest.approx(factor * PIXEL), metres


def test_a_training_names_the_picture_and_waits_for_the_run(context, layer, tmp_path):
    labels = tmp_path / "labels.csv"
    right, bottom = LEFT + WIDTH * PIXEL, TOP - HEIGHT * PIXEL
    labels.write_text(f'wkt\n"LINESTRING({LEFT} {TOP}, {right} {bottom})"\n')
    source = f"file://{labels}?delimiter=,&wktField=wkt&crs=EPSG:3857"
    lines = QgsVectorLayer(source, "Labels", "delimitedtext")
    assert lines.isValid()
    context.project().addMapLayer(lines)
    given = {
        "IMAGE": [layer.id()],
        "LABELS": lines.id(),
        "WEB_RESOLUTION": 8.0,
        "OUTPUT": str(tmp_path / "m.safetensors"),
    }
    assert refusal(TrainAlgorithm, given, context) == ""
    (image,) = calls.job(TrainAlgorithm, given, context).image
    assert image.startswith(str(tmp_path / "Base-map-"))
    algorithm = TrainAlgorithm().create()
    assert algorithm.planned_job(given, context) == ""
    grid = web_map.picture(algorithm, given, layer, context).grid
    assert (grid.columns, grid.rows) == pytest.approx((1.1 * WIDTH, 1.1 * HEIGHT), abs=2)


def save_as(layer, path):
    """Saves the part of a layer as a person does: Export > Save As, raw data."""
    pipe, extent = (
        QgsRasterPipe(),
        QgsRectangle(LEFT, TOP - HEIGHT * PIXEL, LEFT + WIDTH * PIXEL, TOP),
    )
    pipe.set(layer.dataProvider().clone())
    transform = QgsCoordinateTransformContext()
    writer = QgsRasterFileWriter(path)
    assert not writer.writeRaster(pipe, WIDTH, HEIGHT, extent, layer.crs(), transform)


def test_the_mask_is_that_of_the_saved_picture(server, context, layer, tmp_path, monkeypatch):
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    run_python(MAKE, tmp_path)
    model = str(tmp_path / "net.safetensors")
    command = "import --class_names 0=ground 1=water 2=wood --mean .5 .4 .3 --std .2 .25 .3"
    paths = ["--weights", str(tmp_path / "net.onnx"), "--output", model, "--pixel_size", "8"]
    subprocess.run(
        [engine_python(), "-m", "engine", *command.split(), *paths], cwd=ROOT, check=True
    )
    saved = str(tmp_path / "saved.tif")
    save_as(layer, saved)
    server.seconds, server.failing = 0.05, 5
    masks = []
    for image, name in ((layer.id(), "web"), (saved, "file")):
        output = str(tmp_path / f"{name}.tif")
        given = {"MODEL": model, "IMAGE": image, "OUTPUT": output}
        if name == "web":
            given["EXTENT"] = EXTENT
        processing.run("dualstream:segment", given, context=context)
        masks.append(gdal.Open(output).ReadRaster())
    same = sum(one == other for one, other in zip(*masks)) / len(masks[0])
    assert len(masks[0]) == WIDTH * HEIGHT
    assert same >= 0.999
