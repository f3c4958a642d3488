"""A model card in a few lines of plain words: for dialogs, for ``info`` and for the page about a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .architectures import ONNX
from .class_table import ClassTable
from .encoders import ENCODERS, is_restricted
from .errors import format_count, join_names
from .model_card import AuxiliaryCard, Card, ImageCard
from .translation import tr

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
    network = tr("ONNX network") if card.architecture == ONNX else card.architecture
    return CardSummary(
        network=tr("{} with {}").format(network, encoder) if encoder else network,
        image=_describe_image(card.image),
        auxiliary=_describe_auxiliary(card.auxiliary) if card.auxiliary.bands else "",
        classes=card.classes,
        score=_describe_score(card),
        licence=tr(card.pretrained.licence) if is_restricted(card.pretrained.licence) else "",
    )


def describe_scores(metrics: dict[str, Any]) -> str:
    """The validation scores: "mIoU 0.712, pixel accuracy 0.853 (epoch 17)"; empty without a score.

    A score is None if no pixel was labelled.
    """
    miou, accuracy = metrics.get("miou"), metrics.get("pixel_accuracy")
    scores = [] if miou is None else [f"mIoU {miou:.3f}"]
    scores += [] if accuracy is None else [tr("pixel accuracy {:.3f}").format(accuracy)]
    text = ", ".join(scores)
    is_of_epoch = text and "epoch" in metrics
    return tr("{} (epoch {})").format(text, metrics["epoch"]) if is_of_epoch else text


def describe_calibration(metrics: dict[str, Any]) -> str:
    """Whether probabilities are calibrated, with their expected error; empty if it could not be measured."""
    record = metrics.get("calibration", {})
    before, after = record.get("ece_before"), record.get("ece_after")
    if before is None or after is None:
        return ""
    if record.get("temperature", 1.0) == 1:
        return tr("not calibrated, expected error {:.3f}").format(before)
    return tr("calibrated with temperature {:.3g}, expected error {:.3f} ({:.3f} before)").format(
        record["temperature"], after, before
    )


def describe_origin(provenance: dict[str, Any]) -> str:
    """The origin of the weights: how, when, with which engine and from how many scenes."""
    source = provenance.get("imported")
    facts = [tr("imported from {}").format(source) if source else tr("trained")]
    if "date" in provenance:
        facts.append(provenance["date"])
    if "engine" in provenance:
        facts.append(tr("engine {}").format(provenance["engine"]))
    return ", ".join([*facts, *_scenes(provenance)])


def describe_ground(ground: float) -> str:
    """A ground resolution, m per pixel: "30 m per pixel", "13 cm per pixel"."""
    if ground >= 1:
        return tr("{:.3g} m per pixel").format(ground)
    return tr("{:.3g} cm per pixel").format(100 * ground)


def _describe_image(image: ImageCard) -> str:
    facts = [describe_bands(image.bands, image.band_names), image.dtype]
    if image.ground:
        facts.append(describe_ground(image.ground))
    return ", ".join(filter(None, facts))


def _describe_auxiliary(auxiliary: AuxiliaryCard) -> str:
    return describe_bands(auxiliary.bands, auxiliary.band_names)


def describe_bands(count: int, names: Sequence[str]) -> str:
    """The number of bands and the first names; bands of auxiliary rasters have their file's name before the first only."""
    files = [name.rpartition(": ")[0] for name in names]
    short = [
        name.rpartition(": ")[2] if file and file == before else name
        for name, file, before in zip(names, files, ["", *files])
    ]
    listed = f" ({join_names(short, _MAX_NAMES)})" if any(names) else ""
    return f"{format_count(count, '{} band', '{} bands')}{listed}"


def _describe_score(card: Card) -> str:
    miou, date = card.metrics.get("miou"), card.provenance.get("date", "")[:10]
    facts = [] if miou is None else [tr("mIoU {:.3f} in its validation").format(miou)]
    if date:
        text = tr("imported {}") if card.provenance.get("imported") else tr("trained {}")
        facts.append(text.format(date))
    return ", ".join([*facts, *_scenes(card.provenance)])


def _scenes(provenance: dict[str, Any]) -> list[str]:
    """The number of scenes that a model was trained on, as a list of one text; empty if unknown."""
    known = "scenes" in provenance
    return [format_count(provenance["scenes"], "{} scene", "{} scenes")] if known else []
