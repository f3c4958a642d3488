"""The maps of a tile that a sketch keeps in memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.models.sketch_network import SketchNetwork
from engine.sketching.linear_head import LinearHead
from engine.sketching.sketch_map import probabilities_of
from engine.sketching.tile_maps import TileMaps


def test_the_map_of_a_tile_in_memory_is_that_of_the_network() -> None:
    torch.manual_seed(0)
    model = SketchNetwork(bands=4, auxiliary_bands=5, classes=3).eval()
    image, air = torch.randn(1, 4, 64, 64), torch.randn(1, 5, 9, 9)
    with torch.no_grad():
        maps = tuple(one[0].numpy() for one in model.maps(image, air))
        expected = model(image, air)["logits"][0].softmax(dim=0).numpy()
    tile = TileMaps(maps, np.ones((64, 64), bool))
    weight = model.head.weight.detach().numpy()[:, :, 0, 0]
    head = LinearHead(weight, model.head.bias.detach().numpy())
    assert probabilities_of(tile, head) == pytest.approx(expected, abs=1e-4)
    rows, cols = np.array([0, 5, 33, 63]), np.array([63, 2, 31, 0])
    logits = head.logits(tile.at(rows, cols))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert shares.T == pytest.approx(expected[:, rows, cols], abs=1e-4)
