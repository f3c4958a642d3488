"""Translation of the plugin's texts."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication


def tr(text: str) -> str:
    """Returns ``text`` in the user's language, if a translation is loaded."""
    return QCoreApplication.translate("DualStream", text)
