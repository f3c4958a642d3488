"""A network of a few weights, with batch norm and dropout, for tests in which the network does not matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from engine.contract.unlike import UNLIKE
from engine.models.land_summary import STRIDE, LandSummary
from engine.models.model_file import load_model, save_model
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

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        """(B, C, H, W) to logits (B, K, H, W)."""
        self.check(pixel_values, auxiliary_values)
        features = self.features(pixel_values, auxiliary_values)
        return {"logits": self.head(self.drop(features)).float()}

    def features(self, pixel_values: Tensor, auxiliary_values: Tensor | None) -> Tensor:
        """(B, C, H, W) to (B, 8, H, W)."""
        features = torch.relu(self.norm(self.encoder(self.image_normalisation(pixel_values))))
        if auxiliary_values is None:
            return features
        air = self.air(self.auxiliary_normalisation(auxiliary_values))
        return features + interpolate(air, features.shape[2:], mode="bilinear")


class WholeTileNetwork(SmallNetwork):
    """A small network of which every pixel depends on the whole tile, as with attention: masks show other tiles."""

    def features(self, pixel_values: Tensor, auxiliary_values: Tensor | None) -> Tensor:
        """(B, C, H, W) to (B, 8, H, W)."""
        features = super().features(pixel_values, auxiliary_values)
        return features - features.mean((2, 3), keepdim=True)


class FeatureNetwork(SmallNetwork):
    """A small network that gives features at stride 8, so that it can have a land summary."""

    gives_features = True

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        """(B, C, H, W) to logits (B, K, H, W) and features (B, 8, H / 8, W / 8)."""
        features = avg_pool2d(self.features(pixel_values, auxiliary_values), STRIDE)
        return {**super().forward(pixel_values, auxiliary_values), "features": features}


def add_land_summary(
    model: str, land: NDArray[np.number], auxiliary: NDArray[np.number] | None = None
) -> str:
    """Adds a summary of land (B, C, H, W) to a model file, half of which is held out; returns the file's path."""
    network, card = load_model(model)
    second = None if auxiliary is None else torch.from_numpy(auxiliary.astype(np.float32))
    with torch.no_grad():
        features = network(torch.from_numpy(land.astype(np.float32)), second)["features"]
    known, held_out = features[::2], features[1::2]
    summary = LandSummary.of(known.movedim(1, -1).flatten(0, 2))
    assert summary is not None and summary.set_limit(summary.distance(held_out).flatten())
    network.land_summary = summary  # type: ignore[assignment]
    save_model(model, network, replace(card, metrics={UNLIKE: {"limit": float(summary.limit)}}))
    return model


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
