"""Writes Markdown: paragraphs of the plugin's HTML, tables, wrapped lines."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence

WIDTH = 100
#: Characters that would be markup.
_SPECIAL = re.compile(r"([\\`*\[\]<|])")


def escape(text: str) -> str:
    """Returns plain text so that Markdown shows it as it is, in a table too."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def inline(text: str) -> str:
    """Returns a help text with the tags b, i and br as Markdown, for a paragraph or a cell of a table."""
    words = escape(html.unescape(re.sub(r"<(/?)(b|i|br)>", "\x00\\1\\2\x01", text)))
    for tag, mark in (("b", "**"), ("i", "*")):
        words = words.replace(f"\x00{tag}\x01", mark).replace(f"\x00/{tag}\x01", mark)
    return words.replace("\x00br\x01", "  \n")


def from_html(text: str) -> str:
    """Returns the paragraphs of a help text, whose tags are p, b, i and br, as Markdown."""
    paragraphs = re.findall(r"<p>(.*?)</p>", text, re.DOTALL)
    return "\n".join(wrap(inline(paragraph)) + "\n" for paragraph in paragraphs)


def wrap(text: str) -> str:
    """Returns a paragraph or list item in lines of at most ``WIDTH`` characters."""
    indent = "  " if text.startswith("- ") else ""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table whose cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
