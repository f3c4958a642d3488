"""What does not fit a model is told before Run: in the check of the parameters, and under the model's field."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.model_card import AuxiliaryCard, ImageCard, PretrainedCard
from processing.gui.wrappers import WidgetWrapperFactory
from qgis.core import QgsProcessingContext, QgsProject, QgsRasterLayer
from qgis.gui import QgsMapCanvas, QgsProcessingParameterWidgetContext
from qgis.PyQt.QtWidgets import QDialog

from dualstream_qgis import starter_model
from dualstream_qgis.algorithms import layer_facts, model_checks
from dualstream_qgis.algorithms.segment import SegmentAlgorithm
from dualstream_qgis.algorithms.segment_folder import SegmentFolderAlgorithm
from tests.plugin.calls import check_parameters
from tests.plugin.model_files import GREY, write_model
from tests.plugin.rasters import UTM_GRID, write_raster

pytestmark = pytest.mark.usefixtures("processing_ready")

#: A second stream of one band, with values from 0 to 60.
SECOND = AuxiliaryCard(1, 4, ("no2",), (30.0,), (10.0,))


@pytest.fixture
def image(tmp_path):
    return write_raster(tmp_path / "scene.tif", range(64))


@pytest.fixture
def model(tmp_path):
    """``model(...)``: the path of a model file with these streams."""

    def make(name="m.safetensors", **streams):
        write_model(tmp_path / name, **streams)
        return str(tmp_path / name)

    return make


def refusal(algorithm, context, **parameters):
    """Returns why the parameters are refused, "" if they are not."""
    is_valid, message = check_parameters(algorithm, parameters, context)
    return "" if is_valid else message


def doubts(context, kind=SegmentAlgorithm, **parameters):
    """Returns the doubts about the parameters of an algorithm, in one text."""
    algorithm = kind().create()
    cards = model_checks.read_cards([parameters["MODEL"]])
    inputs = model_checks.read_inputs(algorithm, parameters, context)
    return "\n".join(model_checks.doubts(cards, inputs))


def segment(image, model, tmp_path, **more):
    return {"IMAGE": image, "MODEL": model, "OUTPUT": str(tmp_path / "mask.tif"), **more}


def test_a_wrong_number_of_bands_is_refused(context, image, model, tmp_path):
    rgb = model(image=ImageCard(3, ("red", "green", "blue"), "uint8"))
    says = refusal(SegmentAlgorithm, context, **segment(image, rgb, tmp_path))
    assert "m.safetensors was trained on 3 image bands (red, green, blue); scene has 1" in says
    grey = model("grey.safetensors")
    assert not refusal(SegmentAlgorithm, context, **segment(image, grey, tmp_path))
    many = {"MODEL": rgb, "OUTPUT": str(tmp_path)}
    assert "3 image bands" in refusal(SegmentFolderAlgorithm, context, **many, IMAGES=[image])
    # One of several that does not fit does not stop the run.
    assert not refusal(SegmentFolderAlgorithm, context, **many, IMAGES=[image, image])


def test_chosen_bands_count(context, image, model, tmp_path):
    two = model(image=ImageCard(2, ("a", "b"), "uint8"))
    given = segment(image, two, tmp_path)
    assert refusal(SegmentAlgorithm, context, **given)
    assert not refusal(SegmentAlgorithm, context, **given, IMAGE_BANDS=[1, 1])


def test_a_missing_second_stream_must_be_confirmed(context, image, model, tmp_path):
    both = model(auxiliary=SECOND)
    given = segment(image, both, tmp_path)
    says = refusal(SegmentAlgorithm, context, **given)
    assert "trained with 1 auxiliary band, but scene has none" in says
    assert '"Without the second stream": ' in says, "the dialog's name alone"
    assert not refusal(SegmentAlgorithm, context, **given, IMAGE_ALONE=True)
    assert "less accurate" in doubts(context, **given, IMAGE_ALONE=True)
    rgb = model("rgb.safetensors", auxiliary=SECOND, image=ImageCard(3, dtype="uint8"))
    assert "3 image bands" in refusal(SegmentAlgorithm, context, **{**given, "MODEL": rgb})
    assert not refusal(SegmentAlgorithm, context, **given, AUXILIARY=[image])
    many = {"MODEL": both, "OUTPUT": str(tmp_path / "out")}
    assert "has none" in refusal(SegmentFolderAlgorithm, context, **many, IMAGES=[image])
    alone = {**many, "IMAGES": [image], "IMAGE_ALONE": True}
    assert not refusal(SegmentFolderAlgorithm, context, **alone)
    table = tmp_path / "scenes.csv"
    table.write_text("image\nscene.tif\n")
    many["SCENES"] = str(table)
    assert not refusal(SegmentFolderAlgorithm, context, **many)
    assert "scenes without them will fail" in doubts(context, SegmentFolderAlgorithm, **many)
    table.write_text("\ufeffimage, Auxiliary\nscene.tif,air.tif\n", encoding="utf-8")
    assert not doubts(context, SegmentFolderAlgorithm, **many)


def test_auxiliary_rasters_that_do_not_fit_are_refused(context, image, model, tmp_path):
    two = model(auxiliary=AuxiliaryCard(2, 4))
    says = refusal(SegmentAlgorithm, context, **segment(image, two, tmp_path, AUXILIARY=[image]))
    assert "2 auxiliary bands; those given have 1 band" in says
    says = refusal(
        SegmentAlgorithm, context, **segment(image, model(), tmp_path, AUXILIARY=[image])
    )
    assert "trained on no auxiliary rasters" in says


def test_an_extent_outside_of_the_image_is_refused(context, image, model, tmp_path):
    given = segment(image, model(), tmp_path)
    inside, outside = "500000,500040,4999920,5000000", "0,10,0,10"
    assert not refusal(SegmentAlgorithm, context, **given, EXTENT=f"{inside} [EPSG:32632]")
    says = refusal(SegmentAlgorithm, context, **given, EXTENT=f"{outside} [EPSG:32632]")
    assert "outside of scene" in says


@pytest.mark.parametrize(
    ("ground", "doubt", "refused"),
    [(9.0, "", ""), (2.0, "had 2 m per pixel", ""), (0.1, "", "times apart")],
)
def test_ground_resolutions_are_compared(context, image, model, tmp_path, ground, doubt, refused):
    trained = model(image=ImageCard(1, ("grey",), "uint8", ground=ground))
    given = segment(image, trained, tmp_path)
    assert refused in refusal(SegmentAlgorithm, context, **given)
    told = doubts(context, **given)
    assert doubt in told if doubt else "per pixel" not in told
    assert "not resampled" in doubts(context, **given, MATCH_RESOLUTION=False) or ground == 9.0


def test_other_values_and_a_missing_coordinate_system_are_doubtful(context, image, model, tmp_path):
    fits = ImageCard(1, ("grey",), "uint8", (0.0,), (64.0,))
    assert doubts(context, **segment(image, model(image=fits), tmp_path)) == ""
    reflectance = ImageCard(1, ("grey",), "uint16", (0.0,), (10_000.0,))
    told = doubts(context, **segment(image, model(image=reflectance), tmp_path))
    assert "most values lie between" in told and "between 0 and 10000" in told
    bare = write_raster(tmp_path / "bare.tif", range(64), epsg=0)
    told = doubts(context, **segment(bare, model(), tmp_path))
    assert "bare has no coordinate system" in told


def test_an_auxiliary_raster_elsewhere_is_doubtful(context, image, model, tmp_path):
    far = (700000, 10, 0, 5000000, 0, -10)
    second = write_raster(tmp_path / "second.tif", range(64), grid=far)
    given = segment(image, model(auxiliary=SECOND), tmp_path)
    assert "second does not overlap scene" in doubts(context, **given, AUXILIARY=[second])
    assert "overlap" not in doubts(context, **given, AUXILIARY=[image])


def test_the_ground_resolution_is_measured_on_the_ellipsoid(tmp_path):
    metres = QgsRasterLayer(write_raster(tmp_path / "utm.tif", grid=UTM_GRID), "utm")
    assert layer_facts.ground_resolution(metres) == pytest.approx(10, rel=0.002)
    degrees = (9.0, 0.001, 0, 45.0, 0, -0.001)
    layer = QgsRasterLayer(write_raster(tmp_path / "d.tif", grid=degrees, epsg=4326), "degrees")
    # 0.001 degrees are 78.8 m and 111.1 m there.
    assert layer_facts.ground_resolution(layer) == pytest.approx((78.8 * 111.1) ** 0.5, rel=0.005)


class Panel:
    """The widgets of a dialog's parameters, which know each other."""

    def __init__(self, algorithm, *names):
        self.algorithm, self.dialog = algorithm().create(), QDialog()
        self.wrappers = {name: self.wrapper(name) for name in names}
        for wrapper in self.wrappers.values():
            wrapper.postInitialize([*self.wrappers.values()])

    def wrapper(self, name):
        definition = self.algorithm.parameterDefinition(name)
        wrapper = WidgetWrapperFactory.create_wrapper(definition, self.dialog)
        if not hasattr(wrapper, "widget"):
            wrapper.keep = wrapper.createWrappedWidget(QgsProcessingContext())
        return wrapper

    def set(self, name, value):
        self.wrappers[name].setParameterValue(value, QgsProcessingContext())

    def card(self):
        """Returns the text under the model's field, as it is after the pause that follows a change."""
        self.wrappers["MODEL"].refresh_card()
        return self.wrappers["MODEL"].card.text()


def test_the_card_stands_under_the_field_and_follows_the_rasters(project, image, model):
    layer = QgsRasterLayer(image, "scene")
    QgsProject.instance().addMapLayer(layer)
    panel = Panel(SegmentAlgorithm, "MODEL", "IMAGE", "AUXILIARY", "IMAGE_ALONE", "EXTENT")
    assert panel.card() == ""
    weights = PretrainedCard("weights", "not commercial use")
    panel.set("MODEL", model(auxiliary=SECOND, metrics={"miou": 0.5}, pretrained=weights))
    panel.set("IMAGE", layer.id())
    text = panel.card()
    for words in ("mit-b0", "mIoU 0.500", "1 band (grey)", "1 band (no2)", "land", "#0072b2"):
        assert words in text, words
    assert "not commercial use" in text and "has none" in text
    panel.set("IMAGE_ALONE", True)
    assert "Give the auxiliary" not in panel.card() and "less accurate" in panel.card()
    panel.set("MODEL", model("rgb.safetensors", image=ImageCard(3, dtype="uint8")))
    assert "trained on 3 image bands" in panel.card()
    moved = QgsRasterLayer("/nowhere/moved.tif", "moved")
    QgsProject.instance().addMapLayer(moved)
    panel.set("IMAGE", moved.id())
    assert "The layer moved cannot be read" in panel.card()
    panel.set("IMAGE", layer.id())
    panel.set("MODEL", image)
    assert "is not a model file" in panel.card()


def test_an_empty_field_offers_the_starter_model_for_one_scene(model, monkeypatch):
    monkeypatch.setattr(starter_model, "PATH", Path(model()))
    panel = Panel(SegmentAlgorithm, "MODEL", "IMAGE")
    assert "Take the starter model" in panel.card()
    panel.wrappers["MODEL"].card.linkActivated.emit("#")
    assert panel.wrappers["MODEL"].parameterValue() == model()
    assert "mit-b0" in panel.card() and "Take the starter model" not in panel.card()
    assert Panel(SegmentFolderAlgorithm, "MODEL").card() == ""


def test_the_starter_model_comes_with_the_unseen_scene_if_the_project_has_it(
    project, image, model, monkeypatch, tmp_path
):
    monkeypatch.setattr(starter_model, "PATH", Path(model()))
    project.addMapLayer(QgsRasterLayer(image, "another"))
    panel = Panel(SegmentAlgorithm, "MODEL", "IMAGE", "AUXILIARY")
    assert "Run Make sample data first" in panel.card()
    (tmp_path / "sample" / "unseen").mkdir(parents=True)
    starter_model.copy_to(tmp_path / "sample")
    unseen, air = (
        project.addMapLayer(QgsRasterLayer(write_raster(tmp_path / "sample" / name), name))
        for name in starter_model.UNSEEN
    )
    assert "Run Make sample data first" not in panel.card()
    panel.wrappers["MODEL"].card.linkActivated.emit("#")
    chosen = {name: wrapper.parameterValue() for name, wrapper in panel.wrappers.items()}
    assert chosen["MODEL"] == model() and chosen["IMAGE"] == unseen.id()
    assert chosen["AUXILIARY"] in ([air.source()], [air.id()])  # QGIS 3.22 returns the source


def test_several_models_are_told_in_a_line_each(model):
    panel = Panel(SegmentAlgorithm, "MODEL", "IMAGE")
    panel.set("MODEL", [model("a.safetensors", image=GREY), model("b.safetensors")])
    assert "a.safetensors:" in panel.card() and "b.safetensors:" in panel.card()
    assert panel.card().count("water") == 1


def test_the_extent_of_the_map_is_one_click(project, image):
    layer = QgsRasterLayer(image, "scene")
    canvas, context = QgsMapCanvas(), QgsProcessingParameterWidgetContext()
    canvas.setDestinationCrs(layer.crs())
    canvas.setExtent(layer.extent())
    context.setMapCanvas(canvas)
    wrapper = Panel(SegmentAlgorithm, "EXTENT").wrappers["EXTENT"]
    assert wrapper.parameterValue() in (None, "")
    wrapper.setWidgetContext(context)
    wrapper.button.click()
    box, seen = wrapper.parameterValue(), canvas.extent()
    assert box.endswith("[EPSG:32632]")
    corners = [float(corner) for corner in box.split(" ")[0].split(",")]
    assert corners == pytest.approx(
        [seen.xMinimum(), seen.xMaximum(), seen.yMinimum(), seen.yMaximum()]
    )
