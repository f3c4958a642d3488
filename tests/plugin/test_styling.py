from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract import class_table
from osgeo import gdal
from qgis.core import QgsProcessingContext, QgsRasterLayer, QgsSettings

from dualstream_qgis import settings, styling

pytestmark = pytest.mark.usefixtures("qgis_app")

TABLE = class_table.class_table({1: "Land", 2: "Water", 300: "Smoke & steam"}, {2: "#0000ff"})


@pytest.fixture
def layer(tmp_path):
    path = str(tmp_path / "mask.tif")
    raster = gdal.GetDriverByName("GTiff").Create(path, 4, 4, 1, gdal.GDT_UInt16)
    raster.GetRasterBand(1).Fill(2)
    raster = None
    return QgsRasterLayer(path, "mask")


def test_the_renderer_has_exactly_the_models_classes(layer):
    styling.show_classes(layer, TABLE)
    shown = [(c.value, c.label, c.color.name()) for c in layer.renderer().classes()]
    assert shown == [(e.value, e.name, e.colour) for e in TABLE]
    assert layer.renderer().type() == "paletted"
    assert [label for label, _ in layer.renderer().legendSymbologyItems()] == [
        "Land",
        "Water",
        "Smoke & steam",
    ]


def test_confidence_is_a_ramp_from_0_to_100_percent(layer):
    styling.show_percent(layer)
    renderer = layer.renderer()
    assert (renderer.classificationMin(), renderer.classificationMax()) == (0, 100)
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    assert [(item.value, item.label) for item in items] == [
        (value, f"{value:.0f} %") for value, _ in styling.PERCENT_RAMP
    ]
    assert items[0].color.name() == "#440154"


def test_outputs_that_are_not_loaded_are_ignored():
    context = QgsProcessingContext()
    styling.style_on_load(context, "/nowhere.tif", "x", styling.show_percent)
    styling.style_on_load(context, "", "x", styling.show_percent)
    assert not context.layersToLoadOnCompletion()


def test_settings_have_defaults_and_keep_values():
    setting = settings.TextSetting("DUALSTREAM_TEST", "Test", "default")
    QgsSettings().remove("Processing/Configuration/DUALSTREAM_TEST")
    assert setting.get() == "default"
    setting.set("  /a/b ")
    assert setting.get() == "/a/b"
    setting.set("")
    assert setting.get() == ""
    assert settings.old_environment_folder().parts[-2:] == ("dualstream", "engine")
    assert settings.engine_home_folder().name == "dualstream"
