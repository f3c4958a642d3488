"""What the user gave: whether a parameter has a value, and the paths that a value stands for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from qgis.core import NULL, QgsProcessingContext, QgsProperty


def given(parameters: dict[str, Any], name: str) -> bool:
    """Whether the user gave the parameter a value."""
    value = parameters.get(name)
    return value is not None and value != NULL and value not in ("", [])


def files(value: Any, context: QgsProcessingContext) -> tuple[str, ...]:
    """The paths that the value of a parameter for one file or several stands for.

    In models the value may be an expression, and a list within a list. One text holds several paths if each
    is in double quotes, as QGIS's file widget writes them.
    """
    if isinstance(value, QgsProperty):
        value, _ = value.value(context.expressionContext(), "")
    if isinstance(value, (list, tuple)):
        return tuple(path for part in value for path in files(part, context))
    text = "" if value is None or value == NULL else str(value).strip()
    if text.startswith('"'):
        return tuple(re.findall('"([^"]+)"', text))
    return (text,) if text else ()


#: Pretrained weights that are fetched by this name, see the engine.
IMAGENET = "imagenet"


def absolute(path: str) -> str:
    """The path from the root, where ``path`` names a file here; anything else as it is.

    Sources such as ``/vsizip/...``, ``NETCDF:...`` and hub ids are no files and stay.
    """
    file, bar, rest = path.partition("|")
    is_name = ":" in file or file == IMAGENET or ("@" in file and not Path(file).exists())
    if not path or Path(file).is_absolute() or is_name:
        return path
    return os.path.abspath(file) + bar + rest
