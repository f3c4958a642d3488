"""Tests of the language: Qt's compiled texts are those of the source file, and engines inherit QGIS's language."""

import os

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract import protocol, translation
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication

from dualstream_qgis import i18n
from dualstream_qgis.engine_process.child_process import clean_environment


@pytest.fixture
def korean(monkeypatch):
    """QGIS in Korean, with the plugin's texts loaded."""
    monkeypatch.setenv(translation.LANGUAGE_VARIABLE, "")
    monkeypatch.setattr(i18n, "language", lambda: "ko_KR")
    translator = i18n.install_translator()
    yield translator
    QgsApplication.removeTranslator(translator)


def test_compiled_texts_are_those_of_the_source(korean):
    expected = translation.read_translations(translation.translations_file("ko"))
    different = [text for text in expected if i18n.tr(text) != expected[text]]
    assert len(expected) > 1000
    assert not different, "run make translations"


def test_texts_of_plugin_and_engine_are_in_the_language_of_qgis(korean):
    assert i18n.tr("Train") == "학습"
    with pytest.raises(ValueError, match="[가-힣]"):
        protocol.decode("no event")
    QCoreApplication.removeTranslator(korean)
    assert i18n.tr("Train") == "Train"


def test_engines_inherit_the_language(korean):
    assert clean_environment()[translation.LANGUAGE_VARIABLE] == "ko_KR"
    assert os.environ[translation.LANGUAGE_VARIABLE] == "ko_KR"


def test_a_language_without_texts_stays_english(monkeypatch):
    monkeypatch.setenv(translation.LANGUAGE_VARIABLE, "")
    monkeypatch.setattr(i18n, "language", lambda: "xx_XX")
    assert i18n.install_translator() is None
    assert i18n.tr("Train") == "Train"
