"""The page about a model: what it needs, its classes and scores, how it was trained, its licence and lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from pathlib import Path
from typing import Any

from ..contract.architectures import with_recipe
from ..contract.card_summary import (
    describe_calibration,
    describe_ground,
    describe_origin,
    summarize,
)
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.start_record import describe_lineage
from ..contract.translation import tr
from .page import write_report

#: Fields of a training's job that are shown elsewhere on the page.
_SHOWN_ELSEWHERE = ("architecture", "encoder", "output", "start")

#: Longest value of an option on the page, in characters.
_MAX_VALUE = 200


@dataclass(frozen=True)
class ModelFacts:
    """What the page says of a model file besides its card.

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
    """A class in the table of the page; a number is None if the card does not have it.

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


def write_model_report(path: str | Path, card: Card, facts: ModelFacts) -> None:
    """Writes the page about a model.

    Args:
        path: The HTML file to write.
        card: The model's card.
        facts: What else is known of its file.

    Raises:
        RasterError: If the page cannot be written.
    """
    provenance = card.provenance
    scores = _class_scores(card)
    write_report(
        path,
        "model.html",
        card=card,
        facts=facts,
        summary=summarize(card),
        rows=_class_rows(card, scores),
        scores=[*scores],
        image_bands=_image_bands(card),
        auxiliary_bands=_auxiliary_bands(card),
        ground=describe_ground(card.image.ground) if card.image.ground else "",
        calibration=describe_calibration(card.metrics),
        origin=describe_origin(provenance),
        versions=[f"{n} {provenance[n]}" for n in ("engine", "python", "torch") if n in provenance],
        options=_changed_options(_mapping(provenance.get("job"))),
        length=_mapping(provenance.get("length")),
        lineage=describe_lineage(provenance),
    )


def _image_bands(card: Card) -> list[tuple[str, float | None, float | None]]:
    """Name of each band of the image, and the values that are scaled to 0 and to 1."""
    image = card.image
    return _named_pairs(image.bands, image.band_names, image.low, image.high)


def _auxiliary_bands(card: Card) -> list[tuple[str, float | None, float | None]]:
    """Name, mean and standard deviation of each band of the second stream."""
    stream = card.auxiliary
    return _named_pairs(stream.bands, stream.band_names, stream.mean, stream.std)


def _named_pairs(
    bands: int, names: Sequence[str], first: Sequence[float], second: Sequence[float]
) -> list[tuple[str, float | None, float | None]]:
    """Name and two values of each band; "" and None where the card has fewer."""
    named = [*names, *repeat("", bands - len(names))]
    lows, highs = ([*values, *repeat(None, bands - len(values))] for values in (first, second))
    return list(zip(named, lows, highs))


def _class_scores(card: Card) -> dict[str, Mapping[str, Any]]:
    """The validation scores that the card has for each class, by title, then by name of the class."""
    titles = {
        "iou": "IoU",
        "precision": tr("Precision of the class"),
        "recall": tr("Recall"),
        "f1": "F1",
        "dice": "Dice (F1)",
    }
    found = {title: _mapping(card.metrics.get(key)) for key, title in titles.items()}
    return {title: values for title, values in found.items() if values}


def _class_rows(card: Card, scores: Mapping[str, Mapping[str, Any]]) -> list[ClassRow]:
    training, validation = (
        _mapping(card.provenance.get(f"{part}_pixels")) for part in ("training", "validation")
    )
    return [
        ClassRow(
            entry.value,
            entry.name,
            entry.colour,
            {title: _number(values.get(entry.name)) for title, values in scores.items()},
            _number(training.get(str(entry.value))),
            _number(validation.get(str(entry.value))),
        )
        for entry in card.classes
    ]


def _changed_options(job: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The options of a training that differ from the defaults of its network, with their values."""
    if not job:
        return []
    names = {
        name: job[name] for name in ("architecture", "preset") if isinstance(job.get(name), str)
    }
    try:
        default, _ = with_recipe(TrainJob(**names))
    except JobError:  # of another version
        default = TrainJob()
    changed = []
    for field in fields(TrainJob):
        usual = getattr(default, field.name)
        usual = [*usual] if isinstance(usual, tuple) else usual
        if field.name in _SHOWN_ELSEWHERE or job.get(field.name, usual) == usual:
            continue
        changed.append((field.name, _text(job[field.name])))
    return changed


def _text(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"


def _mapping(value: Any) -> Mapping[str, Any]:
    """A record of a card that is not checked on reading, empty if it is none."""
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> Any:
    """A number of such a record; None if it is none."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
