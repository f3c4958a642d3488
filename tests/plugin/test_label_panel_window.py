"""The panel Label in a real QGIS window: from nothing to a map of a scene with 24 clicks, and QGIS killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import numpy as np
from osgeo import gdal, ogr
from qgis.core import QgsVectorLayer

from tests.plugin.qgis_process import new_profile, run
from tests.plugin.qgis_window import start_window

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("qgis_app")]

#: Where a person clicks in the sample scene, in metres east and north of its grid's origin: eight places of each class.
PLACES = {
    "background": "322085,5572445 327455,5573065 327365,5566315 326935,5567985 318545,5563805 322255,5568475 "
    "325065,5565595 318225,5566645",
    "mist": "322335,5571765 329075,5569805 319695,5564395 324815,5569325 329175,5567245 323565,5570805 "
    "319125,5568765 326755,5570155",
    "smoke": "327535,5565235 320635,5563355 325675,5571445 321455,5567675 322645,5569365 328535,5563645 "
    "320705,5572585 325725,5566785",
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """The sample data, and the places to click."""
    folder = tmp_path_factory.mktemp("panel")
    profile = new_profile(folder / "qgis")
    code, _, said = run(profile, "dualstream:sample", timeout=600, OUTPUT=folder / "data")
    assert code == 0, said
    places = [
        (name, *map(float, place.split(",")))
        for name, text in PLACES.items()
        for place in text.split()
    ]
    (folder / "data" / "places.json").write_text(json.dumps(places))
    return folder / "data", profile


def in_window(folder, profile_folder, stop_after, until):
    """Starts QGIS with the panel's script and waits for a file; returns the process."""
    process = start_window(
        profile_folder,
        "label_panel_run.py",
        PANEL_FOLDER=str(folder),
        PANEL_STOP_AFTER=str(stop_after),
    )
    deadline = time.monotonic() + 900
    while not (folder / until).exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert (folder / until).exists(), (profile_folder / "stderr").read_text()[-2000:]
    return process


def test_marks_are_there_after_qgis_was_killed(scenes, tmp_path):
    folder, _ = scenes
    process = in_window(folder, tmp_path, 12, "waiting")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    marks = QgsVectorLayer(
        f"{folder / 'training' / 'image-marks.gpkg'}|layername=marks", "m", "ogr"
    )
    assert marks.featureCount() >= 10
    assert set(marks.uniqueValues(marks.fields().indexOf("class"))) == {"background", "mist"}
    del marks
    for file in Path(folder / "training").glob("image-marks*"):
        file.unlink()


def test_from_nothing_to_a_map_of_a_scene_with_24_clicks(scenes, tmp_path):
    folder, profile = scenes
    process = in_window(folder, tmp_path, 0, "result.json")
    process.wait(timeout=60)
    found = json.loads((folder / "result.json").read_text())
    assert "error" not in found, found["error"]
    print(found)
    assert found["status"].startswith("24 marks in 3 classes; 0.")
    assert sorted(found["layers"]) == ["Air", "Image", "Marks"]
    assert found["longest_wait"] < 1, "QGIS's window never waits"
    unseen, mask = folder / "unseen", folder / "mask.tif"
    scene = {"IMAGE": unseen / "image.tif", "AUXILIARY": unseen / "air.tif"}
    code, _, said = run(
        profile,
        "dualstream:segment",
        timeout=900,
        MODEL=found["model"],
        OUTPUT=mask,
        **scene,
    )
    assert code == 0, said
    score = mean_iou(mask, unseen / "labels.gpkg")
    print("mean IoU of the unseen scene", score)
    assert score > 0.35


def mean_iou(mask, labels):
    """The mean IoU of a mask whose classes are numbered by their names, and of polygons on background."""
    raster = gdal.Open(str(mask))
    values = raster.ReadAsArray()
    truth = gdal.GetDriverByName("MEM").CreateCopy("", raster)
    truth.GetRasterBand(1).WriteArray(np.ones_like(values))
    file = ogr.Open(str(labels))  # its layer needs it
    polygons = file.GetLayer()
    for number, name in enumerate(sorted(PLACES), 1):
        polygons.SetAttributeFilter(f"class = '{name}'")
        gdal.RasterizeLayer(truth, [1], polygons, burn_values=[number])
    wanted = truth.ReadAsArray()
    scores = [
        ((values == n) & (wanted == n)).sum() / ((values == n) | (wanted == n)).sum()
        for n in range(1, len(PLACES) + 1)
    ]
    return float(np.mean(scores))
