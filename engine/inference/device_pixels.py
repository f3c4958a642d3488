"""Raw pixels become physical values where the network runs: what travels there is what the file holds."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..rasters.pixel_encoding import Encoding

#: Unsigned types that torch hardly computes with, and those of the same bits that it does.
_SIGNED = {
    torch.uint16: torch.int16,
    torch.uint32: torch.int32,
    torch.uint64: torch.int64,
}


def on_device(array: NDArray[np.generic], torch_device: torch.device) -> Tensor:
    """The array on a device; the copy to a GPU goes on while the processor does other things."""
    tensor = torch.from_numpy(array)
    if torch_device.type == "cuda":
        return tensor.pin_memory().to(torch_device, non_blocking=True)
    if torch_device.type == "mps" and tensor.dtype == torch.float64:
        tensor = tensor.float()  # Apple's GPUs know no doubles
    return tensor.to(torch_device)


def physical(pixels: Tensor, masks: Tensor | None, encoding: Encoding) -> Tensor:
    """Values (B, C, H, W) with scale and offset applied, NaN where there is none; as ``Raw.physical``.

    Args:
        pixels: (B, C, H, W) of the file's type.
        masks: (B, C, H, W), where there are values; None: everywhere.
        encoding: What the numbers mean.
    """
    values = pixels.to(torch.float32)
    if not encoding.is_plain:
        values = _scaled(pixels, encoding)
    for band, nodata in enumerate(encoding.nodata):
        if nodata is not None:
            values[:, band].masked_fill_(_equal(pixels[:, band], nodata), torch.nan)
        if masks is not None and encoding.masked[band]:
            values[:, band].masked_fill_(~masks[:, band], torch.nan)
    if pixels.dtype.is_floating_point:
        values = values.masked_fill(values.isinf(), torch.nan)
    return values


def _scaled(pixels: Tensor, encoding: Encoding) -> Tensor:
    """Scale and offset applied in double precision, where the device has it."""
    kind = torch.float32 if pixels.device.type == "mps" else torch.float64
    shape = (1, -1, 1, 1)
    scales, offsets = (
        torch.tensor(numbers, dtype=kind, device=pixels.device).view(shape)
        for numbers in (encoding.scales, encoding.offsets)
    )
    return (pixels.to(kind) * scales + offsets).to(torch.float32)


def _equal(pixels: Tensor, nodata: np.generic) -> Tensor:
    """Where pixels have this value of the file's type, compared bit by bit for unsigned numbers."""
    signed = _SIGNED.get(pixels.dtype)
    if signed is None:
        return pixels.eq(nodata.item())
    # Of a band of fewer bits than its neighbours the number is narrower than the pixels.
    wide = np.asarray(nodata).astype(f"u{signed.itemsize}")
    return pixels.view(signed).eq(wide.view(f"i{signed.itemsize}").item())
