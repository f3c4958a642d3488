"""The place of a point in a square: the middle of the widest part that is worth a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..contract.file_jobs import UNLIKE, SuggestJob
from ..contract.protocol import Event
from ..inference.ensemble import Ensemble
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import open_streams
from .doubt import Doubt, MappedRows
from .mapped_strips import mapped_strips
from .square_pool import SuggestedSquares

#: Side of the neighbourhood whose mean counts, as a share of the square's: a narrow edge between two objects, where a
#: person who clicks misses it, is less than a wide doubtful part.
_NEIGHBOURS = 1 / 8

#: What the distance of half a square from its middle costs, as a share of the largest mean: of equal places the middle one.
_FAR = 0.05

#: Row and column of a place, px.
Place = tuple[int, int]


def place_points(
    job: SuggestJob, ensemble: Ensemble, found: SuggestedSquares, doubt: Doubt
) -> SuggestedSquares:
    """Squares with the place of a point in each; the models map each square once more.

    Args:
        job: The job.
        ensemble: Its models.
        found: The squares.
        doubt: The doubt of a pixel.
    """
    places: list[Place] = [(0, 0)] * len(found.windows)
    for owner in dict.fromkeys(found.owners):
        with open_streams(owner.scene, ensemble.cards, _ignore, job.image_alone) as streams:
            ensemble.prepare(streams, owner.region, _ignore, ensemble.record(), scenes=0)
            for number, window in enumerate(found.windows):
                if found.owners[number] is not owner:
                    continue
                with scene_cache(streams, ensemble.tallest(streams)):
                    strips = [rows for _, rows in mapped_strips(ensemble, streams, window, _pass)]
                is_unlike = found.choices[number].reason == UNLIKE
                row, col = middle_of_widest(_worth(strips, doubt, is_unlike))
                places[number] = window.row + row, window.col + col
    return replace(found, places=tuple(places))


def _worth(strips: Sequence[MappedRows], doubt: Doubt, is_unlike: bool) -> NDArray[np.float64]:
    """The worth of a label at each pixel of a square (h, w)."""
    parts = [rows.unlike if is_unlike else doubt.of(rows) for rows in strips]
    return np.concatenate(parts).astype(np.float64)


def middle_of_widest(worth: NDArray[np.float64]) -> Place:
    """The row and column at which the mean of the neighbourhood is largest, of values (h, w) of at least 0."""
    height, width = worth.shape
    side = max(3, round(_NEIGHBOURS * min(height, width))) | 1
    mean = _box_mean(_box_mean(worth, side), side)
    rows, cols = np.indices(worth.shape)
    away = np.hypot((rows + 0.5) / height - 0.5, (cols + 0.5) / width - 0.5)
    row, col = np.unravel_index(int((mean - _FAR * mean.max() * away).argmax()), worth.shape)
    return int(row), int(col)


def _box_mean(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """The mean of the ``side`` x ``side`` values around each (h, w); beyond the edge they are 0."""
    padded = np.pad(values, (side // 2 + 1, side // 2))
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    total = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    mean: NDArray[np.float64] = total / side**2
    return mean


def _ignore(_: Event) -> None:
    """Ignores an event that was reported when the image was mapped."""


def _pass(done: int, total: int) -> None:
    """Ignores progress: a few tiles take a moment."""
