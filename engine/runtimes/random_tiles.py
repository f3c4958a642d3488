"""Random tiles of a model's bands, on which networks are timed and compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract.model_card import Card

#: One pixel in this many is missing.
_MISSING = 50


def random_tiles(card: Card, batch: int, fused: bool = True) -> dict[str, NDArray[np.float32]]:
    """Random tiles of each stream by input name: (B, C, T, T) and, of two streams, (B, Ca, t, t), in fp32.

    Args:
        card: The model's card.
        batch: Number of tiles; also the seed.
        fused: Whether to make tiles of the auxiliary stream, if the network has one.
    """
    rng = np.random.default_rng(batch)
    low, high = (_per_band(ends) for ends in (card.image.low or (0.0,), card.image.high or (1.0,)))
    shape = batch, card.image.bands, card.tile_size, card.tile_size
    values = {"image": rng.random(shape, np.float32) * (high - low) + low}
    stream = card.auxiliary
    if stream.bands and fused:
        mean, std = _per_band(stream.mean or (0.0,)), _per_band(stream.std or (1.0,))
        shape = batch, stream.bands, stream.tile_size, stream.tile_size
        values["auxiliary"] = rng.standard_normal(shape, np.float32) * std + mean
    for value in values.values():
        value[rng.random(value.shape, np.float32) < 1 / _MISSING] = np.nan
    return values


def _per_band(numbers: tuple[float, ...]) -> NDArray[np.float32]:
    """A number for each band, (C, 1, 1), or one for all bands."""
    return np.array(numbers, np.float32).reshape(-1, 1, 1)
