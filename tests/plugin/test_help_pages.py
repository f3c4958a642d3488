from __future__ import annotations

import re

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.translation import use_lookup
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QUrl

from dualstream_qgis import ROOT
from dualstream_qgis.help_pages import help_url
from dualstream_qgis.i18n import use_language_of_qgis
from dualstream_qgis.provider import ALGORITHMS
from tools.documentation import algorithm_pages

pytestmark = pytest.mark.usefixtures("processing_ready")


@pytest.fixture(scope="module")
def written(processing_ready):
    return algorithm_pages.pages([kind().create() for kind in ALGORITHMS])


@pytest.fixture
def site(tmp_path):
    for name in ("en/index", "en/algorithms/train", "ko/index"):
        page = tmp_path / "resources" / "help" / f"{name}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.touch()
    return tmp_path


@pytest.fixture
def korean():
    settings = QgsSettings()
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", "ko_KR")
    yield
    settings.remove("locale/overrideFlag")
    settings.remove("locale/userLocale")


LANGUAGES = ["en", *(folder.parent.name for folder in (ROOT / "docs").glob("??/algorithms"))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_algorithms_say_what_the_code_says(language, any_language):
    assert algorithm_pages.speak(language), "the translation is missing"
    texts = algorithm_pages.pages([kind().create() for kind in ALGORITHMS])
    folder = algorithm_pages.folder_of(language)
    assert {page.stem for page in folder.glob("*.md")} == set(texts)
    for name, text in texts.items():
        page = folder / f"{name}.md"
        same = page.read_text("utf-8") == algorithm_pages.with_hand_written(page, text)
        assert same, f"{page} differs from the code: run make docs"


def test_every_algorithm_has_a_page_with_all_its_parameters(written):
    for kind in ALGORITHMS:
        algorithm = kind().create()
        text = written[algorithm.name()]
        assert f"# {algorithm.displayName()}\n" in text
        for definition in algorithm.parameterDefinitions():
            assert f"| `{definition.name()}` |" in text, definition.name()
        assert f"]({algorithm.name()}.md)" in written["index"]


def test_types_are_those_that_are_taken_and_tags_are_markup(written):
    types = {
        cells[2].strip("`"): cells[3]
        for cells in (re.split(r" *\| *", line) for line in written["traindataset"].splitlines())
        if len(cells) > 4
    }
    assert types["DATASET"] == "folder or file" and types["CHECKED"] == "polygon layers"
    assert types["CORRECTIONS"] == "raster or vector layers"
    assert "*Where to label next*" in written["train"]
    assert not [name for name, text in written.items() if re.search(r"\\</?[bi]", text)]


@pytest.fixture
def any_language():
    """Restores the language that the plugin has in QGIS."""
    yield
    use_language_of_qgis()


def test_pages_in_another_language_have_no_english_left(any_language):
    no_letters_of_tags = str.maketrans("aeou", "äéöü")
    use_lookup(lambda text: text.translate(no_letters_of_tags))
    texts = algorithm_pages.pages([kind().create() for kind in ALGORITHMS])
    for name, text in texts.items():
        words = text.partition(algorithm_pages.GENERATED)[2]
        words = re.sub(
            r"## qgis_process|\*\(a\)\*|`[^`]*`|\]\([^)]*\)|^ {4}.*", "", words, flags=re.MULTILINE
        )
        assert "ä" in words
        assert not re.findall(r".*[aeou].*", words), name


def test_what_was_written_by_hand_is_kept(tmp_path, written):
    algorithms = [kind().create() for kind in ALGORITHMS]
    assert len(algorithm_pages.write(algorithms, tmp_path)) == len(written)
    assert algorithm_pages.write(algorithms, tmp_path) == []
    page = tmp_path / "train.md"
    page.write_text(f"old\n{algorithm_pages.BY_HAND}\n## Mine\n", "utf-8")
    assert algorithm_pages.write(algorithms, tmp_path) == [page]
    assert page.read_text("utf-8") == f"{written['train']}\n{algorithm_pages.BY_HAND}\n## Mine\n"


def test_a_help_address_is_a_file_in_the_user_s_language_else_in_english(site, korean):
    assert help_url(root=site).endswith("/resources/help/ko/index.html")
    assert help_url("algorithms/train", site).endswith("/help/en/algorithms/train.html")
    assert help_url(root=site).startswith("file:///")


def test_without_pages_the_address_is_that_of_the_repository(tmp_path):
    (tmp_path / "metadata.txt").write_text("[general]\nrepository=https://example.org/dual/\n")
    assert (
        help_url("first-hour", tmp_path) == "https://example.org/dual/blob/main/docs/first-hour.md"
    )
    assert help_url("first-hour", tmp_path / "none") == ""


def test_every_algorithm_s_help_button_has_an_address():
    for kind in ALGORITHMS:
        algorithm = kind().create()
        address = QUrl(algorithm.helpUrl())
        assert address.isValid() and f"/algorithms/{algorithm.name()}." in address.path()


def test_commands_of_qgis_process_in_the_documents_have_these_parameters():
    registry, count = QgsApplication.processingRegistry(), 0
    for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = file.read_text("utf-8").replace("\\\n", " ")
        for name, rest in re.findall(r"^ {4}qgis_process run (\S+)(.*)", text, re.MULTILINE):
            known = {d.name() for d in registry.algorithmById(name).parameterDefinitions()}
            assert set(re.findall(r" ([A-Z_]+)=", rest)) <= known, f"{file.name}: {name}"
            count += 1
    assert count > 20
