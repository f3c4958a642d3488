"""What docstrings and comments refer to ("see ``x``") is there; only the sources are read, nothing is imported."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("engine", "dualstream_qgis", "benchmarks", "tools")

#: Where a comment or docstring goes on in the next line.
LINE_END = re.compile(r"\s*\n\s*(?:#:?\s*)?")

#: "see ``one``", "See `one`, ``two`` and ``three``".
NAME = r"`{1,2}[^`]+`{1,2}"
REFERENCE = re.compile(rf"\b[Ss]ee ({NAME}(?:,? (?:and |or )?{NAME})*)")

Sources = dict[str, str]


def references(text: str) -> list[str]:
    """The names that comments and docstrings of a source refer to."""
    found = REFERENCE.findall(LINE_END.sub(" ", text))
    return [name.strip("`").removesuffix("()") for each in found for name in re.findall(NAME, each)]


def module_of(path: str) -> str:
    """``models.cmx`` of ``engine/models/cmx.py``, ``models`` of ``engine/models/__init__.py``."""
    return ".".join(PurePosixPath(path).with_suffix("").parts[1:]).removesuffix(".__init__")


def members(node: ast.AST) -> set[str]:
    """The names that a class or module defines, a class's attributes among them."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(each.name)
        elif isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            found.add(each.attr)
    return found


def public_names(path: str, text: str) -> set[str]:
    """All dotted names by which a source and what it defines may be called from other files."""
    tree, module = ast.parse(text), module_of(path)
    named = {module, f"{module}.py", PurePosixPath(path).name, path}
    short = module.split(".")[-1]
    for node in tree.body:
        targets: set[str] = set()
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.ClassDef, ast.FunctionDef)):
            is_scope = isinstance(node, (ast.ClassDef, ast.FunctionDef))
            targets = {node.name} if is_scope else members(node)  # type: ignore[attr-defined]
        if isinstance(node, ast.ClassDef):
            targets |= {f"{node.name}.{member}" for member in members(node) - {node.name}}
        named |= (
            {short} | targets | {f"{owner}.{name}" for owner in (module, short) for name in targets}
        )
    return named


def dangling(sources: Sources, files: set[str]) -> list[str]:
    """References to what neither the same file, nor its package, nor the engine has."""
    by_folder: dict[str, set[str]] = {}
    for path, text in sources.items():
        by_folder.setdefault(path.split("/")[0], set()).update(public_names(path, text))
    found = []
    for path, text in sources.items():
        known = by_folder[path.split("/")[0]] | by_folder.get("engine", set()) | files
        known |= members(ast.parse(text))
        found += [
            f"{path} refers to {name!r}, which does not exist: name what holds it now"
            for name in references(text)
            if name not in known
        ]
    return found


def test_what_docstrings_refer_to_exists() -> None:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    sources = {str(path.relative_to(ROOT).as_posix()): path.read_text("utf-8") for path in paths}
    assert sum(len(references(text)) for text in sources.values()) > 40, "the sources were not read"
    assert not dangling(sources, {path.name for path in ROOT.glob("*.md")})


def test_files_that_the_documents_name_exist() -> None:
    documents = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    folders = (*FOLDERS, "tests")
    files = {
        path.relative_to(ROOT).as_posix() for f in folders for path in (ROOT / f).rglob("*.py")
    }
    for document in documents:
        named = re.findall(r"`([\w/]+\.py)`", document.read_text("utf-8"))
        missing = [n for n in named if not any(f"/{file}".endswith(f"/{n}") for file in files)]
        assert not missing, f"{document.name} names files that do not exist"
        assert named or document.name != "ARCHITECTURE.md"


GOOD = {
    "engine/rows.py": '"""Rows, see ``rows.Reader``, `kept.py` and ``Reader.read``."""\n\n'
    "class Reader:\n    size: int = 0\n    def read(self, at): ...\n    # see\n    # ``at``, ``size``\n",
    "engine/models/kept.py": "#: What is kept, see ``models.kept`` and ``LEAST``, see ``README.md``.\nLEAST = 1\n",
    "dualstream_qgis/run.py": '"""Runs, see ``Reader``, ``kept.LEAST``; seen ``nowhere`` else."""\n',
}


@pytest.mark.parametrize(
    "line",
    [
        "# see ``rows.Writer``",
        "# See `gone`",
        '"""Of rows, see\n``Reader.write``."""',
        "# see ``LEAST`` and ``MOST``",
        "#: see\n#: ``lost.py``",
        "# see ``CHANGES.md``",
    ],
)
def test_a_reference_to_nothing_is_found(line: str) -> None:
    assert not dangling(GOOD, {"README.md"})
    complaints = dangling({**GOOD, "engine/more.py": f"{line}\n"}, {"README.md"})
    assert len(complaints) == 1 and complaints[0].startswith("engine/more.py refers to")
