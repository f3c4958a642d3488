"""Comparisons of a trained network without single streams and bands, and the number of windows they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contract.model_card import Card
from ..planning.training_length import FORWARD_SHARE, TrainingLength

#: The time of the measurement as a share of the time of the training.
MEASURING_SHARE = 0.04

#: Smallest and largest number of windows.
MIN_WINDOWS, MAX_WINDOWS = 4, 64

#: Largest number of groups of bands of a stream, and the numbers that are taken instead where time is short; more bands
#: are shuffled in groups of neighbours. 0: only the streams are compared.
_GROUPS = (12, 4, 0)

#: Stream, name and numbers (from 0) of bands that are shuffled together.
Group = tuple[str, str, list[int]]


@dataclass(frozen=True)
class Comparison:
    """The streams and bands that are left out and shuffled, one after another.

    Attributes:
        streams: The streams that are left out; none of a model with one.
        groups: The groups of bands.
    """

    streams: tuple[str, ...]
    groups: list[Group]

    @property
    def passes(self) -> int:
        """How often each window passes through the network."""
        return 1 + len(self.streams) + len(self.groups)


def comparisons(card: Card) -> list[Comparison]:
    """The possible comparisons, from fine to coarse; none if the network sees a single band."""
    streams = ("image", "auxiliary") if card.auxiliary.bands else ()
    ways = [Comparison(streams, band_groups(card, most)) for most in _GROUPS]
    return [way for way in ways if way.passes > 2]


def comparison_windows(card: Card) -> tuple[int, int]:
    """The smallest and the largest number of windows that pass through the network; 0 if nothing is compared."""
    passes = [way.passes for way in comparisons(card)] or [0]
    return MIN_WINDOWS * min(passes), MAX_WINDOWS * max(passes)


def planned_windows(card: Card, length: TrainingLength) -> int:
    """The number of windows that cost the share of a training; the same in a resumed training."""
    trained = length.epochs * length.windows
    wanted = int(MEASURING_SHARE * trained / FORWARD_SHARE)
    passes = max((way.passes for way in comparisons(card)), default=0)
    return min(max(wanted, MIN_WINDOWS * passes), MAX_WINDOWS * passes)


def band_groups(card: Card, most: int = _GROUPS[0]) -> list[Group]:
    """The groups of bands, ``most`` of each stream; none if it is 0 or there is a single band."""
    groups: list[Group] = []
    if not most or card.image.bands + card.auxiliary.bands < 2:
        return groups
    for stream in ("image", "auxiliary"):
        part = card.image if stream == "image" else card.auxiliary
        for numbers in np.array_split(np.arange(part.bands), min(part.bands, most) or 1):
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
