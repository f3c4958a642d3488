"""The record of a fold in its model card: its number, the key of its training, and its out-of-fold scores."""

from __future__ import annotations

from pathlib import Path

from ..contract.card_reader import read_card
from ..contract.errors import ModelFileError
from ..contract.model_card import Card

#: Key of a fold in the provenance of a card, and of its scores in the card's metrics.
FOLD, OUT_OF_FOLD = "fold", "out_of_fold"


def fold_card(model: Path) -> Card | None:
    """The card of a fold's model; None if there is no such file, or it is not a model of a fold."""
    try:
        card = read_card(model)
    except ModelFileError:
        return None
    parts = card.provenance.get(FOLD), card.metrics.get(OUT_OF_FOLD)
    return card if all(isinstance(part, dict) for part in parts) else None
