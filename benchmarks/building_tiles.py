"""The building tiles of the real test data, split by their row: the number y in a tile's name."""

from __future__ import annotations

from pathlib import Path

from tools.locations import DATA

FOLDER = DATA / "buildings"

#: Rows of tiles of each part.
_ROWS = {"train": range(220241, 220246), "validation": (220246,), "test": (220247, 220248)}


def tiles_of(part: str) -> list[Path]:
    """Returns the tiles of a part: "train", "validation" or "test", row by row.

    Raises:
        SystemExit: If there are none.
    """
    found = [path for y in _ROWS[part] for path in sorted(FOLDER.glob(f"train/*-{y}-19.tif"))]
    if not found:
        raise SystemExit(f"There are no building tiles in {FOLDER}: set DUALSTREAM_DATA.")
    return found


def polygons() -> Path:
    """Returns the file of the houses' outlines."""
    return next(FOLDER.glob("*.geojson"))
