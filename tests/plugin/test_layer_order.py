"""Results are moved above the layers they were made from, and no other layer moves."""

from __future__ import annotations

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from qgis.core import QgsProject, QgsVectorLayer

from dualstream_qgis import layer_order

pytestmark = pytest.mark.usefixtures("qgis_app")


@pytest.fixture
def project():
    made = QgsProject()
    yield made
    made.clear()


def add(project, group, *names):
    """Layers of these names and sources, from top to bottom."""
    for name in names:
        layer = QgsVectorLayer("Polygon", name, "memory")
        layer.setDataSource(name, name, "ogr")
        project.addMapLayer(layer, False)
        group.addLayer(layer)


def order(project):
    return [node.name() for node in project.layerTreeRoot().findLayers()]


def put_in_order(project, *names):
    """Records the order and restores it for the first layer."""
    layer_order.record_order(names)
    layer_order.restore_order(project, names[0])


@pytest.fixture(autouse=True)
def no_orders(monkeypatch):
    """Removes the orders of other tests."""
    monkeypatch.setattr(layer_order, "_orders", [])


def test_a_mask_that_is_loaded_after_its_polygons_is_below_them(project):
    add(project, project.layerTreeRoot(), "mask", "polygons", "image")
    layer_order.record_order(["mask", "image"])
    layer_order.record_order(["polygons", "mask"])
    layer_order.restore_order(project, "mask")
    assert order(project) == ["polygons", "mask", "image"]
    add(project, project.layerTreeRoot(), "other")
    layer_order.restore_order(project, "other")
    assert order(project) == ["polygons", "mask", "image", "other"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("other image mask confidence", "other mask confidence image"),
        ("confidence other mask image", "mask confidence other image"),
        ("mask other confidence image", "mask other confidence image"),
        ("image other mask", "mask image other"),
        ("mask other", "mask other"),
    ],
)
def test_layers_move_up_only_as_far_as_necessary(project, before, after):
    add(project, project.layerTreeRoot(), *before.split())
    put_in_order(project, "mask", "confidence", "image")
    assert order(project) == after.split()


def test_the_layer_name_in_a_source_is_ignored(project):
    add(project, project.layerTreeRoot(), "image", "p.gpkg|layername=p")
    put_in_order(project, "p.gpkg", "image")
    assert order(project) == ["p.gpkg|layername=p", "image"]


def test_above_an_image_in_a_group_means_above_the_group(project):
    root = project.layerTreeRoot()
    add(project, root, "first")
    group = root.addGroup("images")
    add(project, group, "over", "image")
    add(project, root, "mask")
    put_in_order(project, "mask", "image")
    assert order(project) == ["first", "mask", "over", "image"]
    assert [node.name() for node in root.children()] == ["first", "mask", "images"]


def test_a_result_stays_in_its_group(project):
    root = project.layerTreeRoot()
    add(project, root, "image")
    add(project, root.addGroup("results"), "mask")
    put_in_order(project, "mask", "image")
    assert order(project) == ["image", "mask"]
