"""Help texts as their reader shows them: HTML in dialogs, plain text in ``qgis_process``, which prints them as they are."""

from __future__ import annotations

import html
import re

from qgis.core import QgsApplication


def in_qgis_process() -> bool:
    """Returns whether QGIS's command-line program runs this."""
    return bool(QgsApplication.platform() == "qgis_process")


def readable(text: str) -> str:
    """Returns a help text with simple HTML as it is, or as plain text in ``qgis_process``."""
    return plain(text) if in_qgis_process() else text


def plain(text: str) -> str:
    """Returns a text with simple HTML as plain text: a line for each paragraph, an empty line between them."""
    lines = re.sub(r"</p>\s*<p>", "\n\n", text).replace("<br>", "\n")
    return html.unescape(re.sub(r"</?(?:p|b|i|code)>", "", lines)).strip()
