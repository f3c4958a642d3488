"""Collectors of validation logits in bounded memory: a histogram for two classes, a random sample for more.

Both divide the windows into two halves for cross-fitting, in runs of neighbouring windows. What they collect does not
depend on the sizes of batches, and several processes together collect what one would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ..compute.distributed import all_gather
from ..contract.class_table import IGNORE_INDEX
from ..models.logits import Outputs
from .calibration import LabelledLogits

#: Number of runs of successive windows that go to one half and the other in turn.
_RUNS = 10

#: Largest numbers of sampled pixels and of their logits.
_MAX_PIXELS, _MAX_LOGITS = 1_000_000, 4_000_000

#: Bins of the histogram, an even number, and the largest logit that it tells from larger ones.
_BINS, _MAX_LOGIT = 4096, 1000.0


def run_of(index: int, windows: int) -> int:
    """The number of the run to which a window belongs."""
    return index * min(_RUNS, windows) // windows


def half_of(index: int, windows: int) -> int:
    """The half, 0 or 1, to which a window belongs; a single window is in the first."""
    return run_of(index, windows) % 2


class OutputCollector(Protocol):
    """Collects what a network gives for windows."""

    def add(self, indices: Sequence[int], outputs: Outputs, target: Tensor) -> None:
        """Adds windows by their indices: outputs, and class indices (B, H, W); again if batches did not fit."""


class LogitCollector(OutputCollector, Protocol):
    """Collects the labelled logits of validation windows."""

    def halves(self) -> list[LabelledLogits]:
        """What all processes have collected in each half of the windows."""


class LogitHistogram:
    """Histogram of the single logit of two classes over all labelled pixels.

    The bins are even in asinh(logit): narrow around 0, and up to logits of 1000.

    Args:
        windows: Number of validation windows.

    Attributes:
        edges: The edges between the bins, (B - 1,), with 0 in the middle.
    """

    def __init__(self, windows: int) -> None:
        self._windows = windows
        self._counts = torch.zeros(_RUNS, 2, _BINS, dtype=torch.int64)
        steps = torch.linspace(0, math.asinh(_MAX_LOGIT), _BINS // 2 + 1, dtype=torch.float64)
        positive = steps[1:-1].sinh()
        self.edges = torch.cat([-positive.flip(0), steps[:1], positive]).float()
        middles = ((steps[1:] + steps[:-1]) / 2).sinh()
        self._middles = torch.cat([-middles.flip(0), middles])

    def add(self, indices: Sequence[int], outputs: Outputs, target: Tensor) -> None:
        """Counts windows by their indices: logits (B, 1, H, W) and class indices (B, H, W)."""
        logits = outputs["logits"]
        for index, values, classes in zip(indices, logits[:, 0].cpu(), target.cpu(), strict=True):
            is_labelled = classes != IGNORE_INDEX
            bins = torch.bucketize(values[is_labelled].float().contiguous(), self.edges)
            cells = torch.bincount(classes[is_labelled] * _BINS + bins, minlength=2 * _BINS)
            self._counts[run_of(index, self._windows)] += cells.reshape(2, _BINS)

    def halves(self) -> list[LabelledLogits]:
        """The bins of each half, with their middles as logits and their pixels as weights."""
        counts = self.counts()
        return [self._pixels(counts[half::2].sum(dim=0)) for half in (0, 1)]

    def counts(self) -> Tensor:
        """Pixels of all processes by run, class and bin, (R, 2, B) int64."""
        return torch.stack(all_gather(self._counts)).sum(dim=0)

    def _pixels(self, counts: Tensor) -> LabelledLogits:
        target, bins = counts.nonzero(as_tuple=True)
        return LabelledLogits(self._middles[bins, None], target, counts[target, bins])


class LogitSample:
    """A random sample of the labelled pixels, in which each has the same probability.

    Args:
        windows: Number of validation windows.
        pixels: Number of labelled pixels in all of them.
        logits: Logits per pixel.
        seed: Seed of the sample.
    """

    def __init__(self, windows: int, pixels: int, logits: int, seed: int) -> None:
        self._windows, self._seed = windows, seed
        self._share = min(_MAX_PIXELS, _MAX_LOGITS // logits) / max(pixels, 1)
        self._parts: dict[int, tuple[Tensor, Tensor]] = {}
        self._none = torch.empty(0, logits), torch.empty(0, dtype=torch.int64)

    def add(self, indices: Sequence[int], outputs: Outputs, target: Tensor) -> None:
        """Draws from windows by their indices: logits (B, K, H, W) and class indices (B, H, W)."""
        for index, values, classes in zip(indices, outputs["logits"], target, strict=True):
            rows, cols = (classes != IGNORE_INDEX).nonzero(as_tuple=True)
            if self._share < 1:  # the same pixels in whatever batch the window is
                numbers = np.random.default_rng((self._seed, index)).random(len(rows))
                is_drawn = torch.from_numpy(numbers < self._share).to(rows.device)
                rows, cols = rows[is_drawn], cols[is_drawn]
            drawn = values[:, rows, cols].T.float().cpu().contiguous()
            self._parts[index] = drawn, classes[rows, cols].cpu()

    def halves(self) -> list[LabelledLogits]:
        """The sampled pixels of each half, in the order of the windows."""
        parts = {index: part for other in all_gather(self._parts) for index, part in other.items()}
        halves = []
        for half in (0, 1):
            chosen = [i for i in sorted(parts) if half_of(i, self._windows) == half]
            logits, target = map(torch.cat, zip(self._none, *(parts[i] for i in chosen)))
            halves.append(LabelledLogits(logits, target, torch.ones(len(target))))
        return halves
