"""The forward pass of a batch of tiles: raw pixels, physical values, test-time augmentation, probabilities.

Pixels are copied to the network's device as the file stores them, and converted there: to tensors for PyTorch, while
they stay NumPy arrays for graphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compute.arrays import Array, namespace
from ..compute.tile_transforms import apply_symmetry, resize
from ..rasters.pixel_encoding import RawWindow, to_physical
from ..runtimes.network import Network
from .tile_reader import Tile


def predict_batch(
    tiles: Sequence[Tile], network: Network, planes: int, views: Sequence[int], span: int
) -> list[Array]:
    """The planes (P, S, S) that a network computes for each tile, in separate memory; zeros where a tile has no valid pixel.

    Args:
        tiles: The tiles; those without a valid pixel are not computed.
        network: The network.
        planes: Number of the last planes of the network's output to keep, P: the probabilities and, with a land summary,
            how unlike the training a pixel is.
        views: Symmetries of the square whose results are averaged, see ``apply_symmetry``.
        span: Side of a tile in image px, S.
    """
    valid = [tile for tile in tiles if tile.image is not None]
    found = iter(_predict(valid, network, planes, views, span) if valid else ())
    return [
        network.to_device(np.zeros((planes, span, span), np.float32))
        if tile.image is None
        else next(found)
        for tile in tiles
    ]


def _predict(
    tiles: list[Tile], network: Network, planes: int, views: Sequence[int], span: int
) -> Array:
    """The planes (B, P, S, S) of tiles with valid pixels."""
    images, auxiliary = _images(tiles, network), _auxiliary(tiles, network)

    def predict_view(symmetry: int) -> Array:
        turned = None if auxiliary is None else apply_symmetry(auxiliary, symmetry)
        # Of two classes with a logit each, the probability of the second is enough.
        output = network(apply_symmetry(images, symmetry), turned)[:, -planes:]
        # A flip followed by turns is its own inverse; a turn is undone by the rest of a full turn.
        return apply_symmetry(output, symmetry if symmetry >= 4 else -symmetry % 4)

    total = predict_view(views[0])
    for symmetry in views[1:]:
        total = total + predict_view(symmetry)
    return resize(total if len(views) == 1 else total / len(views), span)


def _images(tiles: list[Tile], network: Network) -> Array:
    """Physical values (B, C, T, T) on the device, NaN where there is no value."""
    raws = [tile.image for tile in tiles if isinstance(tile.image, RawWindow)]
    if not raws:
        resampled = [tile.image for tile in tiles if isinstance(tile.image, np.ndarray)]
        return network.to_device(_stack(resampled))
    masks = [raw.masks for raw in raws if raw.masks is not None]
    pixels = network.to_device(_stack([raw.pixels for raw in raws]))
    return to_physical(
        pixels,
        network.to_device(_stack(masks)) if masks else None,
        raws[0].encoding,
        namespace(pixels),
    )


def _auxiliary(tiles: list[Tile], network: Network) -> Array | None:
    arrays = [tile.auxiliary for tile in tiles if tile.auxiliary is not None]
    return network.to_device(_stack(arrays)) if arrays else None


def _stack(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """Stacks arrays along a new batch dimension; a single array is not copied."""
    return np.stack(arrays) if len(arrays) > 1 else arrays[0][None]
