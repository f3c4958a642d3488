"""Fusion of two feature maps that cover the same tile.

On different grids, for DualStream-DFormer: ``FiLM``, ``FusionGate`` and ``GatedModulation`` here, and
``cross_attention.py``. The output has the grid of the vision map; the auxiliary map may have any size.
``validity`` is 1 where an auxiliary pixel was measured. A fusion is called as ``fused = module(vision, auxiliary, validity)``
and returns ``vision`` itself where nothing was measured.

On one grid, with the same channels, for CMX (Zhang et al. 2023, arXiv:2203.04838): ``FeatureRectification`` (FRM) and
``FeatureFusion`` (FFM). Both pool over the tile, so the result for a pixel depends on the size of the tile.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def resample(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Resamples ``x`` (B, C, h, w) to (B, C, *size) over the same footprint.

    Averages where the new grid is coarser, so that no pixel is skipped; bilinear where it is finer.
    """
    coarse = (min(x.shape[-2], size[0]), min(x.shape[-1], size[1]))
    if coarse != x.shape[-2:]:
        x = F.adaptive_avg_pool2d(x, coarse)
    if coarse != size:
        x = F.interpolate(x, size, mode="bilinear", align_corners=False)
    return x


def resample_validity(validity: Tensor, size: tuple[int, int]) -> Tensor:
    """Resamples ``validity`` (B, 1, h, w), 0 or 1, to (B, 1, *size): 1 where any pixel below is valid."""
    coarse = (min(validity.shape[-2], size[0]), min(validity.shape[-1], size[1]))
    if coarse != validity.shape[-2:]:
        validity = F.adaptive_max_pool2d(validity, coarse)
    if coarse != size:
        validity = F.interpolate(validity, size, mode="nearest-exact")
    return validity


def as_tokens(x: Tensor) -> Tensor:
    """(B, C, H, W) to (B, H * W, C)."""
    return x.flatten(2).transpose(1, 2)


def as_map(tokens: Tensor, like: Tensor) -> Tensor:
    """(B, H * W, C) to (B, C, H, W), the grid of ``like`` (B, ..., H, W)."""
    return tokens.transpose(1, 2).reshape(tokens.shape[0], -1, *like.shape[-2:])


def split_heads(tokens: Tensor, heads: int) -> Tensor:
    """(B, N, C) to (B, heads, N, C / heads)."""
    batch, number, channels = tokens.shape
    return tokens.view(batch, number, heads, channels // heads).transpose(1, 2)


class FiLM(nn.Module):
    """Feature-wise linear modulation (Perez et al. 2018, arXiv:1709.07871, equation 2), per pixel.

    ``vision * (1 + delta) + beta``, both predicted from the auxiliary features. The last layer starts at zero, so the
    module starts as the identity.
    """

    def __init__(self, channels: int, auxiliary_channels: int) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(auxiliary_channels, channels, 1)
        self.last = nn.Conv2d(channels, 2 * channels, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, vision: Tensor, auxiliary: Tensor) -> Tensor:
        """(B, C, H, W) and (B, Ca, H, W) to (B, C, H, W)."""
        delta, beta = self.last(F.gelu(self.hidden(auxiliary))).chunk(2, dim=1)
        modulated: Tensor = vision * (1.0 + delta) + beta
        return modulated


class FusionGate(nn.Module):
    """Weights the auxiliary features at each pixel by a gate that is computed from both maps.

    ``sigmoid(gate) * proj(auxiliary)``, with a gate (B, 1, H, W) near one half at the start. So gradient reaches the
    auxiliary stream from the first step, while FiLM and cross-attention still are identities.
    """

    def __init__(self, channels: int, auxiliary_channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(auxiliary_channels, channels, 1)
        self.hidden = nn.Conv2d(2 * channels, channels // 2, 1)
        self.gate = nn.Conv2d(channels // 2, 1, 1)
        nn.init.zeros_(self.gate.bias)  # type: ignore[arg-type]

    def forward(self, vision: Tensor, auxiliary: Tensor) -> Tensor:
        """(B, C, H, W) and (B, Ca, H, W) to (B, C, H, W)."""
        auxiliary = self.proj(auxiliary)
        gate = self.gate(F.gelu(self.hidden(torch.cat([vision, auxiliary], dim=1))))  # (B, 1, H, W)
        return torch.sigmoid(gate) * auxiliary


class GatedModulation(nn.Module):
    """Early fusion, stages 1 and 2: FiLM, then the gate, both pixel by pixel."""

    def __init__(self, channels: int, auxiliary_channels: int) -> None:
        super().__init__()
        self.film = FiLM(channels, auxiliary_channels)
        self.gate = FusionGate(channels, auxiliary_channels)

    def forward(self, vision: Tensor, auxiliary: Tensor, validity: Tensor) -> Tensor:
        """Fuses two maps.

        Args:
            vision: (B, C, H, W).
            auxiliary: (B, Ca, h, w).
            validity: (B, 1, h0, w0), 1 where the auxiliary stream was measured, otherwise 0.

        Returns:
            (B, C, H, W); exactly ``vision`` where the auxiliary stream is missing.
        """
        size = (vision.shape[-2], vision.shape[-1])
        auxiliary = resample(auxiliary, size)
        modulated = self.film(vision, auxiliary)
        change: Tensor = modulated - vision + self.gate(modulated, auxiliary)
        return vision + resample_validity(validity, size) * change


class FeatureRectification(nn.Module):
    """CMX's FRM (section III-B): each stream is corrected by the weighted features of the other.

    ``image + (channel weights + spatial weights) / 2 * auxiliary``, and the same with the streams swapped. Channel
    weights come from the averages and maxima of both maps, spatial weights from their pixels; all are sigmoids.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channel = nn.Sequential(
            nn.Linear(4 * channels, 4 * channels), nn.ReLU(), nn.Linear(4 * channels, 2 * channels)
        )
        self.place = nn.Sequential(
            nn.Conv2d(2 * channels, channels, 1), nn.ReLU(), nn.Conv2d(channels, 2, 1)
        )

    def forward(self, image: Tensor, auxiliary: Tensor) -> tuple[Tensor, Tensor]:
        """Rectifies two maps (B, C, H, W) by each other."""
        both = torch.cat([image, auxiliary], dim=1)  # (B, 2 C, H, W)
        pooled = torch.cat([both.mean(dim=(2, 3)), both.amax(dim=(2, 3))], dim=1)  # (B, 4 C)
        channel_weights = self.channel(pooled).sigmoid()[:, :, None, None]  # (B, 2 C, 1, 1)
        spatial_weights = self.place(both).sigmoid()  # (B, 2, H, W)
        # The first half weights the image as it is added to the auxiliary map, the second half the reverse.
        image_channels, auxiliary_channels = channel_weights.chunk(2, dim=1)
        image_pixels, auxiliary_pixels = spatial_weights.chunk(2, dim=1)
        return (
            image + 0.5 * (auxiliary_channels + auxiliary_pixels) * auxiliary,
            auxiliary + 0.5 * (image_channels + image_pixels) * image,
        )


class ContextPath(nn.Module):
    """One stream of the cross-attention in CMX's FFM, which reads the context vector of the other stream."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.entry = nn.Linear(channels, 2 * channels)
        self.key_value = nn.Linear(channels, 2 * channels, bias=False)
        self.exit = nn.Linear(2 * channels, channels)
        self.norm = nn.LayerNorm(channels)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Projects tokens (B, N, C) to the residual vectors ``y`` and the interactive vectors ``u``, (B, N, C) each."""
        y, u = F.relu(self.entry(x)).chunk(2, dim=-1)
        return y, u

    def context(self, u: Tensor) -> Tensor:
        """``softmax(K^T V / sqrt(d))`` over the channels of the keys: (B, N, C) to (B, heads, d, d) in fp32.

        K^T V is a sum over all pixels: for large tiles it exceeds the range of fp16 and the precision of bf16.
        """
        key, value = self.key_value(u).chunk(2, dim=-1)
        with torch.autocast(u.device.type, enabled=False):
            key, value = (split_heads(tokens, self.heads).float() for tokens in (key, value))
            product = key.transpose(-2, -1) @ value
            scale: float = key.shape[-1] ** -0.5
            return (product * scale).softmax(dim=-2)

    def forward(self, x: Tensor, y: Tensor, u: Tensor, context: Tensor) -> Tensor:
        """Fuses tokens ``x``, ``y`` and ``u`` (B, N, C) and the other stream's ``context`` to tokens (B, N, C)."""
        query = split_heads(u, self.heads)  # (B, heads, N, d)
        attended = (query @ context.to(query.dtype)).transpose(1, 2).flatten(2)  # (B, N, C)
        output: Tensor = self.norm(x + self.exit(torch.cat([y, attended], dim=-1)))
        return output


class FeatureFusion(nn.Module):
    """CMX's FFM (section III-C): cross-attention between the streams, then channel embedding to one map.

    The channel embedding is a depthwise convolution between pixel-wise ones, with a pixel-wise residual.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.image_path = ContextPath(channels, heads)
        self.auxiliary_path = ContextPath(channels, heads)
        self.residual = nn.Conv2d(2 * channels, channels, 1, bias=False)
        self.main = nn.Sequential(
            nn.Conv2d(2 * channels, channels, 1),
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 1),
            nn.BatchNorm2d(channels),
        )
        self.norm = nn.BatchNorm2d(channels)

    def inference_parts(self) -> dict[str, nn.Module]:
        """Both convolutions of the last sum with its batch norm, see ``inference_form``."""
        layers: list[Any] = [*self.main]
        residual = fuse_conv_bn_eval(self.residual, self.norm)
        main = fuse_conv_bn_eval(layers[3], layers[4])
        # The residual has the norm's bias; the other convolution is scaled only.
        norm: Any = self.norm
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        for value in main.parameters():
            value.data = value.data * scale.detach().view(-1, *[1] * (value.ndim - 1))
        nothing = {"main.4": nn.Identity(), "norm": nn.Identity()}
        return {"residual": residual, "main.3": main, **nothing}

    def forward(self, image: Tensor, auxiliary: Tensor) -> Tensor:
        """Fuses two maps (B, C, H, W) into one, (B, C, H, W)."""
        image_x, auxiliary_x = as_tokens(image), as_tokens(auxiliary)  # (B, H * W, C)
        image_y, image_u = self.image_path.split(image_x)
        auxiliary_y, auxiliary_u = self.auxiliary_path.split(auxiliary_x)
        # Each stream reads the context of the other one.
        image_context = self.image_path.context(image_u)
        auxiliary_context = self.auxiliary_path.context(auxiliary_u)
        image_x = self.image_path(image_x, image_y, image_u, auxiliary_context)
        auxiliary_x = self.auxiliary_path(auxiliary_x, auxiliary_y, auxiliary_u, image_context)
        both = as_map(torch.cat([image_x, auxiliary_x], dim=-1), image)  # (B, 2 C, H, W)
        fused: Tensor = self.norm(self.residual(both) + self.main(both))
        return fused
