"""What each stream and each band contributes: the scores of a trained network on validation windows without it.

A stream is left out as it is where it is missing: all its values are NaN, which the network takes for the bands' means.
A band is shuffled: each window gets the band of another window (Breiman 2001, doi:10.1023/A:1010933404324, section 10),
so that its values stay plausible and only what they say about the window is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ..contract.model_card import Card
from ..sampling.data_loader import InMemoryWindows
from ..sampling.sample_reader import Sample
from ..sampling.window_dataset import ValidationWindows
from .metrics import Scores
from .training_length import FORWARD_SHARE, TrainingLength
from .validation import Validator

#: The time of the measurement as a share of the time of the training.
_MEASURING_SHARE = 0.04

#: Smallest and largest number of windows, and the largest size of all in memory, bytes.
_MIN_WINDOWS, _MAX_WINDOWS, _MAX_BYTES = 4, 64, 512 * 2**20

#: Largest number of groups of bands of a stream; more bands are shuffled in groups of neighbours.
_MAX_GROUPS = 12


class ChangedWindows(InMemoryWindows):
    """Windows in memory that are changed whenever they are read.

    Args:
        samples: The windows.
        change: Returns the changed window of an index.
    """

    def __init__(self, samples: Sequence[Sample], change: Callable[[int], Sample]) -> None:
        super().__init__(samples)
        self._change = change

    def read_raw_sample(self, index: int) -> Sample:
        """Returns the changed window."""
        return self._change(index)


def measuring_share(card: Card) -> float:
    """The share of a training's time that the measurement takes; 0 if there is a single band and nothing to compare."""
    return _MEASURING_SHARE if len(band_groups(card)) > 1 else 0.0


def measure_contribution(
    network: nn.Module,
    card: Card,
    windows: ValidationWindows,
    validator: Validator,
    length: TrainingLength,
    seed: int,
) -> dict[str, Any]:
    """Measures the contributions; the result depends only on network, windows, length and seed.

    Args:
        network: The network with its final weights.
        card: Its card.
        windows: The validation windows.
        validator: The validator of the training.
        length: The length of the training, which limits the number of windows.
        seed: Seed of the shuffles.

    Returns:
        The record ``contribution`` in the metrics of a model card (``docs/model-file.md``); empty if the network sees
        a single band.
    """
    groups = band_groups(card)
    streams = ("image", "auxiliary") if card.auxiliary.bands else ()
    passes = 1 + len(streams) + len(groups)
    if len(groups) < 2 or not len(windows):
        return {}
    samples = _spread(windows, _affordable(length, passes))
    order = np.random.default_rng(seed).permutation(len(samples))

    def score(change: Callable[[int], Sample]) -> Scores:
        return validator.score(network, ChangedWindows(samples, change), card.threshold)

    whole = score(samples.__getitem__)
    alone = {
        kept: score(partial(_without, samples, hidden))
        for kept, hidden in zip(streams, reversed(streams))
    }
    bands = []
    for stream, name, numbers in groups:
        shuffled = score(partial(_shuffled, samples, order, stream, numbers))
        bands.append({"stream": stream, "name": name, "lost": whole.miou - shuffled.miou})
    scores = {"both": whole, **alone} if alone else {"image": whole}
    return {
        "windows": len(samples),
        "of": len(windows),
        "miou": {name: each.miou for name, each in scores.items()},
        "iou": {name: list(each.iou) for name, each in scores.items()},
        "bands": bands,
    }


def band_groups(card: Card) -> list[tuple[str, str, list[int]]]:
    """Stream, name and numbers (from 0) of the groups of bands that are shuffled together."""
    groups = []
    for stream in ("image", "auxiliary"):
        part = card.image if stream == "image" else card.auxiliary
        for numbers in np.array_split(np.arange(part.bands), min(part.bands, _MAX_GROUPS) or 1):
            if len(numbers):
                name = _group_name(part.band_names, numbers.tolist())
                groups.append((stream, name, numbers.tolist()))
    return groups


def _group_name(names: Sequence[str], numbers: Sequence[int]) -> str:
    first, last = (
        (names[number] if number < len(names) else "") or f"band {number + 1}"
        for number in (numbers[0], numbers[-1])
    )
    return first if first == last else f"{first} – {last}"


def _affordable(length: TrainingLength, passes: int) -> int:
    """Number of windows that cost the share of the training; the same in a resumed training."""
    trained = length.epochs * length.windows
    count = int(_MEASURING_SHARE * trained / (FORWARD_SHARE * passes))
    return min(max(count, _MIN_WINDOWS), _MAX_WINDOWS)


def _spread(windows: ValidationWindows, count: int) -> list[Sample]:
    """Windows spread evenly over all, as many as fit into memory."""
    room = _MAX_BYTES // max(1, sum(part.nbytes for part in windows[0].values()))
    total = len(windows)
    count = max(1, min(count, room, total))
    samples = [dict(windows[total * number // count]) for number in range(count)]
    windows.close_files()
    return samples


def _without(samples: Sequence[Sample], stream: str, index: int) -> Sample:
    """A window without a stream."""
    return {**samples[index], stream: np.full_like(samples[index][stream], np.nan)}


def _shuffled(
    samples: Sequence[Sample],
    order: NDArray[np.int64],
    stream: str,
    bands: Sequence[int],
    index: int,
) -> Sample:
    """A window with some bands of the window after it in the shuffled order; a single window is shifted by half."""
    place = int((order == index).nonzero()[0][0])
    other = samples[int(order[(place + 1) % len(order)])][stream][bands]
    if len(samples) == 1:
        other = np.roll(other, (other.shape[1] // 2, other.shape[2] // 2), axis=(1, 2))
    changed = samples[index][stream].copy()
    changed[bands] = other
    return {**samples[index], stream: changed}
