"""The QGIS plugin: declares Processing algorithms, runs the engine as a child process, loads and styles its results.

The engine has its own Python environment. The plugin imports only its standard-library part, ``engine/contract/``,
and as ``dualstream_qgis.engine``, so that QGIS has no global module named ``engine``. Read ``plugin.py``,
``provider.py``, then ``algorithms/base_algorithm.py``, which describes the run of a job.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent

#: The folder of ``engine/``, ``resources/`` and ``metadata.txt``: this package in the installed plugin, the
#: checkout during development.
ROOT = _PACKAGE if (_PACKAGE / "engine").is_dir() else _PACKAGE.parent

if ROOT != _PACKAGE:
    __path__.append(str(ROOT))


def classFactory(iface: Any) -> Any:
    """Returns the plugin; QGIS calls this."""
    from .plugin import DualStreamPlugin

    return DualStreamPlugin(iface)
