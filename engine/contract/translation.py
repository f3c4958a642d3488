"""The language of the sentences that users read: one lookup for the plugin and the engine.

English texts in the code are the keys: ``tr("{} has no band {}").format(path, band)``. Translations are in
``resources/i18n/dualstream_<language>.ts``, which Qt Linguist edits. The engine's processes read that file if the variable
``DUALSTREAM_LANGUAGE`` names its language; the plugin reads that of QGIS's language (``use_lookup``).
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

#: Variable that names the language of the engine's messages, such as "ko"; children of the engine inherit it.
LANGUAGE_VARIABLE = "DUALSTREAM_LANGUAGE"

_FOLDER = Path("resources", "i18n")
_MESSAGE = re.compile(
    r"<source>([^<]*)</source>.*?<translation(?: type=\"(\w+)\")?>([^<]*)</translation>", re.DOTALL
)


def tr(text: str) -> str:
    """Returns a text in the user's language, or as it is where it has no translation.

    Args:
        text: An English text, as a literal, because ``make translations`` reads the code. Values are put in
            afterwards: ``tr("Epoch {} of {}").format(epoch, epochs)``.
    """
    return _lookup[0](text)


def tr_noop(text: str) -> str:
    """Marks a text for translation where it is defined; ``tr`` translates it where it is shown."""
    return text


def use_lookup(lookup: Callable[[str], str]) -> None:
    """Replaces the lookup of this process, which is otherwise that of ``LANGUAGE_VARIABLE``."""
    _lookup[0] = lookup


def translations_file(language: str) -> Path | None:
    """The file of a language, such as "ko" or "ko_KR"; None if there is none."""
    engine = Path(__file__).resolve().parents[1]
    for name in (language, language.partition("_")[0]):
        path = engine.parent / _FOLDER / f"dualstream_{name}.ts"
        if re.fullmatch(r"\w+", name) and path.is_file():
            return path
    return None


def read_translations(path: Path) -> dict[str, str]:
    """The finished translations of a file by their English texts."""
    found = _MESSAGE.findall(path.read_text(encoding="utf-8"))
    return {
        html.unescape(source): html.unescape(translation)
        for source, kind, translation in found
        if translation and not kind
    }


@cache
def _chosen_translations() -> dict[str, str]:
    path = translations_file(os.environ.get(LANGUAGE_VARIABLE, ""))
    return read_translations(path) if path else {}


def _look_up(text: str) -> str:
    return _chosen_translations().get(text, text)


_lookup: list[Callable[[str], str]] = [_look_up]
