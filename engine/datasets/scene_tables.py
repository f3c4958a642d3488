"""Scenes tables: a CSV names scenes, a line each, to train on or to segment."""

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
from .list_progress import ProgressIterable, without_progress

_SPLITS = {"train": "train", "val": "validation", "valid": "validation", "validation": "validation"}


def scenes_from_table(path: Path) -> list[Scene]:
    """The scenes of a CSV with the columns image, labels and, if wanted, auxiliary and split.

    Several auxiliary rasters are separated by semicolons; paths count from the table's folder; split
    is train or validation, and where it is empty in every row the validation part is cut out of the
    scenes in spatial blocks, or is some of the scenes where there are many small ones.

    Raises:
        LayoutError: If the table or a file it names is missing, or a column or split is unknown.
    """
    return [
        _row_scene(path, number, row) for number, row in _rows(path, ("image", "labels"), "split")
    ]


def scenes_to_segment_from_table(
    path: Path, progress_of: ProgressIterable = without_progress
) -> list[Scene]:
    """The scenes of a CSV with the column image and, if wanted, auxiliary and name; they have no labels.

    Paths are as in ``scenes_from_table``, and further columns are passed over: a table to train on will do.
    Whether the files exist is found out when a scene's turn comes: one that is missing stops no other.

    Args:
        path: The table.
        progress_of: Tells how far reading it is.

    Raises:
        LayoutError: If the table is missing, has no such column, or a line does not name one image.
    """
    scenes = []
    rows = _rows(path, ("image",), "name", progress_of)
    for number, row in progress_of(rows, "looking at the lines of the scenes table"):
        images, auxiliary = _paths(path, row, "image"), _paths(path, row, "auxiliary")
        _require_one(path, number, image=images)
        scenes.append(Scene(images[0], auxiliary=auxiliary, name=row.get("name", "")))
    return scenes


def _rows(
    path: Path,
    columns: tuple[str, ...],
    last: str,
    progress_of: ProgressIterable = without_progress,
) -> list[tuple[int, dict[str, str]]]:
    """The lines of a table that are not empty, by number; it must have ``columns`` and may have ``last``."""
    check_file(path, LayoutError)
    try:
        # A name that is not UTF-8 stays a name, and fails when its scene's turn comes.
        with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
            # Strict: else a quotation mark that is left open swallows all lines below it.
            table = csv.DictReader(file, strict=True)
            _check_header(path, table.fieldnames or ())
            rows = [
                (table.line_num, _cells(path, table.line_num, row))
                for row in progress_of(table, "reading the scenes table")
                if any(row.values())
            ]
    except OSError as error:
        raise LayoutError(f"The scenes table {path} cannot be read: {error}.") from error
    except csv.Error as error:
        raise LayoutError(
            f"The scenes table {path} cannot be read ({error}): is a quotation mark missing, or a cell longer "
            f"than {csv.field_size_limit()} characters?"
        ) from error
    if not rows:
        raise LayoutError(f"The scenes table {path} has no row.")
    for column in columns:
        if column not in rows[0][1] and not all(map(_is_text, rows[0][1])):
            raise LayoutError(f"The scenes table {path} is no text in UTF-8: save it as CSV UTF-8.")
        if column not in rows[0][1]:
            raise LayoutError(
                f"The scenes table {path} has no column {column!r}; it needs {' and '.join(columns)}, and "
                f"may have auxiliary and {last}."
            )
    return rows


def _check_header(path: Path, names: Sequence[str]) -> None:
    """Refuses a table of which it is open which cell counts."""
    plain = [name.strip().lower() for name in names]
    for name in plain:
        if name and plain.count(name) > 1:
            raise LayoutError(f"The scenes table {path} has the column {shorten(name)} twice.")


def _cells(path: Path, number: int, row: dict[str, Any]) -> dict[str, str]:
    """A row without the spaces and capitals that spreadsheets leave in headers and cells."""
    if any(row.pop(None, ())):  # type: ignore[call-overload]  # how csv calls what is beyond the header
        raise LayoutError(
            f"Line {number} of {path} has more cells than the table has columns: a path or name with a comma "
            "must stand in quotation marks."
        )
    return {name.strip().lower(): (value or "").strip() for name, value in row.items() if name}


def _row_scene(table: Path, number: int, cells: dict[str, str]) -> Scene:
    paths = {name: _paths(table, cells, name) for name in ("image", "labels", "auxiliary")}
    for name, found in paths.items():
        missing = [part for part in found if not _exists(part)]
        if missing:
            raise LayoutError(
                f"Line {number} of {table}: the {name} {format_path(missing[0])} does not exist."
            )
    _require_one(table, number, image=paths["image"], labels=paths["labels"])
    split = cells.get("split", "").lower()
    if split and split not in _SPLITS:
        raise LayoutError(
            f"Line {number} of {table}: the split {split!r} is unknown; use train or validation."
        )
    return Scene(paths["image"][0], paths["labels"][0], paths["auxiliary"], _SPLITS.get(split, ""))


def _paths(table: Path, cells: dict[str, str], column: str) -> tuple[str, ...]:
    """The files that a cell names, separated by semicolons."""
    parts = (part.strip() for part in cells.get(column, "").split(";"))
    return tuple(_beside(table, part) for part in parts if part)


def _is_text(name: str) -> bool:
    """Whether a column's name came from a file in UTF-8."""
    return "\0" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _require_one(table: Path, number: int, **named: tuple[str, ...]) -> None:
    """Makes sure that a line names one file in each of some columns."""
    if any(len(files) != 1 for files in named.values()):
        words = {"image": "one image", "labels": "one labels file"}
        raise LayoutError(
            f"Line {number} of {table} must name {' and '.join(words[name] for name in named)}."
        )


def _beside(table: Path, path: str) -> str:
    """A path that counts from the table's folder: ``str(table.parent / path)``, which takes longer."""
    if is_address(path):
        return path
    folder, name = os.path.split(path)
    if name in ("", ".", ".."):
        return str(table.parent / path)
    return _before(table, folder) + name


@lru_cache(maxsize=1024)
def _before(table: Path, folder: str) -> str:
    """What comes before the names of a folder's files."""
    place = str(table.parent / folder)
    return "" if place == "." else place.rstrip(os.sep) + os.sep


def _exists(path: str) -> bool:
    """Whether there is such a file; GDAL's own file systems are asked when they are opened."""
    if is_address(path):
        return True
    try:
        return Path(path.split("|")[0]).exists()
    except (OSError, ValueError):  # no name that a file can have
        return False
