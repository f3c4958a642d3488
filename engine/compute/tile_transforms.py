"""Transforms of square tiles: the eight symmetries of the square (D4) and resizing that ignores missing values."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Pixels = NDArray[np.float32]

#: A resized pixel is missing if pixels with a value have less than this share of its weight.
_MIN_VALID_SHARE = 0.5


def resize_tile(pixels: Pixels, side: int) -> Pixels:
    """Resizes a square tile, bilinearly and with antialiasing.

    Missing values have no influence: the weights of the others are normalised to a sum of one.

    Args:
        pixels: (C, S, S) in float32, NaN where a value is missing, band by band.
        side: Side of the resized tile, px, at least 1.

    Returns:
        (C, side, side) in float32; ``pixels`` itself if it has that size already.
    """
    if pixels.shape[-2:] == (side, side):
        return pixels
    if not len(pixels):
        return np.empty((0, side, side), np.float32)
    values = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))[None]
    missing = values.isnan()
    if not missing.any():
        return _resize(values, side)[0].numpy()
    valid_share = _resize((~missing).float(), side)
    sums = _resize(values.masked_fill(missing, 0.0), side)
    resized = sums / valid_share.clamp(min=_MIN_VALID_SHARE)
    return resized.masked_fill(valid_share < _MIN_VALID_SHARE, torch.nan)[0].numpy()


def _resize(values: Tensor, side: int) -> Tensor:
    return F.interpolate(values, (side, side), mode="bilinear", antialias=True, align_corners=False)


def apply_symmetry(tensor: Tensor, symmetry: int) -> Tensor:
    """Applies one of the eight symmetries of the square to a tensor (..., H, H).

    Args:
        tensor: Square in its last two dimensions.
        symmetry: 0..7: the number of quarter turns, plus 4 for a flip before them; 0 is the identity.
    """
    flipped = tensor.flip(-1) if symmetry >= 4 else tensor
    return flipped.rot90(symmetry % 4, (-2, -1)) if symmetry % 4 else flipped
