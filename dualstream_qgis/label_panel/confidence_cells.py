"""Reads the confidence of the map of the view as a coarse table, for the next doubtful place."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsPointXY, QgsRasterLayer, QgsRectangle

from ..compat import AVERAGE
from .doubtful_places import CELLS, next_place


class ConfidenceCells:
    """Mean confidence of the cells of a map.

    Args:
        path: The raster of confidence in percent.
    """

    def __init__(self, path: str) -> None:
        layer = QgsRasterLayer(path, "confidence")
        self._extent = layer.extent()
        side = max(layer.width(), layer.height(), 1)
        self._cols = max(1, CELLS * layer.width() // side)
        self._rows = max(1, CELLS * layer.height() // side)
        self._cells = _means(layer, self._cols, self._rows) if layer.isValid() else []

    def next(self, taken: list[QgsPointXY]) -> QgsPointXY | None:
        """Returns the middle of the most doubtful cell, None if all are sure or taken."""
        width, height = self._extent.width() / self._cols, self._extent.height() / self._rows
        left, top = self._extent.xMinimum(), self._extent.yMaximum()
        places = [((top - p.y()) / height - 0.5, (p.x() - left) / width - 0.5) for p in taken]
        found = next_place(self._cells, places)
        if found is None:
            return None
        return QgsPointXY(left + (found[1] + 0.5) * width, top - (found[0] + 0.5) * height)


def _means(layer: QgsRasterLayer, cols: int, rows: int) -> list[list[Optional[float]]]:  # noqa: UP045 - Python 3.9
    """Returns the mean of each cell, row by row; None where there is no value."""
    provider = layer.dataProvider()
    provider.enableProviderResampling(True)
    provider.setZoomedOutResamplingMethod(AVERAGE)
    provider.setMaxOversampling(max(layer.width() / cols, layer.height() / rows) + 1)
    block = provider.block(1, QgsRectangle(layer.extent()), cols, rows)
    return [
        [None if block.isNoData(row, col) else block.value(row, col) for col in range(cols)]
        for row in range(rows)
    ]
