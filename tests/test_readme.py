"""README and docs: links lead somewhere, commands and options exist, tables agree with the code, words are plain."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from engine.command_line.registry import VERBS
from engine.contract.architectures import with_recipe
from engine.contract.encoders import ENCODERS
from engine.contract.jobs import TrainJob
from tools.documentation import html_pages
from tools.documentation.html_pages import Page

#: Options of the command line that are no fields of a job.
NOT_IN_JOBS = {"config", "events"}

#: Words that readers stumble over, as patterns, and what pages say instead.
STUMBLING = {
    r"\b(tells|told)\b": "reports, shows, says",
    r"\b(go|goes|going|went) on\b": "resumes, continues",
    r"\banew\b": "again; begins anew: starts over",
    r"\bgiven up\b": "discarded",
    r"\bpassed over\b": "ignored",
    r"(?<!there )\b(is|are) no\b(?! longer| better| worse| more)": "is not a, has no",
    r"(?<=[,;:.] )(of|in) which\b": "a new sentence",
    r"(?<=\. )who\b(?![^.]*\?)": "if you",
    r"—": "a comma, a colon or brackets",
}


def markdown_files(root: Path) -> list[Path]:
    return [root / "README.md", root / "README.ko.md", *html_pages.find_pages(root)]


def translated_files(root: Path) -> dict[Path, Path]:
    """Every Korean file with the English one that it is a translation of."""
    docs = root / "docs"
    pages = {page: docs / page.relative_to(docs / "ko") for page in (docs / "ko").rglob("*.md")}
    return {root / "README.ko.md": root / "README.md", **pages}


def commands(root: Path) -> Iterator[tuple[str, str]]:
    """Every line of an indented block and every piece of code, in one line, with the name of its file."""
    for file in markdown_files(root):
        text = file.read_text("utf-8").replace("\\\n", " ")
        for block, piece in re.findall(r"^ {4}(.*)|`([^`]*)`", text, re.MULTILINE):
            yield file.name, " ".join((block or piece).split())


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def untranslated(text: str) -> tuple[list[str], list[str], list[float]]:
    """What a translation keeps: indented lines without comments; code and numbers of tables, sorted."""
    lines = [re.sub(r"(^|\s+)# .*", "", line) for line in re.findall(r"^ {4}(.*)", text, re.M)]
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    numbers = re.findall(r"\d*\.?\d+", re.sub("`[^`]*`", "", rows))
    return lines, sorted(re.findall("`[^`]*`", rows)), sorted(map(float, numbers))


def stumbling_words(text: str) -> list[str]:
    """The words of ``STUMBLING`` in the prose of a page, each with what precedes and follows it."""
    prose = " ".join(re.sub(r"^(?: {4}|\|).*", "", text, flags=re.M).split())
    found = [
        (match, instead)
        for pattern, instead in STUMBLING.items()
        for match in re.finditer(pattern, prose, re.IGNORECASE)
    ]
    return [
        f"...{prose[max(0, match.start() - 40) : match.end() + 30]}...: say {instead}"
        for match, instead in found
    ]


def test_pages_say_it_in_plain_words(root):
    pages = [*root.glob("*.md"), *(root / "docs").glob("*.md")]
    texts = {str(page): page.read_text("utf-8") for page in pages if page.suffixes == [".md"]}
    for page in (root / "docs" / "algorithms").glob("*.md"):  # above its mark a page is generated
        texts[str(page)] = page.read_text("utf-8").partition("written by hand. -->")[2]
    assert len(texts) > 30
    complaints = {name: found for name, text in texts.items() if (found := stumbling_words(text))}
    assert not complaints


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("The log tells it. A run goes\non, and begins anew.", 3),
        ("A page, of which two are left. Who reads it is told.", 3),
        ("It is no model — there is no\nfile, it is no longer read.", 2),
        ("What happens on Windows; in which\nplace? Who knows? It is no more.", 1),
        ("    tells\n| told |\n", 0),
    ],
)
def test_stumbling_words_are_found_in_prose(line, count):
    assert len(stumbling_words(line)) == count


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_readme_is_short(root, name):
    assert len((root / name).read_text("utf-8").splitlines()) <= 150


def test_a_translation_has_the_commands_and_numbers_of_its_english_page(root):
    files = translated_files(root)
    assert len(files) > 20
    for korean, english in files.items():
        kept, wanted = (untranslated(file.read_text("utf-8")) for file in (korean, english))
        if korean.parent.name == "algorithms":  # their tables come from the code
            kept, wanted = kept[:1], wanted[:1]
        assert kept == wanted, f"{korean} differs from {english}"


def test_links_lead_to_files_and_headings(root):
    complaints = []
    for file in markdown_files(root):
        for token, attribute in html_pages.links(Page(file, "en", file.stem).tokens):
            link = str(token.attrGet(attribute))
            if re.match("[a-z]+:", link):
                continue
            target, anchor = html_pages.target_of(unquote(link), file)
            if not target.exists():
                complaints.append(f"{file.name}: {link}: no such file")
            elif anchor and anchor not in {a for _, a, _ in Page(target, "en", "").headings}:
                complaints.append(f"{file.name}: {link}: no such heading")
    assert not complaints


def test_anchors_are_github_s():
    used: dict[str, int] = {}
    texts = ["What `auto` does, and why", "A class's name (2)", "More", "More"]
    found = [html_pages.anchor(text.replace("`", ""), used) for text in texts]
    assert found == ["what-auto-does-and-why", "a-classs-name-2", "more", "more-1"]


def test_commands_of_make_exist(root):
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    for file in markdown_files(root):
        named = re.findall(r"(?:`|^    )make (?:-s )?([a-z-]+)", file.read_text("utf-8"), re.M)
        assert set(named) <= targets, file.name


def test_commands_of_the_engine_have_these_options(root):
    count = 0
    for name, line in commands(root):
        match = re.search(r"-m engine ([a-z-]+) (.*)", line)
        if match and match[1] != "serve":
            verb, rest = match[1], match[2]
            verb = "segment-folder" if "--scenes" in rest else verb
            known = {field.name for field in fields(VERBS[verb])} | NOT_IN_JOBS
            words = [
                w[2:].replace("-", "_")
                for w in shlex.split(rest, comments=True)
                if w.startswith("--")
            ]
            known |= {f"no_{field}" for field in known}
            assert set(words) <= known, f"{name}: {line}"
            count += 1
    assert count > 20


def test_the_table_of_presets_is_theirs(root):
    rows = table((root / "docs" / "recipes.md").read_text("utf-8"), "What the presets set")
    columns = ("automatic", "dualstream", "clouds", "buildings")
    jobs = [
        with_recipe(TrainJob(architecture="smp:Unet:resnet34", preset=name))[0] for name in columns
    ]
    words = {"no stop": 0, "by steps": 0, "by pixel type": "automatic"}
    compared = 0
    for setting, *cells in rows:
        if not setting.startswith("`"):
            continue
        for job, cell in zip(jobs, cells, strict=True):
            value, text = getattr(job, setting.strip("`")), cell.strip("`")
            shown = words.get(text, text)
            is_same = (
                float(shown) == pytest.approx(value, rel=1e-3)
                if isinstance(value, float)
                else str(shown) == str(value)
            )
            assert is_same, f"{setting}: {cell} instead of {value}"
            compared += 1
    assert compared == 4 * 19


def test_the_table_of_encoders_is_the_code_s(root):
    rows = table((root / "docs" / "networks.md").read_text("utf-8"), "Encoders and their weights")
    found = {}
    for names, sizes, weights, _ in rows:
        for name, size in zip(names.split(", "), sizes.split(", "), strict=True):
            found[name.strip("`")] = (float(size), weights.startswith("come with"))
    assert found == {name: (info.parameters, bool(info.package)) for name, info in ENCODERS.items()}


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.targets += [values[key] for key in ("href", "src") if key in values]
        self.anchors |= {values["id"]} if "id" in values else set()


def read_links(file: Path) -> Links:
    parser = Links()
    parser.feed(file.read_text("utf-8"))
    return parser


@pytest.fixture(scope="module")
def help_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("help")
    html_pages.write(folder)
    return folder


def test_every_link_of_the_help_pages_works(help_folder):
    files = {file: read_links(file) for file in help_folder.rglob("*.html")}
    assert len(files) > 20
    for file, found in files.items():
        for target in found.targets:
            path, _, anchor = unquote(target).partition("#")
            if re.match("[a-z]+:", path):
                continue
            aim = (file.parent / path).resolve() if path else file
            assert aim.is_file(), f"{file.name}: {target}"
            if anchor:
                assert anchor in files[aim].anchors, f"{file.name}: {target}"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_everything_holds_every_page_and_its_pictures(help_folder, root, language):
    everything = (help_folder / language / "everything.html").read_text("utf-8")
    pages = [p for p in html_pages.find_pages(root).values() if p.language == language]
    for page in pages:
        assert f'<section id="{page.name}">' in everything
    pictures = sum(page.source.read_text("utf-8").count("![") for page in pages)
    assert everything.count("<img") == pictures > 0


def project(folder: Path, **pages: str) -> Path:
    """A checkout with these pages; a name's two underscores are a slash."""
    for name, text in pages.items():
        file = folder / "docs" / f"{name.replace('__', '/')}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_a_translated_page_links_to_its_own_language_where_it_can(tmp_path):
    root = project(
        tmp_path,
        index="# Top\n\n[first](first.md)\n",
        first="# First\n\n## Begin\n",
        ko__index="# 위\n\n[first](../first.md#begin)\n",
        ko__algorithms__train="# 학습\n\n[위](../index.md)\n",
    )
    html_pages.write(tmp_path / "help", root)
    assert 'href="../en/first.html#begin"' in (tmp_path / "help/ko/index.html").read_text("utf-8")
    train = (tmp_path / "help/ko/algorithms/train.html").read_text("utf-8")
    assert 'href="../index.html"' in train and 'lang="ko"' in train
    assert 'href="../../en/first.html">First' in train, "a page without a translation is listed"


def test_a_link_to_nothing_ends_the_making_of_pages(tmp_path):
    root = project(tmp_path, index="# Top\n\n[gone](gone.md)\n")
    with pytest.raises(SystemExit, match=r"docs/index\.md links to gone\.md"):
        html_pages.write(tmp_path / "help", root)
