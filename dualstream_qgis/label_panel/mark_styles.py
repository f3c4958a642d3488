"""The looks of marks: strokes, points and polygons in the colours of their classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsRendererCategory,
    QgsSimpleLineSymbolLayer,
    QgsSymbol,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from .mark_classes import MarkClass

#: Width of strokes and diameter of points, and of the light edge around them, mm on the screen.
_WIDTH, _EDGE = 1.4, 2.0

#: Opacity of a polygon's fill, 0..255: the image below stays visible.
_FILL_ALPHA = 60


def stroke_symbol(colour: str) -> QgsSymbol:
    """Returns a line with a light edge; a point's very short line is a dot."""
    symbol = QgsLineSymbol()
    symbol.deleteSymbolLayer(0)
    for shown, width in (("#ffffff", _EDGE), (colour, _WIDTH)):
        layer = QgsSimpleLineSymbolLayer(QColor(shown), width)
        layer.setPenCapStyle(Qt.PenCapStyle.RoundCap)
        layer.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
        layer.setLocked(shown != colour)  # the symbol's colour is that of the class
        symbol.appendSymbolLayer(layer)
    return symbol


def area_symbol(colour: str) -> QgsSymbol:
    """Returns an outline with a translucent fill."""
    line = QColor(colour)
    fill = f"{line.red()},{line.green()},{line.blue()},{_FILL_ALPHA}"
    return QgsFillSymbol.createSimple(
        {"color": fill, "outline_color": line.name(), "outline_width": "0.7"}
    )


def renderer_of(
    classes: Sequence[MarkClass], field: str, symbol: Callable[[str], QgsSymbol]
) -> QgsCategorizedSymbolRenderer:
    """Returns the style of a layer of marks.

    Args:
        classes: The classes, in the order of the legend.
        field: The field with the class.
        symbol: Returns the symbol of a colour.
    """
    categories = [
        QgsRendererCategory(entry.name, symbol(entry.colour), entry.name) for entry in classes
    ]
    return QgsCategorizedSymbolRenderer(field, categories)
