"""The looks of the sample scenes' layers."""

from __future__ import annotations

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMultiBandColorRenderer,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from .compat import INTERPOLATED, STRETCH
from .engine.contract.class_table import palette_colour
from .i18n import tr, tr_noop

#: Red, green and blue of the picture: the image's bands and the reflectance x 10000 that is white.
_TRUE_COLOUR = ((3, 2600), (2, 2450), (1, 2350))
_GAMMA = 1.45
#: The band of the hour at which the image was taken, and its ramp in umol/m2.
_NO2_BAND = 8
_NO2_RAMP = ((30, "#0d1b2a"), (50, "#31446b"), (75, "#7b4b94"), (105, "#d1605e"), (150, "#fbd87f"))
#: The classes in the order in which a training numbers them, so that labels and masks have the same colours.
_CLASSES = (tr_noop("mist"), tr_noop("smoke"))


def show_image(layer: QgsRasterLayer) -> None:
    """Shows the image in true colour."""
    provider = layer.dataProvider()
    renderer = QgsMultiBandColorRenderer(provider, *(band for band, _ in _TRUE_COLOUR))
    setters = (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )
    for (band, white), setter in zip(_TRUE_COLOUR, setters):
        stretch = QgsContrastEnhancement(provider.dataType(band))
        stretch.setMinimumValue(100)
        stretch.setMaximumValue(white)
        stretch.setContrastEnhancementAlgorithm(STRETCH)
        setter(stretch)
    layer.setRenderer(renderer)
    layer.brightnessFilter().setGamma(_GAMMA)
    layer.triggerRepaint()


def show_air(layer: QgsRasterLayer) -> None:
    """Shows one band of the air quality, without smoothing, so that its pixel size is visible."""
    low, high = _NO2_RAMP[0][0], _NO2_RAMP[-1][0]
    ramp = QgsColorRampShader(low, high)
    ramp.setColorRampType(INTERPOLATED)
    ramp.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(value, QColor(colour), f"{value} µmol/m²")
            for value, colour in _NO2_RAMP
        ]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), _NO2_BAND, shader)
    renderer.setClassificationMin(low)
    renderer.setClassificationMax(high)
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def show_labels(layer: QgsVectorLayer) -> None:
    """Shows the polygons in the colours that their classes will have in a mask."""
    categories = []
    for number, name in enumerate(_CLASSES, 1):
        line = QColor(palette_colour(number))
        red, green, blue = line.red(), line.green(), line.blue()
        symbol = QgsFillSymbol.createSimple(
            {
                "color": f"{red},{green},{blue},70",
                "outline_color": line.name(),
                "outline_width": "0.5",
            }
        )
        categories.append(QgsRendererCategory(name, symbol, _legend(name)))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    layer.triggerRepaint()


def _legend(name: str) -> str:
    """Returns a class as attributes, masks and reports have it, with its translation."""
    translated = tr(name)
    return name if translated == name else f"{name} ({translated})"
