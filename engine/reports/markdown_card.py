"""A model as a card in Markdown for model hubs, written by the template ``card.md``.

Its head is YAML as Hugging Face documents it for model cards; texts in it are JSON strings, which YAML reads too.
Below is a page for people. Everything is in English, as hubs are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ..contract.encoders import is_restricted
from ..contract.model_card import Card
from .card_values import (
    ModelFacts,
    band_names,
    card_mapping,
    card_number,
    card_scores,
    class_rows,
    named_pairs,
)
from .page import TEMPLATES

#: Scores that a hub has a name for, with the key of the card's metrics.
_METRICS = {"mean_iou": "miou", "accuracy": "pixel_accuracy"}


def markdown_card(card: Card, facts: ModelFacts, licence: str = "") -> str:
    """The card about a model.

    Args:
        card: The model's card.
        facts: What is known of its file.
        licence: The licence under which the model is shared; empty: unknown.
    """
    names, image, auxiliary = band_names(card), card.image, card.auxiliary
    scores = {hub: card_number(card.metrics.get(own)) for hub, own in _METRICS.items()}
    return _template().render(
        card=card,
        facts=facts,
        licence=licence,
        name=Path(facts.path).stem,
        file=Path(facts.path).name,
        scores={hub: value for hub, value in scores.items() if value is not None},
        image_bands=named_pairs(image.bands, names, image.low, image.high),
        auxiliary_bands=named_pairs(
            auxiliary.bands, names[image.bands :], auxiliary.mean, auxiliary.std
        ),
        rows=class_rows(card, card_scores(card)),
        calibration_error=card_number(
            card_mapping(card.metrics.get("calibration")).get("ece_after")
        ),
        is_restricted=is_restricted(card.pretrained.licence),
    )


@cache
def _template() -> Template:
    """The template; every value in it is plain text, but for those that a filter has marked as ready."""
    environment = Environment(  # noqa: S701 (Markdown, escaped by _plain)  # nosec B701
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    environment.filters["json"] = _json
    environment.filters["as_is"] = Markup
    return environment.get_template("card.md")


def _json(text: str) -> Markup:
    """A text as JSON, which has its own escapes."""
    return Markup(json.dumps(text))  # noqa: S704 (escaped by JSON)  # nosec B704


def _plain(value: Any) -> str:
    """A value without the characters that Markdown would read as mark-up."""
    if isinstance(value, Markup):
        return value
    text = " ".join(str(value).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in text)
