"""Turns layers into file paths that the engine can open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProperty,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..engine.contract.scene import rasters_by_stem
from ..i18n import tr
from ..styling import SUBJECT
from . import web_map
from .parameter_factories import LIST_OF
from .parameter_values import is_folder, is_given

#: Vector formats that the engine reads; QGIS exports other layers to a temporary GeoPackage.
VECTOR_FORMATS = ("gpkg", "geojson", "json", "shp", "fgb")

#: Types of the parameters for layers.
_LAYER_TYPES = ("raster", "multilayer", "layer", "source")

#: Options that QGIS appends to a raster's path for its own GDAL.
_OPEN_OPTIONS = re.compile(r"\|(option:|authcfg=|credential:).*$")


def items_of(parameters: dict[str, Any], name: str) -> list[Any]:
    """Returns the items of a parameter with one layer or several, none if it is not given."""
    if not is_given(parameters, name):
        return []
    value = parameters[name]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def raster_path(
    algorithm: QgsProcessingAlgorithm, value: Any, name: str, context: QgsProcessingContext
) -> str:
    """Returns the path of a raster, which is given as a layer, its id or a path.

    Raises:
        QgsProcessingException: If it is not a raster file.
    """
    layer = algorithm.parameterAsRasterLayer({name: value}, name, context)
    return _raster_source(layer) if layer is not None else _existing_file(algorithm, value, name)


def layer_name(value: Any, context: QgsProcessingContext) -> str:
    """Returns the name of a layer in the project, which is given as it is, by its id or by its source; "" for other paths."""
    layer = _layer_of(value, context) or _layer_with_source(value, context)
    return str(layer.name()) if layer is not None else ""


def layer_subject(value: Any, context: QgsProcessingContext) -> str:
    """Returns what a layer is a result of, see ``styling.SUBJECT``; its name if it is not a result, "" for a path."""
    layer = _layer_of(value, context)
    return str(layer.customProperty(SUBJECT) or layer.name()) if layer is not None else ""


def layer_error(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> str:
    """Returns an error message about the first layer or raster file that cannot be read, "" if there is none.

    Processing's own messages are that a file was not found, and for a list only that the value is incorrect.
    """
    for definition in algorithm.parameterDefinitions():
        if definition.type() not in _LAYER_TYPES:
            continue
        for item in items_of(parameters, definition.name()):
            layer = _layer_of(item, context)
            if web_map.is_taken(algorithm, definition.name(), layer):
                flaw = web_map.flaw(algorithm, parameters, layer, context)
            else:
                flaw = _layer_flaw(layer)
            if flaw:
                return flaw
            # Of labels the engine has the better message.
            is_raster_path = (
                definition.type() in ("raster", "multilayer")
                and isinstance(item, str)
                and definition.metadata().get(LIST_OF) != "labels"
            )
            if is_raster_path and (message := _path_error(algorithm, definition, item, context)):
                return message.format(definition.description(), item)
    return ""


def _layer_of(value: Any, context: QgsProcessingContext) -> QgsMapLayer | None:
    """Returns the layer that a value is, or whose id in the project it is; it may be unreadable."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source
    if isinstance(value, QgsProperty):
        value = value.staticValue()
    if isinstance(value, str) and context.project() is not None:
        value = context.project().mapLayer(value)
    return value if isinstance(value, QgsMapLayer) else None


def _layer_with_source(value: Any, context: QgsProcessingContext) -> QgsMapLayer | None:
    """Returns the project's layer with a source: QGIS's lists of several layers give sources."""
    if not isinstance(value, str) or context.project() is None:
        return None
    layers = context.project().mapLayers().values()
    return next((layer for layer in layers if layer.source() == value), None)


def _layer_flaw(layer: QgsMapLayer | None) -> str:
    """Returns why the engine cannot read a layer, "" if it can or if there is no layer."""
    if layer is None:
        return ""
    if not layer.isValid() or _is_gone(layer):
        return tr(
            "The layer {} cannot be read: its file was moved or deleted, or its server does not answer ({}). "
            "Right-click the layer and repair its data source, or choose another layer."
        ).format(layer.name(), layer.publicSource())
    if layer.source().startswith("/vsimem/"):
        return tr(
            "The layer {} is only in the memory of QGIS ({}): save it as a file first (right-click the layer > Export)."
        ).format(layer.name(), layer.publicSource())
    if isinstance(layer, QgsRasterLayer) and layer.providerType() != "gdal":
        return tr(
            "The layer {} comes from a service ({}), not from a file: save it as a GeoTIFF "
            "first (right-click the layer > Export > Save As)."
        ).format(layer.name(), _provider_title(layer))
    return ""


def _is_gone(layer: QgsMapLayer) -> bool:
    """Returns whether a layer was loaded from a file that is no longer there; False for sources that are not paths."""
    if layer.providerType() not in ("gdal", "ogr"):
        return False
    path = Path(layer.source().partition("|")[0])
    return path.is_absolute() and not str(path).startswith("/vsi") and not path.exists()


def _path_error(
    algorithm: QgsProcessingAlgorithm,
    definition: QgsProcessingParameterDefinition,
    path: str,
    context: QgsProcessingContext,
) -> str:
    """Returns an error message, with places for the parameter and the path, about a path of a raster."""
    name, is_list, is_file = (
        definition.name(),
        definition.type() == "multilayer",
        Path(path).is_file(),
    )
    if is_folder(path) and definition.metadata().get(LIST_OF) == "images":
        return "" if rasters_by_stem(Path(path)) else tr("{}: the folder {} holds no raster.")
    if not path or not (is_file or is_list):
        return ""
    if algorithm.parameterAsRasterLayer({name: path}, name, context) is not None:
        return ""
    if is_file:
        return tr("{}: {} cannot be opened as a raster; it may be damaged.")
    return tr("{}: there is no layer and no file {}.")


def labels_path(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> str:
    """Returns the path of a class raster or of polygons.

    Raises:
        QgsProcessingException: If it is neither.
    """
    layer = algorithm.parameterAsLayer(parameters, name, context)
    if layer is None:
        return _existing_file(algorithm, parameters[name], name)
    if isinstance(layer, QgsRasterLayer):
        return _raster_source(layer)
    return vector_path(algorithm, parameters, name, context, feedback)


def is_raster(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
) -> bool:
    """Returns whether the value of a parameter for any layer is a raster."""
    return isinstance(algorithm.parameterAsLayer(parameters, name, context), QgsRasterLayer)


def vector_path(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> str:
    """Returns the path of a file with a layer's features, filtered and selected; any provider is exported.

    Raises:
        QgsProcessingException: If it is not a vector layer.
    """
    value = parameters[name]
    # "Selected features only" wraps the layer in a definition that parameterAsVectorLayer does not read.
    is_wrapped = isinstance(value, QgsProcessingFeatureSourceDefinition)
    source = value.source if is_wrapped else value
    layer = algorithm.parameterAsVectorLayer({name: source}, name, context)
    if layer is None:
        return _existing_file(algorithm, source, name)
    if layer.isEditable() and layer.isModified() and layer.providerType() == "ogr":
        feedback.pushWarning(
            tr("Unsaved edits of the layer {} may be missing: save them first.").format(
                layer.name()
            )
        )
    formats = [suffix for suffix in VECTOR_FORMATS if suffix != "gpkg" or _is_only_layer(layer)]
    return algorithm.parameterAsCompatibleSourceLayerPath(
        parameters, name, context, formats, "gpkg", feedback
    )


def needs_export(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
) -> bool:
    """Returns whether the engine would get a copy of a layer's features: filtered, selected, or from no file."""
    value = parameters[name]
    is_wrapped = isinstance(value, QgsProcessingFeatureSourceDefinition)
    if is_wrapped and value.selectedFeaturesOnly:
        return True
    layer = algorithm.parameterAsVectorLayer(
        {name: value.source if is_wrapped else value}, name, context
    )
    if layer is None:
        return False
    is_plain_file = layer.providerType() == "ogr" and not layer.subsetString()
    return not is_plain_file or not _is_only_layer(layer)


def _is_only_layer(layer: QgsVectorLayer) -> bool:
    """Returns whether a layer is the only one in its file; the engine gets a file, not a layer name."""
    registry = QgsProviderRegistry.instance()
    path = registry.decodeUri(layer.providerType(), layer.source()).get("path")
    return not path or len(registry.querySublayers(path)) <= 1


def _raster_source(layer: QgsRasterLayer) -> str:
    if flaw := _layer_flaw(layer):
        raise QgsProcessingException(flaw)
    return _OPEN_OPTIONS.sub("", layer.source())


def _provider_title(layer: QgsMapLayer) -> str:
    metadata = QgsProviderRegistry.instance().providerMetadata(layer.providerType())
    return metadata.description() if metadata is not None else layer.providerType()


def _existing_file(algorithm: QgsProcessingAlgorithm, value: Any, name: str) -> str:
    """Returns the path of a file that QGIS cannot load; the engine has the better error message."""
    text = value.staticValue() if isinstance(value, QgsProperty) else str(value)
    if Path(str(text)).is_file():
        return str(text)
    description = algorithm.parameterDefinition(name).description()
    raise QgsProcessingException(
        tr("{}: there is no layer and no file {}.").format(description, text)
    )
