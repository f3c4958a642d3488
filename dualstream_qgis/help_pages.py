"""Addresses of the help pages, which ``make docs`` writes into ``resources/help/``, one folder per language."""

from __future__ import annotations

import configparser
from pathlib import Path

from . import ROOT
from .i18n import language

#: The language of the pages that there are in any case.
ENGLISH = "en"


def help_url(name: str = "index", root: Path = ROOT) -> str:
    """Returns the address of a help page, in QGIS's language if it has been translated, else in English.

    Args:
        name: Path of the page without its suffix, such as ``first-hour`` or ``algorithms/train``.
        root: Folder of ``resources/`` and ``metadata.txt``.

    Returns:
        A ``file://`` address; in a checkout without the pages that of the page's source on the web.
    """
    for folder in (language().split("_")[0], ENGLISH):
        page = root / "resources" / "help" / folder / f"{name}.html"
        if page.is_file():
            return page.as_uri()
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(root / "metadata.txt", encoding="utf-8")
    repository = parser.get("general", "repository", fallback="").rstrip("/")
    return f"{repository}/blob/main/docs/{name}.md" if repository else ""
