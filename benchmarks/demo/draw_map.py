"""Draws the demo's picture with QGIS: the image, the air quality, and the styled mask over the image.

It needs a Python with PyQGIS, which the engine's environment lacks:
``python3 draw_map.py image.tif air.tif mask.tif "caption" map.png``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsMapLayer,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRectangle,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter

PANEL = QSize(800, 600)
GAP, TITLE, FOOT = 16, 46, 66
INK, PAPER = QColor("#22272b"), QColor("#ffffff")
#: Red, green and blue of the picture: the image's bands and the reflectance x 10000 that is white.
TRUE_COLOUR = ((3, 2600), (2, 2450), (1, 2350))
#: The band of the hour at which the image was taken, and its ramp.
NO2_BAND = 8
NO2_RAMP = ((30, "#0d1b2a"), (50, "#31446b"), (75, "#7b4b94"), (105, "#d1605e"), (150, "#fbd87f"))
OPACITY = 0.62


def image_layer(path: str) -> QgsRasterLayer:
    """The image in true colour."""
    layer = QgsRasterLayer(path, "image")
    renderer = QgsMultiBandColorRenderer(layer.dataProvider(), *(band for band, _ in TRUE_COLOUR))
    setters = (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )
    for (band, white), setter in zip(TRUE_COLOUR, setters):
        stretch = QgsContrastEnhancement(layer.dataProvider().dataType(band))
        stretch.setMinimumValue(100)
        stretch.setMaximumValue(white)
        stretch.setContrastEnhancementAlgorithm(QgsContrastEnhancement.StretchToMinimumMaximum)
        setter(stretch)
    layer.setRenderer(renderer)
    layer.brightnessFilter().setGamma(1.45)
    return layer


def air_layer(path: str) -> QgsRasterLayer:
    """One band of the air quality, without smoothing, so that its pixel size is visible."""
    layer = QgsRasterLayer(path, "air")
    ramp = QgsColorRampShader()
    ramp.setColorRampType(QgsColorRampShader.Interpolated)
    ramp.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(value, QColor(colour)) for value, colour in NO2_RAMP]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), NO2_BAND, shader))
    return layer


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
    image, air = image_layer(image_path), air_layer(air_path)
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
