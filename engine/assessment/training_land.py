"""Fits the summary of the training land to training windows, and its limit to the held-out land.

Training windows pass through the network once more, as they are before augmentation. The distances of the validation
windows come from the pass that calibrates the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ..compute.distributed import all_gather
from ..contract.class_table import IGNORE_INDEX
from ..contract.model_card import Card
from ..contract.unlike import UNLIKE
from ..models.land_summary import LandSummary, labelled_positions
from ..models.logits import Outputs
from ..models.two_stream_network import TwoStreamNetwork
from ..planning.training_length import TrainingLength
from ..sampling.window_dataset import TrainingWindows
from ..training.training_end import has_land, land_windows
from ..training.validation import Validator

#: Largest number of features of all windows: 64 MB.
_MAX_FEATURES = 2**24


class FeatureSample:
    """A random sample of the features of labelled land.

    Args:
        windows: Number of windows.
        seed: Seed of the sample.
    """

    def __init__(self, windows: int, seed: int) -> None:
        self._windows, self._seed = windows, seed
        self._parts: dict[int, Tensor] = {}

    def add(self, indices: Sequence[int], outputs: Outputs, target: Tensor) -> None:
        """Draws from windows by their indices: features (B, C, h, w) and class indices (B, H, W)."""
        if "features" not in outputs:
            return
        features = outputs["features"]
        most = max(1, _MAX_FEATURES // (self._windows * features.shape[1]))
        chosen = labelled_positions(target, features, IGNORE_INDEX)
        for index, values, is_chosen in zip(indices, features, chosen, strict=True):
            found = values[:, is_chosen].T
            order = np.random.default_rng((self._seed, index)).permutation(len(found))
            drawn = torch.from_numpy(np.sort(order[:most])).to(found.device)
            self._parts[index] = found[drawn].float().cpu()

    def values(self) -> Tensor:
        """The features (N, C) that all processes have drawn, in the order of the windows."""
        return _in_order(self._parts)


class HeldOutDistances:
    """The distances of the held-out land from that of the training, which limit a network's summary.

    Args:
        network: The network, with a summary or without; None: one that can have none.
    """

    def __init__(self, network: TwoStreamNetwork | None = None) -> None:
        self._network = network
        self._summary = network.land_summary if network else None
        self._parts: dict[int, Tensor] = {}

    def add(self, indices: Sequence[int], outputs: Outputs, target: Tensor) -> None:
        """Measures windows by their indices: features (B, C, h, w) and class indices (B, H, W)."""
        if self._summary is None:
            return
        features = outputs["features"]
        distances = self._summary.distance(features)[:, 0]
        chosen = labelled_positions(target, features, IGNORE_INDEX)
        for index, values, is_chosen in zip(indices, distances, chosen, strict=True):
            self._parts[index] = values[is_chosen].cpu()

    def finish(self, card: Card) -> Card:
        """Sets the limit; the card with a record of the summary, or the given one if there is none."""
        if self._network is None or self._summary is None:
            return card
        distances = _in_order(self._parts)
        if not self._summary.set_limit(distances):
            self._network.land_summary = None
            return card
        record = {"limit": float(self._summary.limit), "held_out": len(distances)}
        return replace(card, metrics={**card.metrics, UNLIKE: record})


def _in_order(parts: dict[int, Tensor]) -> Tensor:
    """The rows of all processes' windows; a window that two have counts once."""
    every = {index: part for other in all_gather(parts) for index, part in other.items()}
    return torch.cat([every[index] for index in sorted(every)]) if every else torch.empty(0, 1)


def fit_land_summary(
    network: nn.Module,
    windows: TrainingWindows,
    validator: Validator,
    length: TrainingLength,
    seed: int,
) -> HeldOutDistances:
    """Fits a network's summary of its training land, which depends only on network, windows, length and seed.

    Args:
        network: The network with its final weights.
        windows: The training windows; no further epoch is drawn from them.
        validator: The validator of the training.
        length: The length of the training, which limits the number of windows.
        seed: Seed of the sample.

    Returns:
        The collector for the validation windows; its ``finish`` sets the limit.
    """
    if not isinstance(network, TwoStreamNetwork) or not has_land(network):
        return HeldOutDistances()
    windows.set_epoch_windows(land_windows(length))
    sample = validator.collect(network, lambda count: FeatureSample(count, seed), windows)
    summary = LandSummary.of(sample.values())
    place = network.image_normalisation.mean.device
    network.land_summary = None if summary is None else summary.to(place)
    return HeldOutDistances(network)
