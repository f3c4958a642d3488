"""Reads raw parameter values: whether there is one, and the file paths in it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qgis.core import NULL, QgsProcessingContext, QgsProcessingParameterDefinition, QgsProperty

from ..engine.contract.encoders import IMAGENET, NO_WEIGHTS
from ..engine.contract.jobs import AUTOMATIC
from ..engine.contract.scene import rasters_by_stem
from ..i18n import tr
from .parameter_factories import AUTOMATIC_NUMBER, LIST_OF, RETIRED

#: Values of PRETRAINED that are not files.
_WEIGHTS = (AUTOMATIC, IMAGENET, NO_WEIGHTS)


def is_given(parameters: dict[str, Any], name: str) -> bool:
    """Returns whether a parameter has a value."""
    value = parameters.get(name)
    return value is not None and value != NULL and value not in ("", [])


def file_paths(value: Any, context: QgsProcessingContext) -> tuple[str, ...]:
    """Returns the paths in the value of a parameter for one file or several.

    In models the value may be an expression, or a list within a list. A text contains several paths if each
    is in double quotes, as QGIS's file widget writes them.
    """
    if isinstance(value, QgsProperty):
        value, _ = value.value(context.expressionContext(), "")
    if isinstance(value, (list, tuple)):
        return tuple(path for part in value for path in file_paths(part, context))
    text = "" if value is None or value == NULL else str(value).strip()
    if text.startswith('"'):
        return tuple(re.findall('"([^"]+)"', text))
    return (text,) if text else ()


def destination_path(output: Any) -> str:
    """Returns the path in the value of a destination, "" for a temporary one or none."""
    sink = getattr(output, "sink", output)
    path = sink.staticValue() if hasattr(sink, "staticValue") else sink
    return "" if not isinstance(path, str) or path == "TEMPORARY_OUTPUT" else path


def geopackage_error(output: Any) -> str:
    """Returns an error message about the value of a destination of polygons, "" if it can be written."""
    path = destination_path(output)
    if path and Path(path).suffix.lower() != ".gpkg":  # nor is a database or a memory layer a file
        return tr("The polygons are written as a GeoPackage: {} does not end in .gpkg.").format(
            path
        )
    return ""


def is_folder(value: Any) -> bool:
    """Returns whether a value is the path of a folder."""
    return isinstance(value, str) and value != "" and Path(value).is_dir()


def absolute_path(path: str) -> str:
    """Returns the absolute path of a file; any other text is returned unchanged.

    Sources such as ``/vsizip/...`` and ``NETCDF:...`` and ids on a model hub are not files.
    """
    file, bar, rest = path.partition("|")
    is_name = ":" in file or file in _WEIGHTS or ("@" in file and not Path(file).exists())
    if not path or Path(file).is_absolute() or is_name:
        return path
    return os.path.abspath(file) + bar + rest


def is_automatic(definition: QgsProcessingParameterDefinition, value: Any) -> bool:
    """Returns whether a value is the number that means automatic, such as 0 or -1."""
    automatic = definition.metadata().get(AUTOMATIC_NUMBER)
    try:
        return automatic is not None and float(value) == automatic
    except (TypeError, ValueError):
        return False


def is_retired(definition: QgsProcessingParameterDefinition, value: Any) -> bool:
    """Returns whether a value is a choice that only earlier versions had."""
    return value in definition.metadata().get(RETIRED, [])


def without_folders(value: Any) -> Any:
    """Returns the value of a parameter for images with the first raster of each folder."""
    if isinstance(value, (list, tuple)):
        return [without_folders(item) for item in value]
    files = rasters_by_stem(Path(value)) if is_folder(value) else {}
    return str(next(iter(files.values()))) if files else value


def cell_text(value: Any) -> str:
    """Returns a table cell as text; QGIS turns text that looks like a number into a number."""
    if value is None or value == NULL:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def values_for_check(
    definitions: Sequence[QgsProcessingParameterDefinition],
    parameters: dict[str, Any],
    context: QgsProcessingContext,
) -> dict[str, Any]:
    """Returns the parameters in a form that QGIS's check accepts: one path for each list of files, a raster in place of
    each folder of rasters, nothing for a number that means automatic, and the default for a choice of earlier versions.

    Raises:
        LayoutError: If a folder holds two rasters of one name.
    """
    checked = dict(parameters)
    for definition in definitions:
        name, kind = definition.name(), definition.metadata().get(LIST_OF)
        value = parameters.get(name)
        if kind == "files" and (paths := file_paths(value, context)):
            checked[name] = paths[0]
        elif kind in ("images", "labels") and name in parameters:
            checked[name] = without_folders(value)
        if is_automatic(definition, value):
            checked[name] = None
        if is_retired(definition, value):
            checked[name] = definition.defaultValue()
    return checked
