"""The ConvNeXt block and the air encoder."""

from __future__ import annotations

import pytest
import torch

from engine.models.convnext import (
    ConvNeXtBlock,
    ConvNeXtEncoder,
    LayerNorm2d,
    PatchEmbed,
    stem_stride,
)


def test_channel_norm_normalises_each_pixel_over_its_channels() -> None:
    x = 5 + 3 * torch.randn(2, 16, 3, 5)
    y = LayerNorm2d(16)(x)
    assert y.shape == x.shape
    assert torch.allclose(y.mean(dim=1), torch.zeros(2, 3, 5), atol=1e-5)
    assert torch.allclose(y.var(dim=1, unbiased=False), torch.ones(2, 3, 5), atol=1e-3)


def test_block_with_layer_scale_zero_is_the_identity() -> None:
    x = torch.randn(1, 8, 4, 4)
    assert torch.equal(ConvNeXtBlock(8, layer_scale=0.0)(x), x)
    assert not torch.equal(ConvNeXtBlock(8)(x), x)


def test_patches_cover_their_own_pixels_and_drop_none() -> None:
    patches = PatchEmbed(1, 1, 2)
    torch.nn.init.ones_(patches.proj.weight)
    torch.nn.init.zeros_(patches.proj.bias)
    y = patches(torch.arange(15.0).view(1, 1, 3, 5))
    assert y[0, 0].tolist() == [[0 + 1 + 5 + 6, 2 + 3 + 7 + 8, 4 + 9], [10 + 11, 12 + 13, 14]]


@pytest.mark.parametrize(
    ("tile_size", "last"), [(8, 1), (16, 2), (64, 8), (65, 5), (128, 8), (256, 8), (512, 16)]
)
def test_the_stem_leaves_a_map_worth_looking_at(tile_size: int, last: int) -> None:
    side = -(-tile_size // stem_stride(tile_size))
    for _ in range(3):
        side = -(-side // 2)
    assert side == last


@pytest.mark.parametrize("bands", [1, 5, 48])
@pytest.mark.parametrize("size", [(1, 1), (5, 9), (16, 8)])
@pytest.mark.parametrize("stride", [1, 2])
def test_any_size_makes_four_maps(bands: int, size: tuple[int, int], stride: int) -> None:
    encoder = ConvNeXtEncoder(bands, stride, channels=(8, 16, 24, 32), depths=(1, 1, 1, 1))
    maps = encoder(torch.randn(2, bands, *size))
    reductions = [stride, 2 * stride, 4 * stride, 8 * stride]
    assert [tuple(m.shape) for m in maps] == [
        (2, width, -(-size[0] // r), -(-size[1] // r))
        for width, r in zip(encoder.channels, reductions)
    ]
    assert all(m.isfinite().all() for m in maps)
