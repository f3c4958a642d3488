"""Fusion of two feature maps that share one footprint: the tile's.

On different grids, for DualStream-DFormer: ``FiLM``, ``FusionGate`` and ``GatedModulation`` here, and
``cross_attention.py``. The vision map defines the grid. The auxiliary ("air") map may have any size;
``validity`` says per auxiliary pixel whether anything was measured there. A fusion is called as
``fused = module(vision, air, validity)`` and returns ``vision`` itself where nothing was measured.

On one grid, with the same channels, for CMX (Zhang et al. 2023, arXiv:2203.04838):
``FeatureRectification`` (its FRM) and ``FeatureFusion`` (its FFM). Both look at the tile as a whole,
so what they do with a pixel depends on the size of the tile.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def resample(x: Tensor, size: tuple[int, int]) -> Tensor:
    """``x`` (B, C, h, w) on a grid of ``size`` with the same footprint.

    Averages where the new grid is coarser, so that nothing is skipped; bilinear where it is finer.
    """
    coarse = (min(x.shape[-2], size[0]), min(x.shape[-1], size[1]))
    if coarse != x.shape[-2:]:
        x = F.adaptive_avg_pool2d(x, coarse)
    if coarse != size:
        x = F.interpolate(x, size, mode="bilinear", align_corners=False)
    return x


def resample_validity(validity: Tensor, size: tuple[int, int]) -> Tensor:
    """``validity`` (B, 1, h, w), 0 or 1, on a grid of ``size``: 1 where any pixel below is valid."""
    coarse = (min(validity.shape[-2], size[0]), min(validity.shape[-1], size[1]))
    if coarse != validity.shape[-2:]:
        validity = F.adaptive_max_pool2d(validity, coarse)
    if coarse != size:
        validity = F.interpolate(validity, size, mode="nearest-exact")
    return validity


def as_tokens(x: Tensor) -> Tensor:
    """A map (B, C, H, W) as a sequence (B, H * W, C)."""
    return x.flatten(2).transpose(1, 2)


def as_map(tokens: Tensor, like: Tensor) -> Tensor:
    """A sequence (B, H * W, C) as a map (B, C, H, W) on the grid of ``like`` (B, ..., H, W)."""
    return tokens.transpose(1, 2).reshape(tokens.shape[0], -1, *like.shape[-2:])


def split_heads(tokens: Tensor, heads: int) -> Tensor:
    """A sequence (B, N, C) cut into heads, (B, heads, N, C / heads)."""
    batch, number, channels = tokens.shape
    return tokens.view(batch, number, heads, channels // heads).transpose(1, 2)


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
        air = resample(air, size)
        modulated = self.film(vision, air)
        change: Tensor = modulated - vision + self.gate(modulated, air)
        return vision + resample_validity(validity, size) * change


class FeatureRectification(nn.Module):
    """CMX's FRM (section III-B): each stream is corrected by what the other one says at the same place.

    ``image + (channel weights + place weights) / 2 * auxiliary``, and the same the other way round.
    Weights of channels come from the averages and maxima of both maps, weights of places from both
    maps' pixels; all lie between 0 and 1.
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
        """Both maps rectified, (B, C, H, W) each, of two maps (B, C, H, W)."""
        both = torch.cat([image, auxiliary], dim=1)
        pooled = torch.cat([both.mean(dim=(2, 3)), both.amax(dim=(2, 3))], dim=1)
        channels = self.channel(pooled).sigmoid()[:, :, None, None]
        # The first half weighs the image on its way into the auxiliary map, the second the reverse.
        of_image, of_auxiliary = channels.chunk(2, dim=1)
        image_places, auxiliary_places = self.place(both).sigmoid().chunk(2, dim=1)
        return (
            image + 0.5 * (of_auxiliary + auxiliary_places) * auxiliary,
            auxiliary + 0.5 * (of_image + image_places) * image,
        )


class ContextPath(nn.Module):
    """One stream's side of CMX's FFM: it gives a context and reads the other stream's."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.entry = nn.Linear(channels, 2 * channels)
        self.key_value = nn.Linear(channels, 2 * channels, bias=False)
        self.exit = nn.Linear(2 * channels, channels)
        self.norm = nn.LayerNorm(channels)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What stays, ``y``, and what interacts, ``u``: (B, N, C) each, of tokens (B, N, C)."""
        y, u = F.relu(self.entry(x)).chunk(2, dim=-1)
        return y, u

    def context(self, u: Tensor) -> Tensor:
        """``softmax(K^T V / sqrt(d))`` over the keys' channels, (B, heads, d, d) in fp32.

        K^T V is a sum over all pixels of the tile: on large tiles it is beyond fp16's largest number,
        and softmax would show that bf16 has 8 bits.
        """
        key, value = self.key_value(u).chunk(2, dim=-1)
        with torch.autocast(u.device.type, enabled=False):
            key, value = (
                split_heads(key, self.heads).float(),
                split_heads(value, self.heads).float(),
            )
            product = key.transpose(-2, -1) @ value
            scale: float = key.shape[-1] ** -0.5
            return (product * scale).softmax(dim=-2)

    def forward(self, x: Tensor, y: Tensor, u: Tensor, context: Tensor) -> Tensor:
        """Tokens (B, N, C): ``x`` with what its ``u`` found in the other stream's ``context``."""
        query = split_heads(u, self.heads)
        found = (query @ context.to(query.dtype)).transpose(1, 2).flatten(2)
        read: Tensor = self.norm(x + self.exit(torch.cat([y, found], dim=-1)))
        return read


class FeatureFusion(nn.Module):
    """CMX's FFM (section III-C): the streams swap contexts, then become one map.

    The second step, the channel embedding, is a pixel-wise residual beside a depthwise convolution.
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

    def forward(self, image: Tensor, auxiliary: Tensor) -> Tensor:
        """The fused map (B, C, H, W) of two maps (B, C, H, W)."""
        first, second = as_tokens(image), as_tokens(auxiliary)
        image_y, image_u = self.image_path.split(first)
        auxiliary_y, auxiliary_u = self.auxiliary_path.split(second)
        # Each reads the context that the other one gives.
        image_context = self.image_path.context(image_u)
        auxiliary_context = self.auxiliary_path.context(auxiliary_u)
        first = self.image_path(first, image_y, image_u, auxiliary_context)
        second = self.auxiliary_path(second, auxiliary_y, auxiliary_u, image_context)
        both = as_map(torch.cat([first, second], dim=-1), image)
        fused: Tensor = self.norm(self.residual(both) + self.main(both))
        return fused
