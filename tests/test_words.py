"""The sources use plain English: words that native technical writers avoid do not come back.

``WORDS`` holds for every sentence of the repository: tests of the documents can use ``avoided`` too.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("engine", "dualstream_qgis", "benchmarks", "tools")

#: Expressions to avoid, each with words to use instead.
WORDS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\b[Tt](?:ells?|old|elling)\b", "reports, shows, states, distinguishes"),
        (r"\b[Gg](?:o|oes|oing|one) on\b(?! the)", "resumes, continues"),
        (r"\bwent on\b(?! the)", "resumed, continued"),
        (r"\b[Aa]new\b", "again; begins anew: starts over"),
        (r"\bgiven up\b", "discarded"),
        (r"\bpassed over\b", "ignored"),
        (
            r"(?<!\b[Tt]here )(?<!\bmay )\b(?:is|are|was|were|be) no\b(?! (?:longer|more|larger|smaller|farther)\b)",
            "is not a",
        ),
        (r"[,:;] (?:of|in) which\b", "a new sentence"),
        (r"\bvery same\b", "identical"),
        (r"\bsays? otherwise\b", "overrides it"),
        (r"\bstops no other\b", "the run continues"),
    )
)

#: A docstring starts with a verb or a noun.
FIRST_WORD = re.compile(r"What\b")


def avoided(text: str) -> list[str]:
    """The expressions to avoid in a text that may have several lines, each with what to say instead."""
    line = " ".join(text.split())
    return [
        f"{found[0]!r} ({instead})" for words, instead in WORDS for found in words.finditer(line)
    ]


def sentences(source: str) -> Iterator[str]:
    """The texts of a Python source: literals, which parts side by side form, and comments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    block: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            block.append(token.string.lstrip("#:"))
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            yield " ".join(block)
            block = []


def docstrings(source: str) -> Iterator[str]:
    """The docstrings of a module, its classes and its functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ""


def complaints(source: str) -> list[str]:
    """All that should be worded in another way in a Python source."""
    words = [each for text in sentences(source) for each in avoided(text)]
    first = [text[:60] for text in docstrings(source) if FIRST_WORD.match(text)]
    return words + [f"{text!r} (start with a verb or a noun)" for text in first]


@pytest.mark.parametrize("folder", FOLDERS)
def test_sources_are_in_plain_english(folder: str) -> None:
    sources = sorted((ROOT / folder).rglob("*.py"))
    found = {str(path.relative_to(ROOT)): complaints(path.read_text("utf-8")) for path in sources}
    assert len(found) > 20, "the sources were not read"
    assert not {path: lines for path, lines in found.items() if lines}


def test_templates_of_reports_are_in_plain_english() -> None:
    templates = sorted((ROOT / "engine" / "reports" / "templates").iterdir())
    assert len(templates) > 5
    assert not [
        (path.name, each) for path in templates for each in avoided(path.read_text("utf-8"))
    ]


@pytest.mark.parametrize(
    "source",
    [
        'text = tr("The choice is told in the log.")',
        'text = (\n    "The training goes "\n    "on."\n)',
        "# read\n# anew for every tile\n",
        "tile = 1  #: It was passed over.\n",
        '"""A file\nthat is no\nmodel."""',
        '"""Random splits, of which the best is taken."""',
        'def f():\n    """What a page shows."""',
        'text = f"{name} is given up"',
    ],
)
def test_an_avoided_expression_is_found(source: str) -> None:
    assert len(complaints(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""There is no mosaic, and the loss is no longer a number; a side is no larger than a tile."""',
        '"""One pass over the area, the folder in which it lies, and a field to go on the map."""',
        "position = file.tell()\ntold = 1\n",
        'def f():\n    """Whether it fits. What does not fit is named."""',
    ],
)
def test_ordinary_sentences_pass(source: str) -> None:
    assert not complaints(source)
