"""Parameters -> job fields: one reader a kind of parameter, so that a leaf only declares.

The job's field is the parameter's name in small letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from qgis.core import (
    NULL,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)

from .. import compat
from ..engine.contract.errors import JobError
from ..i18n import tr
from . import layer_sources
from .common_parameters import LISTED
from .parameter_values import absolute, files, given

J = TypeVar("J")


#: Fields that hold files or folders; ``pretrained`` may be a name on a hub instead.
_PATHS = {
    "model",
    "image",
    "auxiliary",
    "labels",
    "area",
    "dataset",
    "pretrained",
    "output",
    "confidence",
    "disagreement",
    "checkpoint",
    "mask",
    "scenes",
    "images",
    "output_folder",
}


@dataclass(frozen=True)
class ParameterReader:
    """What a reader may ask.

    Attributes:
        algorithm: The algorithm whose parameters they are.
        parameters: The values as Processing hands them over.
        context: Where layers and the project are.
        feedback: The log.
        layers_to_load: The output layers that the user wants in the project, by path. Those that the user or a
            model has not named have no name yet.
    """

    algorithm: QgsProcessingAlgorithm
    parameters: dict[str, Any]
    context: QgsProcessingContext
    feedback: QgsProcessingFeedback
    layers_to_load: dict[str, QgsProcessingContext.LayerDetails] = field(default_factory=dict)

    def job(self, kind: type[J]) -> J:
        """The job that the parameters describe.

        Raises:
            QgsProcessingException: If a layer cannot be handed to the engine, or a value is impossible.
        """
        known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
        values: dict[str, Any] = {}
        for definition in self.algorithm.parameterDefinitions():
            if definition.name().lower() in known:
                values.update(_READERS[definition.type()](self, definition))
        # The engine runs in a folder of its own: what is relative counts from where QGIS was started.
        for name in _PATHS & values.keys():
            value = values[name]
            if not isinstance(value, bool):  # which says whether, not where
                values[name] = (
                    tuple(map(absolute, value)) if isinstance(value, tuple) else absolute(value)
                )
        try:
            return kind(**values)
        except JobError as error:
            raise QgsProcessingException(str(error)) from error

    def plain(self, read: Callable[..., Any], definition: QgsProcessingParameterDefinition) -> Any:
        """What Processing's own ``parameterAs...`` makes of a parameter."""
        return read(self.parameters, definition.name(), self.context)


Definition = QgsProcessingParameterDefinition
Fields = dict[str, Any]


def _field(definition: Definition, value: Any) -> Fields:
    return {definition.name().lower(): value}


def _enum(reading: ParameterReader, definition: Definition) -> Fields:
    return _field(definition, reading.plain(reading.algorithm.parameterAsEnumString, definition))


def _boolean(reading: ParameterReader, definition: Definition) -> Fields:
    return _field(definition, reading.plain(reading.algorithm.parameterAsBool, definition))


def _string(reading: ParameterReader, definition: Definition) -> Fields:
    kind = definition.metadata().get(LISTED, "")
    if kind == "numbers":
        return _bands(reading, definition)
    if kind == "values":
        return _values(reading, definition)
    if kind == "words":
        return _field(definition, _parts(reading, definition))
    if kind == "files":
        return _field(definition, files(reading.parameters.get(definition.name()), reading.context))
    text = reading.plain(reading.algorithm.parameterAsString, definition).strip()
    return _field(definition, text)


def _parts(reading: ParameterReader, definition: Definition) -> tuple[str, ...]:
    """The parts of a list, whether it came as one text with commas or as several values."""
    if not given(reading.parameters, definition.name()):
        return ()
    value = reading.parameters[definition.name()]
    items = value if isinstance(value, (list, tuple)) else re.split("[,;]", str(value))
    return tuple(str(item).strip() for item in items if str(item).strip())


def _bands(reading: ParameterReader, definition: Definition) -> Fields:
    validation_error = tr(
        "{}: {} is not a list of band numbers separated by commas, such as 1,2,3."
    )
    return _whole_numbers(reading, definition, validation_error)


def _values(reading: ParameterReader, definition: Definition) -> Fields:
    validation_error = tr(
        "{}: {} is not a list of class values separated by commas, such as 1,2,3."
    )
    return _whole_numbers(reading, definition, validation_error)


def _whole_numbers(
    reading: ParameterReader, definition: Definition, validation_error: str
) -> Fields:
    """A list of numbers. Processing's own reader makes 0 of what it does not understand."""
    parts = _parts(reading, definition)
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise QgsProcessingException(
            validation_error.format(definition.description(), ",".join(parts))
        )
    return _field(definition, tuple(map(int, parts)))


def _number(reading: ParameterReader, definition: Definition) -> Fields:
    whole = definition.dataType() == compat.INTEGER
    algorithm = reading.algorithm
    read = algorithm.parameterAsInt if whole else algorithm.parameterAsDouble
    return _field(definition, reading.plain(read, definition))


def _class_field(reading: ParameterReader, definition: Definition) -> Fields:
    """A field of the parent layer; a dialog may still show an old one when that is a raster."""
    parent = definition.parentLayerParameterName()
    where = (reading.algorithm, reading.parameters, parent, reading.context)
    if not given(reading.parameters, definition.name()) or layer_sources.is_raster(*where):
        return {}
    return _string(reading, definition)


def _class_names(reading: ParameterReader, definition: Definition) -> Fields:
    """A table of value, name and colour; rows without a value are left out."""
    if not given(reading.parameters, definition.name()):
        return {}
    cells = reading.plain(reading.algorithm.parameterAsMatrix, definition)
    texts = [_cell(cell) for cell in cells]
    rows = [texts[start : start + 3] for start in range(0, len(texts), 3)]
    filled = (row for row in rows if row[0])
    return _field(definition, tuple("=".join(row).rstrip("=") for row in filled))


def _cell(value: Any) -> str:
    """A table's cell as text; QGIS turns what looks like a number into one."""
    if value is None or value == NULL:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _raster(reading: ParameterReader, definition: Definition) -> Fields:
    name = definition.name()
    if not given(reading.parameters, name):
        return {}
    value = reading.parameters[name]
    path = layer_sources.raster_path(reading.algorithm, value, name, reading.context)
    return _field(definition, path)


def _rasters(reading: ParameterReader, definition: Definition) -> Fields:
    """Several rasters, one by one: Processing's own reader drops what it cannot load."""
    name = definition.name()
    if not given(reading.parameters, name):
        return {}
    value = reading.parameters[name]
    items = value if isinstance(value, (list, tuple)) else [value]
    paths = [layer_sources.raster_path(reading.algorithm, i, name, reading.context) for i in items]
    return _field(definition, tuple(paths))


def _labels(reading: ParameterReader, definition: Definition) -> Fields:
    return _vector(reading, definition, layer_sources.labels_path)


def _polygons(reading: ParameterReader, definition: Definition) -> Fields:
    return _vector(reading, definition, layer_sources.vector_path)


def _vector(reading: ParameterReader, definition: Definition, read: Callable[..., str]) -> Fields:
    name = definition.name()
    if not given(reading.parameters, name):
        return {}
    where = (reading.algorithm, reading.parameters, name, reading.context, reading.feedback)
    return _field(definition, read(*where))


def _extent(reading: ParameterReader, definition: Definition) -> Fields:
    """The rectangle in the coordinate system it was drawn in; the engine transforms it."""
    if not given(reading.parameters, definition.name()):
        return {}
    box = reading.plain(reading.algorithm.parameterAsExtent, definition)
    crs = reading.plain(reading.algorithm.parameterAsExtentCrs, definition)
    if box.isNull():
        return {}
    # A coordinate system that only this profile knows has a name that means nothing elsewhere.
    named = crs.authid() and not crs.authid().startswith("USER:")
    corners = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    return {
        **_field(definition, corners),
        definition.name().lower() + "_crs": crs.authid() if named else crs.toWkt(),
    }


def _file_output(reading: ParameterReader, definition: Definition) -> Fields:
    return _field(definition, reading.plain(reading.algorithm.parameterAsFileOutput, definition))


def _layer_output(reading: ParameterReader, definition: Definition) -> Fields:
    """The path of an output layer, evaluated with a context of its own.

    ``parameterAsOutputLayer`` notes in its context that the layer is to be loaded. The reading's context is the
    wrong one: a dialog runs ``processAlgorithm`` in a thread with another context, and QGIS loads what is noted
    there. ``processAlgorithm`` copies ``layers_to_load`` to it after a run that succeeded.
    """
    name = definition.name()
    if not given(reading.parameters, name):
        return {}
    context = QgsProcessingContext()
    context.copyThreadSafeSettings(reading.context)
    path = reading.algorithm.parameterAsOutputLayer(reading.parameters, name, context)
    if not path:  # a batch gives what is left empty as an output without a path
        return {}
    for source, details in context.layersToLoadOnCompletion().items():
        if details.name == definition.description():
            details.name = ""
        reading.layers_to_load[absolute(source)] = details
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
    "multilayer": _rasters,
    "layer": _labels,
    "source": _polygons,
    "extent": _extent,
    "fileDestination": _file_output,
    "folderDestination": _file_output,
    "rasterDestination": _layer_output,
    "vectorDestination": _layer_output,
}
