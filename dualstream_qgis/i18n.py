"""One translation context for every text the user reads."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication


def tr(text: str) -> str:
    """``text`` in the user's language, where a translation is loaded."""
    return QCoreApplication.translate("DualStream", text)
