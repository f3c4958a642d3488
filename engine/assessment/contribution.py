"""The contribution of each stream and each band: the scores of a trained network on validation windows without it.

A stream is left out as it is where it is missing: all its values are NaN, which the network takes for the bands' means.
A band is shuffled: each window gets the band of another window (Breiman 2001, doi:10.1023/A:1010933404324, section 10),
so that its values stay plausible and only what they say about the window is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ..contract.model_card import Card
from ..sampling.data_loader import InMemoryWindows
from ..sampling.sample_reader import Sample
from ..sampling.window_dataset import ValidationWindows
from ..scores.confusion import Scores
from ..training.comparisons import MAX_WINDOWS, MIN_WINDOWS, comparisons
from ..training.validation import Validator

#: Largest size of all windows in memory, bytes.
_MAX_BYTES = 512 * 2**20


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


def measure_contribution(
    network: nn.Module,
    card: Card,
    windows: ValidationWindows,
    validator: Validator,
    most: int,
    seed: int,
    on_progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Measures the contributions; the result depends only on network, windows, their number and seed.

    Args:
        network: The network with its final weights.
        card: Its card.
        windows: The validation windows.
        validator: The validator of the training.
        most: Largest number of windows that pass through the network; fewer bands are distinguished if it is small.
        seed: Seed of the shuffles.
        on_progress: Callback for the finished share.

    Returns:
        The record ``contribution`` in the metrics of a model card (``docs/model-file.md``); empty if the network sees
        a single band, or ``most`` is too small.
    """
    least = max(1, min(MIN_WINDOWS, len(windows)))
    affordable = [way for way in comparisons(card) if most >= least * way.passes]
    if not affordable or not len(windows):
        return {}
    way = affordable[0]
    streams, groups = way.streams, way.groups
    samples = _spread(windows, min(most // way.passes, MAX_WINDOWS))
    order = np.random.default_rng(seed).permutation(len(samples))
    finished = count(1)

    def score(change: Callable[[int], Sample]) -> Scores:
        scores = validator.score(network, ChangedWindows(samples, change), card.threshold)
        on_progress(next(finished) / way.passes)
        return scores

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


def _spread(windows: ValidationWindows, most: int) -> list[Sample]:
    """Windows spread evenly over all, as many as fit into memory."""
    room = _MAX_BYTES // max(1, sum(part.nbytes for part in windows[0].values()))
    total = len(windows)
    size = max(1, min(most, room, total))
    samples = [dict(windows[total * number // size]) for number in range(size)]
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
