"""Moves result layers above the layers they were made from, such as a mask above its image, and opens their legends."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from qgis.core import QgsLayerTreeLayer, QgsLayerTreeNode, QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QThread

#: The orders of the last runs: QGIS may load a model's mask after the polygons that were made from it.
_orders: deque[Sequence[str]] = deque(maxlen=1000)


def record_order(order: Sequence[str]) -> None:
    """Stores an order for ``restore_order``.

    Args:
        order: Sources of layers, the topmost first. The last layer is never moved.
    """
    _orders.append(tuple(order))


def restore_order(project: QgsProject, source: str) -> None:
    """Moves layers up until they are in every stored order that contains a newly loaded layer.

    This is needed because QGIS adds a layer above the current one, and several in the order of their paths. A
    layer stays in its group. Sources without a layer are ignored.

    Args:
        project: The project of the layers.
        source: Source of the layer that has just been loaded.
    """
    if not _may_change(project):
        return
    for order in [*_orders]:
        if _file_of(source) in order:
            present = [one for one in order if _topmost(project, one) is not None]
            for upper, lower in reversed([*zip(present, present[1:])]):
                _move_above(project, upper, lower)


def expand_legend(layer: QgsMapLayer) -> None:
    """Expands a layer's legend in the layer tree, if it is there; QGIS loads rasters with collapsed legends.

    Args:
        layer: The layer that has just been loaded.
    """
    project = layer.project()
    node = project.layerTreeRoot().findLayer(layer.id()) if project is not None else None
    if node is not None and _may_change(project):
        node.setExpanded(True)


def _may_change(project: QgsProject) -> bool:
    """Returns whether this is not a script in another thread: only the main thread may change the layer tree."""
    return bool(QThread.currentThread() == project.thread())


def _file_of(source: str) -> str:
    """Returns the file of a layer's source, without the layer name that follows it in vector sources."""
    return source.partition("|")[0]


def _move_above(project: QgsProject, upper: str, lower: str) -> None:
    """Moves one source's layer directly above another's, if it is below it."""
    nodes = project.layerTreeRoot().findLayers()
    node, below = _topmost(project, upper), _topmost(project, lower)
    if node is None or below is None or nodes.index(node) < nodes.index(below):
        return
    group = node.parent()
    neighbour = _child_with(group, below)
    if neighbour is None:
        return
    group.insertChildNode(group.children().index(neighbour), node.clone())
    group.removeChildNode(node)


def _topmost(project: QgsProject, source: str) -> QgsLayerTreeLayer | None:
    """Returns the topmost layer with a source, or None."""
    for node in project.layerTreeRoot().findLayers():
        if node.layer() is not None and _file_of(node.layer().source()) == source:
            return node
    return None


def _child_with(group: QgsLayerTreeNode, node: QgsLayerTreeNode) -> QgsLayerTreeNode | None:
    """Returns the child of a group that is the node or contains it; None if the node is in another group."""
    current: QgsLayerTreeNode | None = node
    while current is not None and current.parent() is not group:
        current = current.parent()
    return current
