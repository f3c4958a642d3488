"""The summary of a run over many scenes: a table (CSV) for programs and a page (HTML) for people."""

from __future__ import annotations

import csv
import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from ..contract.class_table import ClassTable
from ..contract.errors import RasterError, format_count
from ..contract.eta import format_duration
from ..contract.output_files import atomic_output, write_error_message
from ..contract.plain_text import replace_invalid_xml
from .scene_task import DONE, FAILED, KEPT, SceneRecord

#: The columns before and after the shares of the classes.
_BEFORE = ("scene", "status", "seconds", "mpx", "mpx_per_second")
_AFTER = ("device", "runtime", "message")

#: Spreadsheets compute a cell that begins so: a file's name could run code there.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class RunSummary:
    """The facts about the run as a whole.

    Attributes:
        models: The model files' names.
        classes: The class table.
        scenes: Number of scenes; fewer records mean that the run was interrupted.
        seconds: Duration of the run, s.
        mosaics: Paths of the mosaics of the masks.
    """

    models: tuple[str, ...]
    classes: ClassTable
    scenes: int
    seconds: float = 0.0
    mosaics: tuple[str, ...] = ()


def write_table(path: Path, records: Sequence[SceneRecord], classes: ClassTable) -> None:
    """Writes the table: a row per scene, with the share of each class of the pixels that have a class.

    A text that a spreadsheet would compute gets an apostrophe in front.

    Raises:
        RasterError: If it cannot be written.
    """
    names = list(dict.fromkeys(entry.name for entry in classes))
    try:
        with atomic_output(path) as part, _open_text(part) as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([*_BEFORE, *map(_cell_text, names), *_AFTER])
            table.writerows(_cells(record, names) for record in records)
    except OSError as error:
        raise RasterError(write_error_message("table", path, error)) from error


def _open_text(path: Path) -> TextIO:
    """A text file to write; bytes of file names that are not UTF-8 become escapes."""
    return path.open("w", newline="", encoding="utf-8", errors="backslashreplace")


def _cells(record: SceneRecord, names: Sequence[str]) -> list[str]:
    numbers = [f"{record.seconds:.3f}", "", ""]
    if record.pixels:
        numbers[1:] = f"{record.megapixels:.6f}", f"{record.rate:.4g}"
    shares = [f"{record.shares[name]:.6f}" if name in record.shares else "" for name in names]
    end = map(_cell_text, (record.device, record.runtime, record.sentence))
    return [_cell_text(record.name), record.status, *numbers, *shares, *end]


def _cell_text(text: str) -> str:
    """A text that no spreadsheet computes, in one line."""
    # ``csv`` does not quote a carriage return, and readers take it for a new row.
    return (f"'{text}" if text.startswith(_FORMULAS) else text).replace("\r", " ")


def write_page(path: Path, records: Sequence[SceneRecord], run: RunSummary) -> None:
    """Writes the page, in one file: totals, failed scenes with their reasons, then the other scenes.

    Raises:
        RasterError: If it cannot be written.
    """
    failed = [record for record in records if record.status == FAILED]
    others = [record for record in records if record.status != FAILED]
    parts = [
        _head(run),
        _totals(records, run),
        _failures(failed),
        _legend(others, run.classes),
        _scenes(others, path.parent, run.classes),
    ]
    page = _PAGE.format(style=_STYLE, body="\n".join(filter(None, parts)))
    try:
        with atomic_output(path) as part, _open_text(part) as file:
            file.write(page)
    except OSError as error:
        raise RasterError(write_error_message("summary", path, error)) from error


def _head(run: RunSummary) -> str:
    models = ", ".join(map(_text, run.models))
    files = [("summary.csv", "the numbers as a table"), *((p, "all masks") for p in run.mosaics)]
    links = " · ".join(f"{_link(Path(file).name)} <small>{what}</small>" for file, what in files)
    return f"<h1>Segmented scenes</h1>\n<p>Model: <b>{models}</b></p>\n<p>{links}</p>"


def _totals(records: Sequence[SceneRecord], run: RunSummary) -> str:
    count = {status: sum(r.status == status for r in records) for status in (DONE, KEPT, FAILED)}
    done = [record for record in records if record.status == DONE]
    pixels, seconds = sum(record.megapixels for record in done), max(run.seconds, 1e-9)
    devices = ", ".join(dict.fromkeys(record.device for record in done))
    figures = [
        (str(run.scenes), "scene" if run.scenes == 1 else "scenes"),
        (str(count[DONE]), "segmented now"),
        *([(str(count[KEPT]), "kept from earlier runs")] if count[KEPT] else []),
        *([(str(count[FAILED]), "failed")] if count[FAILED] else []),
        (format_duration(run.seconds), "in all"),
    ]
    if done:
        figures.append((f"{pixels:.4g}", "million pixels"))
        figures.append((f"{pixels / seconds:.3g}", "million pixels a second"))
    boxes = "".join(
        f'<div class="{"bad" if what == "failed" else "figure"}"><b>{number}</b>{what}</div>'
        for number, what in figures
    )
    missing = run.scenes - len(records)
    interrupted = (
        f"<p class='note'>The run was interrupted: this list lacks {format_count(missing, 'scene')}. Run the same "
        "command again; finished scenes are kept.</p>"
        if missing
        else ""
    )
    on = f"<p>Computed on {_text(devices)}.</p>" if devices else ""
    return f'<div class="figures">{boxes}</div>{interrupted}{on}'


def _failures(failed: Sequence[SceneRecord]) -> str:
    if not failed:
        return ""
    rows = "".join(
        f"<tr><td><b>{_text(record.name)}</b><br><small>{_text(record.image)}</small></td>"
        f"<td>{_text(record.sentence)}</td></tr>\n"
        for record in failed
    )
    return (
        f"<h2>Failed: {len(failed)}</h2>\n<p>These scenes have no new mask. Mend them as the sentences say, or take "
        "them out of the list, and run the same command again: it computes only what is missing.</p>\n"
        f'<table class="bad"><tr><th>Scene</th><th>What is wrong, and what to do</th></tr>\n{rows}</table>'
    )


def _legend(records: Sequence[SceneRecord], classes: ClassTable) -> str:
    """The classes with their shares in all masks together."""
    known = max(sum(record.known for record in records), 1)
    items = "".join(
        f'<li><i style="background:{entry.colour}"></i>{_text(entry.name)} '
        f"<small>{_percent(sum(r.shares.get(entry.name, 0) * r.known for r in records) / known)}</small></li>"
        for entry in classes
    )
    return f'<h2>Classes</h2>\n<ul class="legend">{items}</ul>' if records else ""


def _scenes(records: Sequence[SceneRecord], folder: Path, classes: ClassTable) -> str:
    if not records:
        return ""
    rows = "".join(_row(record, folder, classes) for record in records)
    head = "<th>Scene</th><th>Shares of the classes</th>"
    head += "".join(f'<th class="number">{name}</th>' for name in ("Mpx", "Seconds", "Mpx/s"))
    head += "<th>Computed on</th>"
    return f"<h2>Scenes: {len(records)}</h2>\n<table><tr>{head}</tr>\n{rows}</table>"


def _row(record: SceneRecord, folder: Path, classes: ClassTable) -> str:
    mask = os.path.relpath(record.output, folder)
    kept = ' <span class="kept">kept</span>' if record.status == KEPT else ""
    note = f"<br><small>{_text(record.sentence)}</small>" if record.sentence else ""
    numbers = (f"{record.megapixels:.4g}", f"{record.seconds:.3g}", f"{record.rate:.3g}")
    cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
    return (
        f'<tr><td title="{_text(record.image)}">{_link(mask, record.name)}{kept}{note}</td>'
        f"<td>{_bar(record, classes)}</td>{cells}"
        f"<td><small>{_text(record.device)}, {_text(record.runtime)}</small></td></tr>\n"
    )


def _bar(record: SceneRecord, classes: ClassTable) -> str:
    """The shares as a coloured bar, and in numbers, the largest first."""
    colours = {entry.name: entry.colour for entry in classes}
    present = [(name, share) for name, share in record.shares.items() if share > 0]
    if not present:
        return "<small>no pixel has a value</small>"
    parts = "".join(
        f'<i style="width:{100 * share:.2f}%;background:{colours.get(name, "#888888")}"></i>'
        for name, share in present
    )
    ranked = sorted(present, key=lambda item: -item[1])
    words = ", ".join(f"{_text(name)} {_percent(share)}" for name, share in ranked)
    return f'<span class="bar">{parts}</span><small>{words}</small>'


def _percent(share: float) -> str:
    """A rounded share that is 0 or 100 % only if it is exactly so."""
    if 0 < share < 0.001:
        return "&lt; 0.1 %"
    return "&gt; 99.9 %" if 0.999 < share < 1 else f"{100 * share:.3g} %"


def _link(path: str, text: str = "") -> str:
    """A link to a file in or below the page's folder."""
    return f'<a href="{quote(Path(path).as_posix(), errors="surrogateescape")}">{_text(text or path)}</a>'


def _text(text: str) -> str:
    return html.escape(replace_invalid_xml(text))


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Segmented scenes</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""

_STYLE = """body { font: 15px/1.5 system-ui, "Segoe UI", sans-serif; color: #222; background: #fff;
  max-width: 72rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } small { color: #666; } a { color: #0b5cad; }
.figures { display: flex; flex-wrap: wrap; margin: 1.2rem 0 .4rem; }
.figures div { margin: 0 .75rem .75rem 0; border: 1px solid #ddd; border-radius: 6px; padding: .5rem 1rem; color: #555; }
.figures b { display: block; font-size: 1.4rem; color: #111; }
.figures .bad { border-color: #c0392b; } .figures .bad b { color: #c0392b; }
.note { border-left: 4px solid #e69f00; padding-left: .75rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #ccc; padding: .35rem .6rem; }
td { border-bottom: 1px solid #eee; padding: .35rem .6rem; vertical-align: top; }
table.bad { border-left: 4px solid #c0392b; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: flex; height: .8rem; width: 14rem; border: 1px solid #ccc; border-radius: 3px; overflow: hidden; }
.bar i { display: block; height: 100%; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; }
.legend li { margin: 0 1.5rem .3rem 0; }
.legend i { display: inline-block; width: .9rem; height: .9rem; margin-right: .4rem; border: 1px solid #999;
  border-radius: 2px; vertical-align: -2px; }
.kept { color: #2e7d32; border: 1px solid #a5d6a7; border-radius: 3px; font-size: .75rem; padding: 0 .3rem; }
@media print { body { max-width: none; margin: 0; } }
"""
