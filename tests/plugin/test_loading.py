"""However QGIS starts an algorithm, its layers are loaded, named, styled and in order."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

import processing
from osgeo import ogr
from processing.gui import Postprocessing
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterRasterLayer,
    QgsRasterLayer,
    QgsTask,
)
from qgis.PyQt.QtCore import QEventLoop

from tests.plugin.model_files import write_model
from tests.plugin.rasters import write_raster
from tests.plugin.recording import Log

pytestmark = pytest.mark.usefixtures("processing_ready")

CLASSES = """[{"value": 0, "name": "background", "colour": "#d9d4c7"},
    {"value": 1, "name": "Water", "colour": "#0072b2"}]"""

#: An engine that copies the image, and makes one polygon of any mask.
MAKES_LAYERS = f"""
import shutil
from osgeo import ogr, osr
for job in jobs():
    if "image" in job:
        for name in ("output", "confidence", "unlike"):
            if job[name]:
                shutil.copy(job["image"], job[name])
        more = {{"tiles": 1}}
    else:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(32632)
        file = ogr.GetDriverByName("GPKG").CreateDataSource(job["output"])
        layer = file.CreateLayer("polygons", crs, ogr.wkbPolygon)
        layer.CreateField(ogr.FieldDefn("class", ogr.OFTInteger))
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetField("class", 1)
        feature.SetGeometry(ogr.CreateGeometryFromWkt("POLYGON((0 0,1 0,1 1,0 0))"))
        layer.CreateFeature(feature)
        file = layer = feature = None
        more = {{"polygons": 1, "scene": "scene"}}
    say("done", message="", outputs={{"seconds": 1, "classes": {CLASSES}, **more}})
    if "mask" in job:
        break
"""


@pytest.fixture
def scene(tmp_path):
    """Parameters of segmenting, with outputs that are not loaded."""
    model = tmp_path / "m.safetensors"
    write_model(model)
    return {"IMAGE": write_raster(tmp_path / "scene.tif"), "MODEL": str(model)}


def loaded(path, project):
    """An output that is to be loaded into ``project``."""
    return QgsProcessingOutputLayerDefinition(str(path), project)


def outputs(folder, project):
    """Mask and confidence raster, whose paths sort in the reverse order of the layer tree."""
    return {
        "OUTPUT": loaded(folder / "a.tif", project),
        "CONFIDENCE": loaded(folder / "b.tif", project),
    }


def run_as_task(algorithm, parameters, project, log=None):
    """Runs an algorithm as a dialog does; returns whether it succeeded, its log and its results."""
    log, context = log or Log(), QgsProcessingContext()
    context.setProject(project)
    if isinstance(algorithm, str):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm)
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, log)
    loop, ends = QEventLoop(), []
    task.executed.connect(lambda *end: (ends.append(end), loop.quit()))
    QgsApplication.taskManager().addTask(task)
    if not ends:
        loop.exec()
    ((ok, results),) = ends
    load(algorithm, context, log, results)
    return SimpleNamespace(ok=ok, log=log, results=results)


def load(algorithm, context, log, results):
    """Does what a dialog does after an algorithm has succeeded or failed."""
    handle = Postprocessing.handleAlgorithmResults
    named = "showResults" in inspect.signature(handle).parameters  # until QGIS 3.34
    handle(algorithm, context, log, *([False] if named else []), parameters=results)


def shown(project):
    """The layers from top to bottom."""
    return [node.layer() for node in project.layerTreeRoot().findLayers()]


def names(project):
    return [layer.name() for layer in shown(project)]


def test_a_dialog_s_task_loads_mask_and_confidence(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    project.addMapLayer(QgsRasterLayer(scene["IMAGE"], "scene"))
    end = run_as_task("dualstream:segment", {**scene, **outputs(tmp_path, project)}, project)
    assert end.ok, end.log.errors
    assert names(project) == ["Mask of scene (m)", "Confidence of scene (m)", "scene"]
    mask, confidence, _ = shown(project)
    assert mask.renderer().type() == "paletted"
    classes = [(c.label, c.color.name(), c.color.alpha()) for c in mask.renderer().classes()]
    assert classes == [("background", "#d9d4c7", 0), ("Water", "#0072b2", 255)]
    assert confidence.renderer().type() == "singlebandpseudocolor"


def test_the_raster_unlike_the_training_arrives_as_a_layer(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    model = tmp_path / "summary.safetensors"
    write_model(model, has_land_summary=True)
    unlike = loaded(tmp_path / "c.tif", project)
    parameters = {**scene, **outputs(tmp_path, project), "MODEL": str(model), "UNLIKE": unlike}
    end = run_as_task("dualstream:segment", parameters, project)
    assert end.ok, end.log.errors
    unlike_name = "Unlike the training: scene (summary)"
    assert names(project) == [
        "Mask of scene (summary)",
        "Confidence of scene (summary)",
        unlike_name,
    ]
    assert shown(project)[2].renderer().type() == "singlebandpseudocolor"
    assert end.results["UNLIKE"] == str(tmp_path / "c.tif")


def test_results_are_named_after_the_layer_of_the_image(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    image = QgsRasterLayer(scene["IMAGE"], "Unseen image")
    project.addMapLayer(image)
    parameters = {**scene, "IMAGE": image.id(), **outputs(tmp_path, project)}
    end = run_as_task("dualstream:segment", parameters, project)
    assert end.ok, end.log.errors
    assert names(project) == [
        "Mask of Unseen image (m)",
        "Confidence of Unseen image (m)",
        "Unseen image",
    ]


@pytest.mark.parametrize("below", [False, True])
def test_results_are_above_their_image_wherever_it_is(engine, scene, tmp_path, project, below):
    """QGIS adds layers at the top of the tree, or above the current layer."""
    engine(MAKES_LAYERS)
    other = QgsRasterLayer(scene["IMAGE"], "other")
    other.setDataSource(str(tmp_path / "none.tif"), "other", "gdal")
    project.addMapLayers([QgsRasterLayer(scene["IMAGE"], "scene"), other])
    root = project.layerTreeRoot()
    if below:
        bridge = project.layerTreeRegistryBridge()
        bridge.setLayerInsertionPoint(type(bridge).InsertionPoint(root, len(root.children())))
    end = run_as_task("dualstream:segment", {**scene, **outputs(tmp_path, project)}, project)
    assert end.ok, end.log.errors
    order = names(project)
    assert (
        order.index("Mask of scene (m)")
        < order.index("Confidence of scene (m)")
        < order.index("scene")
    )
    assert len(order) == 4


def test_a_dialog_s_task_loads_polygons(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    parameters = {"MASK": scene["IMAGE"], "OUTPUT": loaded(tmp_path / "p.gpkg", project)}
    end = run_as_task("dualstream:polygons", parameters, project)
    assert end.ok, end.log.errors
    assert names(project) == ["Polygons of scene"]
    renderer = shown(project)[0].renderer()
    assert [category.label() for category in renderer.categories()] == ["background", "Water"]


def test_results_of_two_models_and_their_polygons_differ_in_name(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    other = tmp_path / "other.safetensors"
    write_model(other)
    for name, model in (("a", scene["MODEL"]), ("b", [scene["MODEL"], str(other)])):
        given = {"MODEL": model, "OUTPUT": loaded(tmp_path / f"{name}.tif", project)}
        assert run_as_task("dualstream:segment", {**scene, **given}, project).ok
    masks = {layer.name(): layer.id() for layer in shown(project)}
    assert sorted(masks) == ["Mask of scene (2 models)", "Mask of scene (m)"]
    output = loaded(tmp_path / "p.gpkg", project)
    given = {"MASK": masks["Mask of scene (m)"], "OUTPUT": output}
    assert run_as_task("dualstream:polygons", given, project).ok
    assert "Polygons of scene (m)" in names(project)


def test_temporary_outputs_are_loaded_too(engine, scene, project):
    engine(MAKES_LAYERS)
    temporary = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project)
    end = run_as_task("dualstream:segment", {**scene, "OUTPUT": temporary}, project)
    assert end.ok and names(project) == ["Mask of scene (m)"]
    assert shown(project)[0].source() == end.results["OUTPUT"]


def test_results_of_the_same_run_differ_in_name(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    temporary = [QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", project) for _ in range(3)]
    for output in (*temporary, loaded(tmp_path / "mine.tif", project)):
        assert run_as_task("dualstream:segment", {**scene, "OUTPUT": output}, project).ok
    found = [f"Mask of scene (m){end}" for end in ("", " 2", " 3", ": mine")]
    assert sorted(names(project)) == found


def test_outputs_that_are_not_to_be_loaded_are_not(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    end = run_as_task("dualstream:segment", {**scene, "OUTPUT": str(tmp_path / "a.tif")}, project)
    assert end.ok and names(project) == []


def test_a_failed_task_has_one_error_message(engine, scene, tmp_path, project):
    engine('say("failed", message="The disk is full.", details="")')
    end = run_as_task("dualstream:segment", {**scene, **outputs(tmp_path, project)}, project)
    assert not end.ok and end.log.errors == ["The disk is full."]
    assert names(project) == []


def test_a_cancelled_task_is_no_error(engine, scene, tmp_path, project):
    engine('say("progress", fraction=0.1, message="working"); time.sleep(300)')
    log = Log(cancel_at="working")
    end = run_as_task("dualstream:segment", {**scene, **outputs(tmp_path, project)}, project, log)
    assert not end.ok and end.results == {}
    assert log.errors == [] and "Cancelled: nothing was written." in log.lines
    assert names(project) == [] and not (tmp_path / "a.tif").exists()


def test_a_batch_loads_the_layers_of_each_row(engine, scene, tmp_path, project):
    """QGIS runs a batch in the main thread, each row with a context of its own."""
    engine(MAKES_LAYERS)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("dualstream:segment")
    for name in ("one", "two"):
        context, log = QgsProcessingContext(), Log()
        context.setProject(project)
        left_empty = QgsProcessingOutputLayerDefinition("", project)
        parameters = {
            **scene,
            "OUTPUT": loaded(tmp_path / f"{name}.tif", project),
            "CONFIDENCE": left_empty,
        }
        results, ok = algorithm.run(parameters, context, log)
        assert ok, log.errors
        load(algorithm, context, log, results)
        assert not log.errors
    assert sorted(names(project)) == ["Mask of scene (m)", "Mask of scene (m): two"]
    assert all(layer.renderer().type() == "paletted" for layer in shown(project))


def test_a_script_loads_the_layers(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    parameters = {**scene, "OUTPUT": str(tmp_path / "a.tif")}
    processing.runAndLoadResults("dualstream:segment", parameters)
    assert names(project) == ["Mask of scene (m)"]
    assert shown(project)[0].renderer().type() == "paletted"


def test_a_script_in_a_thread_loads_the_layers(engine, scene, tmp_path, project):
    engine(MAKES_LAYERS)
    parameters = {**scene, "OUTPUT": str(tmp_path / "a.tif")}

    def work(task):
        return processing.runAndLoadResults("dualstream:segment", parameters)

    task = QgsTask.fromFunction("a script", work)
    loop = QEventLoop()
    task.taskCompleted.connect(loop.quit)
    task.taskTerminated.connect(loop.quit)
    QgsApplication.taskManager().addTask(task)
    loop.exec()
    assert task.exception is None, task.exception
    assert names(project) == ["Mask of scene (m)"]
    assert shown(project)[0].renderer().type() == "paletted"


def test_a_cancelled_model_is_no_error(engine, scene, tmp_path, project):
    """A model prepares and runs its steps in one thread, that of its task."""
    engine('say("progress", fraction=0.1, message="working"); time.sleep(300)')
    parameters = {
        "image": scene["IMAGE"],
        "model": scene["MODEL"],
        "segment:Water mask": loaded(tmp_path / "a.tif", project),
        "polygons:Lakes": loaded(tmp_path / "p.gpkg", project),
    }
    end = run_as_task(two_steps(), parameters, project, Log(cancel_at="working"))
    assert not end.ok and end.log.errors == []
    assert "Cancelled: nothing was written." in "".join(end.log.lines)
    assert names(project) == []


@pytest.mark.parametrize(("mask", "lakes"), [("a.tif", "p.gpkg"), ("z.tif", "b.gpkg")])
def test_a_model_loads_its_outputs_under_their_names_in_the_model(
    engine, scene, tmp_path, project, mask, lakes
):
    """QGIS adds layers in the order of their paths."""
    engine(MAKES_LAYERS)
    project.addMapLayer(QgsRasterLayer(scene["IMAGE"], "image"))
    parameters = {
        "image": scene["IMAGE"],
        "model": scene["MODEL"],
        "segment:Water mask": loaded(tmp_path / mask, project),
        "polygons:Lakes": loaded(tmp_path / lakes, project),
    }
    end = run_as_task(two_steps(), parameters, project)
    assert end.ok, end.log.errors
    assert names(project) == ["Lakes", "Water mask", "image"]
    styles = {layer.name(): layer.renderer().type() for layer in shown(project)[:2]}
    assert styles == {"Water mask": "paletted", "Lakes": "categorizedSymbol"}
    assert ogr.Open(str(tmp_path / lakes)).GetLayer(0).GetFeatureCount() == 1


def two_steps():
    """Returns a model that segments an image and turns its mask into polygons."""
    model = QgsProcessingModelAlgorithm("two steps", "test")
    for definition in (
        QgsProcessingParameterRasterLayer("image", "image"),
        QgsProcessingParameterFile("model", "model"),
    ):
        model.addModelParameter(definition, QgsProcessingModelParameter(definition.name()))
    source = QgsProcessingModelChildParameterSource
    segment = child("segment", "Water mask")
    segment.addParameterSources("IMAGE", [source.fromModelParameter("image")])
    segment.addParameterSources("MODEL", [source.fromModelParameter("model")])
    polygons = child("polygons", "Lakes")
    polygons.addParameterSources("MASK", [source.fromChildOutput("segment", "OUTPUT")])
    for one in (segment, polygons):
        model.addChildAlgorithm(one)
    model.updateDestinationParameters()
    return model


def child(name, layer):
    """Returns a step of a model with the name of its output layer."""
    step = QgsProcessingModelChildAlgorithm(f"dualstream:{name}")
    step.setChildId(name)
    output = QgsProcessingModelOutput(layer)
    output.setChildId(name)
    output.setChildOutputName("OUTPUT")
    step.setModelOutputs({layer: output})
    return step
