"""A model as a card in Markdown, as model hubs show it: facts for machines at its head, then a page for people.

The head is YAML as Hugging Face documents it for model cards. Texts in it are written as JSON strings, which YAML reads
too. Everything is in English, as hubs are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contract.encoders import is_restricted
from ..contract.model_card import Card
from .model_report import ModelFacts
from .stac_item import band_names

#: Scores that a hub has a name for, with the key of the card's metrics.
_METRICS = {"mean_iou": "miou", "accuracy": "pixel_accuracy"}


def markdown_card(card: Card, facts: ModelFacts, licence: str = "") -> str:
    """The card about a model.

    Args:
        card: The model's card.
        facts: What is known of its file.
        licence: The licence under which the model is shared; empty: not told.
    """
    name = Path(facts.path).stem
    sections = [
        [f"# {_plain(name)}", "", _introduction(card)],
        ["## Use", "", *_use(card, Path(facts.path).name)],
        ["## Input", "", *_input(card)],
        ["## Classes", "", *_classes(card)],
        ["## Training", "", *_training(card, facts)],
        ["## Limits", "", *_limits(card)],
    ]
    head = [*_front_matter(card, name, licence)]
    return "\n".join([*head, *(line for lines in sections for line in ("", *lines))]) + "\n"


def _front_matter(card: Card, name: str, licence: str) -> Iterator[str]:
    yield "---"
    if licence:
        yield f"license: {json.dumps(licence.lower())}"
    yield "library_name: dualstream"
    yield "pipeline_tag: image-segmentation"
    yield "tags:"
    for tag in ("semantic-segmentation", "remote-sensing", "dualstream", card.architecture):
        yield f"- {json.dumps(tag)}"
    scores = {hub: _score(card.metrics.get(own)) for hub, own in _METRICS.items()}
    scores = {hub: value for hub, value in scores.items() if value}
    if scores:
        yield "metrics:"
        yield from (f"- {hub}" for hub in scores)
        yield "model-index:"
        yield f"- name: {json.dumps(name)}"
        yield "  results:"
        yield "  - task:"
        yield "      type: image-segmentation"
        yield "    dataset:"
        yield "      type: validation-part"
        yield "      name: validation part of the training data"
        yield "    metrics:"
        for hub, value in scores.items():
            yield f"    - type: {hub}"
            yield f"      value: {value}"
    yield "---"


def _introduction(card: Card) -> str:
    names = ", ".join(_plain(entry.name) for entry in card.classes)
    streams = "an image and an auxiliary raster" if card.auxiliary.bands else "an image"
    return f"A network that finds these classes in every pixel of {streams}: {names}."


def _use(card: Card, file: str) -> Iterator[str]:
    yield "In QGIS: install the plugin DualStream, then *Processing Toolbox > DualStream > Map > Segment*"
    yield f"with the model `{file}`. In a shell, from the folder of the engine:"
    yield ""
    auxiliary = " --auxiliary auxiliary.tif" if card.auxiliary.bands else ""
    yield f"    python -m engine segment --model {json.dumps(file)} --image image.tif{auxiliary} --output mask.tif"
    yield ""
    yield "Give the rasters as they are: the network standardises their values itself."


def _input(card: Card) -> Iterator[str]:
    image, auxiliary = card.image, card.auxiliary
    side = card.tile_size
    yield f"Tiles of {side} x {side} px of the image, {image.bands} bands"
    resolution = f", {image.ground:.3g} m a pixel" if image.ground else ""
    yield f"({_plain(image.dtype) or 'data type not known'}{resolution})."
    if auxiliary.bands:
        side = auxiliary.tile_size
        yield f"With each a tile of the same ground of the auxiliary raster, {side} x {side} px, {auxiliary.bands} bands;"
        yield "where it is missing, the network decides from the image alone."
    yield ""
    names = band_names(card)
    spans = [*zip(image.low, image.high), *[("", "")] * (image.bands - len(image.low))]
    yield from _table(
        ("band", "stream", "becomes 0", "becomes 1"),
        ((name, "image", *span) for name, span in zip(names, spans)),
    )
    if auxiliary.bands:
        known = [*zip(auxiliary.mean, auxiliary.std)]
        pairs = [*known, *[("", "")] * (auxiliary.bands - len(known))]
        yield ""
        yield from _table(
            ("band", "stream", "mean", "standard deviation"),
            ((name, "auxiliary", *pair) for name, pair in zip(names[image.bands :], pairs)),
        )


def _classes(card: Card) -> Iterator[str]:
    iou, pixels = (
        _mapping(v) for v in (card.metrics.get("iou"), card.provenance.get("training_pixels"))
    )
    yield from _table(
        ("value", "class", "IoU in the validation", "labelled pixels for training"),
        (
            (e.value, e.name, _score(iou.get(e.name)), pixels.get(str(e.value), ""))
            for e in card.classes
        ),
    )
    yield ""
    if card.logits == 1:
        second = _plain(card.classes[1].name)
        yield f"A pixel is {second} where its probability is above {card.threshold:.3g}."
    else:
        yield "A pixel has the class with the highest probability."
    calibration = _mapping(card.metrics.get("calibration"))
    if error := _score(calibration.get("ece_after")):
        yield f"Expected calibration error of the probabilities: {error}."


def _training(card: Card, facts: ModelFacts) -> Iterator[str]:
    origin, provenance = card.pretrained, card.provenance
    encoder = f" with the encoder {_plain(card.encoder)}" if card.encoder else ""
    # The file of an ONNX network does not tell how many it has.
    size = f", {facts.parameters / 1e6:.1f} million parameters" if facts.parameters else ""
    yield f"- Network: {card.architecture}{encoder}{size}"
    if provenance.get("imported"):
        yield f"- Imported from: {_plain(str(provenance['imported']))}"
    if origin.origin:
        yield f"- Started from: {_plain(origin.origin)} (licence: {_plain(origin.licence) or 'not known'})"
    for title, key in (
        ("Scenes", "scenes"),
        ("Date", "date"),
        ("Device", "device"),
        ("DualStream", "engine"),
    ):
        if provenance.get(key):
            yield f"- {title}: {_plain(str(provenance[key]))}"
    for title, key in (("mIoU", "miou"), ("Pixel accuracy", "pixel_accuracy")):
        if value := _score(card.metrics.get(key)):
            yield f"- {title} on the validation part: {value}"
    yield f"- SHA-256 of the file: `{facts.sha256}`"


def _limits(card: Card) -> Iterator[str]:
    if card.metrics:
        yield "- The scores are those of the validation part, which also chose epoch, temperature and threshold: on other"
        yield "  regions, seasons and sensors they are usually lower. Check the model on labels of your own first."
    else:
        yield "- There are no scores of this model. Check it on labels of your own first."
    if card.image.ground:
        yield f"- It learnt from pixels of {card.image.ground:.3g} m. Images of another resolution must be resampled."
    yield "- It knows only the classes above: whatever else is in an image becomes one of them."
    if is_restricted(card.pretrained.licence):
        yield f"- The weights that it started from restrict the use: {_plain(card.pretrained.licence)}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_plain(_cell(value)) for value in row)} |"


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _plain(text: str) -> str:
    """A text without the characters that Markdown would read as mark-up."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in " ".join(text.split()))


def _score(value: Any) -> str:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{value:.3f}" if is_number else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
