"""Scene after scene through QGIS's Processing and the real engine: one process, the masks of many."""

from __future__ import annotations

import subprocess
import time

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from dualstream_qgis.engine import protocol

from dualstream_qgis import warm
from dualstream_qgis.algorithms.reporting import Reporter
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from tests.plugin.test_end_to_end import ROOT, engine_python, write

pytestmark = pytest.mark.usefixtures("processing_ready")

SIDE = 80
MODEL = """
import sys, torch
from engine.classes import class_table
from engine.model_file import AuxiliaryCard, Card, ImageCard, save_model

torch.manual_seed(1)
card = Card(architecture="dualstream-dformer", encoder="mit-b0", logits=1, tile_size=32,
    image=ImageCard(1, ("grey",), "uint8"), auxiliary=AuxiliaryCard(0, 0),
    classes=class_table({0: "land", 1: "water"}))
model = card.build()
model.image_normalisation.set([100.0], [50.0])
save_model(sys.argv[1], model, card)
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
    report = Reporter.report

    def noting(self, event):
        if isinstance(event, protocol.Started):
            pids.append(event.pid)
        report(self, event)

    def run(scene):
        output = tmp_path / "mask.tif"
        parameters = {"MODEL": model, "IMAGE": scene, "DEVICE": "cpu", "OUTPUT": str(output)}
        begun = time.monotonic()
        processing.run("dualstream:segment", {**parameters, "BATCH_SIZE": 1, "RUNTIME": "torch"})
        seconds = time.monotonic() - begun
        mask = output.read_bytes()
        output.unlink()
        return mask, pids[-1], seconds

    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    monkeypatch.setattr(Reporter, "report", noting)
    yield run
    warm.ENGINES.stop()


def test_scenes_of_a_batch_share_a_process_and_have_the_masks_of_processes_each(
    segment, tmp_path, monkeypatch
):
    scenes = []
    for number in (3, 7):
        pixels = bytes(number * i * i // 64 % 256 for i in range(SIDE * SIDE))
        scenes.append(str(tmp_path / f"{number}.tif"))
        write(scenes[-1], pixels, SIDE, (500000, 10, 0, 5000000, 0, -10), 32632)
    first, second = segment(scenes[0]), segment(scenes[1])
    assert first[1] == second[1] == warm.ENGINES.idle
    monkeypatch.setattr(SegmentAlgorithm, "STAYS_WARM", False)
    alone = segment(scenes[1])
    assert alone[1] != second[1]
    assert alone[0] == second[0] != first[0]
    print(f"first {first[2]:.2f} s, second {second[2]:.2f} s, alone {alone[2]:.2f} s")
    assert second[2] < alone[2], "the second scene pays for no start"
