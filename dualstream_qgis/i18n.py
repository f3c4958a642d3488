"""The language of QGIS for the texts of the plugin and of the engine."""

from __future__ import annotations

import os

from qgis.core import QgsApplication

from .engine.contract.translation import (
    LANGUAGE_VARIABLE,
    read_translations,
    tr,
    tr_noop,
    translations_file,
    use_lookup,
)

__all__ = ["language", "tr", "tr_noop", "use_language_of_qgis"]


def language() -> str:
    """Returns the language of QGIS, such as "ko" or "en_US"; "" in a program without QGIS."""
    application = QgsApplication.instance()
    return str(application.locale()) if application else ""


def use_language_of_qgis() -> None:
    """Reads the texts of QGIS's language for the plugin; engines that start from now on inherit the language."""
    os.environ[LANGUAGE_VARIABLE] = language()
    path = translations_file(language())
    translations = read_translations(path) if path else {}
    use_lookup(lambda text: translations.get(text, text))
