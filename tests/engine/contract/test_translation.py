"""Tests of the engine's language."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from engine.contract.translation import LANGUAGE_VARIABLE, read_translations, translations_file


@pytest.mark.parametrize(
    ("language", "is_korean"), [("ko", True), ("ko_KR", True), ("xx", False), ("../ko", False)]
)
def test_errors_are_in_the_chosen_language(language, is_korean, root):
    run = subprocess.run(
        [sys.executable, "-m", "engine", "info", "--model", "no.safetensors"],
        cwd=root,
        env={**os.environ, LANGUAGE_VARIABLE: language, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 2
    said = run.stdout + run.stderr
    assert "no.safetensors" in said
    assert any("가" <= letter <= "힣" for letter in said) == is_korean


def test_unfinished_translations_are_left_out(tmp_path):
    file = tmp_path / "texts.ts"
    file.write_text(
        "<message><source>a &lt; b</source><translation>b &gt; a</translation></message>"
        '<message><source>c</source><translation type="unfinished">d</translation></message>'
        '<message><source>e</source><translation type="unfinished"></translation></message>',
        "utf-8",
    )
    assert read_translations(file) == {"a < b": "b > a"}


def test_a_country_without_texts_of_its_own_has_those_of_its_language():
    assert translations_file("ko_KR") == translations_file("ko") is not None
    assert translations_file("xx") is None
