"""A network of a few weights, with batch norm and dropout, for tests in which the network does not matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from engine.models.two_stream_network import TwoStreamNetwork


class SmallNetwork(TwoStreamNetwork):
    """A pretrained encoder of one convolution and batch norm, a convolution of the second stream, dropout, a head."""

    PARTS: ClassVar = {"encoder": "encoders", "norm": "encoders", "air": "encoders"}
    LAST_LAYER = "head"
    pretrained_parts = ("encoder",)

    def __init__(self, bands: int, classes: int, auxiliary_bands: int = 0) -> None:
        super().__init__(bands, auxiliary_bands)
        self.encoder = nn.Conv2d(bands, 8, 3, padding=1)
        self.norm, self.drop = nn.BatchNorm2d(8), nn.Dropout(0.2)
        self.head = nn.Conv2d(8, classes, 1)
        if auxiliary_bands:
            self.air = nn.Conv2d(auxiliary_bands, 8, 1)

    def forward(self, pixel_values: Tensor, air_values: Tensor | None = None) -> dict[str, Tensor]:
        """(B, C, H, W) to logits (B, K, H, W)."""
        self.check(pixel_values, air_values)
        features = self.features(pixel_values, air_values)
        return {"logits": self.head(self.drop(features)).float()}

    def features(self, pixel_values: Tensor, air_values: Tensor | None) -> Tensor:
        """(B, C, H, W) to (B, 8, H, W)."""
        features = torch.relu(self.norm(self.encoder(self.image_normalisation(pixel_values))))
        if air_values is None:
            return features
        air = self.air(self.auxiliary_normalisation(air_values))
        return features + interpolate(air, features.shape[2:], mode="bilinear")


class WholeTileNetwork(SmallNetwork):
    """A small network of which every pixel depends on the whole tile, as with attention: masks show other tiles."""

    def features(self, pixel_values: Tensor, air_values: Tensor | None) -> Tensor:
        """(B, C, H, W) to (B, 8, H, W)."""
        features = super().features(pixel_values, air_values)
        return features - features.mean((2, 3), keepdim=True)


def use_small_networks(
    monkeypatch: pytest.MonkeyPatch,
    kind: Callable[[int, int, int], TwoStreamNetwork] = SmallNetwork,
) -> None:
    """Replaces every network that this process builds by ``kind(bands, classes, auxiliary_bands)``."""

    def build(
        architecture: str, *, bands: int, classes: int, auxiliary_bands: int = 0, **_: Any
    ) -> TwoStreamNetwork:
        return kind(bands, classes, auxiliary_bands)

    monkeypatch.setattr("engine.models.model_file.build_model", build)
