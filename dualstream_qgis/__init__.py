"""DualStream for QGIS: declares Processing algorithms, launches the engine, styles what it made.

The engine runs in a process and a Python of its own. Of its code QGIS's interpreter sees only the
standard-library part, as ``dualstream_qgis.engine``: never a global module called ``engine``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent

#: The folder that holds ``engine/``, ``resources/`` and ``metadata.txt``: this package in the
#: installed plugin, the checkout during development.
ROOT = _PACKAGE if (_PACKAGE / "engine").is_dir() else _PACKAGE.parent

if ROOT != _PACKAGE:
    __path__.append(str(ROOT))


def classFactory(iface: Any) -> Any:
    """Called by QGIS to make the plugin."""
    from .plugin import DualStreamPlugin

    return DualStreamPlugin(iface)
