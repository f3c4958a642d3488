"""Makes the model files: real networks, trained for a minute so that their masks have structure.

    python -m benchmarks.segment.models NAME FOLDER

The mask of random weights is one class or noise, and neither shows a seam. Each network learns the land cover
of another scene than the measured ones, on small tiles, always with the same steps. The null model is not
trained; its weights separate bright from dark pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, logits_for
from engine.models.model_file import build_network, save_model

from .cases import COARSE, MODELS, TILE, Model
from .null_model import install
from .scenes import make_scene, rgb

#: Side and seed of the training scene; side of its windows, and windows per step.
_SIDE, _SEED, _WINDOW, _BATCH = 1024, 1000, 128, 4
_RATE = 1e-3
_NAMES = ("water", "forest", "soil", "fields")

Streams = tuple[torch.Tensor, torch.Tensor | None, torch.Tensor]


def write_model(model: Model, path: Path) -> None:
    """Trains the network, or sets its weights, and writes its model file."""
    install()
    torch.manual_seed(0)
    image, air, land = _scene(model)
    card = _card(model, image, air)
    network: Any = build_network(card)
    _normalise(network.image_normalisation, image)
    if air is not None:
        _normalise(network.auxiliary_normalisation, air)
    if model.steps:
        _train(network, model, (image, air, land))
    else:
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.fill_(1 / model.bands)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_model(path, network.eval(), card)


def _scene(model: Model) -> Streams:
    """Returns image (C, H, W), auxiliary stack or None, and land cover classes (H, W)."""
    image, land, air = make_scene(_SIDE, _SEED)
    pixels = rgb(image) if model.rasters[0] == "uint8-tiled" else image
    both = torch.from_numpy(pixels.astype(np.float32))
    second = None
    if model.shares_raster:
        second = both[model.bands : model.bands + model.auxiliary_bands]
    elif model.auxiliary_bands:
        second = torch.from_numpy(air.astype(np.float32))
    return both[: model.bands], second, torch.from_numpy(land.astype(np.int64))


def _card(model: Model, image: torch.Tensor, air: torch.Tensor | None) -> Card:
    ends = [tuple(end(image.flatten(1), dim=1).values.tolist()) for end in (torch.min, torch.max)]
    auxiliary = AuxiliaryCard()
    if air is not None:
        moments = (air.mean(dim=(1, 2)), air.std(dim=(1, 2)))
        mean, std = (tuple(values.tolist()) for values in moments)
        auxiliary = AuxiliaryCard(model.auxiliary_bands, model.auxiliary_tile, mean=mean, std=std)
    classes = class_table(dict(enumerate(_NAMES[: model.classes])))
    stream = ImageCard(model.bands, low=ends[0], high=ends[1])
    logits = logits_for(model.classes)
    return Card(model.architecture, model.encoder, logits, TILE, stream, auxiliary, classes)


def _normalise(layer: Any, values: torch.Tensor) -> None:
    layer.set(values.mean(dim=(1, 2)), values.std(dim=(1, 2)))


def _train(network: Any, model: Model, scene: Streams) -> None:
    """Trains on the same windows in the same order every time."""
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, model.steps)
    rng = np.random.default_rng(0)
    for _ in range(model.steps):
        image, air, land = _windows(model, scene, rng)
        found = network(image, air)
        loss = cross_entropy(found["logits"], land)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    print(f"{model.name}: loss {loss.item():.2f} after {model.steps} steps", flush=True)


def _windows(model: Model, scene: Streams, rng: np.random.Generator) -> Streams:
    """Returns a batch of windows of all streams, aligned with the coarse pixels."""
    image, air, land = scene
    step = 1 if model.shares_raster else COARSE
    corners = rng.integers(0, (_SIDE - _WINDOW) // COARSE, (_BATCH, 2)) * COARSE

    def cut(values: torch.Tensor, step: int) -> torch.Tensor:
        side = _WINDOW // step
        starts = [(row // step, col // step) for row, col in corners]
        return torch.stack([values[..., r : r + side, c : c + side] for r, c in starts])

    return cut(image, 1), None if air is None else cut(air, step), cut(land, 1)


def main() -> None:
    """Writes the model file that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=MODELS)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    write_model(MODELS[options.name], options.output)


if __name__ == "__main__":
    main()
