"""Graphs compute with NumPy arrays and PyTorch with tensors: one code makes the same mask of both, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import rasterio
import torch

import engine.inference.ensemble
from engine.compute.arrays import Array, namespace, to_numpy
from engine.compute.devices import choose_device
from engine.contract.class_table import class_table
from engine.contract.inference_options import InferenceOptions
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.scene import Scene
from engine.inference.classify import CONFIDENCE, UNCERTAINTY
from engine.inference.ensemble import Ensemble
from engine.inference.ensemble_vote import DISAGREEMENT
from engine.inference.scene_streams import open_streams

CPU = choose_device("cpu", "fp32")
TWO = class_table({3: "land", 250: "building"})
FOUR = class_table({9: "land", 300: "building", 40_000: "road", 0: "water"})
EVERY = [CONFIDENCE, UNCERTAINTY, DISAGREEMENT]


class Softmax:
    """A ``Network`` whose probabilities are formulas of the bands, computed by NumPy for either kind of array."""

    runtime, lanes, batch = "formula", 1, 3

    def __init__(self, card: Card, as_tensors: bool) -> None:
        self.card, self._as_tensors = card, as_tensors

    def to_device(self, array: np.ndarray) -> Array:
        return torch.from_numpy(array) if self._as_tensors else array

    def __call__(self, images: Array, auxiliary: Array | None = None) -> Array:
        assert isinstance(images, torch.Tensor) == self._as_tensors
        pixels = np.nan_to_num(to_numpy(images))
        scales = np.arange(1, self.card.logits + 1, dtype=np.float32)[:, None, None]
        # By the tile size, so that members of an ensemble disagree.
        phases = pixels[:, :1] / (20 * scales) + np.float32(self.card.tile_size)
        logits = np.sin(phases) * scales + pixels[:, 1:2] / 2000
        powers = np.exp(logits)
        total = powers.sum(axis=1, keepdims=True) + (self.card.logits == 1)
        return self.to_device((powers / total).astype(np.float32))

    def record(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def image(write_raster: Callable[..., str]) -> str:
    """Noise of two scaled bands, 150 x 210 px, with holes; a whole tile has no value."""
    pixels = np.random.default_rng(3).integers(1, 3000, (2, 150, 210)).astype(np.uint16)
    pixels[:, :70, :70] = pixels[0, 100:120, 100:] = 0
    path = write_raster("image.tif", pixels, nodata=0)
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1, 1.0), (-3.0, 0.0)
    return path


def outputs(
    monkeypatch: pytest.MonkeyPatch,
    cards: list[Card],
    as_tensors: bool,
    path: str,
    options: InferenceOptions,
    extras: list[str],
) -> list[np.ndarray]:
    """The mask of a raster, then the extras."""
    known = {f"{number}.safetensors": card for number, card in enumerate(cards)}
    module = engine.inference.ensemble
    monkeypatch.setattr(module, "read_card", known.__getitem__)
    monkeypatch.setattr(module, "check_model", lambda model: None)
    monkeypatch.setattr(module, "get_network", lambda model, *_: Softmax(known[model], as_tensors))
    ensemble = Ensemble([*known], CPU, options)

    def ignore(*_: Any) -> None: ...

    with open_streams(Scene(path), ensemble.cards, ignore) as streams:
        region = streams[0].image.grid.bounds
        ensemble.prepare(streams, region, ignore)
        strips = ensemble.strips(streams, region, ignore, extras)
        return [np.concatenate(rows) for rows in zip(*strips)]


def card(classes: Any, tile: int, ground: float = 0.0) -> Card:
    image_card = ImageCard(2, ("a", "b"), "uint16", ground=ground)
    logits = 1 if len(classes) == 2 else len(classes)
    return Card("formula", "", logits, tile, image_card, AuxiliaryCard(), classes, 0.4)


@pytest.mark.parametrize("classes", [TWO, FOUR])
@pytest.mark.parametrize("tta", ["none", "flips", "d4"])
def test_one_model(classes: Any, tta: str, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = image, InferenceOptions(tta=tta, overlap=16), [CONFIDENCE, UNCERTAINTY]
    arrays, tensors = (
        outputs(monkeypatch, [card(classes, 64)], kind, *arguments) for kind in (False, True)
    )
    assert len(np.unique(arrays[0])) > 2, "several classes, and nodata"
    assert arrays[0].tobytes() == tensors[0].tobytes() and arrays[0].dtype == tensors[0].dtype
    assert (arrays[1] == tensors[1]).all()
    # The logarithms of NumPy and torch differ in the last bit, which rounding to percent may show.
    assert (arrays[2] != tensors[2]).mean() < 1e-4


@pytest.mark.parametrize("classes", [TWO, FOUR])
@pytest.mark.parametrize("combine", ["mean", "vote"])
def test_several_models(
    classes: Any, combine: str, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = [card(classes, tile) for tile in (64, 96, 32)]
    arguments = image, InferenceOptions(combine=combine, overlap=8), EVERY
    arrays, tensors = (outputs(monkeypatch, cards, kind, *arguments) for kind in (False, True))
    assert [(a == b).all() for a, b in zip(arrays, tensors, strict=True)] == [True] * 4
    assert arrays[3][arrays[3] != 255].max() > 0


@pytest.mark.parametrize("ground", [3.0, 15.0])
def test_another_ground_resolution(
    ground: float, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Products of matrices are summed in another order."""
    arguments = [card(TWO, 64, ground)], image, InferenceOptions(overlap=8), [CONFIDENCE]
    cards, path, options, extras = arguments
    arrays, tensors = (
        outputs(monkeypatch, cards, kind, path, options, extras) for kind in (False, True)
    )
    assert (arrays[0] != tensors[0]).mean() < 1e-3 and (arrays[1] != tensors[1]).mean() < 1e-3


def test_the_functions_are_those_of_the_kind() -> None:
    values = np.arange(3, dtype=np.float32)
    assert namespace(values) is np and to_numpy(values) is values
    tensor = torch.from_numpy(values)
    assert isinstance(namespace(tensor).concat([tensor, tensor]), torch.Tensor)
    assert np.shares_memory(to_numpy(tensor), values)
