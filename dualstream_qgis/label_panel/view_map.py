"""Shows the map of the view over the image: its classes with an opacity, and hatching where it is unsure.

It is drawn by the map's window and not a layer of the project, so that nothing temporary is saved with the project.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsColorRampShader,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRectangle,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QBrush, QColor, QImage, QPainter

from ..compat import DISCRETE
from ..engine.contract.class_table import ClassTable
from ..styling import show_classes

#: Confidence below which the map is hatched, %.
UNSURE = 60.0


class ViewMap(QgsMapCanvasItem):
    """The map of the view on the canvas; it moves with the map until the next one comes.

    Args:
        canvas: The map.
    """

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._image: QImage | None = None
        self._place = QgsRectangle()
        self._opacity = 0.6
        self._marks = QImage()
        # QGIS renders them in other threads.
        self._rasters: list[QgsRasterLayer] = []
        self._jobs: list[QgsMapRendererParallelJob] = []

    def show_map(
        self, mask: str, confidence: str, table: ClassTable, marks: Sequence[QgsMapLayer]
    ) -> None:
        """Draws a map as soon as QGIS has rendered it, which it does in other threads.

        Args:
            mask: The class raster.
            confidence: The raster of confidence in percent.
            table: The classes with their colours.
            marks: The layers of marks, which stay visible above the map; the topmost first.
        """
        classes, sure = QgsRasterLayer(mask, "mask"), QgsRasterLayer(confidence, "confidence")
        if not (classes.isValid() and sure.isValid()):
            return
        show_classes(classes, table)
        _show_unsure(sure)
        self._rasters = [classes, sure]
        for job in self._jobs:
            job.cancelWithoutBlocking()
        groups: list[list[QgsMapLayer]] = [[classes], [sure], [*marks]]
        self._jobs = [QgsMapRendererParallelJob(self._settings(group)) for group in groups]
        jobs = self._jobs
        for job in jobs:
            job.finished.connect(lambda: self._finish(jobs))
        for job in jobs:
            job.start()

    def clear(self) -> None:
        """Removes the map."""
        for job in self._jobs:
            job.cancel()
        self._image, self._jobs, self._rasters = None, [], []
        self.update()

    def set_opacity(self, percent: int) -> None:
        """Sets the opacity of the map."""
        self._opacity = percent / 100
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Draws the map."""
        if self._image is not None:
            painter.setOpacity(self._opacity)
            painter.drawImage(self.boundingRect(), self._image)
            painter.setOpacity(1)
            painter.drawImage(self.boundingRect(), self._marks)

    def updatePosition(self) -> None:
        """Moves the map with the canvas."""
        if self._image is not None:
            self.setRect(self._place)

    def _settings(self, layers: Sequence[QgsMapLayer]) -> QgsMapSettings:
        """Returns the canvas's settings for some layers on a transparent ground."""
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers(layers)
        settings.setBackgroundColor(QColor(0, 0, 0, 0))
        settings.setRotation(0)
        return settings

    def _finish(self, jobs: list[QgsMapRendererParallelJob]) -> None:
        """Takes the pictures when all jobs of the newest map have ended."""
        if jobs is not self._jobs or any(job.isActive() for job in jobs):
            return
        picture, unsure, self._marks = (job.renderedImage() for job in jobs)
        self._place = jobs[0].mapSettings().visibleExtent()
        self._image = _hatched(picture, unsure)
        self._jobs = []
        self.setRect(self._place)
        self.update()


def _hatched(picture: QImage, unsure: QImage) -> QImage:
    """Returns a picture with lines where another one is opaque."""
    lines = QImage(picture.size(), QImage.Format.Format_ARGB32_Premultiplied)
    lines.fill(Qt.GlobalColor.transparent)
    painter = QPainter(lines)
    painter.fillRect(lines.rect(), QBrush(QColor("#202020"), Qt.BrushStyle.BDiagPattern))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, unsure)
    painter.end()
    painter = QPainter(picture)
    painter.drawImage(0, 0, lines)
    painter.end()
    return picture


def _show_unsure(layer: QgsRasterLayer) -> None:
    """Shows a raster of percent as opaque where it is low, and not at all elsewhere."""
    ramp = QgsColorRampShader(0, 100)
    ramp.setColorRampType(DISCRETE)
    ramp.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(UNSURE, QColor("#000000")),
            QgsColorRampShader.ColorRampItem(float("inf"), QColor(0, 0, 0, 0)),
        ]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))
