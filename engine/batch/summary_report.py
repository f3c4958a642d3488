"""The summary of a run over many scenes: a table (CSV) for programs and a page (HTML) for people."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..contract.class_table import ClassTable
from ..contract.clean_up import CleanUp
from ..contract.errors import RasterError
from ..contract.output_writer import output_file
from ..contract.translation import tr
from ..reports.page import write_report
from .scene_task import DONE, FAILED, KEPT, SceneRecord

#: The columns before and after the shares of the classes.
_BEFORE = ("scene", "status", "seconds", "mpx", "mpx_per_second")
_AFTER = ("unlike_percent", "device", "runtime", "message")

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
    """Writes the table: a row per scene, with share and area of each class of the pixels that have a class.

    A text that a spreadsheet would compute gets an apostrophe in front.

    Raises:
        RasterError: If it cannot be written.
    """
    names = list(dict.fromkeys(entry.name for entry in classes))
    with output_file(path, tr("table"), RasterError) as part, CleanUp() as end:
        table = csv.writer(end.enter_context(_open_text(part)), lineterminator="\n")
        areas = [f"{name} (m2)" for name in names]
        table.writerow([*_BEFORE, *map(_cell_text, names), *_AFTER, *map(_cell_text, areas)])
        table.writerows(_cells(record, names) for record in records)


def _open_text(path: Path) -> TextIO:
    """A text file to write; bytes of file names that are not UTF-8 become escapes."""
    return path.open("w", newline="", encoding="utf-8", errors="backslashreplace")


def _cells(record: SceneRecord, names: Sequence[str]) -> list[str]:
    numbers = [f"{record.seconds:.3f}", "", ""]
    if record.pixels:
        numbers[1:] = f"{record.megapixels:.6f}", f"{record.rate:.4g}"
    shares = [f"{record.shares[name]:.6f}" if name in record.shares else "" for name in names]
    unlike = "" if record.unlike is None else f"{100 * record.unlike:.2f}"
    end = map(_cell_text, (unlike, record.device, record.runtime, record.sentence))
    areas = [f"{record.areas[name]:.1f}" if name in record.areas else "" for name in names]
    return [_cell_text(record.name), record.status, *numbers, *shares, *end, *areas]


def _cell_text(text: str) -> str:
    """A text that no spreadsheet computes, in one line."""
    # ``csv`` does not quote a carriage return, and readers take it for a new row.
    return (f"'{text}" if text.startswith(_FORMULAS) else text).replace("\r", " ")


def write_page(path: Path, records: Sequence[SceneRecord], run: RunSummary) -> None:
    """Writes the page, in one file: totals, failed scenes with their reasons, then the other scenes.

    Raises:
        RasterError: If it cannot be written.
    """
    done = [record for record in records if record.status == DONE]
    others = [record for record in records if record.status != FAILED]
    megapixels = sum(record.megapixels for record in done)
    write_report(
        path,
        "scenes.html",
        run=run,
        done=done,
        kept=[record for record in records if record.status == KEPT],
        failed=[record for record in records if record.status == FAILED],
        missing=run.scenes - len(records),
        pixels=1e6 * megapixels,
        rate=1e6 * megapixels / max(run.seconds, 1e-9),
        devices=dict.fromkeys(record.device for record in done),
        classes=_class_shares(others, run.classes),
        rows=[_row(record, path.parent, run.classes) for record in others],
    )


def _class_shares(
    records: Sequence[SceneRecord], classes: ClassTable
) -> list[tuple[str, str, float, float | None]]:
    """Name, colour, share and area (m2; None: not known of every mask) of each class in all masks together."""
    known = max(sum(record.known for record in records), 1)
    is_measured = all(record.areas for record in records if record.known)
    return [
        (
            entry.name,
            entry.colour,
            sum(record.shares.get(entry.name, 0) * record.known for record in records) / known,
            sum(record.areas.get(entry.name, 0.0) for record in records) if is_measured else None,
        )
        for entry in classes
    ]


def _row(
    record: SceneRecord, folder: Path, classes: ClassTable
) -> tuple[SceneRecord, str, list[tuple[str, str, float, float | None]]]:
    """A scene, the path of its mask from the page's folder, and name, colour, share and area of its classes."""
    colours = {entry.name: entry.colour for entry in classes}
    present = [
        (name, colours.get(name, "#888888"), share, record.areas.get(name))
        for name, share in record.shares.items()
        if share > 0
    ]
    return record, os.path.relpath(record.output, folder), present
