"""Scenes tables: CSV files with one scene per line, to train on or to segment."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..contract.errors import LayoutError
from ..contract.paths import check_file, format_path, is_address
from ..contract.plain_text import shorten
from ..contract.scene import Scene
from ..contract.translation import tr
from .list_progress import SILENT, ProgressIterator

#: Maximum length of a cell in characters.
_MAX_CELL_LENGTH = 131_072

_SPLITS = {"train": "train", "val": "validation", "valid": "validation", "validation": "validation"}


def scenes_from_table(path: Path) -> list[Scene]:
    """The scenes of a CSV with the columns image, labels and, optionally, auxiliary and split.

    Several auxiliary rasters are separated by semicolons; paths are relative to the table's folder. The split
    is train or validation. If it is empty in every row, the validation part is chosen later: spatial blocks of
    the scenes, or whole scenes if there are many small ones.

    Raises:
        LayoutError: If the table or a file it names is missing, or a column or split is unknown.
    """
    rows = _rows(path, ("image", "labels"), "split", SILENT)
    return [_training_scene(path, line, cells) for line, cells in rows]


def scenes_to_segment_from_table(path: Path, progress_of: ProgressIterator = SILENT) -> list[Scene]:
    """The scenes of a CSV with the column image and, optionally, auxiliary and name; they have no labels.

    Paths are as in ``scenes_from_table``; other columns are ignored, so a table to train on will do. Whether the
    files exist is checked when each scene is segmented, so that a missing one does not stop the others.

    Args:
        path: The table.
        progress_of: Reports the progress of reading.

    Raises:
        LayoutError: If the table is missing, has no such column, or a line does not name one image.
    """
    scenes = []
    rows = _rows(path, ("image",), "name", progress_of)
    for line, cells in progress_of(rows, tr("Listing the scenes of the table")):
        images, auxiliary = _paths(path, cells, "image"), _paths(path, cells, "auxiliary")
        _require_one(path, line, image=images)
        scenes.append(Scene(images[0], auxiliary=auxiliary, name=cells.get("name", "")))
    return scenes


def _rows(
    path: Path, columns: tuple[str, ...], last: str, progress_of: ProgressIterator
) -> list[tuple[int, dict[str, str]]]:
    """Line number and cells of all rows with text; a table needs ``columns`` and may have ``last``."""
    check_file(path, LayoutError)
    csv.field_size_limit(_MAX_CELL_LENGTH)  # of the process: a table of runs may have raised it
    try:
        # A path that is not UTF-8 is kept, and fails when its scene is segmented.
        with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
            # Without strict, an open quotation mark swallows all lines below it.
            table = csv.DictReader(file, strict=True)
            _check_header(path, table.fieldnames or ())
            rows = [
                (table.line_num, _cells(path, table.line_num, row))
                for row in progress_of(table, tr("Reading the scenes table"))
                if any(row.values())
            ]
    except OSError as error:
        raise LayoutError(
            tr("The scenes table {} cannot be read: {}.").format(path, error)
        ) from error
    except csv.Error as error:
        raise LayoutError(
            tr(
                "The scenes table {} cannot be read ({}): is a quotation mark missing, or a cell "
                "longer than {} characters?"
            ).format(path, error, _MAX_CELL_LENGTH)
        ) from error
    if not rows:
        raise LayoutError(tr("The scenes table {} has no row.").format(path))
    _check_columns(path, rows[0][1], columns, last)
    return rows


def _check_columns(path: Path, found: dict[str, str], columns: tuple[str, ...], last: str) -> None:
    """Refuses a table without one of the ``columns``."""
    for column in columns:
        if column not in found and not all(map(_is_text, found)):
            raise LayoutError(
                tr("The scenes table {} is not text in UTF-8: save it as CSV UTF-8.").format(path)
            )
        if column not in found:
            raise LayoutError(
                tr(
                    "The scenes table {} has no column {!r}; it needs {}, and may have auxiliary and {}."
                ).format(path, column, ", ".join(columns), last)
            )


def _check_header(path: Path, names: Sequence[str]) -> None:
    """Refuses a table that has a column twice."""
    plain = [name.strip().lower() for name in names]
    for name in plain:
        if name and plain.count(name) > 1:
            raise LayoutError(
                tr("The scenes table {} has the column {} twice.").format(path, shorten(name))
            )


def _cells(path: Path, line: int, row: dict[str, Any]) -> dict[str, str]:
    """A row by lower-case column, without the spaces that spreadsheets leave around cells."""
    if any(row.pop(None, ())):  # type: ignore[call-overload]  # csv's key of cells beyond the header
        raise LayoutError(
            tr(
                "Line {} of {} has more cells than the table has columns: a path or name with a "
                "comma must stand in quotation marks."
            ).format(line, path)
        )
    return {name.strip().lower(): (value or "").strip() for name, value in row.items() if name}


def _training_scene(table: Path, line: int, cells: dict[str, str]) -> Scene:
    paths = {name: _paths(table, cells, name) for name in ("image", "labels", "auxiliary")}
    for name, found in paths.items():
        missing = [part for part in found if not _exists(part)]
        if missing:
            raise LayoutError(
                tr("Line {} of {}: the {} {} does not exist.").format(
                    line, table, name, format_path(missing[0])
                )
            )
    _require_one(table, line, image=paths["image"], labels=paths["labels"])
    split = cells.get("split", "").lower()
    if split and split not in _SPLITS:
        raise LayoutError(
            tr("Line {} of {}: the split {!r} is unknown; use train or validation.").format(
                line, table, split
            )
        )
    return Scene(paths["image"][0], paths["labels"][0], paths["auxiliary"], _SPLITS.get(split, ""))


def _paths(table: Path, cells: dict[str, str], column: str) -> tuple[str, ...]:
    """The files that a cell names, separated by semicolons."""
    parts = (part.strip() for part in cells.get(column, "").split(";"))
    return tuple(_from_table_folder(table, part) for part in parts if part)


def _is_text(name: str) -> bool:
    """Whether a column's name came from a file in UTF-8."""
    return "\0" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _require_one(table: Path, line: int, **named: tuple[str, ...]) -> None:
    """Checks that a line names one file in each of the given columns."""
    if any(len(files) != 1 for files in named.values()):
        text = (
            tr("Line {} of {} must name one image and one labels file.")
            if "labels" in named
            else tr("Line {} of {} must name one image.")
        )
        raise LayoutError(text.format(line, table))


def _from_table_folder(table: Path, path: str) -> str:
    """``str(table.parent / path)`` for a path that is not an address, in a fraction of the time."""
    if is_address(path):
        return path
    folder, name = os.path.split(path)
    if name in ("", ".", ".."):
        return str(table.parent / path)
    return _folder_prefix(table, folder) + name


@lru_cache(maxsize=1024)
def _folder_prefix(table: Path, folder: str) -> str:
    """The path of a folder with the separator that precedes a file's name."""
    path = str(table.parent / folder)
    return "" if path == "." else path.rstrip(os.sep) + os.sep


def _exists(path: str) -> bool:
    """Whether a file exists; addresses of GDAL's virtual file systems are checked when they are opened."""
    if is_address(path):
        return True
    try:
        return Path(path.split("|")[0]).exists()
    except (OSError, ValueError):  # not a valid file name
        return False
