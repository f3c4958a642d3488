"""Export and import of models in QGIS, by the real engine if it is installed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from dualstream_qgis.engine.contract.card_reader import read_card
from dualstream_qgis.engine.contract.file_jobs import ExportJob, ImportJob
from qgis.core import QgsProcessingException

from dualstream_qgis.algorithms.export import ExportAlgorithm
from dualstream_qgis.algorithms.import_weights import ImportAlgorithm
from tests.plugin import calls
from tests.plugin.model_files import write_model
from tests.plugin.real_engine import ROOT, engine_python

pytestmark = pytest.mark.usefixtures("processing_ready")

WEIGHTS = """
import sys, torch
import segmentation_models_pytorch as smp
torch.save(smp.Unet("resnet18", encoder_weights=None).state_dict(), sys.argv[1])
"""
CLASSES = [0, "background", "", 1, "building", "#0072b2"]


@pytest.mark.slow  # test_onnx_model.py imports what is a graph already
def test_weights_become_a_model_and_the_model_an_onnx_file(tmp_path, monkeypatch):
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    weights, model = str(tmp_path / "w.pth"), str(tmp_path / "m.safetensors")
    subprocess.run([engine_python(), "-c", WEIGHTS, weights], cwd=ROOT, check=True)
    parameters = {
        "WEIGHTS": weights,
        "ARCHITECTURE": "smp:Unet:resnet18",
        "CLASS_NAMES": CLASSES,
        "NORMALISATION": "imagenet",
        "TILE_SIZE": 64,
        "OUTPUT": model,
    }
    found = processing.run("dualstream:import", parameters)
    assert (found["OUTPUT"], found["BANDS"]) == (model, 3)
    card = read_card(model)
    assert [(entry.value, entry.name) for entry in card.classes] == [
        (0, "background"),
        (1, "building"),
    ]
    assert card.threshold == 0.5 and card.image.ground == 0
    onnx = tmp_path / "m.onnx"
    assert processing.run("dualstream:export", {"MODEL": model, "OUTPUT": str(onnx)}) == {
        "OUTPUT": str(onnx)
    }
    assert onnx.stat().st_size > 1e6
    with pytest.raises(QgsProcessingException, match="means and std|mean and std"):
        processing.run("dualstream:import", {**parameters, "NORMALISATION": "given"})


def test_a_model_s_card_is_exported_and_what_is_wrong_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    model, onnx = str(tmp_path / "m.safetensors"), str(tmp_path / "m.onnx")
    write_model(Path(model))
    card = processing.run(
        "dualstream:export", {"MODEL": model, "FORMAT": "stac", "OUTPUT": "TEMPORARY_OUTPUT"}
    )["OUTPUT"]
    assert card.endswith(".json") and json.loads(Path(card).read_text("utf-8"))["id"] == "m"
    with pytest.raises(QgsProcessingException, match=r"must end in \.md"):
        processing.run("dualstream:export", {"MODEL": model, "FORMAT": "markdown", "OUTPUT": onnx})


def test_every_value_reaches_the_job(tmp_path):
    given = {
        "WEIGHTS": "/a/w.pth",
        "ARCHITECTURE": "unet-resnet50",
        "CLASS_NAMES": CLASSES,
        "OUTPUT": "/a/m.safetensors",
    }
    fields = {
        "weights": "/a/w.pth",
        "architecture": "unet-resnet50",
        "class_names": ("0=background", "1=building=#0072b2"),
        "output": "/a/m.safetensors",
    }
    assert calls.job(ImportAlgorithm, given) == ImportJob(**fields)
    told = {"WEIGHTS": "/a/folder", "OUTPUT": "/a/m.safetensors"}
    assert calls.job(ImportAlgorithm, told) == ImportJob("/a/folder", output="/a/m.safetensors")
    for weights in (str(tmp_path), "/a/w.pth", "/a/w.safetensors"):
        ok, message = calls.check_parameters(ImportAlgorithm, {**told, "WEIGHTS": weights})
        assert ok, message
    chosen = {
        "NORMALISATION": "given",
        "MEAN": "0.5, 0.25",
        "STD": "0.1,0.2",
        "AUXILIARY_MEAN": "0.5",
        "AUXILIARY_STD": "0.25",
        "MAXIMUM": 1000.0,
        "TILE_SIZE": 224,
        "PIXEL_SIZE": 0.5,
        "THRESHOLD": 0.3,
    }
    assert calls.job(ImportAlgorithm, {**given, **chosen}) == ImportJob(
        **fields,
        normalisation="given",
        mean=(0.5, 0.25),
        std=(0.1, 0.2),
        auxiliary_mean=(0.5,),
        auxiliary_std=(0.25,),
        maximum=1000.0,
        tile_size=224,
        pixel_size=0.5,
        threshold=0.3,
    )
    with pytest.raises(QgsProcessingException, match="a;b is not a list|a,b is not a list"):
        calls.job(ImportAlgorithm, {**given, "MEAN": "a,b"})
    model = tmp_path / "m.safetensors"
    write_model(model)
    onnx = {"MODEL": str(model), "OUTPUT": "/a/m.onnx"}
    assert calls.job(ExportAlgorithm, onnx) == ExportJob(str(model), "/a/m.onnx")
    options = {"FORMAT": "stac", "LICENCE": " MIT ", "PRECISION": "fp16", "CLASS_MAP": True}
    assert calls.job(ExportAlgorithm, {**onnx, **options}) == ExportJob(
        str(model), "/a/m.onnx", "stac", "fp16", True, "MIT"
    )
    ok, message = calls.check_parameters(ExportAlgorithm, {**onnx, "MODEL": "/no.safetensors"})
    assert not ok and "There is no model file" in message
