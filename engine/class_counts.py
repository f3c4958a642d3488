"""How many pixels of a mask each class has, counted from its finished rows before they are compressed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .classes import ClassTable, free_value

#: Values that are counted at a time: numpy makes each a number of 8 bytes for it.
_CHUNK = 2**21


def class_counts(raw: Path, table: ClassTable) -> dict[str, int]:
    """The pixels of each class, by name; classes of one name count together.

    Args:
        raw: A flat file of class values, of 8 bit, or of 16 with the low byte first, as ``journal`` writes it.
        table: The classes.
    """
    kind = np.dtype("u1" if free_value(table) <= 255 else "<u2")
    found = np.zeros(np.iinfo(kind).max + 1, np.int64)
    with raw.open("rb") as file:
        while len(values := np.fromfile(file, kind, _CHUNK)):
            found += np.bincount(values, minlength=len(found))
    counts = dict.fromkeys((entry.name for entry in table), 0)
    for entry in table:
        counts[entry.name] += int(found[entry.value])
    return counts
