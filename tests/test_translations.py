"""Tests of the translations: they hold the values of their texts, and a complete language has one of every text."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter

import pytest

from engine.contract.translation import read_translations, translations_file
from tools.locations import ROOT
from tools.translations import texts

#: The languages in which every text must have a translation; a file of another may have some only.
COMPLETE = ("ko",)
LANGUAGES = [
    path.stem.removeprefix("dualstream_") for path in (ROOT / "resources" / "i18n").glob("*.ts")
]
#: Calls that show their text to the user.
SHOWN = {"Warned", "Metric", "Progress", "Done", "Advice", "Choice"}
#: Errors for programmers, which no user meets.
INTERNAL = {
    "AssertionError",
    "AttributeError",
    "IndexError",
    "KeyError",
    "NotImplementedError",
    "SystemExit",
    "TypeError",
}


def _values(text: str) -> Counter[tuple[str, str, str]]:
    """The values in a text: position, conversion and format of each."""
    found: Counter[tuple[str, str, str]] = Counter()
    for number, (_, name, form, conversion) in enumerate(
        part for part in string.Formatter().parse(text) if part[1] is not None
    ):
        found[name or str(number), conversion or "", form or ""] += 1
    return found


def _translations(language: str) -> dict[str, str]:
    path = translations_file(language)
    assert path is not None
    return read_translations(path)


@pytest.fixture(scope="module", params=LANGUAGES)
def translations(request) -> dict[str, str]:
    return _translations(request.param)


@pytest.mark.parametrize("language", COMPLETE)
def test_every_text_is_translated(language):
    translations = _translations(language)
    missing = {text: place for text, place in texts().items() if text not in translations}
    assert not missing, (
        f"{len(missing)} texts have no translation. A changed text: change its <source> in the .ts file too, because make "
        f"translations removes what has no text. A new one: run make translations and translate it. {missing}"
    )


def test_no_translation_is_left_over(translations):
    assert set(translations) <= set(texts())


def test_translations_hold_the_same_values(translations):
    for text, translation in translations.items():
        if "{" in text:
            assert set(_values(translation)) == set(_values(text)), f"{text}\n{translation}"


def test_shown_texts_are_marked_for_translation(root):
    """A message is ``tr("...").format(...)``, not a literal."""
    bare = [
        f"{path.relative_to(root)}:{node.lineno}"
        for package in ("dualstream_qgis", "engine")
        for path in (root / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for call in [node.exc if isinstance(node, ast.Raise) else node]
        if isinstance(call, ast.Call) and any(map(_is_sentence, _shown(node, call)))
    ]
    assert not bare, bare


def _shown(node: ast.AST, call: ast.Call) -> list[ast.expr]:
    """The arguments that a user reads: the message of an error, all texts of an event."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if isinstance(node, ast.Raise):
        return [] if name in INTERNAL else call.args[:1]
    return call.args if name in SHOWN else []


def _is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_sentence(node.body) or _is_sentence(node.orelse)
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    return any(isinstance(text, str) and re.search(r"[A-Za-z]{2,}", text) for text in texts)
