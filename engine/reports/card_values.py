"""Values of a model's card as its page, its Markdown card and its catalogue item show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from ..contract.model_card import Card
from ..contract.translation import tr


@dataclass(frozen=True)
class ModelFacts:
    """Facts about a model file that are not in its card.

    Attributes:
        path: The model file.
        size: Its size, bytes.
        sha256: Its hash, hexadecimal.
        parameters: Number of trained weights.
    """

    path: str
    size: int
    sha256: str
    parameters: int


@dataclass(frozen=True)
class ClassRow:
    """A class in a table of classes; a number is None if the card does not have it.

    Attributes:
        value: Value in masks.
        name: Name of the class.
        colour: Colour as ``#rrggbb``.
        scores: Validation scores by name.
        training: Labelled pixels for training.
        validation: Labelled pixels for validation.
    """

    value: int
    name: str
    colour: str
    scores: dict[str, float | None]
    training: int | None
    validation: int | None


def band_names(card: Card) -> list[str]:
    """A name for every band of the image, then of the auxiliary stream; each occurs once."""
    streams = (
        ("image", card.image.bands, card.image.band_names),
        ("auxiliary", card.auxiliary.bands, card.auxiliary.band_names),
    )
    names: list[str] = []
    for stream, bands, known in streams:
        for number in range(1, bands + 1):
            name = known[number - 1] if number <= len(known) else ""
            numbered = f"{stream} {number}"
            names.append(f"{name} ({numbered})" if name in names else name or numbered)
    return names


def named_pairs(
    bands: int, names: Sequence[str], first: Sequence[float], second: Sequence[float]
) -> list[tuple[str, float | None, float | None]]:
    """Name and two values of each band; "" and None where the card has fewer."""
    named = [*names, *repeat("", bands - len(names))]
    lows, highs = ([*values, *repeat(None, bands - len(values))] for values in (first, second))
    return list(zip(named, lows, highs))


def card_scores(card: Card) -> dict[str, Mapping[str, Any]]:
    """The validation scores that the card has for each class, by title, then by name of the class."""
    titles = {
        "iou": "IoU",
        "precision": tr("Precision of the class"),
        "recall": tr("Recall"),
        "f1": "F1",
        "dice": "Dice (F1)",
    }
    found = {title: card_mapping(card.metrics.get(key)) for key, title in titles.items()}
    return {title: values for title, values in found.items() if values}


def class_rows(card: Card, scores: Mapping[str, Mapping[str, Any]]) -> list[ClassRow]:
    """The rows of a table of classes.

    Args:
        card: The card.
        scores: Its scores, as ``card_scores`` gives them.
    """
    training, validation = (
        card_mapping(card.provenance.get(f"{part}_pixels")) for part in ("training", "validation")
    )
    return [
        ClassRow(
            entry.value,
            entry.name,
            entry.colour,
            {title: card_number(values.get(entry.name)) for title, values in scores.items()},
            card_number(training.get(str(entry.value))),
            card_number(validation.get(str(entry.value))),
        )
        for entry in card.classes
    ]


def card_mapping(value: Any) -> Mapping[str, Any]:
    """A record of a card that is not checked on reading, empty if it is none."""
    return value if isinstance(value, dict) else {}


def card_number(value: Any) -> Any:
    """A number of such a record; None if it is none."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
