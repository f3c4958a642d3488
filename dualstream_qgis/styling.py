"""Names and styles result layers when Processing loads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsColorRampLegendNodeSettings,
    QgsColorRampShader,
    QgsGradientColorRamp,
    QgsGradientStop,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingLayerPostProcessorInterface,
    QgsProcessingUtils,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from . import layer_order
from .compat import INTERPOLATED
from .engine.contract.class_table import ClassEntry, ClassTable
from .engine.contract.map_styles import PERCENT_RAMP, footprint_style, suggestion_style

Style = Callable[[Any], None]

#: Property of a result's layer: what it is a result of, such as "Unseen image (my-model)".
SUBJECT = "dualstream/subject"

#: Post-processors by path. QGIS does not own them and silently skips those that Python has deleted, which happens
#: to local variables and attributes of the algorithm.
_post_processors: dict[str, StylePostProcessor] = {}


class StylePostProcessor(QgsProcessingLayerPostProcessorInterface):
    """Styles a layer after Processing has loaded it, and moves it to its position in the layer tree.

    Args:
        style: Function that styles the layer.
        subject: What the layer is a result of.
    """

    def __init__(self, style: Style, subject: str = "") -> None:
        super().__init__()
        self._style, self._subject = style, subject

    def postProcessLayer(self, layer: Any, context: Any, feedback: Any) -> None:
        """Styles the layer; Processing calls this in the main thread."""
        if isinstance(layer, (QgsRasterLayer, QgsVectorLayer)) and layer.isValid():
            layer_order.expand_legend(layer)
            self._style(layer)
            if self._subject:
                layer.setCustomProperty(SUBJECT, self._subject)
            if layer.project() is not None:
                layer.setName(_distinct_name(layer))
                layer_order.restore_order(layer.project(), layer.source())


def style_on_load(
    context: QgsProcessingContext,
    path: str,
    name: str,
    style: Style,
    order: Sequence[str] = (),
    subject: str = "",
) -> None:
    """Sets name and style for a layer that Processing is going to load; does nothing for other files.

    Args:
        context: The algorithm's context.
        path: An output of the algorithm.
        name: The layer's name, unless the user or a model has named it, or the user prefers file names.
        style: Function that styles the layer.
        order: Sources of layers in the order of the layer tree, the topmost first.
        subject: What the layer is a result of; results of this layer are named after it.
    """
    if not path or not context.willLoadLayerOnCompletion(path):
        return
    layer_order.record_order(order)
    _post_processors[path] = StylePostProcessor(style, subject)
    details = context.layerToLoadOnCompletionDetails(path)
    details.name = details.name or name
    details.setPostProcessor(_post_processors[path])


def load_layer(
    context: QgsProcessingContext,
    path: str,
    name: str,
    output: str,
    style: Style,
    order: Sequence[str] = (),
) -> None:
    """Makes Processing load and style a file that is not a destination parameter, if there is a project.

    Args:
        context: The algorithm's context.
        path: The file, a GeoPackage or a raster.
        name: The layer's name, also if the user prefers file names, because the user has not named this file.
        output: Name of the algorithm's output.
        style: Function that styles the layer.
        order: As for ``style_on_load``.
    """
    if context.project() is None:
        return
    hint = QgsProcessingUtils.LayerHint
    # Without a hint QGIS takes the file for vectors first, and logs that it cannot open a raster so.
    kind = hint.Vector if path.endswith(".gpkg") else hint.Raster
    details = QgsProcessingContext.LayerDetails(name, context.project(), output, kind)
    details.forceName = True
    context.addLayerToLoadOnCompletion(path, details)
    style_on_load(context, path, name, style, order)


def show_classes(layer: QgsRasterLayer, table: ClassTable) -> None:
    """Shows the classes of a mask with their names and colours; the background is transparent."""
    entries = [
        QgsPalettedRasterRenderer.Class(entry.value, _colour(entry), entry.name) for entry in table
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, entries))
    layer.triggerRepaint()


def show_polygons(layer: QgsVectorLayer, table: ClassTable) -> None:
    """Shows polygons in the classes' colours, with the same style as in their file."""
    _import_style(layer, footprint_style(table))


def show_suggestions(layer: QgsVectorLayer, shape: str) -> None:
    """Shows suggested squares or points by their reasons and ranks, with the same style as in their file."""
    _import_style(layer, suggestion_style(shape))


def _import_style(layer: QgsVectorLayer, qml: str) -> None:
    document = QDomDocument()
    document.setContent(qml)
    layer.importNamedStyle(document)
    layer.triggerRepaint()


def show_percent(layer: QgsRasterLayer) -> None:
    """Shows values of 0 to 100 percent, from dark violet to yellow."""
    low, high = PERCENT_RAMP[0], PERCENT_RAMP[-1]
    stops = [QgsGradientStop(value / high[0], QColor(c)) for value, c in PERCENT_RAMP[1:-1]]
    ramp = QgsGradientColorRamp(QColor(low[1]), QColor(high[1]), False, stops)
    function = QgsColorRampShader(low[0], high[0], ramp, INTERPOLATED)
    function.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(value, QColor(colour), f"{value:.0f} %")
            for value, colour in PERCENT_RAMP
        ]
    )
    legend = QgsColorRampLegendNodeSettings()
    legend.setSuffix(" %")
    function.setLegendSettings(legend)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(low[0])
    renderer.setClassificationMax(high[0])
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def _distinct_name(layer: QgsMapLayer) -> str:
    """Returns the name of a layer; if the project has another layer of that name, with the name of its file, or a number
    where QGIS has chosen the file.
    """
    name, taken = layer.name(), [each.name() for each in layer.project().mapLayers().values()]
    if taken.count(name) < 2:
        return name
    file = Path(layer.source().partition("|")[0])
    if Path(QgsProcessingUtils.tempFolder()) not in file.parents:
        name = f"{name}: {file.stem}"
    numbered = (f"{name} {number}" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _colour(entry: ClassEntry) -> QColor:
    colour = QColor(entry.colour)
    colour.setAlpha(entry.alpha)
    return colour
