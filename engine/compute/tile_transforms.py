"""Transforms of square tiles: the eight symmetries of the square (D4) and resizing that ignores missing values."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from .arrays import Array, namespace

#: A resized pixel is missing if pixels with a value have less than this share of its weight.
_MIN_VALID_SHARE = 0.5

#: Resized rows that are computed by one matrix product, which leaves out most of the pixels whose weight is zero.
_BLOCK = 32


def resize_tile(pixels: Array, side: int) -> Array:
    """Resizes a square tile, bilinearly and with antialiasing.

    Missing values have no influence: the weights of the others are normalised to a sum of one.

    Args:
        pixels: (C, S, S) in float32, NaN where a value is missing, band by band.
        side: Side of the resized tile, px, at least 1.

    Returns:
        (C, side, side) in float32; ``pixels`` itself if it has that size already.
    """
    xp = namespace(pixels)
    missing = xp.isnan(pixels)
    if pixels.shape[-1] == side or not xp.any(missing):
        return resize(pixels, side)
    valid_share = resize(xp.astype(~missing, xp.float32), side)
    sums = resize(xp.where(missing, 0.0, pixels), side)
    resized = sums / xp.clip(valid_share, min=_MIN_VALID_SHARE)
    return xp.where(valid_share < _MIN_VALID_SHARE, xp.nan, resized)


def resize(values: Array, side: int) -> Array:
    """Resizes squares of finite values, bilinearly and with antialiasing, as torch's ``interpolate`` and Pillow do.

    Rows and columns are resized one after the other, each by products with a matrix of weights.

    Args:
        values: (..., S, S) in float32.
        side: Side of the resized squares, px, at least 1.

    Returns:
        (..., side, side) in float32; ``values`` itself if it has that size already.
    """
    if values.shape[-1] == side:
        return values
    xp = namespace(values)
    blocks = _weight_blocks(values.shape[-1], side, xp, values.device)
    rows = xp.concat([weights @ values[..., source, :] for source, weights in blocks], axis=-2)
    return xp.concat([rows[..., source] @ weights.mT for source, weights in blocks], axis=-1)


@lru_cache(maxsize=64)
def _weight_blocks(size: int, side: int, xp: Any, device: Any) -> list[tuple[slice, Array]]:
    """The weights of ``size`` pixels for ``side`` pixels: a triangle, as wide as two pixels of the coarser grid.

    Returns:
        For every ``_BLOCK`` resized pixels, the n pixels that they depend on, and the weights of these (_BLOCK, n).
    """
    scale = size / side
    centres = (np.arange(side) + 0.5) * scale
    distances = np.abs(np.arange(size) + 0.5 - centres[:, None]) / max(scale, 1.0)
    weights = np.maximum(1.0 - distances, 0.0)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    blocks = []
    for rows in np.split(weights, range(_BLOCK, side, _BLOCK)):
        used = np.flatnonzero(rows.any(axis=0))
        source = slice(int(used[0]), int(used[-1]) + 1)
        part = np.ascontiguousarray(rows[:, source])
        blocks.append((source, xp.asarray(part, device=device)))
    return blocks


def apply_symmetry(values: Array, symmetry: int) -> Array:
    """Applies one of the eight symmetries of the square to an array (..., H, H).

    Args:
        values: Square in its last two dimensions.
        symmetry: 0..7: the number of quarter turns, plus 4 for a flip before them; 0 is the identity.
    """
    xp = namespace(values)
    flipped = xp.flip(values, axis=-1) if symmetry >= 4 else values
    return xp.rot90(flipped, symmetry % 4, (-2, -1)) if symmetry % 4 else flipped
