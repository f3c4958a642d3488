"""An ONNX network as the model of Segment in QGIS, by the real engine if it is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from dualstream_qgis.engine.contract.card_reader import read_card
from dualstream_qgis.engine.contract.card_summary import summarize
from dualstream_qgis.engine.contract.file_jobs import ImportJob
from qgis.core import QgsRasterLayer

from dualstream_qgis.algorithms.import_weights import ImportAlgorithm
from tests.plugin import calls
from tests.plugin.real_engine import ROOT, engine_python

pytestmark = pytest.mark.usefixtures("processing_ready")

MAKE = """
import sys, numpy as np, rasterio
from pathlib import Path
from tests.engine.onnx_networks import network, scores, write
folder = Path(sys.argv[1])
write(folder / "net.onnx", network())
pixels = np.random.default_rng(0).integers(0, 255, (3, 70, 100)).astype(np.uint8)
sizes = {"count": 3, "height": 70, "width": 100, "dtype": "uint8"}
place = {"crs": "EPSG:32645", "transform": rasterio.Affine(10, 0, 500000, 0, -10, 3050000)}
with rasterio.open(folder / "image.tif", "w", driver="GTiff", **sizes, **place) as file:
    file.write(pixels)
"""
COMPARE = """
import sys, numpy as np, rasterio
from tests.engine.onnx_networks import scores
image, mask = (rasterio.open(path).read() for path in sys.argv[1:])
assert np.array_equal(mask[0], scores(image, 3).argmax(axis=0))
"""


def run_python(code: str, *arguments: object) -> None:
    command = [engine_python(), "-c", code, *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True)


def test_an_onnx_network_segments_in_qgis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    run_python(MAKE, tmp_path)
    model, image = str(tmp_path / "net.safetensors"), str(tmp_path / "image.tif")
    parameters = {
        "WEIGHTS": str(tmp_path / "net.onnx"),
        "CLASS_NAMES": [0, "ground", "", 1, "water", "#0072b2", 2, "wood", ""],
        "NORMALISATION": "given",
        "MEAN": "0.5,0.4,0.3",
        "STD": "0.2,0.25,0.3",
        "OUTPUT": model,
    }
    assert processing.run("dualstream:import", parameters)["BANDS"] == 3
    assert summarize(read_card(model)).network == "ONNX network"
    mask = str(tmp_path / "mask.tif")
    processing.run("dualstream:segment", {"MODEL": model, "IMAGE": image, "OUTPUT": mask})
    run_python(COMPARE, image, mask)
    layer = QgsRasterLayer(mask, "mask")
    assert [entry.label for entry in layer.renderer().classes()] == ["ground", "water", "wood"]


def test_what_an_onnx_network_does_not_tell_reaches_the_job() -> None:
    given = {
        "WEIGHTS": "/a/net.onnx",
        "NORMALISATION": "none",
        "MAXIMUM": 10000.0,
        "OUTPUT_KIND": "classes",
        "LAYOUT": "NHWC",
        "GRAPH_OUTPUT": "mask",
        "IMAGE_INPUT": "x",
        "AUXILIARY_MEAN": "1,2",
        "AUXILIARY_STD": "3,4",
        "AUXILIARY_TILE_SIZE": 16,
        "OUTPUT": "/a/m.safetensors",
    }
    job = calls.job(ImportAlgorithm, given)
    assert isinstance(job, ImportJob) and job.class_names == ()
    assert (job.normalisation, job.maximum) == ("none", 10000)
    assert (job.output_kind, job.layout) == ("classes", "NHWC")
    assert (job.graph_output, job.image_input) == ("mask", "x")
    assert (job.auxiliary_mean, job.auxiliary_std) == ((1, 2), (3, 4))
    assert job.auxiliary_tile_size == 16
