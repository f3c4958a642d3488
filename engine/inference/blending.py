"""Blends overlapping tiles with linear ramps, keeping one row of tiles in memory.

Tiles come from left to right and from top to bottom. Each tile finishes a rectangle at once; only the pixels that
fade into the next tile and the next strip are kept. The weights of neighbouring tiles add up to one, so that no sum
of weights is needed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ..compute.arrays import Array, namespace
from ..rasters.tiling import TileSpan, Tiling


class Blender:
    """Blends the probabilities of a tiling, NumPy arrays or tensors.

    Args:
        tiling: The tiles.
    """

    def __init__(self, tiling: Tiling) -> None:
        self._width = tiling.region.width
        self._fade = max(strip.rows.fade_out for strip in tiling.strips)
        self._below: Array | None = None  # until the first tile, which decides the kind of array
        self._right: Array | None = None

    def add(self, tile: Array, rows: TileSpan, cols: TileSpan) -> Array:
        """Adds the next tile and returns the pixels that it finishes.

        Args:
            tile: Probabilities (K, S, S); overwritten.
            rows: Vertical span of the tile.
            cols: Horizontal span of the tile.

        Returns:
            (K, rows.end - rows.begin, cols.end - cols.begin), blended.
        """
        if self._below is None:
            shape, xp = (len(tile), self._fade, self._width), namespace(tile)
            self._below = xp.zeros(shape, dtype=tile.dtype, device=tile.device)
        across, self._right = _blend(tile, cols, 2, self._right)
        above = self._below[:, : rows.fade_in, cols.begin : cols.end]
        finished, below = _blend(across, rows, 1, above)
        self._below[:, : rows.fade_out, cols.begin : cols.end] = below
        return finished


def _blend(values: Array, span: TileSpan, axis: int, previous: Array | None) -> tuple[Array, Array]:
    """The finished pixels along one axis, and the weighted pixels that the next tile adds to."""
    xp = namespace(values)
    begin = span.begin - span.start
    end = span.end - span.start
    leaving = values[_along(axis, end, end + span.fade_out)]
    faded = leaving * (1 - _ramp(span.fade_out, axis, xp, values.device))
    if span.fade_in:
        entering = values[_along(axis, begin, begin + span.fade_in)]
        entering *= _ramp(span.fade_in, axis, xp, values.device)
        entering += previous
    return values[_along(axis, begin, end)], faded


def _along(axis: int, start: int, stop: int) -> tuple[slice, ...]:
    """The index of a part of an array of three axes."""
    return (slice(None),) * axis + (slice(start, stop),)


@cache
def _ramp(width: int, axis: int, xp: Any, device: Any) -> Array:
    """Weights from 0 to 1 at the centres of ``width`` pixels, along ``axis`` of three."""
    ramp = (xp.arange(width, dtype=xp.float32, device=device) + 0.5) / max(width, 1)
    return xp.reshape(ramp, tuple(-1 if index == axis else 1 for index in range(3)))
