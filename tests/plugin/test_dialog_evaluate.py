"""The dialog of "Accuracy of a mask" in a real QGIS window: a click on Run gives the scores and the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from tests.plugin.rasters import write_raster
from tests.plugin.test_evaluate import SIDE, house


def test_a_click_on_run_writes_the_page(click, tmp_path):
    values = [int(col >= 10) for _ in range(SIDE) for col in range(SIDE)]
    mask, labels = write_raster(tmp_path / "mask.tif", values, SIDE), tmp_path / "labels.geojson"
    house(labels, 500_120)
    report = tmp_path / "accuracy.html"
    parameters = {"MASK": mask, "LABELS": str(labels), "REPORT": str(report)}
    found, stderr = click("dualstream:evaluate", parameters, mask)
    assert "mIoU 0.817, pixel accuracy 0.900" in found["log"]
    assert "90 % of the 400 labelled pixels" in re.sub(r"\s", " ", found["log"])
    assert [layer["name"] for layer in found["layers"]] == ["mask"], "no layer is loaded"
    assert "Accuracy of mask.tif" in Path(report).read_text("utf-8")
    for noise in ("not correctly generated", "not recognized", "Unable to load", "Traceback"):
        assert noise not in found["log"] + stderr, noise
