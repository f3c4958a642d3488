"""A layer of a web service (XYZ, WMTS, WMS, ArcGIS REST) as image: which picture of it a run needs.

The engine reads files. Before the engine starts, ``web_picture.py`` therefore fetches the layer's picture of EXTENT (a
training has none: of the land around its labels) and writes it as a GeoTIFF. Its pixels are those of the layer's own
zoom level that is nearest to the model's ground resolution.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qgis.core import (
    QgsCoordinateTransform,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsRectangle,
)

from .. import compat
from ..engine.contract.errors import EngineError
from ..i18n import tr
from . import layer_facts, model_checks
from .parameter_factories import AUTOMATIC_NUMBER, with_help
from .parameter_values import destination_path, file_paths, is_given
from .web_picture import Grid, WebPicture

#: The most pixels of a picture: some 800 tiles of 256 px, which most services allow.
MAX_PIXELS = 50_000_000

#: The parameter of the ground resolution.
RESOLUTION = "WEB_RESOLUTION"

#: How much larger than the labels the picture of a training is.
_AROUND_LABELS = 1.1

#: A part of a pixel by which an extent may be rounded.
_ROUNDING = 1e-3


def resolution() -> QgsProcessingParameterDefinition:
    """Returns the parameter for the ground resolution of pictures of web maps."""
    definition = QgsProcessingParameterNumber(
        RESOLUTION,
        tr("Ground resolution of a web map (m per pixel)"),
        compat.DOUBLE,
        None,
        True,
        1e-3,
    )
    definition.setMetadata({AUTOMATIC_NUMBER: 0, "widget_wrapper": {"decimals": 3}})
    return with_help(
        definition,
        tr(
            "Only for an image that is a layer of a web service: its picture is fetched at the layer's zoom level "
            "nearest to this. Not set: the model's ground resolution. A training fetches the land around its labels."
        ),
        advanced=True,
    )


def is_taken(algorithm: QgsProcessingAlgorithm, name: str, layer: Any) -> bool:
    """Returns whether a parameter of an algorithm takes a layer as a web map."""
    is_offered = algorithm.parameterDefinition(RESOLUTION) is not None
    return name == "IMAGE" and is_offered and layer_facts.is_web_map(layer)


def flaw(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    layer: QgsRasterLayer,
    context: QgsProcessingContext,
) -> str:
    """Returns why the picture of a web map cannot be fetched, "" if it can."""
    extent = _extent(algorithm, parameters, layer, context)
    if extent is None and not algorithm.parameterDefinition("EXTENT"):
        return ""  # a training without labels, which is refused for that
    if extent is None:
        return tr(
            "The layer {} is a map of the web ({}): choose under Extent the part to fetch. The button Map view takes "
            "what the map shows."
        ).format(layer.name(), host(layer))
    if extent.isEmpty() or not extent.intersects(layer.extent()):
        return tr("The extent lies outside of {}: choose a part of the image.").format(layer.name())
    if not layer_facts.ground_of_unit(layer, extent.center()):
        return tr("The layer {} has no coordinate system: set the right one first.").format(
            layer.name()
        )
    if not _ground(parameters, context):
        return tr(
            "The layer {} is a map of the web, and nothing says how fine the picture of it should be: give the ground "
            "resolution of the web map (WEB_RESOLUTION, under Advanced) in m per pixel, such as 0.3 for houses or 10 "
            "for fields."
        ).format(layer.name())
    grid = _grid(algorithm, parameters, layer, context)
    pixels = grid.columns * grid.rows
    if pixels > MAX_PIXELS:
        return tr(
            "The picture of {} would have {:,} x {:,} px ({:,.0f} million pixels), and at most {:,.0f} million are fetched "
            "from a web service: choose a smaller extent, or a coarser resolution (WEB_RESOLUTION, under Advanced)."
        ).format(layer.name(), grid.columns, grid.rows, pixels / 1e6, MAX_PIXELS / 1e6)
    return ""


def picture(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    layer: QgsRasterLayer,
    context: QgsProcessingContext,
) -> WebPicture:
    """Returns the picture of a web map, for which there is no ``flaw``, in the output's folder; it is not fetched yet.

    The main thread must call it. The same part of the same layer has the same file, so it is fetched once.
    """
    grid = _grid(algorithm, parameters, layer, context)
    identity = f"{layer.providerType()} {layer.source()} {grid}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:8]
    name = "".join(letter if letter.isalnum() else "-" for letter in layer.name())[:40]
    output = destination_path(parameters.get("OUTPUT"))
    folder = Path(output).absolute().parent if output else Path(QgsProcessingUtils.tempFolder())
    return WebPicture(
        provider=layer.dataProvider().clone(),
        name=layer.name(),
        host=host(layer),
        grid=grid,
        path=str(folder / f"{name}-{key}.tif"),
    )


def host(layer: QgsRasterLayer) -> str:
    """Returns the server of a web map, without what may be secret in its address."""
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    return urlsplit(str(parts.get("url", ""))).hostname or layer.providerType()


def _extent(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    layer: QgsRasterLayer,
    context: QgsProcessingContext,
) -> QgsRectangle | None:
    """Returns EXTENT in the layer's coordinates, for a training the land around its labels; None: it is not given."""
    crs = layer_facts.file_crs(layer)
    has_extent = algorithm.parameterDefinition("EXTENT") is not None
    names = ("EXTENT",) if has_extent else ("AREA", "LABELS")
    name = next((name for name in names if is_given(parameters, name)), "")
    if name in ("", "EXTENT"):
        return algorithm.parameterAsExtent(parameters, name, context, crs) if name else None
    source = getattr(parameters[name], "source", parameters[name])
    labels = algorithm.parameterAsLayer({name: source}, name, context)
    if labels is None:
        return None
    transform = QgsCoordinateTransform(labels.crs(), crs, context.transformContext())
    found = transform.transformBoundingBox(labels.extent())
    found.scale(_AROUND_LABELS)
    return found


def _ground(parameters: dict[str, Any], context: QgsProcessingContext) -> float:
    """Returns the wanted ground resolution, m per pixel: the given one, else the finest of the models'; 0: unknown."""
    if is_given(parameters, RESOLUTION) and float(parameters[RESOLUTION]) > 0:
        return float(parameters[RESOLUTION])
    models = [
        *file_paths(parameters.get("MODEL"), context),
        *file_paths(parameters.get("START"), context),
    ]
    try:
        grounds = [card.image.ground for card in model_checks.read_cards(models).values()]
    except EngineError:  # the check of the models says it
        return 0.0
    return min(filter(None, grounds), default=0.0)


def _grid(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    layer: QgsRasterLayer,
    context: QgsProcessingContext,
) -> Grid:
    """Returns the pixels of the picture: whole pixels of the layer's zoom level that cover the extent."""
    extent = _extent(algorithm, parameters, layer, context) or QgsRectangle()
    extent = extent.intersect(layer.extent())
    wanted = _ground(parameters, context) / layer_facts.ground_of_unit(layer, extent.center())
    levels = layer.dataProvider().nativeResolutions()
    size = min(levels, key=lambda level: abs(math.log(level / wanted)), default=wanted)
    left, top = layer.extent().xMinimum(), layer.extent().yMaximum()
    column = math.floor((extent.xMinimum() - left) / size + _ROUNDING)
    row = math.floor((top - extent.yMaximum()) / size + _ROUNDING)
    return Grid(
        crs=layer_facts.file_crs(layer),
        left=left,
        top=top,
        size=size,
        column=column,
        row=row,
        columns=max(1, math.ceil((extent.xMaximum() - left) / size - _ROUNDING) - column),
        rows=max(1, math.ceil((top - extent.yMinimum()) / size - _ROUNDING) - row),
    )
