"""Layers -> paths that the engine can open, whatever QGIS made of them; or a sentence why not."""

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

#: What the engine reads as it is; layers in anything else are exported to a temporary GeoPackage.
VECTOR_FORMATS = ("gpkg", "geojson", "json", "shp", "fgb")

_RASTERS = ("raster", "multilayer")

#: What QGIS appends to a raster's path for its own GDAL.
_OPEN_OPTIONS = re.compile(r"\|(option:|authcfg=|credential:).*$")


def raster_path(
    algorithm: QgsProcessingAlgorithm, value: Any, name: str, context: QgsProcessingContext
) -> str:
    """The path of the raster that ``value``, a layer, its id or a path, stands for.

    Raises:
        QgsProcessingException: If it is no raster file.
    """
    layer = algorithm.parameterAsRasterLayer({name: value}, name, context)
    return _raster_source(layer) if layer is not None else _unloaded(algorithm, value, name)


def unreadable(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> str:
    """A sentence about the first raster file that is there but cannot be opened; empty if none.

    Processing would say that it was not found.
    """
    for definition in algorithm.parameterDefinitions():
        name = definition.name()
        value = parameters.get(name)
        for path in value if isinstance(value, (list, tuple)) else [value]:
            if (
                definition.type() in _RASTERS
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
    """The path of a class raster, or of polygons.

    Raises:
        QgsProcessingException: If it is neither.
    """
    layer = algorithm.parameterAsLayer(parameters, name, context)
    if layer is None:
        return _unloaded(algorithm, parameters[name], name)
    if isinstance(layer, QgsRasterLayer):
        return _raster_source(layer)
    return vector_path(algorithm, parameters, name, context, feedback)


def is_raster(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
) -> bool:
    """Whether a parameter that takes several kinds of layer was given a raster."""
    return isinstance(algorithm.parameterAsLayer(parameters, name, context), QgsRasterLayer)


def vector_path(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> str:
    """The path of a file with the polygons of a layer of any provider, filtered and selected.

    Raises:
        QgsProcessingException: If it is no vector layer.
    """
    value = parameters[name]
    # "Selected features only" wraps the layer, and Processing does not look inside for layers.
    wrapped = isinstance(value, QgsProcessingFeatureSourceDefinition)
    plain = value.source if wrapped else value
    layer = algorithm.parameterAsVectorLayer({name: plain}, name, context)
    if layer is None:
        return _unloaded(algorithm, plain, name)
    if layer.isEditable() and layer.isModified() and layer.providerType() == "ogr":
        feedback.pushWarning(
            tr("The unsaved edits of the layer {} may not be seen: save them first.").format(
                layer.name()
            )
        )
    formats = [suffix for suffix in VECTOR_FORMATS if suffix != "gpkg" or _single_layer(layer)]
    return algorithm.parameterAsCompatibleSourceLayerPath(
        parameters, name, context, formats, "gpkg", feedback
    )


def _single_layer(layer: QgsVectorLayer) -> bool:
    """Whether a layer is the only one in its file: the engine is given a file, not a layer name."""
    registry = QgsProviderRegistry.instance()
    path = registry.decodeUri(layer.providerType(), layer.source()).get("path")
    return not path or len(registry.querySublayers(path)) <= 1


def _raster_source(layer: QgsRasterLayer) -> str:
    if layer.providerType() != "gdal":
        raise QgsProcessingException(
            tr(
                "The layer {} comes from a service ({}), not from a file: save it as a GeoTIFF "
                "first (right-click the layer > Export > Save As)."
            ).format(layer.name(), _service(layer))
        )
    return _OPEN_OPTIONS.sub("", layer.source())


def _service(layer: QgsMapLayer) -> str:
    metadata = QgsProviderRegistry.instance().providerMetadata(layer.providerType())
    return metadata.description() if metadata is not None else layer.providerType()


def _unloaded(algorithm: QgsProcessingAlgorithm, value: Any, name: str) -> str:
    """A file that QGIS cannot load is left to the engine, which says what is wrong with it."""
    text = value.staticValue() if isinstance(value, QgsProperty) else str(value)
    if Path(str(text)).is_file():
        return str(text)
    description = algorithm.parameterDefinition(name).description()
    raise QgsProcessingException(
        tr("{}: there is no layer and no file {}.").format(description, text)
    )
