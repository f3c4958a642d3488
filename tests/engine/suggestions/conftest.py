"""A model that is unsure of dark land and sure of bright land, and scenes of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
import torch

from engine.models.model_file import load_model, save_model
from engine.models.two_stream_network import TwoStreamNetwork

#: Values of dark and bright land.
DARK, BRIGHT = 300, 1800

#: Side of a square of the tests, px: the model's tile.
SIDE = 64


@pytest.fixture
def unsure_model(make_model: Callable[..., str]) -> str:
    """A model file for four bands, whose probability is one half on dark land and almost 1 on bright land.

    Its encoder is random; the last layer is fitted to a scene of both by least squares.
    """
    path = make_model(auxiliary=0, tile=SIDE)
    network, card = load_model(path)
    head = cast(TwoStreamNetwork, network).last_layer
    assert head is not None and head.bias is not None
    seen: list[torch.Tensor] = []
    handle = head.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    is_dark = torch.rand((64, 1, 4, 4), generator=torch.manual_seed(0)) < 0.5
    is_dark[:16], is_dark[16:32] = True, False
    values = torch.where(is_dark, float(DARK), float(BRIGHT)).repeat_interleave(16, 2)
    with torch.no_grad():
        network(values.repeat_interleave(16, 3).expand(-1, 4, -1, -1))
        handle.remove()
        features = seen[0].permute(0, 2, 3, 1).flatten(0, 2)
        ones = torch.ones(len(features), 1)
        targets = torch.where(is_dark, 0.0, 8.0).repeat_interleave(8, 2).repeat_interleave(8, 3)
        solved = torch.linalg.lstsq(torch.cat([features, ones], 1), targets.flatten()[:, None])
        head.weight.copy_(solved.solution[:-1].view_as(head.weight))
        head.bias.copy_(solved.solution[-1])
    save_model(path, network, card)
    return path


@pytest.fixture
def write_land(write_raster: Callable[..., str]) -> Callable[..., str]:
    """``write_land(rows, cols, dark=[(row, column), ...], name)``: bright squares of 64 px, some of them dark."""

    def write(
        rows: int,
        cols: int,
        dark: list[tuple[int, int]],
        name: str = "image.tif",
        **profile: object,
    ) -> str:
        is_dark = np.zeros((rows, cols), bool)
        for square in dark:
            is_dark[square] = True
        pixels = np.kron(np.where(is_dark, DARK, BRIGHT), np.ones((SIDE, SIDE), int))
        return write_raster(name, np.stack([pixels] * 4).astype(np.uint16), **profile)

    return write
