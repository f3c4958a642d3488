"""The dialogs' widgets show the defaults, and survive every kind of labels."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.errors import JobError
from dualstream_qgis.engine.contract.jobs import TrainJob
from dualstream_qgis.engine.contract.output_files import MODEL_TAG
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsProcessingModelerParameterWidget
from qgis.PyQt.QtWidgets import QComboBox, QDialog

from dualstream_qgis.algorithms.evaluate import EvaluateAlgorithm
from dualstream_qgis.algorithms.import_weights import ImportAlgorithm
from dualstream_qgis.algorithms.parameter_values import file_paths
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.segment_folder import SegmentFolderAlgorithm
from dualstream_qgis.algorithms.train import TrainAlgorithm
from dualstream_qgis.algorithms.train_data_set import TrainDataSetAlgorithm
from dualstream_qgis.dialogs.plan_label import PlanLabel
from dualstream_qgis.styling import SUBJECT
from tests.plugin.rasters import write_raster

pytestmark = pytest.mark.usefixtures("processing_ready")


class ModelerParametersDialog(QDialog):
    """What a widget sees of QGIS's dialog of that name."""

    def __init__(self):
        super().__init__()
        self.model = QgsProcessingModelAlgorithm("m", "g")
        self.childId = "child"
        self.context = QgsProcessingContext()


def create(definition, dialog):
    from processing.gui.wrappers import WidgetWrapperFactory

    wrapper = WidgetWrapperFactory.create_wrapper(definition, dialog)
    if hasattr(wrapper, "createWrappedWidget") and not hasattr(wrapper, "widget"):
        wrapper.keep = wrapper.createWrappedWidget(QgsProcessingContext())
    return wrapper


@pytest.fixture
def preselected(project):
    """``preselected(algorithm, layers)``: the names that a new dialog shows for the mask and for the labels."""

    def show(algorithm, *layers):
        project.clear()
        for layer in layers:
            project.addMapLayer(layer.clone())
        one, dialog = algorithm().create(), QDialog()
        names = ("LABELS", "CLASS_FIELD") if algorithm is TrainAlgorithm else NAMES
        wrappers = {name: create(one.parameterDefinition(name), dialog) for name in names}
        for name in names:
            if name.endswith("FIELD"):
                wrappers[name].postInitialize([*wrappers.values()])
        chosen = [project.mapLayer(w.parameterValue() or "") for w in wrappers.values()]
        shown = {name: layer and layer.name() for name, layer in zip(wrappers, chosen)}
        for name in ("MASK", "LABELS"):
            if shown.get(name):
                box = wrappers[name].wrappedWidget().findChild(QComboBox)
                assert box.currentText().startswith(shown[name]), "the list shows its name"
        return shown.get("MASK"), shown["LABELS"], wrappers["CLASS_FIELD"].parameterValue()

    return show


NAMES = ("MASK", "LABELS", "CLASS_FIELD", "MASK_FIELD")


def polygons(name, field, rectangle=None):
    """A layer with one rectangle."""
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:32632&field={field}:string", name, "memory")
    square = QgsFeature(layer.fields())
    square.setGeometry(QgsGeometry.fromRect(rectangle or QgsRectangle(0, 0, 10, 10)))
    layer.dataProvider().addFeature(square)
    layer.updateExtents()
    return layer


def own_mask(path, name):
    layer = QgsRasterLayer(write_raster(path), name)
    gdal.Open(str(path), gdal.GA_Update).SetMetadataItem(MODEL_TAG, "m.safetensors")
    return layer


def test_labels_are_preselected_by_name_field_or_style_and_else_nothing(preselected, tmp_path):
    mask = own_mask(tmp_path / "a.tif", "Mask of labels")
    air = QgsRasterLayer(write_raster(tmp_path / "b.tif"), "Air quality")
    fields, labels = polygons("Parcels", "class"), polygons("Training labels", "kind")
    result = polygons("Class polygons", "class")
    result.setCustomProperty(SUBJECT, "scene (m)")
    classes = QgsRasterLayer(write_raster(tmp_path / "c.tif"), "Survey")
    classes.setRenderer(QgsPalettedRasterRenderer(classes.dataProvider(), 1, []))

    def chosen(*layers):
        return preselected(TrainAlgorithm, *layers)[1:]

    assert chosen(air, labels, fields) == ("Training labels", None)
    assert chosen(air, fields) == ("Parcels", "class"), "its field is chosen too"
    assert chosen(air, classes, polygons("Roads", "width")) == ("Survey", None)
    assert chosen(air, classes, fields) == ("Parcels", "class"), "polygons before rasters"
    roads = QgsVectorLayer("LineString?crs=EPSG:32632&field=class:string", "Roads", "memory")
    assert chosen(air, roads, classes) == ("Survey", None), "rasters before lines"
    assert chosen(air, roads) == ("Roads", "class")
    assert chosen(air, polygons("Roads", "width")) == (None, None)
    assert chosen(mask, air, result) == (None, None), "results of DualStream are no labels"
    assert chosen(polygons("라벨", "kind"), air) == ("라벨", None)


def test_a_mask_and_labels_that_lie_on_it_are_preselected(preselected, tmp_path):
    mask = own_mask(tmp_path / "a.tif", "Result")
    far, near = polygons("A labels", "class"), polygons("B labels", "class", mask.extent())
    air = QgsRasterLayer(write_raster(tmp_path / "b.tif"), "Air quality")
    assert preselected(EvaluateAlgorithm, air, mask, far, near) == ("Result", "B labels", "class")
    assert preselected(EvaluateAlgorithm, air, near)[:2] == (None, "B labels")
    classes = QgsRasterLayer(write_raster(tmp_path / "c.tif"), "Classes")
    classes.setRenderer(QgsPalettedRasterRenderer(classes.dataProvider(), 1, []))
    assert preselected(EvaluateAlgorithm, air, classes)[:2] == ("Classes", None)


def test_labels_that_the_map_shows_come_before_hidden_ones(preselected, project, monkeypatch):
    hidden, shown = polygons("A labels", "class"), polygons("B labels", "class")
    add = project.addMapLayer

    def add_hidden(layer):
        add(layer)
        if layer.name() == "A labels":
            project.layerTreeRoot().findLayer(layer.id()).setItemVisibilityChecked(False)

    monkeypatch.setattr(project, "addMapLayer", add_hidden)
    assert preselected(TrainAlgorithm, hidden, shown)[1] == "B labels"
    assert preselected(TrainAlgorithm, hidden)[1] == "A labels"


@pytest.mark.parametrize(
    "algorithm",
    [
        TrainAlgorithm,
        TrainDataSetAlgorithm,
        SegmentAlgorithm,
        SegmentFolderAlgorithm,
        ImportAlgorithm,
    ],
)
def test_the_dialog_returns_the_defaults(algorithm):
    one, dialog = algorithm().create(), QDialog()
    for definition in one.parameterDefinitions():
        if definition.type() in {"enum", "number", "string", "boolean"}:
            wrapper = create(definition, dialog)
            assert wrapper.parameterValue() == definition.defaultValue(), definition.name()


@pytest.mark.parametrize(
    ("given", "shown", "back"),
    [
        ("/a b/m.safetensors", "/a b/m.safetensors", ("/a b/m.safetensors",)),
        (["/a/m.safetensors"], "/a/m.safetensors", ("/a/m.safetensors",)),
        (["/a b/1.safetensors", "/2.safetensors"], None, ("/a b/1.safetensors", "/2.safetensors")),
        (None, "", ()),
    ],
)
def test_models_are_chosen_in_one_line(given, shown, back):
    algorithm, dialog = SegmentAlgorithm().create(), QDialog()
    wrapper = create(algorithm.parameterDefinition("MODEL"), dialog)
    wrapper.setValue(given)
    assert shown is None or wrapper.file.filePath() == shown
    assert file_paths(wrapper.value(), QgsProcessingContext()) == back
    assert "*.json" in wrapper.file.filter()


@pytest.fixture
def layers(tmp_path):
    raster = QgsRasterLayer(write_raster(tmp_path / "labels.tif"), "raster")
    polygons = QgsVectorLayer("Polygon?field=kind:string&field=code:int", "polygons", "memory")
    QgsProject.instance().addMapLayers([raster, polygons])
    yield raster, polygons
    QgsProject.instance().clear()


def test_fields_are_those_of_the_labels_and_none_for_a_raster(layers):
    raster, polygons = layers
    one, dialog = TrainAlgorithm().create(), QDialog()
    labels = create(one.parameterDefinition("LABELS"), dialog)
    field = create(one.parameterDefinition("CLASS_FIELD"), dialog)
    field.postInitialize([labels, field])
    context = QgsProcessingContext()

    def offered():
        return [field.widget.itemText(i) for i in range(field.widget.count())]

    labels.setParameterValue(polygons.id(), context)
    assert offered() == ["", "kind", "code"]
    field.setValue("code")
    assert field.parameterValue() == "code"
    labels.setParameterValue(raster.id(), context)
    assert offered() == [""]
    assert field.parameterValue() is None
    assert not field.widget.isEnabled()
    labels.setParameterValue(None, context)
    labels.setParameterValue(polygons.id(), context)
    assert field.widget.isEnabled()


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        (TrainDataSetAlgorithm, "DATASET"),
        (SegmentFolderAlgorithm, "SCENES"),
        (ImportAlgorithm, "WEIGHTS"),
    ],
)
def test_a_folder_or_a_file_can_be_chosen(algorithm, name):
    one = algorithm().create()
    wrapper = create(one.parameterDefinition(name), QDialog())
    assert wrapper.parameterValue() is None
    for path in ("/data/water", "/data/scenes.csv"):
        wrapper.setValue(path)
        assert wrapper.parameterValue() == path


def test_any_network_can_be_chosen_or_typed():
    one = TrainAlgorithm().create()
    wrapper = create(one.parameterDefinition("ARCHITECTURE"), QDialog())
    assert wrapper.parameterValue() == TrainJob.architecture
    offered = [wrapper.widget.itemText(i) for i in range(wrapper.widget.count())]
    assert offered[0] == "dualstream-dformer" and {"cmx-b5", "pspnet-densenet161"} <= {*offered}
    told = []
    wrapper.widgetValueHasChanged.connect(lambda _: told.append(wrapper.parameterValue()))
    wrapper.widget.setCurrentIndex(offered.index("unet-resnet50"))
    wrapper.widget.lineEdit().setText(" smp:Unet:resnet34 ")
    assert told == ["unet-resnet50", "smp:Unet:resnet34"]


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        (TrainAlgorithm, "ARCHITECTURE"),
        (TrainAlgorithm, "CLASS_FIELD"),
        (TrainAlgorithm, "RECIPE"),
        (TrainDataSetAlgorithm, "DATASET"),
        (SegmentFolderAlgorithm, "SCENES"),
        (SegmentFolderAlgorithm, "MODEL"),
    ],
)
def test_the_modeller_keeps_its_own_widgets(algorithm, name):
    one = algorithm().create()
    widget = create(one.parameterDefinition(name), ModelerParametersDialog())
    assert isinstance(widget, QgsProcessingModelerParameterWidget)


class BatchAlgorithmDialog(QDialog):
    """What a widget sees of QGIS's dialog of that name."""


def test_a_row_of_a_batch_has_the_recipe_without_the_line_about_the_data():
    one = TrainAlgorithm().create()
    for dialog, has_line in ((QDialog(), True), (BatchAlgorithmDialog(), False)):
        wrapper = create(one.parameterDefinition("RECIPE"), dialog)
        wrapper.postInitialize([wrapper])
        (line,) = wrapper.widget.findChildren(PlanLabel)
        assert line.isVisibleTo(wrapper.widget) == has_line


def test_the_form_of_the_recipe_shows_the_network_s_defaults_and_what_differs(tmp_path):
    one, dialog = TrainAlgorithm().create(), QDialog()
    network, recipe = (
        create(one.parameterDefinition(name), dialog) for name in ("ARCHITECTURE", "RECIPE")
    )
    recipe.postInitialize([network, recipe])
    assert recipe.parameterValue() == ""
    recipe.setValue("learning_rate=0.001 loss=dice")
    network.setValue("cmx-b0")
    form = recipe.form()
    assert form.values() == {"learning_rate": 0.001, "loss": "dice"}
    assert form.row("loss").is_different and not form.row("seed").is_different
    form.row("schedule").set_text("plateau")
    form.row("accumulation").set_text("4")
    assert form.values() == {"learning_rate": 0.001, "loss": "dice", "schedule": "plateau"}
    form.row("seed").set_text("many")
    assert "seed must be a whole number" in form.row("seed").problem
    form.set_values({"accumulation": 2})
    assert form.values() == {"accumulation": 2}
    network.setValue("dualstream-dformer")
    assert recipe.form().values() == {"loss": "dice"}, "0.001 is this network's default"
    recipe.setValue("lerning_rate=1")
    with pytest.raises(JobError, match="learning_rate"):
        recipe.form()
