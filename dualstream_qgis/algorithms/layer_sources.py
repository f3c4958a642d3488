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
    QgsProperty,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..i18n import tr

#: Vector formats that the engine reads; QGIS exports other layers to a temporary GeoPackage.
VECTOR_FORMATS = ("gpkg", "geojson", "json", "shp", "fgb")

#: Options that QGIS appends to a raster's path for its own GDAL.
_OPEN_OPTIONS = re.compile(r"\|(option:|authcfg=|credential:).*$")


def raster_path(
    algorithm: QgsProcessingAlgorithm, value: Any, name: str, context: QgsProcessingContext
) -> str:
    """Returns the path of a raster, which is given as a layer, its id or a path.

    Raises:
        QgsProcessingException: If it is no raster file.
    """
    layer = algorithm.parameterAsRasterLayer({name: value}, name, context)
    return _raster_source(layer) if layer is not None else _existing_file(algorithm, value, name)


def damaged_raster_error(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> str:
    """Returns an error message about the first raster file that cannot be opened, "" if there is none.

    Processing's own message would be that the file was not found.
    """
    for definition in algorithm.parameterDefinitions():
        name = definition.name()
        value = parameters.get(name)
        for path in value if isinstance(value, (list, tuple)) else [value]:
            if (
                definition.type() in ("raster", "multilayer")
                and isinstance(path, str)
                and Path(path).is_file()
                and algorithm.parameterAsRasterLayer({name: path}, name, context) is None
            ):
                return tr("{}: {} cannot be opened as a raster; it may be damaged.").format(
                    definition.description(), path
                )
    return ""


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
        QgsProcessingException: If it is no vector layer.
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


def _is_only_layer(layer: QgsVectorLayer) -> bool:
    """Returns whether a layer is the only one in its file; the engine gets a file, not a layer name."""
    registry = QgsProviderRegistry.instance()
    path = registry.decodeUri(layer.providerType(), layer.source()).get("path")
    return not path or len(registry.querySublayers(path)) <= 1


def _raster_source(layer: QgsRasterLayer) -> str:
    if layer.providerType() != "gdal":
        raise QgsProcessingException(
            tr(
                "The layer {} comes from a service ({}), not from a file: save it as a GeoTIFF "
                "first (right-click the layer > Export > Save As)."
            ).format(layer.name(), _provider_title(layer))
        )
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
