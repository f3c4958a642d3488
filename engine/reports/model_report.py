"""The page about a model: what it needs, its classes and scores, how it was trained, its licence and lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
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
from .card_values import ModelFacts, card_mapping, card_scores, class_rows, named_pairs
from .page import write_report

#: Fields of a training's job that are shown elsewhere on the page.
_SHOWN_ELSEWHERE = ("architecture", "encoder", "output", "start")

#: Longest value of an option on the page, in characters.
_MAX_VALUE = 200


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
    scores = card_scores(card)
    write_report(
        path,
        "model.html",
        card=card,
        facts=facts,
        summary=summarize(card),
        rows=class_rows(card, scores),
        scores=[*scores],
        image_bands=_image_bands(card),
        auxiliary_bands=_auxiliary_bands(card),
        ground=describe_ground(card.image.ground) if card.image.ground else "",
        calibration=describe_calibration(card.metrics),
        origin=describe_origin(provenance),
        versions=[f"{n} {provenance[n]}" for n in ("engine", "python", "torch") if n in provenance],
        options=_changed_options(card_mapping(provenance.get("job"))),
        length=card_mapping(provenance.get("length")),
        lineage=describe_lineage(provenance),
    )


def _image_bands(card: Card) -> list[tuple[str, float | None, float | None]]:
    """Name of each band of the image, and the values that are scaled to 0 and to 1."""
    image = card.image
    return named_pairs(image.bands, image.band_names, image.low, image.high)


def _auxiliary_bands(card: Card) -> list[tuple[str, float | None, float | None]]:
    """Name, mean and standard deviation of each band of the second stream."""
    stream = card.auxiliary
    return named_pairs(stream.bands, stream.band_names, stream.mean, stream.std)


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
        value = getattr(default, field.name)
        value = [*value] if isinstance(value, tuple) else value
        if field.name in _SHOWN_ELSEWHERE or job.get(field.name, value) == value:
            continue
        changed.append((field.name, _text(job[field.name])))
    return changed


def _text(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"
