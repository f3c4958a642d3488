"""Tests of the translations: every text has one in every language, with the same values in it."""

from __future__ import annotations

import ast
import string
from collections import Counter

import pytest

from benchmarks.translations import texts
from engine.contract.translation import read_translations, translations_file

LANGUAGES = ("ko",)
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


@pytest.fixture(scope="module", params=LANGUAGES)
def translations(request) -> dict[str, str]:
    path = translations_file(request.param)
    assert path is not None
    return read_translations(path)


def test_every_text_is_translated(translations):
    missing = {text: place for text, place in texts().items() if text not in translations}
    assert not missing, (
        f"{len(missing)} texts have no translation: run make translations, {missing}"
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
        if isinstance(call, ast.Call)
        and _is_shown(node, call)
        and any(map(_is_sentence, call.args))
    ]
    assert not bare, bare


def _is_shown(node: ast.AST, call: ast.Call) -> bool:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return name not in INTERNAL if isinstance(node, ast.Raise) else name in SHOWN


def _is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_sentence(node.body) or _is_sentence(node.orelse)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value.strip()
    return isinstance(node, ast.JoinedStr)
