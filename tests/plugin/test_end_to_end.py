"""QGIS's own ``qgis_process`` trains and segments with the real engine, on rasters of a few pixels."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from osgeo import gdal

from tests.plugin.qgis_process import call, new_profile, program, run
from tests.plugin.rasters import write_raster

SIDE = 64


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Environment variables of a new profile in which the plugin is enabled."""
    return new_profile(tmp_path_factory.mktemp("qgis"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A bright square in noise, with its labels and a coarse auxiliary raster in degrees."""
    folder = tmp_path_factory.mktemp("scene")
    inside = [16 <= i < 48 for i in range(SIDE)]
    square = bytes(1 if inside[r] and inside[c] else 0 for r in range(SIDE) for c in range(SIDE))
    bright = bytes(40 + 150 * v + 7 * i % 23 for i, v in enumerate(square))
    write_raster(folder / "image.tif", bright, SIDE)
    write_raster(folder / "labels.tif", square, SIDE)
    write_raster(folder / "air.tif", range(64), 8, (8.9, 0.03, 0, 45.3, 0, -0.03), 4326)
    return folder


def small_training(scene, **more):
    return {
        "IMAGE": scene / "image.tif",
        "AUXILIARY": scene / "air.tif",
        "LABELS": scene / "labels.tif",
        "ENCODER": "mit-b0",
        "TILE_SIZE": 32,
        "BATCH_SIZE": 2,
        "DEVICE": "cpu",
        **more,
    }


def test_several_images_reach_the_engine(environment, scene):
    """The engine refuses an image that is given twice, so both have reached it."""
    words = [f"IMAGE={scene / 'image.tif'}"] * 2
    done = call(
        environment, "run", "dualstream:suggest", "--", *words, f"OUTPUT={scene / 'never.gpkg'}"
    )
    assert done.returncode != 0
    assert "image.tif is given twice: give it once." in done.stdout + done.stderr


def test_train_and_segment(environment, scene):
    model, mask, confidence = (scene / n for n in ("m.safetensors", "mask.tif", "confidence.tif"))
    code, results, said = run(
        environment,
        "dualstream:train",
        **small_training(scene, EPOCHS=1, OUTPUT=model, RECIPE="loss=dice seed=3"),
    )
    assert code == 0, said
    assert {"OUTPUT", "MIOU", "PIXEL_ACCURACY", "EPOCHS_RUN", "DEVICE_USED"} <= set(results)
    assert results["EPOCHS_RUN"] == 1
    assert model.is_file()
    shell = [part in said for part in ("--loss dice", "--seed 3")]
    assert all(shell), "as in the command for the shell"

    code, results, said = run(
        environment,
        "dualstream:segment",
        MODEL=model,
        IMAGE=scene / "image.tif",
        AUXILIARY=scene / "air.tif",
        OVERLAP=8,
        DEVICE="cpu",
        CONFIDENCE=confidence,
        OUTPUT=mask,
    )
    assert code == 0, said
    assert {"OUTPUT", "CONFIDENCE", "DEVICE_USED", "TILES", "SECONDS"} <= set(results)
    made, image = gdal.Open(str(mask)), gdal.Open(str(scene / "image.tif"))
    assert made.GetGeoTransform() == image.GetGeoTransform()
    assert (made.RasterXSize, made.RasterYSize) == (SIDE, SIDE)
    assert made.GetRasterBand(1).GetColorTable() is not None
    assert gdal.Open(str(confidence)).RasterXSize == SIDE
    assert not list(scene.glob("*.part"))

    table, masks = scene / "scenes.csv", scene / "masks"
    table.write_text("image,auxiliary,name\nimage.tif,air.tif,north\nmissing.tif,,south\n")
    code, results, said = run(
        environment,
        "dualstream:segmentfolder",
        MODEL=model,
        SCENES=table,
        OVERLAP=8,
        DEVICE="cpu",
        OUTPUT=masks,
    )
    assert code == 0, said
    assert (results["SCENES_DONE"], results["SCENES_FAILED"]) == (1, 1)
    assert (
        "missing.tif" in (masks / "summary.csv").read_text()
        and "summary.html lists the reasons" in said
    )
    for path in (masks / "north.tif", results["MOSAIC"]):
        assert gdal.Open(str(path)).ReadRaster() == made.ReadRaster()


def test_a_wrong_recipe_is_one_sentence(environment, scene):
    parameters = small_training(scene, OUTPUT=scene / "never.safetensors", RECIPE="schedule=linear")
    code, _, said = run(environment, "dualstream:train", **parameters)
    sentence = "schedule must be automatic, cosine, annealing, plateau or step, not linear."
    assert code != 0 and sentence in said and "Traceback" not in said


def test_a_competition_s_folder_becomes_a_submission(environment, data, tmp_path):
    folder, out, model = (tmp_path / name for name in ("in", "out", "m.safetensors"))
    shutil.copytree(data("buildings_rle"), folder)
    (folder / "train.csv").chmod(0o644)  # the data may be read-only
    lines = (folder / "train.csv").read_text().splitlines()
    (folder / "train.csv").write_text("\n".join(lines[:3]))  # two pictures are soon learnt from
    code, results, said = run(
        environment,
        "dualstream:traindataset",
        DATASET=folder,
        ARCHITECTURE="segformer:mit-8.16.24.32-1.1.1.1-1.2.3.4:16",  # it learns fast
        TILE_SIZE=64,
        BATCH_SIZE=12,
        EPOCHS=1,
        RECIPE="validation_share=0.4, augmentation=flips",
        DEVICE="cpu",
        OUTPUT=model,
    )
    assert code == 0 and results["EPOCHS_RUN"] == 1, said
    code, results, said = run(
        environment,
        "dualstream:predictfolder",
        MODEL=model,
        DATASET=folder,
        DEVICE="cpu",
        OUTPUT=out,
    )
    assert code == 0, said
    assert results["SCENES"] == 4 and Path(results["SUBMISSION"]) == out / "submission.csv"
    with (out / "submission.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    ids = [f"TEST_0000{number}" for number in range(4)]
    assert [rows[0], [row[0] for row in rows[1:]]] == [["img_id", "mask_rle"], ids]
    assert sorted(path.name for path in (out / "results").iterdir()) == [f"{n}.png" for n in ids]
    # Foreground is blue, #0072b2, background a light grey.
    for name, text in rows[1:]:
        numbers = [int(word) for word in text.split()] if text != "-1" else []
        marked = {
            p for start, n in zip(numbers[::2], numbers[1::2]) for p in range(start, start + n)
        }
        picture = gdal.Open(str(out / "results" / f"{name}.png"))
        assert (picture.RasterXSize, picture.RasterYSize) == (224, 224)
        reds = picture.GetRasterBand(1).ReadRaster()
        assert marked == {place for place, red in enumerate(reds, 1) if red == 0}


def test_a_killed_engine_gives_a_message_and_leaves_no_files(environment, scene, tmp_path):
    output = tmp_path / "m.safetensors"
    process = endless_training(environment, scene, output)
    try:
        os.kill(engine_of(process.pid), signal.SIGKILL)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    assert "out of memory" in said
    assert "Traceback" not in said
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_engine_ends_when_qgis_is_killed(environment, scene, tmp_path):
    process = endless_training(environment, scene, tmp_path / "m.safetensors")
    engine = engine_of(process.pid)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while is_engine(engine) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_engine(engine)


def endless_training(variables, scene, output):
    parameters = small_training(scene, EPOCHS=500, OUTPUT=output)
    words = [f"{name}={value}" for name, value in parameters.items()]
    command = [program(), "run", "dualstream:train", "--", *words]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, env=variables, text=True, **streams)


def engine_of(parent: int, seconds: float = 60) -> int:
    """The process id of the engine that ``parent`` started."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for folder in Path("/proc").glob("[0-9]*"):
            pid = int(folder.name)
            if is_engine(pid) and parent_of(pid) == parent:
                return pid
        time.sleep(0.1)
    raise AssertionError("the engine was never started")


def is_engine(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"-m" in words and b"engine" in words and b"--events" in words


def parent_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("PPid:")[1].split()[0])
