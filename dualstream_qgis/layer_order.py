"""The order of a run's layers in the layer tree: what was made from an image lies above it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from qgis.core import QgsLayerTreeLayer, QgsLayerTreeNode, QgsProject
from qgis.PyQt.QtCore import QThread

#: The orders of the last runs. A model's mask may be loaded after the polygons that were made from it.
_orders: deque[Sequence[str]] = deque(maxlen=1000)


def record_order(order: Sequence[str]) -> None:
    """Keeps an order for ``restore_order``.

    Args:
        order: Sources of layers, the topmost first. The last one is never moved.
    """
    _orders.append(tuple(order))


def restore_order(project: QgsProject, source: str) -> None:
    """Moves layers up until they lie in the orders that name a layer which has just been loaded.

    QGIS adds a layer above the current one, wherever that is, and adds several in the order of their paths.
    A layer never leaves its group. Sources that no layer has are left out.

    Args:
        project: Where the layers are.
        source: The layer's source.
    """
    for order in [*_orders]:
        if normalized_path(source) in order:
            _arrange(project, order)


def normalized_path(source: str) -> str:
    """The file of a layer's source: of vectors the layer's name follows it."""
    return source.partition("|")[0]


def _arrange(project: QgsProject, order: Sequence[str]) -> None:
    if QThread.currentThread() != project.thread():
        return  # a script in a thread of its own: the layer tree is the main thread's
    present = [source for source in order if _topmost(project, source) is not None]
    for upper, lower in reversed([*zip(present, present[1:])]):
        _raise(project, upper, lower)


def _raise(project: QgsProject, upper: str, lower: str) -> None:
    """Moves the layer of one source right above that of another, if it lies below it."""
    nodes = project.layerTreeRoot().findLayers()
    node, below = _topmost(project, upper), _topmost(project, lower)
    if node is None or below is None or nodes.index(node) < nodes.index(below):
        return
    group = node.parent()
    neighbour = _ancestor_in(group, below)
    if neighbour is None:
        return
    group.insertChildNode(group.children().index(neighbour), node.clone())
    group.removeChildNode(node)


def _topmost(project: QgsProject, source: str) -> QgsLayerTreeLayer | None:
    """The first layer of the tree that has a source."""
    for node in project.layerTreeRoot().findLayers():
        if node.layer() is not None and normalized_path(node.layer().source()) == source:
            return node
    return None


def _ancestor_in(group: QgsLayerTreeNode, node: QgsLayerTreeNode) -> QgsLayerTreeNode | None:
    """The child of a group that is a node or holds it; None if it lies elsewhere."""
    current: QgsLayerTreeNode | None = node
    while current is not None and current.parent() is not group:
        current = current.parent()
    return current
