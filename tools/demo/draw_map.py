"""Draws the demo's picture with QGIS: the image, the air quality, and the styled mask over the image.

It needs a Python with PyQGIS, which the engine's environment lacks:
``python3 -m tools.demo.draw_map image.tif air.tif mask.tif "caption" map.png``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter

from dualstream_qgis.sample_styles import show_air, show_image

PANEL = QSize(800, 600)
GAP, TITLE, FOOT = 16, 46, 66
INK, PAPER = QColor("#22272b"), QColor("#ffffff")
OPACITY = 0.62


def mask_layer(path: str) -> tuple[QgsRasterLayer, list[tuple[str, QColor]]]:
    """The mask in the style of its .qml file, with a transparent first class, and its legend."""
    layer = QgsRasterLayer(path, "mask")
    style = Path(path).with_suffix(".qml")
    _, loaded = layer.loadNamedStyle(str(style))
    renderer = layer.renderer()
    if not loaded or not isinstance(renderer, QgsPalettedRasterRenderer):
        raise SystemExit(f"{style} does not style the mask with a paletted renderer.")
    classes = renderer.classes()
    legend = [(entry.label, QColor(entry.color)) for entry in classes]
    background = QColor(classes[0].color)
    background.setAlpha(0)
    classes[0].color = background
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), renderer.band(), classes))
    layer.setOpacity(OPACITY)
    return layer, legend[1:]


def render(layers: list[QgsMapLayer], extent: QgsRectangle, crs: object) -> QImage:
    """Draws layers, given from top to bottom."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(crs)
    settings.setExtent(extent)
    settings.setOutputSize(PANEL)
    settings.setBackgroundColor(PAPER)
    picture = QImage(PANEL, QImage.Format_RGB32)
    picture.fill(PAPER)
    painter = QPainter(picture)
    job = QgsMapRendererCustomPainterJob(settings, painter)
    job.renderSynchronously()
    painter.end()
    return picture


def compose(
    panels: list[tuple[str, QImage]], legend: list[tuple[str, QColor]], caption: str
) -> QImage:
    """Puts the panels side by side under their titles, with legend and caption below."""
    width = GAP + len(panels) * (PANEL.width() + GAP)
    sheet = QImage(width, TITLE + PANEL.height() + FOOT, QImage.Format_RGB32)
    sheet.fill(PAPER)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(INK)
    painter.setFont(_font(20, bold=True))
    for index, (title, picture) in enumerate(panels):
        left = GAP + index * (PANEL.width() + GAP)
        painter.drawText(QRectF(left, 0, PANEL.width(), TITLE), Qt.AlignVCenter, title)
        painter.drawImage(left, TITLE, picture)
    top = TITLE + PANEL.height()
    _draw_legend(painter, legend, GAP + (len(panels) - 1) * (PANEL.width() + GAP), top)
    painter.setFont(_font(18))
    painter.drawText(QRectF(GAP, top, width / 2, FOOT), Qt.AlignVCenter, caption)
    painter.end()
    return sheet


def _draw_legend(
    painter: QPainter, legend: list[tuple[str, QColor]], left: float, top: float
) -> None:
    painter.setFont(_font(18))
    for name, colour in legend:
        box = QRectF(left, top + FOOT / 2 - 11, 34, 22)
        painter.fillRect(box, colour)
        painter.drawRect(box)
        painter.drawText(QRectF(left + 44, top, 200, FOOT), Qt.AlignVCenter, name)
        left += 62 + painter.fontMetrics().boundingRect(name).width()


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont("DejaVu Sans")
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def main() -> None:
    """Draws the map that the command line asks for."""
    image_path, air_path, mask_path, caption, output = sys.argv[1:]
    application = QgsApplication([], False)
    application.initQgis()
    image, air = QgsRasterLayer(image_path, "image"), QgsRasterLayer(air_path, "air")
    show_image(image)
    show_air(air)
    mask, legend = mask_layer(mask_path)
    extent, crs = image.extent(), image.crs()
    panels = [
        ("The image: 4 bands, 10 m", render([image], extent, crs)),
        ("The air quality: 48 bands, 110 m (here NO2)", render([air], extent, crs)),
        ("The mask that DualStream made of both", render([mask, image], extent, crs)),
    ]
    if not compose(panels, legend, caption).save(output):
        raise SystemExit(f"The picture {output} cannot be written.")
    del image, air, mask
    application.exitQgis()


if __name__ == "__main__":
    main()
