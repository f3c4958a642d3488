"""The forward pass of a batch of tiles: raw pixels, physical values, test-time augmentation, probabilities.

Pixels are copied to the network's device as the file stores them, and converted there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ..compute.tile_transforms import apply_symmetry
from ..rasters.pixel_encoding import Encoding, RawWindow
from ..runtimes.network import Network
from .tile_reader import Tile

#: Unsigned types with few operations in torch, and the signed types of the same bits.
_SIGNED = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


@torch.inference_mode()
def predict_batch(
    tiles: Sequence[Tile],
    network: Network,
    channels: int,
    views: Sequence[int],
    span: int,
    device: torch.device,
) -> list[Tensor]:
    """Probabilities (K, S, S) of each tile, in separate memory; zeros where a tile has no valid pixel.

    Args:
        tiles: The tiles; those without a valid pixel are not computed.
        network: The network.
        channels: Probabilities per pixel, K: the last K that the network returns.
        views: Symmetries of the square whose probabilities are averaged, see ``apply_symmetry``.
        span: Side of a tile in image px, S.
        device: Device of the network.
    """
    valid = [tile for tile in tiles if tile.image is not None]
    zeros = partial(torch.zeros, channels, span, span, device=device)
    if not valid:
        return [zeros() for _ in tiles]
    images, auxiliary = _images(valid, device), _auxiliary(valid, device)

    def predict_view(symmetry: int) -> Tensor:
        turned = None if auxiliary is None else apply_symmetry(auxiliary, symmetry)
        # Of two classes with a logit each, the probability of the second is enough.
        output = network(apply_symmetry(images, symmetry), turned)[:, -channels:]
        # A flip followed by turns is its own inverse; a turn is undone by the rest of a full turn.
        return apply_symmetry(output, symmetry if symmetry >= 4 else -symmetry % 4)

    total = predict_view(views[0])
    for symmetry in views[1:]:
        total = total + predict_view(symmetry)
    probabilities = iter(_resize(total if len(views) == 1 else total / len(views), span))
    return [zeros() if tile.image is None else next(probabilities) for tile in tiles]


def _images(tiles: list[Tile], device: torch.device) -> Tensor:
    """Physical values (B, C, T, T) on the device, NaN where there is no value."""
    raws = [tile.image for tile in tiles if isinstance(tile.image, RawWindow)]
    if not raws:
        resampled = [tile.image for tile in tiles if isinstance(tile.image, np.ndarray)]
        return on_device(_stack(resampled), device)
    masks = [raw.masks for raw in raws if raw.masks is not None]
    return physical(
        on_device(_stack([raw.pixels for raw in raws]), device),
        on_device(_stack(masks), device) if masks else None,
        raws[0].encoding,
    )


def _auxiliary(tiles: list[Tile], device: torch.device) -> Tensor | None:
    arrays = [tile.auxiliary for tile in tiles if tile.auxiliary is not None]
    return on_device(_stack(arrays), device) if arrays else None


def _stack(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """Stacks arrays along a new batch dimension; a single array is not copied."""
    return np.stack(arrays) if len(arrays) > 1 else arrays[0][None]


def _resize(probabilities: Tensor, side: int) -> Tensor:
    """Resizes probabilities (B, K, T, T) to the image's resolution, (B, K, S, S)."""
    if probabilities.shape[-1] == side:
        return probabilities
    return F.interpolate(probabilities, (side, side), mode="bilinear", antialias=True)


def on_device(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """The array on a device; the copy to a GPU is asynchronous."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    if device.type == "mps" and tensor.dtype == torch.float64:
        tensor = tensor.float()  # Apple's GPUs have no float64
    return tensor.to(device)


def physical(pixels: Tensor, masks: Tensor | None, encoding: Encoding) -> Tensor:
    """Values (B, C, H, W) with scale and offset applied, NaN where there is no value; like ``RawWindow.physical``.

    Args:
        pixels: (B, C, H, W) of the file's type.
        masks: (B, C, H, W), where pixels are valid; None: everywhere.
        encoding: Scale, offset, nodata and mask of each band.
    """
    values = pixels.to(torch.float32) if encoding.is_identity else _scale(pixels, encoding)
    for band, nodata in enumerate(encoding.nodata):
        if nodata is not None:
            values[:, band].masked_fill_(_equal(pixels[:, band], nodata), torch.nan)
        if masks is not None and encoding.masked[band]:
            values[:, band].masked_fill_(~masks[:, band], torch.nan)
    if pixels.dtype.is_floating_point:
        values = values.masked_fill(values.isinf(), torch.nan)
    return values


def _scale(pixels: Tensor, encoding: Encoding) -> Tensor:
    """Applies scale and offset in double precision, where the device has it."""
    kind = torch.float32 if pixels.device.type == "mps" else torch.float64
    shape = (1, -1, 1, 1)
    scales, offsets = (
        torch.tensor(numbers, dtype=kind, device=pixels.device).view(shape)
        for numbers in (encoding.scales, encoding.offsets)
    )
    return (pixels.to(kind) * scales + offsets).to(torch.float32)


def _equal(pixels: Tensor, nodata: np.generic) -> Tensor:
    """Mask of the pixels that equal a value of the file's type; unsigned numbers are compared bit by bit."""
    signed = _SIGNED.get(pixels.dtype)
    if signed is None:
        return pixels.eq(nodata.item())
    # A band of fewer bits than its neighbours has a narrower nodata value than the pixels.
    wide = np.asarray(nodata).astype(f"u{signed.itemsize}")
    return pixels.view(signed).eq(wide.view(f"i{signed.itemsize}").item())
