"""Chooses the layers that a new dialog shows for labels and masks; QGIS chooses the first of all names."""

from __future__ import annotations

import re
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsMapLayer,
    QgsMapLayerModel,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtWidgets import QComboBox

from ..algorithms.layer_facts import is_own_mask
from ..styling import SUBJECT

#: Words in the names of layers and fields that hold known classes.
_LABEL_WORDS = re.compile(
    r"(?<![a-z])(label|class|category|annotation|ground.?truth|truth|land.?cover)|라벨|레이블|클래스|정답|분류",
    re.IGNORECASE,
)


def preset_labels(parameter: Any, mask: QgsMapLayer | None = None) -> None:
    """Shows the layer that looks most like labels, or none.

    Labels on the mask come before others, then those that the map shows, whose name says it, and polygons.

    Args:
        parameter: QGIS's widget of the labels.
        mask: The mask that is compared with the labels.
    """
    found = [one for one in _offered(parameter) if _looks_like_labels(one) and one is not mask]
    found.sort(
        key=lambda one: (
            not _overlap(one, mask),
            not _is_ticked(one),
            not _has_label_name(one),
            not _is_polygons(one),
            # Roads and places may have a class, and are seldom labels.
            not isinstance(one, QgsRasterLayer),
        )
    )
    _show(parameter, found)


def preset_mask(parameter: Any) -> None:
    """Shows the first mask of DualStream, else a raster in the style of classes, or none."""
    found = [one for one in _offered(parameter) if is_own_mask(one) or _is_class_raster(one)]
    _show(parameter, sorted(found, key=lambda one: not is_own_mask(one)))


def class_field_of(names: list[str]) -> str:
    """Returns the first field whose whole name says that it is the class, "" if there is none."""
    return next((name for name in names if _LABEL_WORDS.fullmatch(name)), "")


def _offered(parameter: Any) -> list[QgsMapLayer]:
    """Returns the project's layers that a widget lists, in its order."""
    box, layers = _box(parameter), QgsProject.instance().mapLayers()
    ids = [box.itemData(index, QgsMapLayerModel.LayerIdRole) for index in range(box.count())]
    return [layers[key] for key in ids if key in layers]


def _looks_like_labels(layer: QgsMapLayer) -> bool:
    """Returns whether the name, a field or the style says that a layer holds classes; no result of DualStream does."""
    if is_own_mask(layer) or layer.customProperty(SUBJECT):
        return False
    if _has_label_name(layer):
        return True
    if isinstance(layer, QgsVectorLayer):
        return any(_LABEL_WORDS.search(field.name()) for field in layer.fields())
    return _is_class_raster(layer)


def _is_polygons(layer: QgsMapLayer) -> bool:
    """Returns whether a layer holds polygons."""
    is_vector = isinstance(layer, QgsVectorLayer)
    return is_vector and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry


def _is_class_raster(layer: QgsMapLayer) -> bool:
    """Returns whether the style of a raster shows classes."""
    is_raster = isinstance(layer, QgsRasterLayer) and layer.isValid()
    return is_raster and layer.renderer().type() == "paletted"


def _is_ticked(layer: QgsMapLayer) -> bool:
    """Returns whether a layer is ticked in the layer tree."""
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    return node is not None and bool(node.itemVisibilityChecked())


def _has_label_name(layer: QgsMapLayer) -> bool:
    return bool(_LABEL_WORDS.search(layer.name()))


def _overlap(layer: QgsMapLayer, mask: QgsMapLayer | None) -> bool:
    """Returns whether a layer lies on a mask; True if there is no mask."""
    if mask is None:
        return True
    to_mask = QgsCoordinateTransform(layer.crs(), mask.crs(), QgsProject.instance())
    try:
        return bool(to_mask.transformBoundingBox(layer.extent()).intersects(mask.extent()))
    except QgsCsException:  # too far from where the mask's coordinate system is defined
        return False


def _show(parameter: Any, layers: list[QgsMapLayer]) -> None:
    """Shows the first of some layers, or none."""
    if layers:
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())  # without it the list would show the id
        parameter.setParameterValue(layers[0].id(), context)
    else:  # QGIS's widget takes no value for none
        _box(parameter).setCurrentIndex(-1)


def _box(parameter: Any) -> QComboBox:
    """Returns the list of layers in QGIS's widget."""
    return parameter.wrappedWidget().findChild(QComboBox)
