"""Label source from run lengths in a competition's table: one mask per picture, class 1 and background 0.

Such labels have the path ``TABLE.csv|img_id=ID``, as QGIS writes a layer of a file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import LabelError
from ..contract.translation import tr
from ..rasters.windows import Window
from .rle import pixels_between
from .rle_tables import ID, parse_row_runs, read_masks

_MARK = f"|{ID}="


def rle_reference(table: Path, name: str) -> str:
    """The path of the labels of one picture in a table."""
    return f"{table}{_MARK}{name}"


def is_rle_reference(path: str) -> bool:
    """Whether ``path`` names run lengths in a table, see ``rle_reference``."""
    return _MARK in path


class RunLengthLabels:
    """Labels from run lengths: class 1 within the runs, class 0 elsewhere.

    Args:
        path: The table and the picture's id, see ``rle_reference``.
        height: Rows of the picture.
        width: Columns of the picture.
        order: Direction in which pixels are counted: "row" or "column".

    Raises:
        LabelError: If the table cannot be used or has no such picture, or its run lengths are not valid for a
            picture of this size.
    """

    def __init__(self, path: str, height: int, width: int, order: str) -> None:
        table, _, name = path.partition(_MARK)
        rows = read_masks(Path(table))
        if name not in rows:
            raise LabelError(tr("The table {} has no row of the {} {!r}.").format(table, ID, name))
        self._order = order
        self._height = height
        self._width = width
        self._runs = parse_row_runs(rows[name], (height, width))
        # The names of polygons without a class field, so that models of both kinds of labels fit one ensemble.
        self.names = {0: "background", 1: "foreground"}
        self.colours: dict[int, str] = {}
        self.declared: frozenset[int] = frozenset()

    @property
    def memory_bytes(self) -> int:
        """Memory of the runs, bytes; the mask is never decoded as a whole."""
        return sum(ends.nbytes for ends in self._runs)

    def read(self, window: Window) -> NDArray[np.int32]:
        """Class values (H, W) of the window; decodes the full rows or columns that it touches."""
        rows, cols = slice(window.row, window.row_stop), slice(window.col, window.col_stop)
        if self._order == "row":
            mask = self._decode_lines(rows, self._width)[:, cols]
        else:
            mask = self._decode_lines(cols, self._height)[:, rows].T
        return mask.astype(np.int32)

    def _decode_lines(self, lines: slice, length: int) -> NDArray[np.bool_]:
        """Rows, or columns, in the direction in which pixels are counted (lines, length)."""
        pixels = pixels_between(self._runs, lines.start * length, lines.stop * length)
        return pixels.reshape(-1, length)
