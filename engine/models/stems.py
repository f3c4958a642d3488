"""Pretrained stems, adapted to any number of bands."""

from __future__ import annotations

import torch
from torch import Tensor


def adapt_stem(kernels: Tensor, bands: int) -> Tensor:
    """Adapts the kernels (D, C, k, k) of a first layer to another number of bands: (D, bands, k, k).

    With more bands, the additional ones get the mean of the kernels; with fewer, all get it. The result is scaled
    by C / bands, so that a grey pixel gets the same response as before.
    """
    channels = kernels.shape[1]
    if bands == channels:
        return kernels
    mean = kernels.mean(dim=1, keepdim=True)
    if bands < channels:
        return mean.expand(-1, bands, -1, -1) * (channels / bands)
    additional = mean.expand(-1, bands - channels, -1, -1)
    return torch.cat([kernels, additional], dim=1) * (channels / bands)
