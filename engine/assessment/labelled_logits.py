"""A random sample of validation logits, in bounded memory.

It divides the windows into two halves for cross-fitting, in runs of neighbouring windows. What it collects does not
depend on the sizes of batches, and several processes together collect what one would.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def half_of(index: int, windows: int) -> int:
    """The half, 0 or 1, to which a window belongs; a single window is in the first."""
    return index * min(_RUNS, windows) // windows % 2


class LogitSample:
    """A random sample of the labelled pixels; each has the same probability.

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
            halves.append(LabelledLogits(logits, target))
        return halves
