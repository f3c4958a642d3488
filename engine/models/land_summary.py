"""A summary of the land that a network learnt from, and how unlike it another place is.

It is the Mahalanobis distance of a network's features from those of the training land (Lee et al. 2018,
arXiv:1807.03888), without classes. On another town the encoder's features at stride 8 found a mask's errors better than
those at strides 4, 16 and 32; after a long training they did so only together with the decoder's last ones. Distances of
classes and of cluster centres gained less than 0.01 (``docs/benchmarks.md``).

The limit is a quantile of the distances of held-out land, as in conformal prediction: of land like that of the training,
as many pixels lie beyond it as the quantile leaves.
"""

from __future__ import annotations

import math
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.unlike import MAX_LAND_NUMBERS

#: Stride of the features.
STRIDE = 8

#: Largest number of directions of the features.
_MAX_DIRECTIONS = 128

#: Share of the mean variance that is added to that of each direction: the smallest variances are noise.
_SHRINKAGE = 0.01

#: Side of the square whose mean distance counts, in positions: 40 px. Single positions are noisy.
_NEIGHBOURS = 5

#: Share of the held-out land that is nearer than the limit.
_QUANTILE = 0.99


class LandSummary(nn.Module):
    """Computes from features how unlike the training a place is.

    Args:
        directions: Number of directions in which features are measured, D.
        channels: Number of features, C.

    Attributes:
        weight: (D, C) maps features to directions in which those of the training land have the variance 1 / D.
        bias: (D) is added, so that their mean is 0.
        limit: (1) the distance beyond which a place is unlike the training.
    """

    weight: Tensor
    bias: Tensor
    limit: Tensor

    def __init__(self, directions: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(directions, channels))
        self.register_buffer("bias", torch.zeros(directions))
        self.register_buffer("limit", torch.ones(1))

    @classmethod
    def of(cls, features: Tensor) -> Self | None:
        """The summary of features (N, C) of the training land, without its limit; None if they are all alike."""
        values = features.double()
        mean = values.mean(dim=0)
        centred = values - mean
        covariance = centred.T @ centred / max(len(values), 1)
        average, channels = covariance.diagonal().mean(), values.shape[1]
        if not 0 < float(average) < math.inf:  # NaN too
            return None
        variances, vectors = torch.linalg.eigh(covariance)
        count = max(1, min(channels, _MAX_DIRECTIONS, MAX_LAND_NUMBERS // channels))
        variances = variances[-count:].clamp(min=0) + _SHRINKAGE * average
        weight = (vectors[:, -count:] / (count * variances).sqrt()).T
        summary = cls(count, channels)
        summary.weight.copy_(weight)
        summary.bias.copy_(-(weight @ mean))
        return summary

    def set_limit(self, distances: Tensor) -> bool:
        """Sets the limit from the distances (N,) of held-out land; whether they give one."""
        if not len(distances):
            return False
        limit = distances.double().sort().values[int(_QUANTILE * (len(distances) - 1))]
        self.limit.fill_(float(limit))
        return bool(torch.isfinite(self.limit).all() and self.limit > 0)

    def distance(self, features: Tensor) -> Tensor:
        """The distances (B, 1, h, w) of features (B, C, h, w), each the mean of its neighbourhood."""
        with torch.autocast(features.device.type, enabled=False):
            directions = F.conv2d(features.float(), self.weight[:, :, None, None], self.bias)
            distance = directions.square().sum(dim=1, keepdim=True).sqrt()
            side = _NEIGHBOURS
            return F.avg_pool2d(distance, side, 1, side // 2, count_include_pad=False)

    def forward(self, features: Tensor, size: tuple[int, int]) -> Tensor:
        """How unlike the training places are, (B, 1, H, W) from 0 to 1 in fp32; 0.5 at the limit.

        Args:
            features: (B, C, h, w).
            size: H and W.
        """
        squared = self.distance(features).square()
        share = squared / (squared + self.limit.square())
        return F.interpolate(share, size, mode="bilinear", align_corners=False)


def with_decoder(features: Tensor, decoded: Tensor) -> Tensor:
    """The encoder's features (B, C, h, w) with the decoder's last ones (B, D, H, W), averaged to the same positions."""
    stride = decoded.shape[-1] // features.shape[-1]
    if stride > 1:
        decoded = F.avg_pool2d(decoded, stride)
    elif stride < 1:
        decoded = F.interpolate(decoded, features.shape[-2:], mode="bilinear", align_corners=False)
    return torch.cat([features.float(), decoded.float()], dim=1)


def labelled_positions(target: Tensor, features: Tensor, ignored: int) -> Tensor:
    """Which positions (B, h, w) of features (B, C, h, w) have a labelled pixel, of class indices (B, H, W)."""
    is_labelled = (target != ignored).float()[:, None]
    height, width = features.shape[-2:]
    return F.adaptive_max_pool2d(is_labelled, (height, width))[:, 0] > 0
