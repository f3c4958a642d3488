"""Transforms of square tiles: the eight symmetries of the square (D4) and resizing that ignores missing values."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Pixels = NDArray[np.float32]

#: Share of a new pixel's weight that must lie on pixels with a value; with less it has none.
_MIN_VALID_SHARE = 0.5


def resize_tile(pixels: Pixels, side: int) -> Pixels:
    """The footprint of ``pixels`` seen as ``side`` x ``side`` pixels.

    Bilinear where it is enlarged. Where it is reduced, the filter widens with the step, so that every
    pixel counts and fine patterns fade instead of turning into coarse ones. A missing value is never
    mixed in: the weights of the others are made to add up to one, and a new pixel is missing where
    more than half of its weight lies on missing ones.

    Args:
        pixels: (C, S, S) in float32, NaN where a value is missing, band by band.
        side: The new number of pixels along each side, at least 1.

    Returns:
        (C, side, side) in float32; ``pixels`` itself where it has that size already.
    """
    if pixels.shape[-2:] == (side, side):
        return pixels
    if not len(pixels):
        return np.empty((0, side, side), np.float32)
    values = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))[None]
    missing = values.isnan()
    if not missing.any():
        return _resized(values, side)[0].numpy()
    known = _resized((~missing).float(), side)
    # Missing pixels enter as 0, and what remains is divided by the weight of the others.
    sums = _resized(values.masked_fill(missing, 0.0), side)
    mixed = sums / known.clamp(min=_MIN_VALID_SHARE)
    return mixed.masked_fill(known < _MIN_VALID_SHARE, torch.nan)[0].numpy()


def _resized(values: Tensor, side: int) -> Tensor:
    return F.interpolate(values, (side, side), mode="bilinear", antialias=True, align_corners=False)


def apply_symmetry(tensor: Tensor, symmetry: int) -> Tensor:
    """``tensor`` (..., H, H) under one of the eight symmetries of the square.

    Args:
        tensor: Square in its last two dimensions.
        symmetry: 0..7: quarter turns, plus 4 for a flip before; 0 leaves the tensor as it is.
    """
    flipped = tensor.flip(-1) if symmetry >= 4 else tensor
    return flipped.rot90(symmetry % 4, (-2, -1)) if symmetry % 4 else flipped
