"""Pretrained first layers, made to fit any number of bands."""

from __future__ import annotations

import torch
from torch import Tensor


def adapt_stem(kernels: Tensor, bands: int) -> Tensor:
    """The first layer's kernels (D, C, k, k) for another number of bands, (D, bands, k, k).

    Known bands keep their kernels and further ones get the mean of them; fewer bands all get the
    mean (one band: thereby the sum). The whole is rescaled by C / bands, so that a grey pixel
    causes the response that the following layers were trained on.
    """
    known = kernels.shape[1]
    if bands == known:
        return kernels
    mean = kernels.mean(dim=1, keepdim=True)
    if bands < known:
        return mean.expand(-1, bands, -1, -1) * (known / bands)
    further = mean.expand(-1, bands - known, -1, -1)
    return torch.cat([kernels, further], dim=1) * (known / bands)
