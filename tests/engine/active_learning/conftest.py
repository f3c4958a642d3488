"""A model that is unsure of dark land and sure of bright land, and scenes of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from engine.models.land_summary import STRIDE
from engine.models.model_file import load_model, save_model
from engine.models.two_stream_network import TwoStreamNetwork
from tests.engine.small_network import add_land_summary, use_small_networks

#: Values of dark and bright land.
DARK, BRIGHT = 300, 1800

#: Side of a square of the tests, px: the model's tile.
SIDE = 64


class Features(nn.Module):
    """An encoder of one stage: the mean of the bands, and seven random mixtures of them."""

    def __init__(self, bands: int) -> None:
        super().__init__()
        self.mixture = nn.Conv2d(bands, 8, 1)
        with torch.no_grad():
            self.mixture.weight[0], self.mixture.bias[0] = 1 / bands, 0.0

    def forward(self, values: Tensor) -> list[Tensor]:
        """(B, C, H, W) to the map (B, 8, H, W) of its stage."""
        return [self.mixture(values)]


class UnsureOfDarkLand(TwoStreamNetwork):
    """Its logit is 0 on dark land and 8 on bright land, a line between."""

    PARTS: ClassVar = {"encoder": "encoders"}
    LAST_LAYER = "head"

    def __init__(self, bands: int, classes: int, auxiliary_bands: int) -> None:
        super().__init__(bands, auxiliary_bands)
        self.encoder, self.head = Features(bands), nn.Conv2d(8, classes, 1)

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        """(B, C, H, W) to logits (B, 1, H, W)."""
        return {"logits": self.head(self.encoder(self.image_normalisation(pixel_values))[-1])}

    def set_line(self) -> None:
        """Sets the weights of the last layer, which depend on the normalisation."""
        lands = torch.tensor([DARK, BRIGHT])[:, None, None, None]
        pixels = lands.expand(-1, self.image_normalisation.bands, 1, 1).float()
        with torch.no_grad():
            dark, bright = self.image_normalisation(pixels)[:, 0, 0, 0].tolist()
            self.head.weight.zero_()
            self.head.weight[0, 0] = 8 / (bright - dark)
            self.head.bias[0] = -8 * dark / (bright - dark)


@pytest.fixture
def unsure_model(make_model: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A model file for four bands, whose probability is one half on dark land and almost 1 on bright land."""
    use_small_networks(monkeypatch, UnsureOfDarkLand)
    path = make_model(auxiliary=0, tile=SIDE)
    network, card = load_model(path)
    network.set_line()
    save_model(path, network, card)
    return path


class SeesWhatIsUnlike(UnsureOfDarkLand):
    """As unsure, with features for a land summary."""

    gives_features = True

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        """(B, C, H, W) to logits (B, 1, H, W) and features (B, 8, H / 8, W / 8)."""
        features = self.encoder(self.image_normalisation(pixel_values))[-1]
        return {"logits": self.head(features), "features": avg_pool2d(features, STRIDE)}


@pytest.fixture
def summarised_model(make_model: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A model file like ``unsure_model``, with a summary of dark and bright land."""
    use_small_networks(monkeypatch, SeesWhatIsUnlike)
    path = make_model(auxiliary=0, tile=SIDE, name="summarised.safetensors")
    network, card = load_model(path)
    network.set_line()
    save_model(path, network, card)
    noise = np.random.default_rng(0)
    land = noise.choice([DARK, BRIGHT], (16, 1, 1, 1)) + noise.normal(0, 50, (16, 4, SIDE, SIDE))
    return add_land_summary(path, land)


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
        # No two dark squares are alike: of two that are, the second is not worth labelling.
        dark_values = DARK + np.random.default_rng(len(name)).integers(0, 60, (4, rows, cols))
        squares = np.where(is_dark, dark_values, BRIGHT)
        pixels = np.kron(squares, np.ones((1, SIDE, SIDE), int))
        return write_raster(name, pixels.astype(np.uint16), **profile)

    return write
