"""Segmenting many scenes in QGIS: parameters, messages, outputs, layers, and files after an unfinished run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.jobs import SegmentFolderJob
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputHtml,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
)

from dualstream_qgis.algorithms.segment_folder import SegmentFolderAlgorithm
from dualstream_qgis.engine_process import warm_engine
from tests.plugin import calls
from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture
def given(tmp_path):
    model, scenes = tmp_path / "m.safetensors", tmp_path / "scenes"
    write_model(model)
    scenes.mkdir()
    return {
        "MODEL": str(model),
        "SCENES": str(scenes),
        "OUTPUT": str(tmp_path / "out" / "masks"),
    }


@pytest.fixture
def rasters(tmp_path):
    """Three rasters, not in the order of their names."""
    return [write_raster(tmp_path / f"{name}.tif", epsg=0) for name in "bca"]


job = partial(calls.job, SegmentFolderAlgorithm)
check_parameters = partial(calls.check_parameters, SegmentFolderAlgorithm)
run = partial(calls.run, SegmentFolderAlgorithm)


# Parameters --------------------------------------------------------------------------------------


def test_the_results_viewer_shows_the_summary():
    one = QgsApplication.processingRegistry().algorithmById("dualstream:segmentfolder")
    summary = next(o for o in one.outputDefinitions() if o.name() == "SUMMARY")
    assert isinstance(summary, QgsProcessingOutputHtml)


def test_defaults_make_the_default_job(given, context):
    assert job(given, context) == SegmentFolderJob(
        model=(given["MODEL"],), scenes=given["SCENES"], output_folder=given["OUTPUT"]
    )


def test_every_value_reaches_the_job(given, context, rasters):
    chosen = {
        "SCENES": given["SCENES"] + ".csv",
        "AUXILIARY": rasters[:2],
        "IMAGE_BANDS": "3, 1",
        "AUXILIARY_BANDS": "2",
        "OVERLAP": 3,
        "COMBINE": "vote",
        "TTA": "d4",
        "THRESHOLD": 0.25,
        "MATCH_RESOLUTION": False,
        "BATCH_SIZE": 2,
        "CONFIDENCE": True,
        "DEVICE": "cuda:1",
        "PRECISION": "bf16",
        "RUNTIME": "onnxruntime",
        "ON": " ray://head:10001 ",
        "WORKERS": 4,
        "CORES": 2,
        "SPLIT": 12.5,
    }
    made = job({**given, **chosen}, context)
    expected = {
        **chosen,
        "AUXILIARY": tuple(rasters[:2]),
        "IMAGE_BANDS": (3, 1),
        "AUXILIARY_BANDS": (2,),
        "ON": "ray://head:10001",
    }
    for name, value in expected.items():
        assert getattr(made, name.lower()) == value, name


def test_layers_keep_their_order_and_become_paths(given, context, rasters):
    layer = QgsRasterLayer(rasters[1], "scene")
    QgsProject.instance().addMapLayer(layer)
    parameters = {**given, "SCENES": None, "IMAGES": [rasters[0], layer.id(), rasters[2]]}
    assert check_parameters(parameters, context) == (True, "")
    made = job(parameters, context)
    assert made.images == tuple(rasters) and made.scenes == ""
    optioned = QgsRasterLayer(rasters[0] + "|option:NUM_THREADS=2", "optioned")
    assert job({**parameters, "IMAGES": [optioned]}, context).images == (rasters[0],)
    assert job({**parameters, "IMAGES": rasters[2]}, context).images == (rasters[2],)


def test_a_scene_without_a_file_is_refused(given, context, rasters):
    uri = "type=xyz&url=file:///nowhere/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=2&zmin=0"
    service = QgsRasterLayer(uri, "Basemap", "wms")
    QgsProject.instance().addMapLayer(service)
    for value, sentence in [
        ([rasters[0], service.id()], r"Basemap comes from a service.*GeoTIFF"),
        ([rasters[0], "/no/b.tif"], r"Raster layers instead.*/no/b\.tif"),
    ]:
        with pytest.raises(QgsProcessingException, match=sentence):
            job({**given, "SCENES": None, "IMAGES": value}, context)


def test_relative_paths_start_at_the_working_directory(given, context, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = {"MODEL": "m.safetensors", "SCENES": "scenes", "OUTPUT": "out/masks"}
    assert check_parameters(relative, context) == (True, "")
    assert job(relative, context) == job(given, context)


def test_invalid_parameters_are_refused(given, context, rasters, tmp_path):
    damaged = tmp_path / "damaged.tif"
    damaged.write_text("not a raster")
    assert check_parameters(given, context) == (True, "")
    for change, sentence in [
        ({"IMAGES": rasters}, "not both"),
        ({"SCENES": ""}, "Nothing to segment: give a folder of rasters, a scenes table"),
        ({"SCENES": None, "IMAGES": []}, "Nothing to segment"),
        ({"SCENES": "/no/scenes.csv"}, "There is no folder and no scenes table /no/scenes.csv"),
        ({"SCENES": QgsProperty.fromValue("/no/x")}, "no scenes table /no/x"),
        ({"MODEL": "/no/m.safetensors"}, "There is no model file /no/m.safetensors"),
        ({"MODEL": rasters[0]}, "is not a model file"),
        ({"SCENES": None, "IMAGES": [rasters[0], str(damaged)]}, "cannot be opened as a raster"),
    ]:
        accepted, message = check_parameters({**given, **change}, context)
        assert not accepted and sentence in message, change


# Runs --------------------------------------------------------------------------------------------

DONE = """
assert verb == "segment-folder", verb
say("started", command=verb, version="1", pid=os.getpid())
folder = job["output_folder"]
os.makedirs(folder, exist_ok=True)
import shutil
for path in MOSAICS:
    shutil.copy(RASTER, os.path.join(folder, path))
mosaics = [os.path.join(folder, path) for path in MOSAICS]
say("done", message="done", outputs={"output_folder": folder, "summary": folder + "/summary.html",
    "table": folder + "/summary.csv", "mosaic": (mosaics or [""])[0], "mosaics": mosaics,
    "scenes": 20, "scenes_done": 13, "scenes_kept": 5, "scenes_failed": FAILED, "seconds": 1.5,
    "device_used": "CPU", "runtime_used": "torch", "nodata": 255, "classes": [
        {"value": 0, "name": "Land", "colour": "#d9d4c7"},
        {"value": 1, "name": "Water", "colour": "#0072b2"}]})
sys.stdin.readline()  # it waits for the next job, as the engine does
"""


def done(raster, mosaics=(), failed=0):
    text = DONE.replace("MOSAICS", repr(list(mosaics))).replace("RASTER", repr(raster))
    return text.replace("FAILED", str(failed))


def test_outputs_are_returned_and_mosaics_are_loaded_in_colours(engine, given, rasters, context):
    engine(done(rasters[0], ["mosaic-EPSG-32652.tif", "mosaic-2.tif"]))
    log, folder = Log(), given["OUTPUT"]
    results, ok = run(given, log, context)
    assert ok, log.errors
    assert results == {
        "OUTPUT": folder,
        "SUMMARY": folder + "/summary.html",
        "TABLE": folder + "/summary.csv",
        "MOSAIC": f"{folder}/mosaic-EPSG-32652.tif",
        "SCENES": 20,
        "SCENES_DONE": 13,
        "SCENES_KEPT": 5,
        "SCENES_FAILED": 0,
        "SECONDS": 1.5,
        "DEVICE_USED": "CPU",
        "RUNTIME_USED": "torch",
    }
    assert " segment-folder " in log.commands[0] and not log.warnings
    assert warm_engine.ENGINES.idle_pid is not None, "the next run finds the models in memory"
    loaded = context.layersToLoadOnCompletion()
    assert {path: details.name for path, details in loaded.items()} == {
        f"{folder}/mosaic-EPSG-32652.tif": "Masks of 18 scenes (EPSG-32652)",
        f"{folder}/mosaic-2.tif": "Masks of 18 scenes (2)",
    }
    for path, details in loaded.items():
        assert details.project == QgsProject.instance() and details.outputName == "MOSAIC"
        layer = QgsRasterLayer(path, "mosaic")
        context.layerToLoadOnCompletionDetails(path).postProcessor().postProcessLayer(
            layer, context, None
        )
        shown = [(c.label, c.color.name()) for c in layer.renderer().classes()]
        assert shown == [("Land", "#d9d4c7"), ("Water", "#0072b2")]


def test_without_a_project_no_layer_is_loaded(engine, given, rasters):
    engine(done(rasters[0], ["mosaic.vrt"]))
    context = QgsProcessingContext()
    results, ok = run(given, Log(), context)
    assert ok and results["MOSAIC"].endswith("mosaic.vrt")
    assert not context.layersToLoadOnCompletion()


def test_without_a_mosaic_the_log_has_the_folder_of_the_masks(engine, given, rasters, context):
    engine(done(rasters[0]))
    log = Log()
    results, ok = run(given, log, context)
    assert ok and "MOSAIC" not in results
    assert not context.layersToLoadOnCompletion()
    assert log.lines[-1].endswith(f"the masks are in {given['OUTPUT']}.")


def test_failed_scenes_cause_a_warning(engine, given, rasters):
    engine(done(rasters[0], failed=2))
    log = Log()
    results, ok = run(given, log)
    assert ok and results["SCENES_FAILED"] == 2
    (message,) = log.warnings
    assert message.startswith("2 of 20 scenes could not be segmented")
    assert (
        f"{given['OUTPUT']}/summary.html lists the reasons" in message and "run it again" in message
    )


@pytest.mark.parametrize(
    ("made", "kept", "name"), [(13, 4, "Masks of 17 scenes"), (0, 1, "Mask of 1 scene")]
)
def test_a_mosaic_has_the_number_of_its_scenes_in_its_name(
    engine, given, rasters, context, made, kept, name
):
    text = done(rasters[0], ["mosaic.tif"])
    for before, after in ((13, made), (5, kept)):
        assert f": {before}," in text
        text = text.replace(f": {before},", f": {after},")
    engine(text)
    _, ok = run(given, Log(), context)
    (details,) = context.layersToLoadOnCompletion().values()
    assert ok and details.name == name and details.forceName


#: Of three scenes one is finished; of another some rows are, which the engine notes beside its part.
UNFINISHED = """
folder = job["output_folder"]
os.makedirs(folder, exist_ok=True)
for name in NAMES:
    open(os.path.join(folder, name), "w").close()
say("progress", fraction=0.4, message="SAID", values=VALUES)
"""
NAMES = ["a.tif", "a.qml", "b.tif.part", "b.tif.part.json", "b_confidence.tif.part"]
SAID = "1 of 3 scenes, 5 million pixels, 2 a second, 1 min left: b, tile 3 of 9"
ENDS = {"cancel": "time.sleep(300)", "crash": "os._exit(7)"}


def unfinished(engine, parameters, end, names=NAMES, message=SAID, counts=(1, 3)):
    """Returns the error message of a run that ends in a certain way."""
    values = dict(zip(("scenes_finished", "scenes"), counts))
    body = UNFINISHED.replace("NAMES", repr(names)).replace("SAID", message)
    body = body.replace("VALUES", repr(values))
    engine(body + ENDS[end])
    log = Log(cancel_at=message if end == "cancel" else "")
    _, ok = run(parameters, log)
    assert not ok
    return log.errors[0]


@pytest.mark.parametrize("end", ENDS)
def test_an_unfinished_run_keeps_masks_and_finished_rows(engine, given, end):
    message = unfinished(engine, given, end)
    way_on = " after 1 of 3 scenes: run it again with the same parameters to continue."
    assert (
        message == f"Cancelled{way_on}"
        if end == "cancel"
        else message.endswith(f" It stopped{way_on}")
    )
    assert sorted(path.name for path in Path(given["OUTPUT"]).iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("exists", [True, False])
def test_a_run_without_results_leaves_no_empty_folder(engine, given, end, exists):
    folder = Path(given["OUTPUT"])
    if exists:
        folder.mkdir(parents=True)
    message = unfinished(engine, given, end, (), "finding the fastest runtime", ())
    assert message.endswith(
        "Cancelled before the first scene was finished."
        if end == "cancel"
        else "before the first scene was finished."
    )
    assert folder.exists() == exists == folder.parent.exists(), "the user's own folder stays"


def test_a_cancelled_run_of_one_scene_can_be_continued(engine, given):
    message = unfinished(engine, given, "cancel", ["b.tif.part"], "0 of 1 scene: b", (0, 1))
    way_on = (
        "before the first scene was finished: run it again with the same parameters to continue."
    )
    assert message == f"Cancelled {way_on}"
    temporary = {**given, "OUTPUT": "TEMPORARY_OUTPUT"}
    message = unfinished(engine, temporary, "cancel", ["b.tif.part"], "0 of 1 scene: b", (0, 1))
    assert message == "Cancelled before the first scene was finished.", "nothing is promised"


def test_a_run_into_a_temporary_folder_cannot_be_continued(engine, given):
    message = unfinished(engine, {**given, "OUTPUT": "TEMPORARY_OUTPUT"}, "cancel")
    assert message.startswith(
        "Cancelled after 1 of 3 scenes: until QGIS closes, the masks are in /"
    )
    assert "run it again" not in message


def test_a_temporary_folder_may_be_asked_for(engine, given, rasters):
    engine(done(rasters[0]))
    log = Log()
    results, ok = run({**given, "OUTPUT": "TEMPORARY_OUTPUT"}, log)
    assert ok and Path(results["OUTPUT"]).is_absolute()
    assert log.warnings[0].endswith(f"copy {results['OUTPUT']} to keep them.")


def test_a_pool_starts_a_new_engine(engine, given, rasters, context, monkeypatch):
    """Ray reads its settings once per process, and an idle engine would occupy memory."""
    engine(done(rasters[0]))
    log, calls = Log(), []
    monkeypatch.setattr(warm_engine.ENGINES, "run", lambda *arguments: calls.append("run") or [])
    monkeypatch.setattr(warm_engine.ENGINES, "stop", lambda: calls.append("stop"))
    assert run({**given, "ON": "ray"}, log, context)[1], log.errors
    assert calls == ["stop"]
