"""Decoders: from fused feature maps to logits, or to features on a finer grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .convnext import ConvNeXtBlock, LayerNorm2d


def conv_norm_gelu(
    channels_in: int, channels_out: int, kernel: int = 1, rate: int = 1
) -> nn.Module:
    """Convolution with padding "same", LayerNorm, GELU."""
    padding = rate * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=padding, dilation=rate),
        LayerNorm2d(channels_out),
        nn.GELU(),
    )


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling (Chen et al. 2017, arXiv:1706.05587) for small maps.

    On a 16 x 16 map the paper's rates of 6, 12 and 18 would mostly see padding; rates of 1, 3 and 6 span 3, 7 and
    13 px. The pooled branch sees the whole tile.
    """

    def __init__(
        self, channels_in: int, channels_out: int, rates: Sequence[int] = (1, 3, 6)
    ) -> None:
        super().__init__()
        self.pixel = conv_norm_gelu(channels_in, channels_out)
        self.atrous = nn.ModuleList(
            conv_norm_gelu(channels_in, channels_out, 3, rate) for rate in rates
        )
        self.pooled = conv_norm_gelu(channels_in, channels_out)
        self.merge = conv_norm_gelu((len(rates) + 2) * channels_out, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, H, W) to (B, channels_out, H, W)."""
        pooled = self.pooled(x.mean(dim=(2, 3), keepdim=True)).expand(-1, -1, *x.shape[-2:])
        branches = [self.pixel(x), *(branch(x) for branch in self.atrous), pooled]
        merged: Tensor = self.merge(torch.cat(branches, dim=1))
        return merged


class AttentionGate(nn.Module):
    """The additive attention gate of Attention U-Net (Oktay et al. 2018, arXiv:1804.03999, equations 1 and 2).

    ``skip * sigmoid(psi(relu(W_x skip + W_g deep)))``, one weight per pixel.
    """

    def __init__(self, skip_channels: int, deep_channels: int) -> None:
        super().__init__()
        inner = max(skip_channels // 2, 8)
        self.skip = nn.Conv2d(skip_channels, inner, 1)
        self.deep = nn.Conv2d(deep_channels, inner, 1)
        self.psi = nn.Conv2d(inner, 1, 1)

    def forward(self, skip: Tensor, deep: Tensor) -> Tensor:
        """(B, skip_channels, H, W) and (B, deep_channels, H, W) to (B, skip_channels, H, W)."""
        return skip * torch.sigmoid(self.psi(F.relu(self.skip(skip) + self.deep(deep))))


class Refinement(nn.Module):
    """One scale of the decoder: upsample, gate the skip connection, concatenate, ConvNeXt block."""

    def __init__(self, deep_channels: int, skip_channels: int, channels: int) -> None:
        super().__init__()
        self.gate = AttentionGate(skip_channels, deep_channels)
        self.merge = conv_norm_gelu(deep_channels + skip_channels, channels)
        self.block = ConvNeXtBlock(channels)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        """(B, deep_channels, h, w) and (B, skip_channels, H, W) to (B, channels, H, W)."""
        deep = F.interpolate(deep, skip.shape[-2:], mode="bilinear", align_corners=False)
        refined: Tensor = self.block(self.merge(torch.cat([deep, self.gate(skip, deep)], dim=1)))
        return refined


class EarlyRefinement(nn.Module):
    """A ``Refinement`` for inference: what is linear is computed before the upsampling, on a quarter of the pixels.

    A 1 x 1 convolution and bilinear upsampling can change places, and the convolution of two concatenated maps is the
    sum of those of each. So fewer channels are upsampled, and no map is concatenated.
    """

    def __init__(self, refinement: Refinement) -> None:
        """Builds it from a trained refinement, whose weights it shares or copies."""
        super().__init__()
        gate: Any = refinement.gate
        layers: list[Any] = [*refinement.merge.children()]
        merge, *rest = layers
        deep_channels = gate.deep.in_channels
        kernel, skip_kernel = merge.weight.detach().tensor_split([deep_channels], dim=1)
        weights = torch.cat([kernel, gate.deep.weight.detach()])
        biases = torch.cat([merge.bias.detach(), gate.deep.bias.detach()])
        self.sizes = [merge.out_channels, gate.deep.out_channels]
        self.deep = pixel_layer(weights[:, :, 0, 0], biases)
        self.gate_skip, self.psi = gate.skip, gate.psi
        self.skip = pixel_layer(skip_kernel[:, :, 0, 0], None)
        self.rest = nn.Sequential(*rest, refinement.block)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        """As ``Refinement.forward``."""
        deep = F.interpolate(self.deep(deep), skip.shape[-2:], mode="bilinear", align_corners=False)
        merged, gate = torch.split(deep, self.sizes, dim=1)
        gated = skip * torch.sigmoid(self.psi(F.relu(self.gate_skip(skip) + gate)))
        refined: Tensor = self.rest(merged + self.skip(gated))
        return refined


class AttentionDecoder(nn.Module):
    """ASPP on the deepest map, then one refinement for each skip connection, coarsest first."""

    def __init__(self, channels: Sequence[int], widths: Sequence[int]) -> None:
        """Builds the decoder.

        Args:
            channels: Channels of the input maps, finest first.
            widths: Channels of the decoder at the same scales.
        """
        super().__init__()
        self.deepest = ASPP(channels[-1], widths[-1])
        self.refinements = nn.ModuleList(
            Refinement(widths[index + 1], channels[index], widths[index])
            for index in reversed(range(len(channels) - 1))
        )

    def inference_parts(self) -> dict[str, nn.Module]:
        """Cheaper refinements, see ``inference_form``."""
        return {
            f"refinements.{name}": EarlyRefinement(refinement)
            for name, refinement in self.refinements.named_children()
            if isinstance(refinement, Refinement)
        }

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Maps (B, channels[i], h_i, w_i), finest first, to (B, widths[0], h_0, w_0)."""
        x: Tensor = self.deepest(features[-1])
        for refinement, skip in zip(self.refinements, reversed(features[:-1]), strict=True):
            x = refinement(x, skip)
        return x


class AuxiliaryHead(nn.Module):
    """Logits from a map of one encoder stage, for deep supervision in training."""

    def __init__(self, channels: int, classes: int, width: int = 64) -> None:
        super().__init__()
        self.hidden = conv_norm_gelu(channels, width, 3)
        self.logits = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) to logits (B, classes, H, W)."""
        logits: Tensor = self.logits(self.hidden(x))
        return logits


class MLPDecoder(nn.Module):
    """The all-MLP decoder of SegFormer (Xie et al. 2021, arXiv:2105.15203, section 3.2, equation 4).

    A linear layer to one width for each map, upsampling to the finest map, concatenation, 1 x 1 convolution, batch
    norm, ReLU, dropout of whole channels, logits.
    """

    def __init__(self, channels: Sequence[int], classes: int, width: int = 512) -> None:
        """Builds the decoder.

        Args:
            channels: Channels of the input maps, finest first.
            classes: Logits per pixel.
            width: Channels of the decoder.
        """
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(c, width) for c in channels)
        self.merge = nn.Conv2d(len(channels) * width, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width, eps=1e-3)  # as in the code of CMX
        self.dropout = nn.Dropout2d(0.1)
        self.logits = nn.Conv2d(width, classes, 1)

    def inference_form(self) -> MergedDecoder:
        """The same decoder with fewer multiplications, for inference."""
        return MergedDecoder([*self.linears], self.merge, self.norm, self.logits)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Maps (B, channels[i], h_i, w_i), finest first, to logits (B, classes, h_0, w_0).

        ``merge`` is the convolution of the concatenated maps, coarsest first. Here each map is multiplied by its
        part of the kernel before it is upsampled: both are linear, so the sum is the same at a third of the work
        and without a map of four widths.
        """
        size = features[0].shape[-2:]
        kernels = reversed(self.merge.weight.chunk(len(features), dim=1))
        merged = features[0].new_zeros(())
        for linear, kernel, feature in zip(self.linears, kernels, features, strict=True):
            x = linear(feature.movedim(1, -1)).movedim(-1, 1)  # (B, width, h_i, w_i)
            x = F.conv2d(x, kernel)
            merged = merged + F.interpolate(x, size, mode="bilinear", align_corners=False)
        logits: Tensor = self.logits(self.dropout(F.relu(self.norm(merged))))
        return logits


class MergedDecoder(nn.Module):
    """SegFormer's decoder for inference, with a single matrix from each map to the sum.

    A map's linear layer, its part of the merging kernel and the batch norm are multiplied. As they are linear, they
    come before the upsampling.
    """

    def __init__(
        self,
        linears: Sequence[nn.Linear],
        merge: nn.Conv2d,
        norm: nn.BatchNorm2d,
        logits: nn.Conv2d,
    ) -> None:
        """Builds it from trained layers.

        Args:
            linears: The linear layer of each map, finest first.
            merge: The convolution of the concatenated maps, coarsest first, without bias.
            norm: Its batch norm, before a ReLU.
            logits: The last convolution.
        """
        super().__init__()
        merged: Any = fuse_conv_bn_eval(merge, norm)
        kernels = merged.weight.detach()[:, :, 0, 0].double().chunk(len(linears), dim=1)
        parts = [*zip(linears, reversed(kernels), strict=True)]
        biases = [kernel @ linear.bias.detach().double() for linear, kernel in parts]
        bias = merged.bias + torch.stack(biases).sum(dim=0)
        self.maps = nn.ModuleList(
            pixel_layer(kernel @ linear.weight.detach().double(), None if number else bias)
            for number, (linear, kernel) in enumerate(parts)
        )
        self.logits = logits

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Maps (B, channels[i], h_i, w_i), finest first, to logits (B, classes, h_0, w_0)."""
        merged: Tensor = self.maps[0](features[0])
        size = merged.shape[-2:]
        for layer, feature in zip(self.maps[1:], features[1:], strict=True):
            upsampled = F.interpolate(layer(feature), size, mode="bilinear", align_corners=False)
            merged = merged.add_(upsampled)
        logits: Tensor = self.logits(merged.relu_())
        return logits


def pixel_layer(matrix: Tensor, bias: Tensor | None) -> nn.Conv2d:
    """The 1 x 1 convolution with a matrix (channels out, channels in) and a bias (channels out,), in fp32."""
    layer = nn.Conv2d(matrix.shape[1], matrix.shape[0], 1, bias=bias is not None)
    layer.weight = nn.Parameter(matrix[:, :, None, None].float(), requires_grad=False)
    if bias is not None:
        layer.bias = nn.Parameter(bias.detach().float(), requires_grad=False)
    return layer
