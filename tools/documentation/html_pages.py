"""Makes the help pages, plain HTML that a browser opens from the disk, of the Markdown in ``docs/``.

``python -m tools.documentation.html_pages [FOLDER]`` with the engine's Python writes ``resources/help/``: a folder a
language, with a page for each file, and ``everything.html``, which holds them all, for the browser's search.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..locations import ROOT

HELP = ROOT / "resources" / "help"
#: The look that the engine's reports have too.
STYLE = ROOT / "engine" / "reports" / "templates" / "style.css"
ENGLISH = "en"
#: Pages that lie outside docs/, because a repository has them on top.
_ON_TOP = ("CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
#: First pages of the list of all; the others follow by name.
_FIRST = (
    "index",
    "first-hour",
    "algorithms/index",
    "training",
    "labelling",
    "networks",
    "recipes",
    "many-scenes",
)
_ADDRESS = re.compile(r"^[a-z]+:")
#: Words around the pages, by language.
_WORDS = {
    "en": {"language": "English", "contents": "All pages", "everything": "Everything on one page"},
    "ko": {"language": "한국어", "contents": "모든 페이지", "everything": "모두 한 페이지로"},
}


@dataclass(frozen=True)
class Page:
    """A page of the help.

    Attributes:
        source: Its file of Markdown.
        language: Folder of its language, such as ``en``.
        name: Path below that folder, without its suffix.
        root: The checkout.
    """

    source: Path
    language: str
    name: str
    root: Path = ROOT

    @cached_property
    def tokens(self) -> list[Token]:
        """The parser's tokens of the file; headings have the anchors that GitHub gives them."""
        tokens = parser().parse(self.source.read_text("utf-8"))
        used: dict[str, int] = {}
        for mark, inline in zip(tokens, tokens[1:]):
            if mark.type == "heading_open":
                mark.attrSet("id", anchor(plain_text(inline), used))
        return tokens

    @cached_property
    def headings(self) -> list[tuple[int, str, str]]:
        """Level, anchor and text of every heading."""
        return [
            (int(mark.tag[1]), str(mark.attrGet("id")), plain_text(inline))
            for mark, inline in zip(self.tokens, self.tokens[1:])
            if mark.type == "heading_open"
        ]

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.headings[0][2]


def parser() -> MarkdownIt:
    """Returns the parser: CommonMark with tables; comments of HTML are the only HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def anchor(text: str, used: dict[str, int]) -> str:
    """Returns the anchor that GitHub gives a heading; ``used`` counts those of the page."""
    name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
    used[name] = used.get(name, -1) + 1
    return f"{name}-{used[name]}" if used[name] else name


def plain_text(inline: Token) -> str:
    """Returns the text of a line without its markup."""
    return "".join(child.content for child in inline.children or ())


def links(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """Yields each link and picture with the name of the attribute that holds its target."""
    for token in tokens:
        for child in token.children or ():
            if child.type in ("link_open", "image"):
                yield child, "href" if child.type == "link_open" else "src"


def find_pages(root: Path = ROOT) -> dict[Path, Page]:
    """Returns all pages by their files, in the order of the list of all."""
    docs = root / "docs"
    found = [root / name for name in _ON_TOP if (root / name).is_file()]
    found += docs.rglob("*.md")
    pages = []
    for source in found:
        parts = list((source.relative_to(docs if docs in source.parents else root)).parts)
        language = (
            parts.pop(0) if len(parts) > 1 and re.fullmatch("[a-z]{2}", parts[0]) else ENGLISH
        )
        pages.append(Page(source, language, "/".join(parts).removesuffix(".md"), root))
    rank = {name: place for place, name in enumerate(_FIRST)}
    # Written in capitals: pages for developers, which come last.
    pages.sort(
        key=lambda page: (
            page.language,
            page.name[0].isupper(),
            rank.get(page.name, len(rank)),
            page.name,
        )
    )
    return {page.source: page for page in pages}


def target_of(link: str, source: Path) -> tuple[Path, str]:
    """Returns the file that a relative link in a file leads to, and its anchor."""
    path, _, fragment = link.partition("#")
    return (Path(os.path.normpath(source.parent / path)) if path else source), fragment


def write(folder: Path = HELP, root: Path = ROOT) -> list[Path]:
    """Writes all pages again and returns their paths.

    Raises:
        SystemExit: If a link leads nowhere.
    """
    pages = find_pages(root)
    shutil.rmtree(folder, ignore_errors=True)
    written = []
    for page in pages.values():
        file = _file(page, folder)
        values = {
            "page": page,
            "body": _body(page, pages, folder, file),
            "pages": _listed(page, pages),
        }
        others = [o for o in pages.values() if o.name == page.name and o.language != page.language]
        _render(file, folder, page.language, translations=others, **values)
        written.append(file)
    for language in {page.language for page in pages.values()}:
        of_language = [page for page in pages.values() if page.language == language]
        file = folder / language / "everything.html"
        bodies = {page: _body(page, pages, folder, file) for page in of_language}
        _render(file, folder, language, page=None, everything=bodies, pages=of_language)
        written.append(file)
    return written


def _listed(page: Page, pages: dict[Path, Page]) -> list[Page]:
    """Returns the pages for a page's list of contents: in English where there is no translation."""
    own = [other for other in pages.values() if other.language == page.language]
    names = {other.name for other in own}
    return own + [o for o in pages.values() if o.language == ENGLISH and o.name not in names]


def _file(page: Page, folder: Path) -> Path:
    return folder / page.language / f"{page.name}.html"


def _body(page: Page, pages: dict[Path, Page], folder: Path, file: Path) -> str:
    """Returns a page's HTML in a file: links lead to other pages, and to files that the plugin has too."""
    tokens = copy.deepcopy(page.tokens)
    is_own_file = file == _file(page, folder)
    for token, attribute in links(tokens):
        link = str(token.attrGet(attribute))
        if _ADDRESS.match(link) or (link.startswith("#") and is_own_file):
            continue
        target, fragment = target_of(link, page.source)
        if target not in pages and not target.exists():
            where = page.source.relative_to(page.root)
            raise SystemExit(f"{where} links to {link}, which is not there.")
        aim = _relative(_file(pages[target], folder) if target in pages else target, file)
        token.attrSet(attribute, f"{aim}#{fragment}" if fragment else aim)
    for token in tokens:
        if token.type == "heading_open" and not is_own_file:
            token.attrSet("id", f"{page.name}--{token.attrGet('id')}")
    markdown = parser()
    html = markdown.renderer.render(tokens, markdown.options, {})
    return html.replace("<table>", '<div class="scroll"><table>').replace(
        "</table>", "</table></div>"
    )


def _relative(target: Path, file: Path) -> str:
    return Path(os.path.relpath(target, file.parent)).as_posix()


def _render(file: Path, folder: Path, language: str, **values: object) -> None:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def link(page: Page, heading: str = "") -> str:
        """Returns a link to a page or one of its headings, from the file that is written."""
        relative = _relative(_file(page, folder), file)
        return f"{relative}#{heading}" if heading else relative

    text = environment.get_template("page.html").render(
        style=STYLE.read_text("utf-8"),
        link=link,
        top=_relative(folder / language, file),
        language=language,
        words=_WORDS[language],
        languages={key: words["language"] for key, words in _WORDS.items()},
        **values,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", newline="\n")


def main() -> None:
    """Writes the pages into ``resources/help/``, or the folder that the command line names."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HELP
    print(f"{len(write(folder))} help pages in {folder}")


if __name__ == "__main__":
    main()
