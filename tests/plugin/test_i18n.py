"""Tests of the language: the plugin's texts are in QGIS's language, and engines inherit it."""

import os

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract import protocol, translation
from qgis.core import QgsVectorLayer

from dualstream_qgis import i18n, sample_styles
from dualstream_qgis.engine_process.child_process import clean_environment


@pytest.fixture
def use_language(monkeypatch):
    """``use_language("ko_KR")``: the plugin starts in a QGIS of that language."""
    monkeypatch.setenv(translation.LANGUAGE_VARIABLE, "")

    def use(name: str) -> None:
        monkeypatch.setattr(i18n, "language", lambda: name)
        i18n.use_language_of_qgis()

    yield use
    use("")


def test_texts_of_plugin_and_engine_are_in_the_language_of_qgis(use_language):
    use_language("ko_KR")
    assert i18n.tr("Train") == "학습"
    with pytest.raises(ValueError, match="[가-힣]"):
        protocol.decode("no event")
    use_language("en_US")
    assert i18n.tr("Train") == "Train"


def test_engines_inherit_the_language(use_language):
    use_language("ko_KR")
    assert clean_environment()[translation.LANGUAGE_VARIABLE] == "ko_KR"
    assert os.environ[translation.LANGUAGE_VARIABLE] == "ko_KR"


def test_a_language_without_texts_stays_english(use_language):
    use_language("xx_XX")
    assert i18n.tr("Train") == "Train"


@pytest.mark.parametrize(
    ("name", "legend"),
    [("ko_KR", ["mist (안개)", "smoke (연기)"]), ("en_US", ["mist", "smoke"])],
)
def test_the_legend_of_sample_labels_has_the_names_that_masks_have(use_language, name, legend):
    """The classes of the starter model have the names of the attributes, which are English."""
    use_language(name)
    layer = QgsVectorLayer("Polygon?field=class:string", "labels", "memory")
    sample_styles.show_labels(layer)
    assert [category.label() for category in layer.renderer().categories()] == legend
