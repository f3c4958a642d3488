"""Decoders: from fused feature maps back to the image's grid."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .convnext import ChannelNorm, ConvNeXtBlock


def convolution(channels_in: int, channels_out: int, kernel: int = 1, rate: int = 1) -> nn.Module:
    """Convolution that keeps the size, ChannelNorm, GELU."""
    padding = rate * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=padding, dilation=rate),
        ChannelNorm(channels_out),
        nn.GELU(),
    )


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling (Chen et al. 2017, arXiv:1706.05587) for small maps.

    The paper's rates of 6, 12 and 18 reach beyond a 16 x 16 map, where such a kernel sees little
    but padding; 1, 3 and 6 cover 3, 7 and 13 px of it. The pooled branch sees the whole tile.
    """

    def __init__(
        self, channels_in: int, channels_out: int, rates: Sequence[int] = (1, 3, 6)
    ) -> None:
        super().__init__()
        self.pixel = convolution(channels_in, channels_out)
        self.atrous = nn.ModuleList(
            convolution(channels_in, channels_out, 3, rate) for rate in rates
        )
        self.pooled = convolution(channels_in, channels_out)
        self.merge = convolution((len(rates) + 2) * channels_out, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, H, W) to (B, channels_out, H, W)."""
        whole = self.pooled(x.mean(dim=(2, 3), keepdim=True)).expand(-1, -1, *x.shape[-2:])
        branches = [self.pixel(x), *(branch(x) for branch in self.atrous), whole]
        merged: Tensor = self.merge(torch.cat(branches, dim=1))
        return merged


class AttentionGate(nn.Module):
    """Attention U-Net's gate (Oktay et al. 2018, arXiv:1804.03999): mutes a skip where it is noise.

    ``skip * sigmoid(psi(relu(W_x skip + W_g deep)))``, one weight per pixel.
    """

    def __init__(self, skip_channels: int, deep_channels: int) -> None:
        super().__init__()
        inner = max(skip_channels // 2, 8)
        self.skip = nn.Conv2d(skip_channels, inner, 1)
        self.deep = nn.Conv2d(deep_channels, inner, 1)
        self.psi = nn.Conv2d(inner, 1, 1)

    def forward(self, skip: Tensor, deep: Tensor) -> Tensor:
        """The gated ``skip`` (B, C, H, W), given ``deep`` (B, D, H, W) on the same grid."""
        return skip * torch.sigmoid(self.psi(F.relu(self.skip(skip) + self.deep(deep))))


class Refinement(nn.Module):
    """One scale up: enlarge, gate the skip, merge, refine with a ConvNeXt block."""

    def __init__(self, deep_channels: int, skip_channels: int, channels: int) -> None:
        super().__init__()
        self.gate = AttentionGate(skip_channels, deep_channels)
        self.merge = convolution(deep_channels + skip_channels, channels)
        self.block = ConvNeXtBlock(channels)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        """(B, deep_channels, h, w) and (B, skip_channels, H, W) to (B, channels, H, W)."""
        deep = F.interpolate(deep, skip.shape[-2:], mode="bilinear", align_corners=False)
        refined: Tensor = self.block(self.merge(torch.cat([deep, self.gate(skip, deep)], dim=1)))
        return refined


class AttentionDecoder(nn.Module):
    """ASPP on the deepest map, then one refinement for every skip, coarsest first."""

    def __init__(self, channels: Sequence[int], widths: Sequence[int]) -> None:
        """Builds the decoder.

        Args:
            channels: Channels of the maps it will be given, finest first.
            widths: Channels it works with at the same scales.
        """
        super().__init__()
        self.deepest = ASPP(channels[-1], widths[-1])
        self.refinements = nn.ModuleList(
            Refinement(widths[index + 1], channels[index], widths[index])
            for index in reversed(range(len(channels) - 1))
        )

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """(B, widths[0], H, W) on the grid of the first of ``features``, finest first."""
        x: Tensor = self.deepest(features[-1])
        for refinement, skip in zip(self.refinements, reversed(features[:-1]), strict=True):
            x = refinement(x, skip)
        return x


class AuxiliaryHead(nn.Module):
    """Logits straight from one encoder scale: shortens the gradient's way in training."""

    def __init__(self, channels: int, classes: int, width: int = 64) -> None:
        super().__init__()
        self.hidden = convolution(channels, width, 3)
        self.logits = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) to logits (B, classes, H, W), on the same grid."""
        logits: Tensor = self.logits(self.hidden(x))
        return logits


class MLPDecoder(nn.Module):
    """SegFormer's decoder (Xie et al. 2021, arXiv:2105.15203, section 3.2): linear layers only.

    Four linear layers to one width, enlarged to the finest map, merged pixel by pixel, batch norm,
    ReLU, dropout of whole channels, logits.
    """

    def __init__(self, channels: Sequence[int], classes: int, width: int = 512) -> None:
        """Builds the decoder.

        Args:
            channels: Channels of the maps it will be given, finest first.
            classes: Logits per pixel.
            width: Channels it works with.
        """
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(own, width) for own in channels)
        self.merge = nn.Conv2d(len(channels) * width, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width, eps=1e-3)  # as in CMX's code, for the decoder only
        self.dropout = nn.Dropout2d(0.1)
        self.logits = nn.Conv2d(width, classes, 1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Logits (B, classes, H, W) on the grid of the first of ``features``, finest first.

        ``merge`` reads the maps' concatenation, coarsest first. Each map is multiplied by its part
        of the kernel before it is enlarged and not after: enlarging only mixes pixels, so the sum
        is the same at a third of the work, and no map of four widths is ever held.
        """
        size = features[0].shape[-2:]
        parts = reversed(self.merge.weight.chunk(len(features), dim=1))
        merged = features[0].new_zeros(())
        for linear, part, feature in zip(self.linears, parts, features, strict=True):
            widened = linear(feature.movedim(1, -1)).movedim(-1, 1)
            merged = merged + F.interpolate(
                F.conv2d(widened, part), size, mode="bilinear", align_corners=False
            )
        logits: Tensor = self.logits(self.dropout(F.relu(self.norm(merged))))
        return logits
