"""Many scenes through Processing and the real engine: one process, the same masks as from many."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from dualstream_qgis.engine.contract import protocol
from osgeo import gdal

from dualstream_qgis.algorithms.feedback_reporter import FeedbackReporter
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.engine_process import warm_engine
from tests.plugin.rasters import write_raster
from tests.plugin.real_engine import ROOT, engine_python

pytestmark = pytest.mark.usefixtures("processing_ready")

SIDE = 80
#: A network of one convolution, which engines run without torch: they start in a second.
MODEL = """
import sys
from pathlib import Path
from engine.commands.import_model import import_model
from engine.contract.file_jobs import ImportJob
from tests.engine.onnx_networks import network, write

model = Path(sys.argv[1])
weights = write(model.with_suffix(".onnx"), network(1, "Sigmoid", bands=1))
names = ("0=land", "1=water")
import_model(ImportJob(weights, output=str(model), class_names=names, mean=(0.5,), std=(0.2,)), print)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    subprocess.run([engine_python(), "-c", MODEL, str(path)], cwd=ROOT, check=True)
    return str(path)


@pytest.fixture
def segment(model, tmp_path, monkeypatch):
    """``segment(scene)``: the mask's bytes, the engine's process and the seconds it all took."""
    pids = []
    report = FeedbackReporter.report

    def noting(self, event):
        if isinstance(event, protocol.Started):
            pids.append(event.pid)
        report(self, event)

    def run(scene):
        output = tmp_path / "mask.tif"
        parameters = {"MODEL": model, "IMAGE": scene, "DEVICE": "cpu", "OUTPUT": str(output)}
        begun = time.monotonic()
        processing.run("dualstream:segment", {**parameters, "BATCH_SIZE": 1})
        seconds = time.monotonic() - begun
        mask = output.read_bytes()
        output.unlink()
        return mask, pids[-1], seconds

    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    monkeypatch.setattr(FeedbackReporter, "report", noting)
    yield run
    warm_engine.ENGINES.stop()


@pytest.fixture
def scenes(tmp_path):
    """Two scenes side by side."""
    paths = []
    for number, west in ((3, 500000), (7, 500000 + 10 * SIDE)):
        pixels = bytes(number * i * i // 64 % 256 for i in range(SIDE * SIDE))
        grid = (west, 10, 0, 5000000, 0, -10)
        paths.append(write_raster(tmp_path / f"{number}.tif", pixels, SIDE, grid))
    return paths


def class_pixels(path):
    raster = gdal.Open(str(path))
    return raster.GetRasterBand(1).ReadRaster(), raster.RasterXSize


def test_many_scenes_have_the_same_masks_as_single_scenes(segment, scenes, model, tmp_path):
    alone = []
    for scene in scenes:
        gdal.FileFromMemBuffer("/vsimem/mask.tif", segment(scene)[0])
        alone.append(class_pixels("/vsimem/mask.tif"))
    folder = tmp_path / "masks"
    options = {"DEVICE": "cpu", "BATCH_SIZE": 1, "OUTPUT": str(folder)}
    parameters = {"MODEL": model, "IMAGES": scenes, "CONFIDENCE": True, **options}
    made = processing.run("dualstream:segmentfolder", parameters)
    assert [made[f"SCENES{which}"] for which in ("", "_DONE", "_KEPT", "_FAILED")] == [2, 2, 0, 0]
    assert [class_pixels(folder / f"{number}.tif") for number in (3, 7)] == alone
    assert alone[0] != alone[1]
    for name in ("3.qml", "7.qml", "3_confidence.tif", "7_confidence.tif"):
        assert (folder / name).is_file(), name
    assert Path(made["SUMMARY"]).is_file() and Path(made["TABLE"]).is_file()
    mosaic, width = class_pixels(made["MOSAIC"])
    rows = [mosaic[row : row + width] for row in range(0, len(mosaic), width)]
    assert b"".join(row[:SIDE] for row in rows) == alone[0][0]
    assert b"".join(row[SIDE:] for row in rows) == alone[1][0]
    again = processing.run("dualstream:segmentfolder", parameters)
    assert (again["SCENES_DONE"], again["SCENES_KEPT"]) == (0, 2)


def test_scenes_share_an_engine_with_the_same_masks_as_separate_engines(
    segment, scenes, monkeypatch
):
    first, second = segment(scenes[0]), segment(scenes[1])
    assert first[1] == second[1] == warm_engine.ENGINES.idle_pid
    monkeypatch.setattr(SegmentAlgorithm, "STAYS_WARM", False)
    alone = segment(scenes[1])
    assert alone[1] != second[1]
    assert alone[0] == second[0] != first[0]
    print(f"first {first[2]:.2f} s, second {second[2]:.2f} s, alone {alone[2]:.2f} s")
    assert second[2] < alone[2], "the second scene pays for no start"
