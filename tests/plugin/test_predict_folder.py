"""Segmenting a folder in QGIS: parameters, outputs, and files after a cancelled run."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.jobs import TrainJob

from dualstream_qgis.algorithms.predict_folder import PredictFolderAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from tests.plugin import calls
from tests.plugin.calls import check_parameters, job
from tests.plugin.model_files import write_model
from tests.plugin.real_engine import engine_python
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture
def given(tmp_path):
    model, images = tmp_path / "m.safetensors", tmp_path / "images"
    write_model(model)
    images.mkdir()
    return {"MODEL": str(model), "DATASET": str(images), "OUTPUT": str(tmp_path / "out")}


def run(parameters, log):
    return calls.run(PredictFolderAlgorithm, parameters, log)


def test_every_value_reaches_the_job(given, tmp_path, monkeypatch):
    chosen = {
        "ORDER": "column",
        "OVERLAP": 3,
        "BATCH_SIZE": 2,
        "COMBINE": "vote",
        "TTA": "d4",
        "THRESHOLD": 0.25,
        "MATCH_RESOLUTION": False,
        "DEVICE": "cuda:1",
        "PRECISION": "bf16",
        "RUNTIME": "onnxruntime",
    }
    made = job(PredictFolderAlgorithm, {**given, **chosen})
    assert made.checkpoint == (given["MODEL"],)
    for name, value in {**given, **chosen}.items():
        if name == "MODEL":
            continue
        assert getattr(made, name.lower()) == value, name
    monkeypatch.chdir(tmp_path)
    relative = {"MODEL": "m.safetensors", "DATASET": "images", "OUTPUT": "out"}
    assert job(PredictFolderAlgorithm, relative) == job(PredictFolderAlgorithm, given)


def test_training_has_the_order_of_run_lengths():
    assert (
        job(TrainDataSetAlgorithm, {"DATASET": "/d", "RLE_ORDER": "column"}).rle_order == "column"
    )
    assert job(TrainDataSetAlgorithm, {"DATASET": "/d"}).rle_order == TrainJob.rle_order == "row"


DONE = """
say("started", command=verb, version="1", pid=os.getpid())
assert verb == "predict-folder", verb
say("done", message="done", outputs={"output": job["output"], "submission": "s.csv",
    "results": "results", "scenes": 4, "seconds": 1.5, "device_used": "CPU", "classes": []})
"""


def test_the_engine_runs_its_command_and_returns_outputs(engine, given):
    engine(DONE)
    log = Log()
    results, ok = run(given, log)
    assert ok, log.errors
    assert results == {
        "OUTPUT": given["OUTPUT"],
        "SUBMISSION": "s.csv",
        "RESULTS": "results",
        "SCENES": 4,
        "SECONDS": 1.5,
        "DEVICE_USED": "CPU",
    }
    assert " predict-folder " in log.commands[0]


HALF = """
results = os.path.join(job["output"], "results")
os.makedirs(results, exist_ok=True)
for name in ("submission.csv.part", "results/b.png.part", "results/a.png"):
    open(os.path.join(job["output"], name), "w").close()
say("progress", fraction=0.1, message="working")
"""


@pytest.mark.parametrize("end", ["time.sleep(300)", "os.kill(os.getpid(), 9); time.sleep(60)"])
def test_an_unfinished_run_keeps_the_user_s_files(engine, given, end):
    engine(HALF + end)
    out = Path(given["OUTPUT"])
    kept = [
        out / "notes.txt",
        out.with_name("out.part"),
        out.with_name("out.checkpoints") / "5",
        out.parent / "visuals" / "out" / "p.png",
        out / "visuals" / "submission" / "p.png",
    ]
    for path in kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    log = Log(cancel_at="working" if "300" in end else "")
    _, ok = run(given, log)
    assert not ok
    assert all(path.is_file() for path in kept)
    assert (out / "results" / "a.png").is_file()
    assert not list(out.rglob("*.part"))
    if "300" in end:
        assert f"finished pictures in {out / 'results'}: 1." in log.errors[0]


NONE = """
results = os.path.join(job["output"], "results")
os.makedirs(results, exist_ok=True)
open(os.path.join(results, "a.png.part"), "w").close()
say("progress", fraction=0.1, message="working")
"""


@pytest.mark.parametrize("end", ["time.sleep(300)", "os.kill(os.getpid(), 9); time.sleep(60)"])
@pytest.mark.parametrize("exists", [True, False])
def test_an_unfinished_run_leaves_no_empty_folder(engine, given, end, exists):
    engine(NONE + end)
    out = Path(given["OUTPUT"]) / "deep"
    if exists:
        out.mkdir(parents=True)
    log = Log(cancel_at="working" if "300" in end else "")
    _, ok = run({**given, "OUTPUT": str(out)}, log)
    assert not ok
    assert out.exists() == exists == out.parent.exists(), "the user's own folder stays"
    assert not (out / "results").exists()
    if "300" in end:
        assert "Cancelled: no picture was finished, and no table" in log.errors[0]


def test_pictures_of_an_earlier_run_are_not_counted(engine, given):
    engine(NONE + "time.sleep(300)")
    earlier = Path(given["OUTPUT"]) / "results" / "old.png"
    earlier.parent.mkdir(parents=True)
    earlier.touch()
    log = Log(cancel_at="working")
    run(given, log)
    assert "no picture was finished" in log.errors[0] and earlier.is_file()


def test_a_missing_model_is_refused(given):
    assert check_parameters(PredictFolderAlgorithm, given) == (True, "")
    missing = {**given, "MODEL": "/no/m.safetensors"}
    accepted, message = check_parameters(PredictFolderAlgorithm, missing)
    assert not accepted and "There is no model file /no/m.safetensors" in message


def test_a_failure_of_the_real_engine_shows_its_message(given, monkeypatch):
    monkeypatch.setenv("DUALSTREAM_PYTHON", engine_python())
    log = Log()
    _, ok = run(given, log)
    assert not ok and "There is no raster to segment" in log.errors[0]
    assert "Log Messages" not in log.errors[0]
    assert not Path(given["OUTPUT"]).exists()
