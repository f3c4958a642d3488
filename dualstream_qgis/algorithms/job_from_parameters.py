"""Turns parameter values into a job: one function for each type of parameter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)

from .. import compat
from ..engine.contract.errors import JobError
from ..engine.contract.options import options_of
from ..engine.contract.recipe_text import parse_recipe
from ..i18n import tr
from . import layer_sources, web_map
from .parameter_factories import LIST_OF, field_of
from .parameter_values import absolute_path, cell_text, file_paths, is_folder, is_given, is_retired
from .web_picture import WebPicture

Job = TypeVar("Job")
Definition = QgsProcessingParameterDefinition
Fields = dict[str, Any]


@dataclass(frozen=True)
class ParameterReader:
    """Reads the parameters of one run.

    Attributes:
        algorithm: The algorithm that declares the parameters.
        parameters: The values from Processing.
        context: Context of the project and its layers.
        feedback: The log.
        layers_to_load: The output layers that the user wants in the project, by path. The name of a layer is empty
            unless the user or a model has named it.
        pictures: The pictures of web maps that the job names, not fetched yet.
    """

    algorithm: QgsProcessingAlgorithm
    parameters: dict[str, Any]
    context: QgsProcessingContext
    feedback: QgsProcessingFeedback
    layers_to_load: dict[str, QgsProcessingContext.LayerDetails] = field(default_factory=dict)
    pictures: list[WebPicture] = field(default_factory=list)

    def job(self, kind: type[Job]) -> Job:
        """Returns the job; ``field_of`` gives the field of a parameter.

        Raises:
            QgsProcessingException: If the engine cannot read a layer, or a value is invalid.
        """
        declared = options_of(kind)
        values: Fields = {}
        for definition in self.algorithm.parameterDefinitions():
            is_recipe = definition.metadata().get(LIST_OF) == "recipe"
            if is_recipe or field_of(definition) in declared:
                values.update(_READERS[definition.type()](self, definition))
        # The engine runs in another folder: relative paths start where QGIS was started.
        for name, value in values.items():
            if declared[name].is_path:
                is_list = isinstance(value, tuple)
                values[name] = tuple(map(absolute_path, value)) if is_list else absolute_path(value)
        try:
            return kind(**values)
        except JobError as error:
            raise QgsProcessingException(str(error)) from error

    def read(self, method: Callable[..., Any], definition: Definition) -> Any:
        """Returns a parameter's value from one of Processing's ``parameterAs...`` methods."""
        return method(self.parameters, definition.name(), self.context)

    def is_given(self, definition: Definition) -> bool:
        """Returns whether a parameter has a value."""
        return is_given(self.parameters, definition.name())


def _field(definition: Definition, value: Any) -> Fields:
    return {field_of(definition): value}


def _enum(reader: ParameterReader, definition: Definition) -> Fields:
    value = reader.parameters.get(definition.name())
    if is_retired(definition, value):  # the engine says what it takes in its place
        return _field(definition, value)
    return _field(definition, reader.read(reader.algorithm.parameterAsEnumString, definition))


def _boolean(reader: ParameterReader, definition: Definition) -> Fields:
    return _field(definition, reader.read(reader.algorithm.parameterAsBool, definition))


def _string(reader: ParameterReader, definition: Definition) -> Fields:
    list_of = definition.metadata().get(LIST_OF, "")
    if list_of == "bands":
        return _bands(reader, definition)
    if list_of == "values":
        message = tr("{}: {} is not a list of class values separated by commas, such as 1,2,3.")
        return _integers(reader, definition, message)
    if list_of == "numbers":
        return _field(definition, _numbers(reader, definition))
    if list_of == "words":
        return _field(definition, _items(reader, definition))
    if list_of == "files":
        value = reader.parameters.get(definition.name())
        return _field(definition, file_paths(value, reader.context))
    text = reader.read(reader.algorithm.parameterAsString, definition).strip()
    return _recipe(text) if list_of == "recipe" else _field(definition, text)


def _recipe(text: str) -> Fields:
    try:
        return parse_recipe(text)
    except JobError as error:
        raise QgsProcessingException(str(error)) from error


def _items(reader: ParameterReader, definition: Definition) -> tuple[str, ...]:
    """Returns the items of a list, given as one text with commas or as several values."""
    if not reader.is_given(definition):
        return ()
    value = reader.parameters[definition.name()]
    items = value if isinstance(value, (list, tuple)) else re.split("[,;]", str(value))
    return tuple(str(item).strip() for item in items if str(item).strip())


def _bands(reader: ParameterReader, definition: Definition) -> Fields:
    message = tr("{}: {} is not a list of band numbers separated by commas, such as 1,2,3.")
    return _integers(reader, definition, message)


def _integers(reader: ParameterReader, definition: Definition, message: str) -> Fields:
    """Returns a list of integers; Processing's own method silently reads other text as 0."""
    items = _items(reader, definition)
    if not all(item.isascii() and item.isdecimal() for item in items):
        raise QgsProcessingException(message.format(definition.description(), ",".join(items)))
    return _field(definition, tuple(map(int, items)))


def _numbers(reader: ParameterReader, definition: Definition) -> tuple[float, ...]:
    items = _items(reader, definition)
    try:
        return tuple(map(float, items))
    except ValueError:
        message = tr("{}: {} is not a list of numbers separated by commas, such as 0.5,0.4,0.3.")
        raise QgsProcessingException(
            message.format(definition.description(), ",".join(items))
        ) from None


def _number(reader: ParameterReader, definition: Definition) -> Fields:
    """Returns a number; nothing for an empty field, so that the job has its default."""
    if not reader.is_given(definition):
        return {}
    algorithm = reader.algorithm
    is_integer = definition.dataType() == compat.INTEGER
    method = algorithm.parameterAsInt if is_integer else algorithm.parameterAsDouble
    return _field(definition, reader.read(method, definition))


def _class_field(reader: ParameterReader, definition: Definition) -> Fields:
    """Returns a field of the parent layer; if that is a raster, a dialog may still show an old field."""
    parent = definition.parentLayerParameterName()
    arguments = (reader.algorithm, reader.parameters, parent, reader.context)
    if not reader.is_given(definition) or layer_sources.is_raster(*arguments):
        return {}
    return _string(reader, definition)


def _class_names(reader: ParameterReader, definition: Definition) -> Fields:
    """Returns the rows of a table of value, name and colour; rows without a value are left out."""
    if not reader.is_given(definition):
        return {}
    cells = reader.read(reader.algorithm.parameterAsMatrix, definition)
    texts = [cell_text(cell) for cell in cells]
    rows = [texts[start : start + 3] for start in range(0, len(texts), 3)]
    return _field(definition, tuple("=".join(row).rstrip("=") for row in rows if row[0]))


def _layers(reader: ParameterReader, definition: Definition) -> Fields:
    """Returns the paths of several layers; Processing's own method drops those it cannot load."""
    name, kind = definition.name(), definition.metadata().get(LIST_OF)
    if not reader.is_given(definition):
        return {}

    def path_of(item: Any) -> str:
        if kind in ("images", "labels") and is_folder(item):
            return str(item)
        if kind == "labels":
            context = reader.context, reader.feedback
            return layer_sources.labels_path(reader.algorithm, {name: item}, name, *context)
        return _raster_path(reader, item, name)

    items = layer_sources.items_of(reader.parameters, name)
    return _field(definition, tuple(map(path_of, items)))


def _raster(reader: ParameterReader, definition: Definition) -> Fields:
    if not reader.is_given(definition):
        return {}
    name = definition.name()
    return _field(definition, _raster_path(reader, reader.parameters[name], name))


def _raster_path(reader: ParameterReader, value: Any, name: str) -> str:
    """Returns the path of a raster; of a web map that of its picture, which the run fetches.

    Raises:
        QgsProcessingException: If it is neither.
    """
    algorithm, parameters, context = reader.algorithm, reader.parameters, reader.context
    layer = algorithm.parameterAsRasterLayer({name: value}, name, context)
    if not web_map.is_taken(algorithm, name, layer):
        return layer_sources.raster_path(algorithm, value, name, context)
    if flaw := web_map.flaw(algorithm, parameters, layer, context):
        raise QgsProcessingException(flaw)
    reader.pictures.append(web_map.picture(algorithm, parameters, layer, context))
    return reader.pictures[-1].path


def _labels(reader: ParameterReader, definition: Definition) -> Fields:
    return _vector(reader, definition, layer_sources.labels_path)


def _vector(
    reader: ParameterReader,
    definition: Definition,
    path_of: Callable[..., str] = layer_sources.vector_path,
) -> Fields:
    if not reader.is_given(definition):
        return {}
    name = definition.name()
    path = path_of(reader.algorithm, reader.parameters, name, reader.context, reader.feedback)
    return _field(definition, path)


def _extent(reader: ParameterReader, definition: Definition) -> Fields:
    """Returns a rectangle and its coordinate system; the engine transforms it. A picture of a web map has it already."""
    images = layer_sources.items_of(reader.parameters, "IMAGE")
    if not reader.is_given(definition) or len(reader.pictures) == len(images) > 0:
        return {}
    box = reader.read(reader.algorithm.parameterAsExtent, definition)
    crs = reader.read(reader.algorithm.parameterAsExtentCrs, definition)
    if box.isNull():
        return {}
    # The id of a custom coordinate system is known in this QGIS profile only.
    has_public_id = crs.authid() and not crs.authid().startswith("USER:")
    corners = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    return {
        **_field(definition, corners),
        definition.name().lower() + "_crs": crs.authid() if has_public_id else crs.toWkt(),
    }


def _file_output(reader: ParameterReader, definition: Definition) -> Fields:
    return _field(definition, reader.read(reader.algorithm.parameterAsFileOutput, definition))


def _layer_output(reader: ParameterReader, definition: Definition) -> Fields:
    """Returns the path of an output layer, evaluated with a new context.

    ``parameterAsOutputLayer`` adds the layer to its context's layers to load. The reader's own context is not the
    one from which QGIS loads: a dialog runs ``processAlgorithm`` in a thread with another context.
    ``processAlgorithm`` adds ``layers_to_load`` to that one after a successful run.
    """
    name = definition.name()
    if not reader.is_given(definition):
        return {}
    context = QgsProcessingContext()
    context.copyThreadSafeSettings(reader.context)
    path = reader.algorithm.parameterAsOutputLayer(reader.parameters, name, context)
    if not path:  # the batch dialog passes an empty cell as an output without a path
        return {}
    for source, details in context.layersToLoadOnCompletion().items():
        if details.name == definition.description():
            details.name = ""
        reader.layers_to_load[absolute_path(source)] = details
    return _field(definition, path)


_READERS: dict[str, Callable[[ParameterReader, Definition], Fields]] = {
    "enum": _enum,
    "boolean": _boolean,
    "string": _string,
    "band": _bands,
    "number": _number,
    "matrix": _class_names,
    "field": _class_field,
    "file": _string,
    "raster": _raster,
    "multilayer": _layers,
    "layer": _labels,
    "source": _vector,
    "extent": _extent,
    "fileDestination": _file_output,
    "folderDestination": _file_output,
    "rasterDestination": _layer_output,
    "vectorDestination": _layer_output,
}
