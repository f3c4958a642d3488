"""The map's tools for marks: a click is a point, a drag is a stroke, and the eraser removes what it touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

#: Distance on the screen from which on a drag is a stroke, and between its vertices, px.
_STEP = 3

#: Width of the line that is drawn while the mouse moves, px.
_WIDTH = 4

Points = list[QgsPointXY]


class DragTool(QgsMapTool):
    """Collects the places of a click or drag and hands them over when the button is released.

    Args:
        canvas: The map.
        use: Takes the places in the map's coordinates; a click has one.
        colour: Returns the colour of the line while the mouse moves.
    """

    def __init__(
        self, canvas: QgsMapCanvas, use: Callable[[Points], None], colour: Callable[[], str]
    ) -> None:
        super().__init__(canvas)
        self._canvas, self._use, self._colour = canvas, use, colour
        self._points: Points = []
        self._last: Any = None
        self._line = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.LineGeometry)
        self._line.setWidth(_WIDTH)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasPressEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._last = event.pos()
        self._points = [event.snapPoint()]
        self._line.setColor(QColor(self._colour()))

    def canvasMoveEvent(self, event: Any) -> None:
        if self._points and (event.pos() - self._last).manhattanLength() >= _STEP:
            self._last = event.pos()
            self._points.append(self.toMapCoordinates(event.pos()))
            self._line.setToGeometry(QgsGeometry.fromPolylineXY(self._points), None)

    def canvasReleaseEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._points:
            points, self._points = self._points, []
            self._line.reset(QgsWkbTypes.GeometryType.LineGeometry)
            self._use(points)

    def deactivate(self) -> None:
        """Forgets an unfinished drag."""
        self._points = []
        self._line.reset(QgsWkbTypes.GeometryType.LineGeometry)
        super().deactivate()
