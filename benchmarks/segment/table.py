"""Formats tables, as aligned text for the terminal and as Markdown for docs/benchmarks.md. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

#: The benchmark replaces the text of docs/benchmarks.md between these comments.
BEGIN, END = "<!-- benchmark: segment -->", "<!-- end -->"


@dataclass(frozen=True)
class Row:
    """The measurements of one tool on one model and raster; None if not measured.

    Attributes:
        tool: The tool's title.
        wall: Seconds, start-up excluded.
        cpu: CPU seconds, start-up excluded.
        rate: Million pixels per second.
        tiles: Number of tiles that the network computed.
        ratio: Wall seconds over those of ONNX Runtime's bare forward passes in fp32.
        startup: Seconds before the first tile.
        peak: Peak memory, MiB.
        near_seams: Share of pixels near its seams that differ from the dense reference.
        at_edge: Share of pixels at the raster's edge that differ from it.
        seam_changes: Class changes on seam columns over those of the median column.
        scene_changes: The same ratio of the dense reference, whose seams are in other columns.
        note: The reason why there are no numbers.
    """

    tool: str
    wall: float | None = None
    cpu: float | None = None
    rate: float | None = None
    tiles: int | None = None
    ratio: float | None = None
    startup: float | None = None
    peak: float | None = None
    near_seams: float | None = None
    at_edge: float | None = None
    seam_changes: float | None = None
    scene_changes: float | None = None
    note: str = ""


#: Title and number format of each column; shares are shown in percent.
_COLUMNS = {
    "tool": ("", ""),
    "wall": ("wall s", ".1f"),
    "cpu": ("CPU s", ".1f"),
    "rate": ("Mpx/s", ".2f"),
    "tiles": ("tiles", "d"),
    "ratio": ("x bare", ".2f"),
    "startup": ("start-up s", ".1f"),
    "peak": ("peak MiB", ".0f"),
    "near_seams": ("differs near seams", ".2%"),
    "at_edge": ("differs at the edge", ".2%"),
    "seam_changes": ("changes on seams", ".2f"),
    "scene_changes": ("the scene's own there", ".2f"),
}


def cells(row: Row) -> list[str]:
    """Returns the texts of a row, one for each column; a note is in the first column of numbers."""
    texts = [row.tool]
    for field in fields(row)[1:-1]:
        value = getattr(row, field.name)
        texts.append("" if value is None else format(value, _COLUMNS[field.name][1]))
    if row.note:
        texts[1] = row.note
    return texts


def column_titles() -> list[str]:
    """Returns the titles of the columns."""
    return [title for title, _ in _COLUMNS.values()]


def format_aligned(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Formats a table for the terminal, with the first column left-aligned and numbers right-aligned."""
    table = [list(head), *map(list, lines)]
    # A note is longer than any number and covers the columns that follow.
    widths = [
        max(len(line[c]) for line in table if not _is_note(line, c)) for c in range(len(head))
    ]
    out = []
    for line in table:
        texts = [
            text if _is_note(line, c) else (text.ljust if c == 0 else text.rjust)(widths[c])
            for c, text in enumerate(line)
        ]
        out.append("  ".join(texts).rstrip())
    return "\n".join(out)


def _is_note(line: Sequence[str], column: int) -> bool:
    return column == 1 and len(line) > 2 and not any(line[2:]) and " " in line[1]


def format_markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Formats a table in Markdown."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    escaped = ([text.replace("|", "\\|") for text in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ruler, *escaped])


def replace_section(page: str, text: str) -> str:
    """Returns a page with ``text`` between the two comments.

    Raises:
        ValueError: If the page does not contain both comments in this order.
    """
    if page.count(BEGIN) != 1 or END not in page.split(BEGIN)[1]:
        raise ValueError(f"The page must have {BEGIN} once, and {END} below it.")
    pattern = re.escape(BEGIN) + r".*?" + re.escape(END)
    return re.sub(pattern, lambda _: f"{BEGIN}\n{text.strip()}\n{END}", page, count=1, flags=re.S)


def write_page(path: Path, text: str) -> None:
    """Puts ``text`` between a page's two comments."""
    path.write_text(replace_section(path.read_text("utf-8"), text), "utf-8")
