"""Blending tiles cut from one field gives that field back: weights add up to one everywhere."""

from __future__ import annotations

import pytest
import torch

from engine.inference.blending import Blender
from engine.rasters.tiling import Tiling
from engine.rasters.windows import Window


def blended(field: torch.Tensor, tile: int, overlap: int, tilt: float = 0.0) -> torch.Tensor:
    """``field`` (K, H, W) cut into tiles and joined; ``tilt`` makes neighbouring tiles disagree."""
    _, height, width = field.shape
    padded = torch.nn.functional.pad(field, (0, tile, 0, tile))
    tiling = Tiling.over(Window(0, 0, height, width), tile, overlap)
    blender = Blender(tiling)
    result = torch.full_like(field, torch.nan)
    for strip in tiling.strips:
        for number, cols in enumerate(strip.cols):
            part = padded[:, strip.rows.start :, cols.start :][:, :tile, :tile]
            finished = blender.add(part + tilt * (number % 2), strip.rows, cols)
            result[:, strip.rows.begin : strip.rows.end, cols.begin : cols.end] = finished
    return result


@pytest.mark.parametrize(
    "height, width, tile, overlap",
    [
        (100, 130, 32, 8),
        (33, 33, 32, 16),
        (20, 90, 32, 8),
        (20, 20, 32, 8),
        (64, 64, 32, 0),
        (65, 200, 32, 16),
    ],
)
def test_the_field_comes_back(height: int, width: int, tile: int, overlap: int) -> None:
    field = torch.rand(2, height, width, dtype=torch.float64)
    assert torch.allclose(blended(field, tile, overlap), field, atol=1e-6)


def test_disagreeing_tiles_meet_in_a_ramp_not_a_step() -> None:
    result = blended(torch.zeros(1, 40, 300), 64, 16, tilt=1.0)[0, 0]
    steps = result.diff().abs()
    assert result.min() == 0 and result.max() == 1
    assert steps.max() <= 1 / 16 + 1e-6
    assert blended(torch.zeros(1, 40, 300), 64, 0, tilt=1.0)[0, 0].diff().abs().max() == 1
