"""A network of a few weights, with batch norm and dropout, for tests of training."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from engine.models.two_stream_network import TwoStreamNetwork


class SmallNetwork(TwoStreamNetwork):
    """A pretrained encoder of one convolution and batch norm, dropout, a head."""

    PARTS: ClassVar = {"encoder": "encoders", "norm": "encoders"}
    LAST_LAYER = "head"
    pretrained_parts = ("encoder",)

    def __init__(self, bands: int, classes: int) -> None:
        super().__init__(bands, 0)
        self.encoder = nn.Conv2d(bands, 8, 3, padding=1)
        self.norm, self.drop = nn.BatchNorm2d(8), nn.Dropout(0.2)
        self.head = nn.Conv2d(8, classes, 1)

    def forward(self, pixel_values: Tensor, air_values: Tensor | None = None) -> dict[str, Tensor]:
        """(B, C, H, W) to logits (B, K, H, W)."""
        self.check(pixel_values, air_values)
        features = torch.relu(self.norm(self.encoder(self.image_normalisation(pixel_values))))
        return {"logits": self.head(self.drop(features)).float()}


def train_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces every network that is built by a ``SmallNetwork``."""

    def build(architecture: str, *, bands: int, classes: int, **_: Any) -> SmallNetwork:
        return SmallNetwork(bands, classes)

    monkeypatch.setattr("engine.models.model_file.build_model", build)
