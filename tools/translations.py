"""Collects the texts for translation: ``python -m tools.translations resources/i18n/dualstream_ko.ts``.

Texts are the literals of ``tr("...")``, ``tr_noop("...")`` and ``format_count(n, "...", "...")`` in the plugin, the engine
and the templates of the reports. Qt's lupdate merges them into the file, so that finished translations stay. A translation
whose text is gone is removed: to keep that of a text whose English you change, change its ``<source>`` in the file first.

Another language is another file, ``dualstream_fr.ts`` for French. QGIS and ``DUALSTREAM_LANGUAGE=fr`` find it by its name;
texts that it lacks are shown in English.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from .locations import ROOT

#: Context of all messages in the file.
CONTEXT = "DualStream"
#: Positions of the texts among the arguments of the functions that take texts for translation.
_FUNCTIONS = {"tr": (0,), "tr_noop": (0,), "format_count": (1, 2), "option": (1, 2)}
#: The same for filters of the templates, without the value that is filtered.
_FILTERS = {"count": (0, 1)}


def texts(root: Path = ROOT) -> dict[str, str]:
    """The texts of plugin and engine, with the file that holds each.

    Raises:
        SystemExit: If an argument that should be a text is none, so that it could not be found.
    """
    found: dict[str, str] = {}
    for package in ("dualstream_qgis", "engine", "tools/documentation"):
        for path in sorted((root / package).rglob("*.py")):
            found.update(dict.fromkeys(_in_code(path), str(path.relative_to(root))))
    for path in sorted((root / "engine" / "reports" / "templates").glob("*.html")):
        found.update(dict.fromkeys(_in_template(path), str(path.relative_to(root))))
    return found


def _in_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for position in _FUNCTIONS.get(name, ()):
                argument = node.args[position] if position < len(node.args) else None
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
                elif isinstance(argument, ast.JoinedStr):
                    raise SystemExit(
                        f"{path}:{node.lineno}: {name} needs a literal, and .format after it."
                    )


def _in_template(path: Path) -> Iterator[str]:
    page = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for call in page.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "tr":
            yield from _constants(call.args[:1])
    for filtered in page.find_all(nodes.Filter):
        yield from _constants(filtered.args[: len(_FILTERS.get(filtered.name, ()))])


def _constants(arguments: list[nodes.Expr]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            yield argument.value


def update(target: Path) -> None:
    """Adds new texts to a translation file and removes those that are gone."""
    with tempfile.TemporaryDirectory() as folder:
        # lupdate reads no Python, but JavaScript.
        source = Path(folder, "texts.js")
        lines = (
            f"qsTranslate({json.dumps(CONTEXT)}, {json.dumps(text, ensure_ascii=False)});\n"
            for text in sorted(texts())
        )
        source.write_text("".join(lines), encoding="utf-8")
        merge = [
            "-locations",
            "none",
            "-no-obsolete",
            "-no-ui-lines",
            "-disable-heuristic",
            "number",
        ]
        language = target.stem.rpartition("_")[2]
        options = [*merge, "-source-language", "en", "-target-language", language]
        subprocess.run(["lupdate", str(source), *options, "-ts", str(target)], check=True)


if __name__ == "__main__":
    update(Path(sys.argv[1]))
