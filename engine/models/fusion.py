"""Fusion of two feature maps on different grids that share one footprint: the tile's.

The vision map defines the grid. The auxiliary ("air") map may have any size; ``validity`` says per
auxiliary pixel whether anything was measured there. Every module here is called as
``fused = module(vision, air, validity)`` and returns ``vision`` itself where nothing was measured.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .convnext import ChannelNorm


def resampled(x: Tensor, size: tuple[int, int]) -> Tensor:
    """``x`` (B, C, h, w) on a grid of ``size`` with the same footprint.

    Averages where the new grid is coarser, so that nothing is skipped; bilinear where it is finer.
    """
    coarse = (min(x.shape[-2], size[0]), min(x.shape[-1], size[1]))
    if coarse != x.shape[-2:]:
        x = F.adaptive_avg_pool2d(x, coarse)
    if coarse != size:
        x = F.interpolate(x, size, mode="bilinear", align_corners=False)
    return x


def resampled_validity(validity: Tensor, size: tuple[int, int]) -> Tensor:
    """``validity`` (B, 1, h, w), 0 or 1, on a grid of ``size``: 1 where any pixel below is valid."""
    coarse = (min(validity.shape[-2], size[0]), min(validity.shape[-1], size[1]))
    if coarse != validity.shape[-2:]:
        validity = F.adaptive_max_pool2d(validity, coarse)
    if coarse != size:
        validity = F.interpolate(validity, size, mode="nearest-exact")
    return validity


class FiLM(nn.Module):
    """Feature-wise linear modulation (Perez et al. 2018, arXiv:1709.07871), per pixel.

    ``vision * (1 + delta) + beta``, both predicted from the air features. The last layer starts at
    zero: the module starts as the identity and its own weights are the first to move.
    """

    def __init__(self, channels: int, air_channels: int) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(air_channels, channels, 1)
        self.last = nn.Conv2d(channels, 2 * channels, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, vision: Tensor, air: Tensor) -> Tensor:
        """The modulated ``vision`` (B, C, H, W) by ``air`` (B, Ca, H, W) on the same grid."""
        delta, beta = self.last(F.gelu(self.hidden(air))).chunk(2, dim=1)
        modulated: Tensor = vision * (1.0 + delta) + beta
        return modulated


class FusionGate(nn.Module):
    """Lets as much of the air feature enter at each pixel as both features together ask for.

    ``gate * proj(air)`` with ``gate = sigmoid(...)`` of (B, 1, H, W), one half at the start. This
    is the path that carries gradient into the air stream from the very first step, while FiLM and
    cross-attention still are identities.
    """

    def __init__(self, channels: int, air_channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(air_channels, channels, 1)
        self.hidden = nn.Conv2d(2 * channels, channels // 2, 1)
        self.gate = nn.Conv2d(channels // 2, 1, 1)
        nn.init.zeros_(self.gate.bias)  # type: ignore[arg-type]

    def forward(self, vision: Tensor, air: Tensor) -> Tensor:
        """What enters: (B, C, H, W) from ``vision`` (B, C, H, W) and ``air`` (B, Ca, H, W)."""
        entering = self.proj(air)
        asked = self.gate(F.gelu(self.hidden(torch.cat([vision, entering], dim=1))))
        gated: Tensor = torch.sigmoid(asked) * entering
        return gated


class GatedModulation(nn.Module):
    """Early fusion, stages 1 and 2: FiLM, then the dynamic fusion gate.

    Both work pixel by pixel: at these resolutions what matters is the air right above.
    """

    def __init__(self, channels: int, air_channels: int) -> None:
        super().__init__()
        self.film = FiLM(channels, air_channels)
        self.gate = FusionGate(channels, air_channels)

    def forward(self, vision: Tensor, air: Tensor, validity: Tensor) -> Tensor:
        """The fused map.

        Args:
            vision: (B, C, H, W).
            air: (B, Ca, h, w).
            validity: (B, 1, h0, w0), 1 where the auxiliary stream was measured, otherwise 0.

        Returns:
            (B, C, H, W); exactly ``vision`` where the auxiliary stream is missing.
        """
        size = (vision.shape[-2], vision.shape[-1])
        air = resampled(air, size)
        modulated = self.film(vision, air)
        change: Tensor = modulated - vision + self.gate(modulated, air)
        return vision + resampled_validity(validity, size) * change


class RelativePosition(nn.Module):
    """Features of place whose dot product depends on the distance between two places only.

    Sines and cosines of coordinates in units of the tile (Vaswani et al. 2017) are appended to
    queries and keys of each head, queries weighted: their dot product adds
    ``sum_f weight_f * (cos(w_f * dx) + cos(w_f * dy))`` to the attention's logits, a kernel over
    distance that every head learns for itself. It is the same for grids of any two sizes, and its
    start at ``weight = 0.5`` has each pixel look around its own place first.
    """

    frequencies: Tensor

    def __init__(self, heads: int, octaves: int = 5) -> None:
        super().__init__()
        # Wave lengths of 2, 1, 1/2, ... tiles; the first one tells the tile's two ends apart.
        self.register_buffer(
            "frequencies", math.pi * 2.0 ** torch.arange(octaves), persistent=False
        )
        self.weight = nn.Parameter(torch.full((heads, octaves), 0.5))

    def forward(self, size: tuple[int, int]) -> Tensor:
        """The features of a grid's pixels, (size[0] * size[1], 4 * octaves)."""
        rows, cols = (
            ((torch.arange(side, device=self.frequencies.device) + 0.5) / side)[:, None]
            * self.frequencies
            for side in size
        )
        rows = torch.cat([rows.sin(), rows.cos()], dim=1)[:, None].expand(-1, size[1], -1)
        cols = torch.cat([cols.sin(), cols.cos()], dim=1)[None].expand(size[0], -1, -1)
        return torch.cat([rows, cols], dim=2).flatten(0, 1)

    def weighted(self, features: Tensor) -> Tensor:
        """Each head's queries: (heads, N, 4 * octaves) from ``features`` (N, 4 * octaves)."""
        return features * self.weight.repeat(1, 4)[:, None]


class CrossAttention(nn.Module):
    """Late fusion, stages 3 and 4: every vision pixel looks for what it needs in the air map.

    Queries come from vision, keys and values from air, both normalised first; residual. The output
    projection starts at zero: the module starts as the identity, the projection moves in the first
    step, and from the second on gradient flows through it into both streams.
    """

    def __init__(self, channels: int, air_channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.vision_norm = ChannelNorm(channels)
        self.air_norm = ChannelNorm(air_channels)
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(air_channels, 2 * channels)
        self.position = RelativePosition(heads)
        self.output = nn.Linear(channels, channels)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, vision: Tensor, air: Tensor, validity: Tensor) -> Tensor:
        """The fused map.

        Args:
            vision: (B, C, H, W).
            air: (B, Ca, h, w).
            validity: (B, 1, h0, w0), 1 where the auxiliary stream was measured, otherwise 0.

        Returns:
            (B, C, H, W); exactly ``vision`` for a sample without any valid auxiliary pixel.
        """
        air_size = (air.shape[-2], air.shape[-1])
        valid = resampled_validity(validity, air_size).flatten(2)[:, :, None] > 0  # (B, 1, 1, Nk)
        seen = valid.any(dim=-1, keepdim=True)  # (B, 1, 1, 1)
        query, key, value = self._query_key_value(vision, air)
        # Without a valid key softmax would be 0 / 0: all keys are let in then, and the result is
        # taken away again below.
        context = F.scaled_dot_product_attention(
            query, key, value, attn_mask=valid | ~seen, scale=1.0
        )
        context = self.output(context.transpose(1, 2).flatten(2)) * seen[:, 0]
        found: Tensor = context.transpose(1, 2).reshape(vision.shape)
        return vision + found

    def _query_key_value(self, vision: Tensor, air: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Each head's queries and keys with their places appended, and values: (B, heads, N, D)."""
        query = self._split(self.query(_tokens(self.vision_norm(vision))))
        key, value = self.key_value(_tokens(self.air_norm(air))).chunk(2, dim=-1)
        key, value = self._split(key), self._split(value)
        # Scaled here and not in the attention, so that the places' weights stay in logits.
        query = query * query.shape[-1] ** -0.5
        here = self.position((vision.shape[-2], vision.shape[-1]))
        there = self.position((air.shape[-2], air.shape[-1]))
        return _with_place(query, self.position.weighted(here)), _with_place(key, there), value

    def _split(self, tokens: Tensor) -> Tensor:
        batch, number, channels = tokens.shape
        return tokens.view(batch, number, self.heads, channels // self.heads).transpose(1, 2)


def _tokens(x: Tensor) -> Tensor:
    """A map (B, C, H, W) as a sequence (B, H * W, C)."""
    return x.flatten(2).transpose(1, 2)


def _with_place(tokens: Tensor, place: Tensor) -> Tensor:
    """``tokens`` (B, heads, N, D) with ``place`` ([heads,] N, P) appended."""
    expanded = place.to(tokens.dtype).expand(*tokens.shape[:3], place.shape[-1])
    return torch.cat([tokens, expanded], dim=-1)
