"""A model card in a few lines of plain words: for dialogs, for ``info`` and for the page about a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .class_table import ClassTable
from .encoders import ENCODERS, is_restricted
from .errors import format_count, join_names
from .model_card import AuxiliaryCard, Card, ImageCard

#: Most names of bands in a line.
_MAX_NAMES = 6


@dataclass(frozen=True)
class CardSummary:
    """A card in short lines, each without a full stop.

    Attributes:
        network: The network with its encoder.
        image: Bands, data type and ground resolution of the image.
        auxiliary: Bands of the second stream; empty if the model has none.
        classes: The class table.
        score: Validation score, date and number of scenes; empty if the card has none of them.
        licence: The licence of the weights that the model started from, if it restricts the use; else empty.
    """

    network: str
    image: str
    auxiliary: str
    classes: ClassTable
    score: str
    licence: str


def summarize(card: Card) -> CardSummary:
    """The lines of a card."""
    encoder = ENCODERS[card.encoder].title if card.encoder in ENCODERS else card.encoder
    return CardSummary(
        network=f"{card.architecture} with {encoder}" if encoder else card.architecture,
        image=_describe_image(card.image),
        auxiliary=_describe_auxiliary(card.auxiliary) if card.auxiliary.bands else "",
        classes=card.classes,
        score=_describe_score(card),
        licence=card.pretrained.licence if is_restricted(card.pretrained.licence) else "",
    )


def describe_scores(metrics: dict[str, Any]) -> str:
    """The validation scores: "mIoU 0.712, pixel accuracy 0.853 (epoch 17)"; empty without a score.

    A score is None if no pixel was labelled.
    """
    scores = [
        f"{name} {metrics[key]:.3f}"
        for key, name in (("miou", "mIoU"), ("pixel_accuracy", "pixel accuracy"))
        if metrics.get(key) is not None
    ]
    epoch = f" (epoch {metrics['epoch']})" if "epoch" in metrics else ""
    return f"{', '.join(scores)}{epoch}" if scores else ""


def describe_calibration(metrics: dict[str, Any]) -> str:
    """Whether probabilities are calibrated, with their expected error; empty if it could not be measured."""
    record = metrics.get("calibration", {})
    before, after = record.get("ece_before"), record.get("ece_after")
    if before is None or after is None:
        return ""
    if record.get("temperature", 1.0) == 1:
        return f"not calibrated, expected error {before:.3f}"
    return (
        f"calibrated with temperature {record['temperature']:.3g}, expected error {after:.3f} "
        f"({before:.3f} before)"
    )


def describe_origin(provenance: dict[str, Any]) -> str:
    """The origin of the weights: how, when, with which engine and from how many scenes."""
    source = provenance.get("imported")
    words = [f"imported from {source}" if source else "trained"]
    for key, text in (("date", "{}"), ("engine", "by engine {}")):
        if key in provenance:
            words.append(text.format(provenance[key]))
    if "scenes" in provenance:
        words.append(f"on {format_count(provenance['scenes'], '{} scene', '{} scenes')}")
    return " ".join(words)


def describe_ground(ground: float) -> str:
    """A ground resolution, m per pixel: "30 m per pixel", "13 cm per pixel"."""
    return f"{ground:.3g} m per pixel" if ground >= 1 else f"{100 * ground:.3g} cm per pixel"


def _describe_image(image: ImageCard) -> str:
    facts = [_describe_bands(image.bands, image.band_names), image.dtype]
    if image.ground:
        facts.append(describe_ground(image.ground))
    return ", ".join(filter(None, facts))


def _describe_auxiliary(auxiliary: AuxiliaryCard) -> str:
    return _describe_bands(auxiliary.bands, auxiliary.band_names)


def _describe_bands(count: int, names: Sequence[str]) -> str:
    listed = f" ({join_names(names, _MAX_NAMES)})" if any(names) else ""
    return f"{format_count(count, '{} band', '{} bands')}{listed}"


def _describe_score(card: Card) -> str:
    miou, date = card.metrics.get("miou"), card.provenance.get("date", "")[:10]
    facts = [] if miou is None else [f"mIoU {miou:.3f} in its validation"]
    if date:
        facts.append(f"imported {date}" if card.provenance.get("imported") else f"trained {date}")
    if "scenes" in card.provenance:
        facts.append(f"on {format_count(card.provenance['scenes'], '{} scene', '{} scenes')}")
    return ", ".join(facts).replace(", on ", " on ")
