"""Blends overlapping tiles with linear ramps, keeping one row of tiles in memory.

Tiles come from left to right and from top to bottom. Each tile finishes a rectangle at once; only the pixels that
fade into the next tile and the next strip are kept. The weights of neighbouring tiles add up to one, so that no sum
of weights is needed.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from ..rasters.tiling import TileSpan, Tiling


class Blender:
    """Blends the probabilities of a tiling.

    Args:
        tiling: The tiles.
        channels: Probabilities per pixel, K.
        device: Device of the probabilities.
    """

    def __init__(self, tiling: Tiling, channels: int, device: torch.device) -> None:
        fade = max(strip.rows.fade_out for strip in tiling.strips)
        self._below = torch.zeros(channels, fade, tiling.region.width, device=device)
        self._right = torch.empty(0, device=device)

    def add(self, tile: Tensor, rows: TileSpan, cols: TileSpan) -> Tensor:
        """Adds the next tile and returns the pixels that it finishes.

        Args:
            tile: Probabilities (K, S, S); overwritten.
            rows: Vertical span of the tile.
            cols: Horizontal span of the tile.

        Returns:
            (K, rows.end - rows.begin, cols.end - cols.begin), blended.
        """
        across, self._right = _blend(tile, cols, 2, self._right)
        above = self._below[:, : rows.fade_in, cols.begin : cols.end]
        finished, below = _blend(across, rows, 1, above)
        self._below[:, : rows.fade_out, cols.begin : cols.end] = below
        return finished


def _blend(values: Tensor, span: TileSpan, axis: int, previous: Tensor) -> tuple[Tensor, Tensor]:
    """The finished pixels along one axis, and the weighted pixels that the next tile adds to."""
    begin, length = span.begin - span.start, span.end - span.begin
    leaving = values.narrow(axis, begin + length, span.fade_out)
    faded = leaving * (1 - _ramp(span.fade_out, axis, values.dtype, values.device))
    finished = values.narrow(axis, begin, length)
    if span.fade_in:
        ramp = _ramp(span.fade_in, axis, values.dtype, values.device)
        finished.narrow(axis, 0, span.fade_in).mul_(ramp).add_(previous)
    return finished, faded


@cache
def _ramp(width: int, axis: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Weights from 0 to 1 at the centres of ``width`` pixels, along ``axis`` of three."""
    ramp = (torch.arange(width, device=device, dtype=dtype) + 0.5) / max(width, 1)
    return ramp.reshape([-1 if index == axis else 1 for index in range(3)])
