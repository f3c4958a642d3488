"""ConvNeXt (Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545): its block, and an encoder of such blocks."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .pyramid_encoder import PyramidEncoder

#: Initial value of LayerScale. The paper's 1e-6 suits 300 epochs on ImageNet: Adam moves it by about one learning
#: rate a step, so after a few hundred steps from random weights the blocks would still be identities.
LAYER_SCALE = 0.1


class LayerNorm2d(nn.LayerNorm):
    """LayerNorm over the channels of each pixel, for maps (B, C, H, W).

    Unlike batch norm or group norm it does the same at batch 1, on a 1 x 1 map and in evaluation.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, H, W)."""
        normed: Tensor = super().forward(x.permute(0, 2, 3, 1))
        return normed.permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution 7 x 7, LayerNorm, MLP with expansion 4, LayerScale; residual (paper, figure 4)."""

    def __init__(self, channels: int, layer_scale: float = LAYER_SCALE) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 4 * channels)
        self.project = nn.Linear(4 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), layer_scale))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, H, W)."""
        y: Tensor = self.depthwise(x).permute(0, 2, 3, 1)  # (B, H, W, C)
        y = self.project(F.gelu(self.expand(self.norm(y))))
        return x + (self.scale * y).permute(0, 3, 1, 2)

    def inference_parts(self) -> dict[str, nn.Module]:
        """The block with LayerScale in its last layer, see ``inference_form``."""
        return {"": ScaledBlock(self)}


class ScaledBlock(nn.Module):
    """A ``ConvNeXtBlock`` for inference: LayerScale is multiplied into the last layer.

    In 16 bits this also keeps the sum in 16 bits, which LayerScale's weights in fp32 would raise to 32.
    """

    def __init__(self, block: ConvNeXtBlock) -> None:
        """Builds it from a trained block, whose other weights it shares."""
        super().__init__()
        self.depthwise = block.depthwise
        self.norm = block.norm
        self.expand = block.expand
        self.project, scale = copy.deepcopy(block.project), block.scale.detach()
        self.project.weight.data *= scale[:, None]
        self.project.bias.data *= scale

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, H, W)."""
        y: Tensor = self.depthwise(x).permute(0, 2, 3, 1)  # (B, H, W, C)
        y = self.project(F.gelu(self.expand(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


class PatchEmbed(nn.Module):
    """Embeds non-overlapping patches of ``stride`` x ``stride`` px as one pixel each.

    A side that is not a multiple of ``stride`` is padded with zeros at the lower right. So every size down to 1 x 1
    works, no row is dropped, and output pixel i covers the input pixels ``i * stride`` to ``(i + 1) * stride - 1``.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.proj = nn.Conv2d(channels_in, channels_out, stride, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, H, W) to (B, channels_out, ceil(H / stride), ceil(W / stride))."""
        height, width = x.shape[-2:]
        x = F.pad(x, (0, -width % self.stride, 0, -height % self.stride))
        patches: Tensor = self.proj(x)
        return patches


def stem_stride(tile_size: int) -> int:
    """The stride of the stem for an auxiliary tile of ``tile_size`` px: 1, 2 or 4.

    Three stages of stride 2 follow it: the paper's stem of stride 4 would leave 2 px of a tile of 64 px. With it a
    tile of 256 px, such as near infrared beside a picture, has the strides of the image's encoder.
    """
    if tile_size <= 64:
        return 1
    return 2 if tile_size <= 128 else 4


class ConvNeXtEncoder(PyramidEncoder):
    """The encoder of the auxiliary stream, for values of any height and width.

    Its maps (B, channels[i], ceil(h / s), ceil(w / s)) have the strides s = ``stride``, 2 ``stride``, 4 ``stride`` and
    8 ``stride``.
    """

    def __init__(
        self,
        bands: int,
        stride: int,
        channels: Sequence[int] = (64, 128, 256, 512),
        depths: Sequence[int] = (2, 2, 4, 2),
    ) -> None:
        """Builds the encoder for ``bands`` bands, with a stem of stride ``stride``."""
        super().__init__()
        self.channels = tuple(channels)
        self.stages = nn.ModuleList()
        channels_in = bands
        for index, (width, depth) in enumerate(zip(channels, depths, strict=True)):
            entry = [PatchEmbed(channels_in, width, 2 if index else stride), LayerNorm2d(width)]
            blocks = [ConvNeXtBlock(width) for _ in range(depth)]
            # The norm at the end gives features of unit variance to the fusion, as MiT's stages do.
            self.stages.append(nn.Sequential(*entry, *blocks, LayerNorm2d(width)))
            channels_in = width
