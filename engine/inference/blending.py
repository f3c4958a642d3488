"""Joins overlapping tiles without seams: complementary ramps, one tile row in memory.

Tiles come from left to right and from top to bottom. Each finishes a rectangle of its own at once;
only what fades into the next tile and the next strip waits. Weights add up to one by construction, so
nothing is counted or divided.
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
        channels: Probabilities a pixel, K.
        device: Where the probabilities are.
    """

    def __init__(self, tiling: Tiling, channels: int, device: torch.device) -> None:
        fade = max(strip.rows.fade_out for strip in tiling.strips)
        self._below = torch.zeros(channels, fade, tiling.region.width, device=device)
        self._right = torch.empty(0, device=device)

    def add(self, tile: Tensor, rows: TileSpan, cols: TileSpan) -> Tensor:
        """Takes the next tile's probabilities and gives back the pixels that are now finished.

        Args:
            tile: (K, T, T); its memory is used.
            rows: The tile's place from top to bottom.
            cols: The tile's place from left to right.

        Returns:
            (K, rows.end - rows.begin, cols.end - cols.begin), blended.
        """
        across, self._right = _join(tile, cols, 2, self._right)
        above = self._below[:, : rows.fade_in, cols.begin : cols.end]
        finished, below = _join(across, rows, 1, above)
        self._below[:, : rows.fade_out, cols.begin : cols.end] = below
        return finished


def _join(values: Tensor, slot: TileSpan, axis: int, waiting: Tensor) -> tuple[Tensor, Tensor]:
    """The finished part along one axis, and what waits for the next tile there."""
    begin, length = slot.begin - slot.start, slot.end - slot.begin
    leaving = values.narrow(axis, begin + length, slot.fade_out)
    waits = leaving * (1 - _ramp(slot.fade_out, axis, values.dtype, values.device))
    finished = values.narrow(axis, begin, length)
    if slot.fade_in:
        ramp = _ramp(slot.fade_in, axis, values.dtype, values.device)
        finished.narrow(axis, 0, slot.fade_in).mul_(ramp).add_(waiting)
    return finished, waits


@cache
def _ramp(width: int, axis: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Weights from 0 to 1 at the centres of ``width`` pixels, along ``axis`` of three."""
    ramp = (torch.arange(width, device=device, dtype=dtype) + 0.5) / max(width, 1)
    return ramp.reshape([-1 if index == axis else 1 for index in range(3)])
