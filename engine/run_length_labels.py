"""Labels as run lengths in a competition's table: one mask a picture, the class against everything else.

Such labels are named ``TABLE.csv|img_id=ID``, as QGIS names a layer in a file.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .competition_tables import ID, Row, masks_of
from .errors import LabelError
from .run_lengths import check_order, decode
from .windows import Window

_MARK = f"|{ID}="

#: Masks that are kept decoded, as many as training keeps scenes open: it reads them window by window.
_KEPT = 64


def reference(table: Path, name: str) -> str:
    """What the labels of one picture in a table are called."""
    return f"{table}{_MARK}{name}"


def is_run_lengths(path: str) -> bool:
    """Whether ``path`` names run lengths in a table rather than a raster or polygons."""
    return _MARK in path


class RunLengthLabels:
    """Labels from run lengths: class 1 within the runs, class 0 everywhere else.

    Args:
        path: The table and the picture's id, see ``reference``.
        height: Rows of the picture.
        width: Columns of the picture.
        order: Direction in which the runs are counted: "row" or "column".

    Raises:
        LabelError: If the table cannot be used or has no such picture.
        JobError: If the order is unknown.
    """

    def __init__(self, path: str, height: int, width: int, order: str) -> None:
        table, _, name = path.partition(_MARK)
        rows = masks_of(Path(table))
        if name not in rows:
            raise LabelError(f"The table {table} has no row of the {ID} {name!r}.")
        self._row, self._order = rows[name], check_order(order)
        self._height, self._width = height, width
        self.names = {0: "background", 1: "building"}
        self.colours: dict[int, str] = {}
        self.declared: frozenset[int] = frozenset()

    @property
    def held_bytes(self) -> int:
        """No raster is kept by the source itself: of all sources together, a few masks are."""
        return 0

    def read(self, window: Window) -> NDArray[np.int32]:
        """Class values (H, W) of a window of the picture.

        Raises:
            LabelError: If the runs are none, or not of a picture of this size.
        """
        mask = _mask(self._row, self._height, self._width, self._order)
        rows, cols = slice(window.row, window.row_stop), slice(window.col, window.col_stop)
        return mask[rows, cols].astype(np.int32)


@lru_cache(maxsize=_KEPT)
def _mask(row: Row, height: int, width: int, order: str) -> NDArray[np.bool_]:
    try:
        return decode(row.runs, height, width, order)
    except LabelError as error:
        raise LabelError(f"The mask in {row.place}, cannot be used. {error}") from error
