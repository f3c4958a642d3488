"""ConvNeXt: the block that the air encoder and every decoder share, and the encoder itself.

Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: LayerScale starts here. The paper's 1e-6 suits 300 epochs on ImageNet: Adam moves it by about one
#: learning rate a step, so on a few hundred steps from random weights its blocks would stay shut.
LAYER_SCALE = 0.1


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of each pixel of a (B, C, H, W) map.

    Unlike batch or group norm it is the same at batch 1, on a 1 x 1 map and in evaluation.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The normalised map, (B, C, H, W)."""
        normed: Tensor = super().forward(x.permute(0, 2, 3, 1))
        return normed.permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    """Depthwise 7 x 7, LayerNorm, MLP of four times the width, LayerScale; residual."""

    def __init__(self, channels: int, layer_scale: float = LAYER_SCALE) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 4 * channels)
        self.project = nn.Linear(4 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), layer_scale))

    def forward(self, x: Tensor) -> Tensor:
        """The refined map, (B, C, H, W) as ``x``."""
        y: Tensor = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.project(F.gelu(self.expand(self.norm(y))))
        return x + (self.scale * y).permute(0, 3, 1, 2)


class Patches(nn.Module):
    """Non-overlapping patches of ``stride`` x ``stride`` px to one pixel each.

    A side that is no multiple of ``stride`` is filled up with zeros at the lower right, so that
    every size down to 1 x 1 works, no row is dropped, and output pixel i covers exactly the input
    pixels ``i * stride`` to ``(i + 1) * stride - 1``.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.proj = nn.Conv2d(channels_in, channels_out, stride, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, H, W) to (B, channels_out, ceil(H / stride), ceil(W / stride))."""
        height, width = x.shape[-2:]
        padded = F.pad(x, (0, -width % self.stride, 0, -height % self.stride))
        patches: Tensor = self.proj(padded)
        return patches


def stem_stride(tile_size: int) -> int:
    """The stride of the first layer for an auxiliary tile of ``tile_size`` px: 1, 2 or 4.

    Three halvings follow it. Stride 4, as for photographs, would leave 2 px of a 64 px tile; so
    tiles up to 64 px keep every pixel, and only large ones are reduced at once (512 px: 128 px).
    """
    if tile_size <= 64:
        return 1
    return 2 if tile_size <= 256 else 4


class ConvNeXtEncoder(nn.Module):
    """The auxiliary ("air") stream's encoder: four stages, each but the first at half the size.

    Attributes:
        channels: Channels of each stage's output.
    """

    def __init__(
        self,
        bands: int,
        stride: int,
        channels: Sequence[int] = (64, 128, 256, 512),
        depths: Sequence[int] = (2, 2, 4, 2),
    ) -> None:
        """An encoder for ``bands`` bands whose first stage reduces by ``stride``."""
        super().__init__()
        self.channels = tuple(channels)
        self.stages = nn.ModuleList()
        before = bands
        for index, (width, depth) in enumerate(zip(channels, depths, strict=True)):
            entry = [Patches(before, width, 2 if index else stride), ChannelNorm(width)]
            blocks = [ConvNeXtBlock(width) for _ in range(depth)]
            # The norm at the end gives fusion features of unit variance, as MiT's stages do.
            self.stages.append(nn.Sequential(*entry, *blocks, ChannelNorm(width)))
            before = width

    def forward(self, x: Tensor) -> list[Tensor]:
        """The four stages' maps, finest first, of standardised values ``x`` (B, C, h, w)."""
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
