"""Keeps programs that are not QGIS's out of QGIS's own folders. Free of Qt.

QGIS for Windows and macOS brings its own Python, certificates and libraries, and puts them into ``PATH`` and other
variables. Another program would load these libraries in place of its own, or build an environment on a Python that
the next update of QGIS removes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import PurePath, PurePosixPath, PureWindowsPath

#: Variables that name certificates.
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def folder_of_qgis(variables: Mapping[str, str], prefix: str, system: str) -> PurePath | None:
    """Returns the folder that holds all of QGIS; None on Linux, where QGIS shares the system's folders.

    Args:
        variables: QGIS's environment variables.
        prefix: ``sys.prefix`` of QGIS's Python.
        system: ``sys.platform``.
    """
    if system == "win32":
        root = variables.get("OSGEO4W_ROOT", "")
        python = PureWindowsPath(prefix)
        if root:
            return PureWindowsPath(root)
        return python.parents[1] if python.parent.name.lower() == "apps" else None
    if system == "darwin":
        folders = PurePosixPath(prefix).parents
        return next((folder for folder in folders if folder.suffix == ".app"), None)
    return None


def without_qgis_folders(
    variables: Mapping[str, str], prefix: str = sys.prefix, system: str = sys.platform
) -> dict[str, str]:
    """Returns environment variables without QGIS's folders in ``PATH`` and without certificates inside them."""
    kept, root = dict(variables), folder_of_qgis(variables, prefix, system)
    if root is None:
        return kept
    separator = ";" if system == "win32" else os.pathsep
    for name, value in variables.items():
        if name.upper() == "PATH":
            folders = [folder for folder in value.split(separator) if not _is_inside(folder, root)]
            kept[name] = separator.join(folders)
        elif name.upper() in CERTIFICATES and _is_inside(value, root):
            del kept[name]
    return kept


def _is_inside(path: str, root: PurePath) -> bool:
    inner = type(root)(path.strip('"'))
    return root == inner or root in inner.parents
