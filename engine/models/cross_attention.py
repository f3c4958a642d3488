"""Cross-attention between two feature maps on different grids that cover the same tile."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .convnext import LayerNorm2d
from .fusion import as_map, as_tokens, resample_validity, split_heads


class RelativePosition(nn.Module):
    """Position features whose dot product depends only on the distance between two positions.

    Sines and cosines (Vaswani et al. 2017, arXiv:1706.03762) of coordinates in units of the tile are appended to the
    queries, multiplied by weights, and to the keys of each head. Their dot product adds
    ``sum_f weight_f * (cos(w_f * dx) + cos(w_f * dy))`` to the attention logits: a kernel over distance, learned by
    each head, for grids of any two sizes. It starts at ``weight = 0.5``, where the nearest keys weigh most.
    """

    frequencies: Tensor

    def __init__(self, heads: int, octaves: int = 5) -> None:
        super().__init__()
        # Wave lengths of 2, 1, 1/2, ... tiles; the first one distinguishes the tile's two ends.
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

    def weight_queries(self, features: Tensor) -> Tensor:
        """The features of each head's queries, (heads, N, 4 * octaves), from (N, 4 * octaves)."""
        return features * self.weight.repeat(1, 4)[:, None]


class CrossAttention(nn.Module):
    """Late fusion, stages 3 and 4: every vision pixel attends to all pixels of the auxiliary map; residual.

    Queries come from vision, keys and values from the auxiliary map, each normalised first. The output projection
    starts at zero, so the module starts as the identity: the projection moves in the first step, and from the second
    on gradient flows through it into both streams.
    """

    def __init__(self, channels: int, auxiliary_channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.vision_norm = LayerNorm2d(channels)
        self.air_norm = LayerNorm2d(auxiliary_channels)
        self.query = nn.Linear(channels, channels)
        self.key_value = nn.Linear(auxiliary_channels, 2 * channels)
        self.position = RelativePosition(heads)
        self.output = nn.Linear(channels, channels)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, vision: Tensor, auxiliary: Tensor, validity: Tensor) -> Tensor:
        """Fuses two maps.

        Args:
            vision: (B, C, H, W).
            auxiliary: (B, Ca, h, w).
            validity: (B, 1, h0, w0), 1 where the auxiliary stream was measured, otherwise 0.

        Returns:
            (B, C, H, W); exactly ``vision`` for a sample without any valid auxiliary pixel.
        """
        auxiliary_size = (auxiliary.shape[-2], auxiliary.shape[-1])
        valid = (
            resample_validity(validity, auxiliary_size).flatten(2)[:, :, None] > 0
        )  # (B, 1, 1, h * w)
        any_valid = valid.any(dim=-1, keepdim=True)  # (B, 1, 1, 1)
        query, key, value = self._query_key_value(vision, auxiliary)
        # Without a valid key softmax would be 0 / 0: then all keys are let in, and the result is multiplied by 0.
        mask = valid | ~any_valid
        context = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=1.0)
        context = self.output(context.transpose(1, 2).flatten(2)) * any_valid[:, 0]  # (B, H * W, C)
        return vision + as_map(context, vision)

    def _query_key_value(self, vision: Tensor, auxiliary: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Each head's queries and keys, with position features appended, and values: (B, heads, N, D)."""
        query = split_heads(self.query(as_tokens(self.vision_norm(vision))), self.heads)
        key, value = self.key_value(as_tokens(self.air_norm(auxiliary))).chunk(2, dim=-1)
        key, value = split_heads(key, self.heads), split_heads(value, self.heads)
        # Scaled here and not in the attention, so that the position's weights are added unscaled.
        query = query * query.shape[-1] ** -0.5
        query_position = self.position((vision.shape[-2], vision.shape[-1]))
        key_position = self.position((auxiliary.shape[-2], auxiliary.shape[-1]))
        query = _append_position(query, self.position.weight_queries(query_position))
        return query, _append_position(key, key_position), value


def _append_position(tokens: Tensor, position: Tensor) -> Tensor:
    """Appends ``position`` ([heads,] N, P) to ``tokens`` (B, heads, N, D): (B, heads, N, D + P)."""
    expanded = position.to(tokens.dtype).expand(*tokens.shape[:3], position.shape[-1])
    return torch.cat([tokens, expanded], dim=-1)
