"""Reads raw parameter values: whether there is one, and the file paths in it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from qgis.core import NULL, QgsProcessingContext, QgsProperty

from ..engine.contract.encoders import IMAGENET, NO_WEIGHTS
from ..engine.contract.jobs import AUTOMATIC

#: Values of PRETRAINED that are no files.
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


def is_folder(value: Any) -> bool:
    """Returns whether a value is the path of a folder."""
    return isinstance(value, str) and value != "" and Path(value).is_dir()


def absolute_path(path: str) -> str:
    """Returns the absolute path of a file; any other text is returned unchanged.

    Sources such as ``/vsizip/...`` and ``NETCDF:...`` and ids on a model hub are no files.
    """
    file, bar, rest = path.partition("|")
    is_name = ":" in file or file in _WEIGHTS or ("@" in file and not Path(file).exists())
    if not path or Path(file).is_absolute() or is_name:
        return path
    return os.path.abspath(file) + bar + rest
