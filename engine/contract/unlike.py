"""The raster "Unlike the training": its name, the models that can give it, and the limit of an unlike pixel.

Its values are percents that ``models.land_summary`` computes: 50 is the distance beyond which 1 % of the held-out land
of the training lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .model_card import Card
from .translation import tr

#: Name of the raster beside the mask, of the graph's output, and of the record in a card's metrics.
UNLIKE = "unlike"

#: Prefix of the tensors of a land summary in a model file, and the name of the one that has its size.
LAND_SUMMARY = "land_summary."
LAND_WEIGHT = f"{LAND_SUMMARY}weight"

#: Largest number of numbers in its weight: 0.8 MB.
MAX_LAND_NUMBERS = 200_000

#: A pixel above this percent is unlike the training.
UNLIKE_PERCENT = 50

#: The share of unlike pixels from which on the user is warned: five times that of the held-out land.
WARNED_SHARE = 0.05


def has_land_summary(card: Card) -> bool:
    """Whether a model file has a summary of its training land."""
    return UNLIKE in card.metrics


def without_land_summary(card: Card) -> Card:
    """The card of the same network without its summary."""
    metrics = {name: value for name, value in card.metrics.items() if name != UNLIKE}
    return replace(card, metrics=metrics)


def unlike_flaw(cards: Mapping[str, Card]) -> str:
    """Why models, by file, cannot give the raster, as a sentence; empty if one of them can."""
    if not cards or any(map(has_land_summary, cards.values())):
        return ""
    text = tr(
        "The model {} keeps no summary of its training land: train it again, or leave the raster Unlike the training out."
    )
    return text.format(Path(next(iter(cards))).name)
