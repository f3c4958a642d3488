"""The tables of competitions: a picture a row, with its path or the run lengths of its mask.

    img_id,img_path,mask_rle        train.csv
    img_id,img_path                 test.csv
    img_id,mask_rle                 a submission

Capitals and spaces around names and cells do not matter, further columns and blank rows neither.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..contract.errors import LabelError, LayoutError
from ..contract.paths import check_file, file_state, is_file
from .rle import Runs, parse_runs

ID, PATH, RUNS = "img_id", "img_path", "mask_rle"

#: Characters of a cell: the run lengths of one picture may be longer than csv's own limit, 128 KiB.
_MAX_CELL_LENGTH = 2**31 - 1


@dataclass(frozen=True)
class Row:
    """One picture of a table.

    Attributes:
        table: The table's path.
        line: The line its row ends in, counted from 1.
        name: Its id.
        path: Its path as the table has it; empty without such a column.
        parse_runs: The run lengths of its mask; empty without such a column.
    """

    table: str
    line: int
    name: str
    path: str
    runs: str

    @property
    def location(self) -> str:
        """Where it stands, for messages."""
        return f"line {self.line} of {self.table}, {ID} {self.name!r}"


def has_ids(path: Path) -> bool:
    """Whether a file is a table with a column of ids."""
    if not is_file(path):
        return False
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return ID in map(_plain, next(csv.reader(file), []))
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def read_rows(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """The rows of a table in its order.

    Args:
        path: The table.
        columns: The columns that it must have, ``ID`` among them.

    Raises:
        LayoutError: If it cannot be read, lacks a column, a row or an id, or has an id twice.
    """
    csv.field_size_limit(_MAX_CELL_LENGTH)
    check_file(path, LayoutError)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            _require(path, table.fieldnames or (), columns)
            rows = [
                _row(path, table.line_num, cells, columns)
                for cells in table
                if not _is_blank(cells)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise LayoutError(f"The table {path} cannot be read: {reason}.") from error
    if not rows:
        raise LayoutError(f"The table {path} has no row.")
    first: dict[str, int] = {}
    for row in rows:
        other = first.setdefault(row.name, row.line)
        if other != row.line:
            raise LayoutError(
                f"The table {path} has the {ID} {row.name!r} twice, in lines {other} and {row.line}: "
                "every picture has one row."
            )
    return rows


def read_masks(path: Path) -> Mapping[str, Row]:
    """The rows of a table with run lengths by id; a table is read once, until it changes.

    Raises:
        LabelError: If the table is not what it must be.
    """
    return _masks(path, *file_state(path))


@lru_cache(maxsize=2)
def _masks(path: Path, size: int, changed: int) -> Mapping[str, Row]:
    try:
        return {row.name: row for row in read_rows(path, (ID, RUNS))}
    except LayoutError as error:
        raise LabelError(str(error)) from error


def parse_row_runs(row: Row, size: tuple[int, int] | None = None) -> Runs:
    """The runs of a row's mask.

    Args:
        row: The row.
        size: Rows and columns of the picture, where the runs have to lie within it.

    Raises:
        LabelError: If its text is no run lengths, naming the place.
    """
    try:
        return parse_runs(row.runs, size)
    except LabelError as error:
        raise LabelError(f"The mask in {row.location}, cannot be used. {error}") from error


def _require(path: Path, found: object, columns: tuple[str, ...]) -> None:
    names = [_plain(name) for name in found] if isinstance(found, (list, tuple)) else []
    missing = [column for column in columns if column not in names]
    if missing:
        raise LayoutError(
            f"The table {path} has no column {missing[0]!r}, but {', '.join(names) or 'none at all'}: "
            f"it needs {' and '.join(columns)}."
        )


def _is_blank(cells: Mapping[str, object]) -> bool:
    """Whether a row has no text at all, as those that spreadsheets leave at the end."""
    # What lies beyond the last column is a list.
    texts = [
        text for cell in cells.values() for text in (cell if isinstance(cell, list) else [cell])
    ]
    return not any(str(text or "").strip() for text in texts)


def _row(path: Path, line: int, cells: dict[str, str | None], columns: tuple[str, ...]) -> Row:
    known = {
        _plain(name): text.strip() for name, text in cells.items() if name and text is not None
    }
    short = [column for column in columns if column not in known]
    if short:
        raise LayoutError(
            f"Line {line} of the table {path} ends before the column {short[0]!r}; the table seems to be "
            "cut off."
        )
    name = known[ID]
    # It becomes the name of a picture.
    if not name or "/" in name or "\\" in name or name in (".", ".."):
        raise LayoutError(
            f"Line {line} of the table {path} has the {ID} {name!r}: it must be a name without slashes."
        )
    return Row(str(path), line, name, known.get(PATH, ""), known.get(RUNS, ""))


def _plain(name: str) -> str:
    return name.strip().lower()
