"""Reads the tables of competitions: one picture per row, with its path or the run lengths of its mask.

    img_id,img_path,mask_rle        train.csv
    img_id,img_path                 test.csv
    img_id,mask_rle                 a submission

Case and spaces of column names, spaces around cells, other columns and blank rows are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..contract.errors import LabelError, LayoutError
from ..contract.paths import check_file, file_state, is_file
from ..contract.translation import tr
from .rle import Runs, parse_runs

ID, PATH, RUNS = "img_id", "img_path", "mask_rle"

#: Maximum characters of a cell: the run lengths of one picture may exceed csv's default, 128 KiB.
_MAX_CELL_LENGTH = 2**31 - 1


@dataclass(frozen=True)
class TableRow:
    """One picture of a table.

    Attributes:
        table: The table's path.
        line: The line in which the row ends, counted from 1.
        name: The picture's id.
        path: The picture's path as in the table; empty without such a column.
        runs: The run lengths of the picture's mask; empty without such a column.
    """

    table: str
    line: int
    name: str
    path: str
    runs: str

    @property
    def location(self) -> str:
        """Line, table and id, to begin a message."""
        return tr("Line {} of {}, {} {!r}").format(self.line, self.table, ID, self.name)


def has_ids(path: Path) -> bool:
    """Whether a path is a table with a column of ids."""
    if not is_file(path):
        return False
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return ID in map(_column, next(csv.reader(file), []))
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def read_rows(path: Path, columns: tuple[str, ...]) -> list[TableRow]:
    """The rows of a table in its order.

    Args:
        path: The table.
        columns: The required columns, ``ID`` among them.

    Raises:
        LayoutError: If the table cannot be read, lacks a column, a row or an id, or has an id twice.
    """
    csv.field_size_limit(_MAX_CELL_LENGTH)
    check_file(path, LayoutError)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            _require_columns(path, table.fieldnames or (), columns)
            rows = [
                _parse_row(path, table.line_num, cells, columns)
                for cells in table
                if not _is_blank(cells)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LayoutError(tr("The table {} cannot be read: {}.").format(path, reason)) from error
    if not rows:
        raise LayoutError(tr("The table {} has no row.").format(path))
    lines: dict[str, int] = {}
    for row in rows:
        first = lines.setdefault(row.name, row.line)
        if first != row.line:
            raise LayoutError(
                tr(
                    "The table {} has the {} {!r} twice, in lines {} and {}: every picture has one row."
                ).format(path, ID, row.name, first, row.line)
            )
    return rows


def read_masks(path: Path) -> Mapping[str, TableRow]:
    """The rows of a table with run lengths, by id; cached until the file changes.

    Raises:
        LabelError: If the table cannot be used.
    """
    return _masks(path, *file_state(path))


@lru_cache(maxsize=2)
def _masks(path: Path, size: int, changed: int) -> Mapping[str, TableRow]:
    try:
        return {row.name: row for row in read_rows(path, (ID, RUNS))}
    except LayoutError as error:
        raise LabelError(str(error)) from error


def parse_row_runs(row: TableRow, size: tuple[int, int] | None = None) -> Runs:
    """The runs of a row's mask, see ``parse_runs``.

    Raises:
        LabelError: If the row holds no valid run lengths, naming the row.
    """
    try:
        return parse_runs(row.runs, size)
    except LabelError as error:
        raise LabelError(
            tr("{}: the mask cannot be used. {}").format(row.location, error)
        ) from error


def _require_columns(path: Path, header: Sequence[str], columns: tuple[str, ...]) -> None:
    names = [_column(name) for name in header]
    missing = [column for column in columns if column not in names]
    if missing:
        text = tr("The table {} has no column {!r}; it needs {}, and has these columns: {}.")
        raise LayoutError(
            text.format(path, missing[0], ", ".join(columns), ", ".join(names) or "-")
        )


def _is_blank(cells: Mapping[str, str | list[str] | None]) -> bool:
    """Whether a row has no text, as the last rows that spreadsheets write."""
    # The cells beyond the last column are a list.
    return not any("".join(cell or "").strip() for cell in cells.values())


def _parse_row(
    path: Path, line: int, cells: dict[str, str | None], columns: tuple[str, ...]
) -> TableRow:
    known = {
        _column(name): text.strip() for name, text in cells.items() if name and text is not None
    }
    short = [column for column in columns if column not in known]
    if short:
        raise LayoutError(
            tr(
                "Line {} of the table {} ends before the column {!r}; the table seems to be cut off."
            ).format(line, path, short[0])
        )
    name = known[ID]
    # The id becomes a file's name.
    if not name or "/" in name or "\\" in name or name in (".", ".."):
        raise LayoutError(
            tr(
                "Line {} of the table {} has the {} {!r}: it must be a name without slashes."
            ).format(line, path, ID, name)
        )
    return TableRow(str(path), line, name, known.get(PATH, ""), known.get(RUNS, ""))


def _column(name: str) -> str:
    return name.strip().lower()
