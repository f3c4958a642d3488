"""The language of QGIS for the texts of the plugin and of the engine."""

from __future__ import annotations

import os

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from .engine.contract.translation import (
    LANGUAGE_VARIABLE,
    tr,
    tr_noop,
    translations_file,
    use_lookup,
)

__all__ = ["install_translator", "language", "tr", "tr_noop"]

#: Context of all messages in the translation files.
CONTEXT = "DualStream"


def language() -> str:
    """Returns the language of QGIS, such as "ko" or "en_US"; "" in a program without QGIS."""
    application = QgsApplication.instance()
    return str(application.locale()) if application else ""


def install_translator() -> QTranslator | None:
    """Loads the texts of QGIS's language; engines that start from now on inherit it.

    Returns:
        The translator, which the caller keeps as long as it is used and removes from the application at the end; None
        if there is no translation.
    """
    os.environ[LANGUAGE_VARIABLE] = language()
    use_lookup(lambda text: str(QCoreApplication.translate(CONTEXT, text)))
    path = translations_file(language())
    translator = QTranslator()
    if path is None or not translator.load(str(path.with_suffix(".qm"))):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
