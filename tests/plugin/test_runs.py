"""The run of a job: messages, outputs, and files after a failure or a cancel."""

from __future__ import annotations

import shlex
import time

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract import output_files, training_files
from qgis.core import QgsProcessingUtils

from dualstream_qgis import environment
from dualstream_qgis.algorithms.import_weights import ImportAlgorithm
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.setup import SetupAlgorithm
from dualstream_qgis.algorithms.train import TrainAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from dualstream_qgis.engine_process import warm_engine, worker
from dualstream_qgis.engine_process.child_process import CancelledError
from dualstream_qgis.installation import errors, installer
from dualstream_qgis.plugin import DualStreamPlugin
from tests.plugin.calls import run
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture
def scene(tmp_path):
    image, model = write_raster(tmp_path / "scene.tif"), tmp_path / "m.safetensors"
    write_model(model)
    return {"IMAGE": image, "MODEL": str(model), "OUTPUT": str(tmp_path / "mask.tif")}


TRAINED = """
say("started", command=verb, version="1", pid=os.getpid())
say("progress", fraction=0.25, message="epoch 1 of 4")
say("metric", message="mIoU 0.5", values={})
say("warned", message="few pixels")
say("done", message="trained", outputs={"output": job["output"], "miou": 0.75,
    "pixel_accuracy": None, "epochs_run": 4, "device_used": "CPU", "classes": []})
"""


def test_events_reach_the_log_and_outputs_are_returned(engine, tmp_path):
    engine(TRAINED)
    log, output = Log(), str(tmp_path / "m.safetensors")
    results, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": output}, log)
    assert ok
    assert results == {"OUTPUT": output, "MIOU": 0.75, "EPOCHS_RUN": 4, "DEVICE_USED": "CPU"}
    assert log.percents[:2] == [1, 25], "the bar moves as soon as the engine is started"
    assert log.percents[-1] == 100
    assert "epoch 1 of 4" in log.lines
    assert "mIoU 0.5" in log.lines
    assert log.warnings == ["few pixels"]
    assert f"-m engine train --dataset /d --output {shlex.quote(output)}" in log.commands[0]


def test_a_model_in_the_temporary_folder_is_a_warning(engine):
    engine(TRAINED)
    log = Log()
    path = QgsProcessingUtils.generateTempFilename("m.safetensors")
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": path}, log)
    assert ok
    assert "deleted when QGIS closes" in log.warnings[-1]


def test_a_failure_is_one_error_message(engine, tmp_path):
    engine('say("failed", message="No labels.", details=""); sys.exit(2)')
    log = Log()
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(tmp_path / "m")}, log)
    assert not ok
    assert log.errors == ["No labels."]


def test_a_defect_shows_no_traceback(engine, tmp_path):
    engine('say("failed", message="A defect.", details="Traceback (most ..."); sys.exit(1)')
    log = Log()
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(tmp_path / "m")}, log)
    assert not ok
    assert "Traceback" not in "".join(log.errors)
    assert "A defect." in log.errors[0]
    assert "Log Messages" in log.errors[0]


HALF = """
open(job["output"] + ".part", "w").close()
folder = os.path.splitext(job["output"])[0] + ".checkpoints"
os.makedirs(folder); open(os.path.join(folder, "5"), "w").close()
say("progress", fraction=0.1, message="working")
"""


def test_after_a_crash_only_checkpoints_are_kept(engine, tmp_path):
    engine(HALF + "os.kill(os.getpid(), 9); time.sleep(60)")
    output, log = tmp_path / "m.safetensors", Log()
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output)}, log)
    assert not ok
    assert "out of memory" in log.errors[0]
    assert not output_files.part_path(output).exists()
    assert training_files.checkpoint_folder(output).is_dir()


def test_cancel_works_within_2_seconds_and_leaves_nothing(engine, tmp_path):
    engine(HALF + "time.sleep(300)")
    output, log = tmp_path / "out" / "m.safetensors", Log(cancel_at="working")
    output.parent.mkdir()
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output)}, log)
    assert not ok
    assert time.monotonic() - log.cancelled_at < 2
    assert list(output.parent.iterdir()) == []
    assert "Cancelled" in log.errors[0]


OUTLIVED = """
import subprocess
program = "import fcntl, sys, time; file = open(sys.argv[1], 'ab'); fcntl.flock(file, fcntl.LOCK_EX); "
program += "print(flush=True); time.sleep(1)"
child = subprocess.Popen([sys.executable, "-c", program, job["output"] + ".part.lock"],
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
child.stdout.readline()
"""


def test_cancel_waits_for_processes_that_outlive_the_engine(engine, tmp_path):
    pytest.importorskip("fcntl")
    engine(OUTLIVED + HALF + "time.sleep(300)")
    output, log = tmp_path / "out" / "m.safetensors", Log(cancel_at="working")
    output.parent.mkdir()
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output)}, log)
    assert not ok
    assert list(output.parent.iterdir()) == []


EPOCHS = """
from pathlib import Path
output = Path(job["output"])
folder = output.with_suffix(".checkpoints")
def finish(epoch):
    record = {"epoch": epoch, "epochs": 60, "best": "", "key": "k"}
    header = json.dumps({"__metadata__": {"dualstream_training": json.dumps(record)}}).encode()
    folder.mkdir(parents=True, exist_ok=True)
    state = len(header).to_bytes(8, "little") + header
    (folder / "state.safetensors").write_bytes(state)
output.parent.joinpath("visuals", output.stem).mkdir(parents=True, exist_ok=True)
Path(f"{output}.part").touch()
FINISHED
say("progress", fraction=0.1, message="working")
"""
CRASH, HANG = "os.kill(os.getpid(), 9); time.sleep(60)", "time.sleep(300)"


def unfinished(engine, output, finished, end, **more):
    """Returns the error message of a training that ends in a certain way."""
    engine(EPOCHS.replace("FINISHED", finished) + end)
    log = Log(cancel_at="working" if end == HANG else "")
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output), **more}, log)
    assert not ok
    return log.errors[0]


@pytest.mark.parametrize(
    ("end", "begins"),
    [
        (HANG, "Cancelled after epoch 7 of 60: run it again"),
        (CRASH, "The operating system stopped"),
    ],
)
def test_an_unfinished_training_keeps_its_state(engine, tmp_path, end, begins):
    output = tmp_path / "out" / "m.safetensors"
    message = unfinished(engine, output, "finish(7)", end)
    assert message.startswith(begins) and "poch 7 of 60" in message
    assert message.endswith(": run it again with the same parameters to continue from there.")
    assert training_files.finished_epochs(output) == (7, 60)
    assert (
        training_files.visuals_folder(output).is_dir()
        and not output_files.part_path(output).exists()
    )
    message = unfinished(engine, output, "finish(19)", end, RECIPE="resume=false")
    assert message.endswith(
        ": run it again without resume=false in the recipe to continue from there."
    )
    assert training_files.finished_epochs(output) == (19, 60)


def test_epochs_of_an_earlier_training_are_told_apart(engine, tmp_path):
    output = tmp_path / "m.safetensors"
    unfinished(engine, output, "finish(7)", HANG)
    for end in (HANG, CRASH):
        message = unfinished(engine, output, "", end)
        assert "he 7 of 60 epochs of the earlier training are kept." in message
        assert "to continue" not in message
        assert training_files.finished_epochs(output) == (7, 60)


def test_a_training_without_a_finished_epoch_leaves_nothing_when_cancelled(engine, tmp_path):
    output = tmp_path / "out" / "m.safetensors"
    output.parent.mkdir()
    message = unfinished(engine, output, "folder.mkdir()", HANG)
    assert message == "Cancelled: nothing was written."
    assert list(output.parent.iterdir()) == []


def test_checkpoints_of_a_finished_training_survive_the_next_one_s_cancel(engine, tmp_path):
    output = tmp_path / "m.safetensors"
    earlier = training_files.checkpoint_folder(output) / "epoch-005.safetensors"
    earlier.parent.mkdir()
    earlier.touch()
    assert unfinished(engine, output, "", HANG) == "Cancelled: nothing was written."
    assert earlier.is_file() and not output_files.part_path(output).exists()


def test_a_temporary_training_cannot_be_continued(engine, tmp_path):
    told = f"finish(7); Path({str(tmp_path / 'told')!r}).write_text(str(output))"
    path = QgsProcessingUtils.generateTempFilename("m.safetensors")
    message = unfinished(engine, path, told, HANG)
    output = (tmp_path / "told").read_text()
    assert message == "Cancelled: nothing was written."
    assert output.endswith(".safetensors") and training_files.finished_epochs(output) == (0, 0)
    assert not training_files.checkpoint_folder(output).exists()


@pytest.mark.parametrize("has_earlier", [False, True])
def test_a_cancel_after_the_model_was_written_says_so(engine, tmp_path, has_earlier):
    output = tmp_path / "m.safetensors"
    if has_earlier:
        output.write_text("an earlier model")
    engine("from pathlib import Path\nPath(job['output']).write_text('new')\n"
           "say('progress', fraction=1.0, message='Preparing')\n" + HANG)  # fmt: skip
    log, weights = Log(cancel_at="Preparing"), tmp_path / "w.pth"
    weights.touch()
    run(ImportAlgorithm, {"WEIGHTS": str(weights), "OUTPUT": str(output)}, log)
    assert log.errors == [f"Cancelled: the model {output} is complete, but not prepared for a fast start."]  # fmt: skip
    assert output.read_text() == "new"


def test_checkpoints_and_pictures_survive_a_cancel_after_the_model_was_written(engine, tmp_path):
    output = tmp_path / "m.safetensors"
    written = "folder.mkdir(); (folder / 'epoch-005.safetensors').touch(); output.write_text('new')"
    message = unfinished(engine, output, written, HANG)
    assert message.endswith("is complete, but not prepared for a fast start.")
    assert (training_files.checkpoint_folder(output) / "epoch-005.safetensors").is_file()
    assert training_files.visuals_folder(output).is_dir()


FOLDS = """
from pathlib import Path
folder = Path(job["output"]).parent
(folder / f"team-fold{FINISHED + 1}.checkpoints").mkdir()
for fold in range(1, FINISHED + 1):
    (folder / f"team-fold{fold}.safetensors").touch()
say("progress", fraction=0.1, message="working")
"""


@pytest.mark.parametrize("end", [HANG, CRASH])
def test_finished_folds_are_kept(engine, tmp_path, end):
    engine(FOLDS.replace("FINISHED", "2") + end)
    log, output = Log(cancel_at="working" if end == HANG else ""), tmp_path / "team.json"
    _, ok = run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output), "FOLDS": 5}, log)
    assert not ok and "2 of 5 folds and 0 epochs of the next fold: run it again" in log.errors[0]
    left = {path.name for path in tmp_path.glob("team-fold*")}
    assert {"team-fold1.safetensors", "team-fold2.safetensors"} <= left


def test_a_cancel_before_a_fold_leaves_nothing(engine, tmp_path):
    engine(FOLDS.replace("FINISHED", "0") + HANG)
    log, output = Log(cancel_at="working"), tmp_path / "team.json"
    run(TrainDataSetAlgorithm, {"DATASET": "/d", "OUTPUT": str(output), "FOLDS": 5}, log)
    assert log.errors == ["Cancelled: nothing was written."]
    assert list(tmp_path.glob("team*")) == []


SOME_ROWS = """
rows = [job[name] + ".part-0123abcd" for name in ("output", "confidence")]
for path in rows:
    open(path, "w").close()
if NOTED:
    open(job["output"] + ".part.json", "w").write('{"rows": 16}')
say("progress", fraction=0.1, message="working")
"""
ENDS = {
    "crash": "os._exit(9)",
    "failure": 'say("failed", message="The disk is full.", details="")',
    "cancel": "time.sleep(300)",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("noted", [True, False])
def test_finished_rows_are_kept_for_the_same_run(engine, scene, tmp_path, end, noted):
    engine(SOME_ROWS.replace("NOTED", str(noted)) + ENDS[end])
    log = Log(cancel_at="working" if end == "cancel" else "")
    confidence = str(tmp_path / "confidence.tif")
    _, ok = run(SegmentAlgorithm, {**scene, "CONFIDENCE": confidence}, log)
    assert not ok
    is_kept = noted and end != "cancel"
    assert output_files.state_path(scene["OUTPUT"]).exists() == is_kept
    for path in (scene["OUTPUT"], confidence):
        assert output_files.rows_path(path, "0123abcd").exists() == is_kept
    says_so = log.errors[0].endswith(
        " Run it again with the same parameters: it continues after the rows that are finished."
    )
    assert says_so == (noted and end == "crash")


def test_a_temporary_segmentation_cannot_be_continued(engine, scene):
    engine(
        SOME_ROWS.replace("NOTED", "True") + 'print(job["output"], file=sys.stderr)\nos._exit(9)'
    )
    log = Log()
    temporary = {"OUTPUT": "TEMPORARY_OUTPUT", "CONFIDENCE": "TEMPORARY_OUTPUT"}
    _, ok = run(SegmentAlgorithm, {**scene, **temporary}, log)
    path = log.errors[0].split("Its last output: ")[1]
    assert not ok and path.endswith(".tif"), "nothing is promised"
    assert not output_files.rows_path(path, "0123abcd").exists()


STAYING = """
for number, job in enumerate(jobs()):
    say("done", message="", outputs={"tiles": number, "seconds": os.getpid(), "device_used": "CPU",
        "runtime_used": "torch", "classes": []})
"""


def test_the_engine_stays_warm_until_a_training_or_the_end_of_the_plugin(engine, scene, tmp_path):
    engine(STAYING)
    plugin = DualStreamPlugin(None)

    def segment():
        results, ok = run(SegmentAlgorithm, scene, Log())
        assert ok and results["RUNTIME_USED"] == "torch"
        return results["TILES"], results["SECONDS"]

    (first, pid), (second, same) = segment(), segment()
    assert (first, second, same, warm_engine.ENGINES.idle_pid) == (0, 1, pid, pid)
    parameters = {"DATASET": "/d", "OUTPUT": str(tmp_path / "m.safetensors")}
    run(TrainDataSetAlgorithm, parameters, Log())
    assert warm_engine.ENGINES.idle_pid is None, "training has the memory for itself"
    assert segment()[0] == 0
    plugin.unload()
    assert warm_engine.ENGINES.idle_pid is None


def test_without_an_engine_the_message_says_how_to_install_it(monkeypatch):
    def missing():
        raise environment.EnvironmentMissingError(environment.HOW_TO_GET_IT)

    monkeypatch.setattr(environment, "find", missing)
    for algorithm in (TrainAlgorithm, SegmentAlgorithm):
        able, sentence = algorithm().create().canExecute()
        assert not able
        assert "Set up DualStream" in sentence
        assert "DUALSTREAM_PYTHON" in sentence


def test_an_engine_of_another_version_runs_and_says_that_it_can_be_updated(
    engine, scene, monkeypatch
):
    engine(STAYING)
    monkeypatch.setattr(environment, "update_notice", lambda python: environment.UPDATE)
    log = Log()
    _, is_done = run(SegmentAlgorithm, scene, log)
    assert is_done
    assert environment.UPDATE in log.warnings


def test_setting_up_stops_the_idle_engine(engine, scene, monkeypatch):
    engine(STAYING)
    run(SegmentAlgorithm, scene, Log())
    assert warm_engine.ENGINES.idle_pid is not None

    def build(*_):
        assert warm_engine.ENGINES.idle_pid is None
        raise errors.InstallationError("No network.")
        yield

    monkeypatch.setattr(installer, "build", build)
    log = Log()
    run(SetupAlgorithm, {}, log)
    assert log.errors == ["No network."]


def test_a_cancel_after_the_installation_tells_that_the_engine_is_in_use(monkeypatch):
    monkeypatch.setattr(installer, "build", lambda order, cancelled: iter(()))

    def doctor(launch, cancelled):
        assert cancelled()
        raise CancelledError

    monkeypatch.setattr(worker, "doctor", doctor)
    log = Log()
    log.cancel()
    _, succeeded = run(SetupAlgorithm, {}, log)
    assert not succeeded
    assert "the engine is installed and in use" in " ".join(log.errors)
