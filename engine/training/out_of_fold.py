"""Scores of the models of a training in folds, each on the blocks that it did not learn from, and all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from ..contract.card_reader import read_card
from ..contract.errors import ModelFileError
from ..contract.model_card import Card
from ..contract.translation import tr
from ..sampling.window_dataset import ValidationWindows
from .metrics import Scores
from .training_plan import TrainingPlan
from .training_state import TrainingProgress
from .validation import Validator

#: Key of a fold in the provenance of a card, and of its scores in the card's metrics.
FOLD, OUT_OF_FOLD = "fold", "out_of_fold"


def with_fold(
    network: nn.Module,
    card: Card,
    progress: TrainingProgress,
    plan: TrainingPlan,
    key: str,
    held_out: ValidationWindows,
    validator: Validator,
) -> Card:
    """Scores a model on every labelled pixel of the fold that it did not see.

    Args:
        network: The network with its final weights.
        card: Its card.
        progress: The progress of its training.
        plan: Its job.
        key: The key of its training, by which ``finished_card`` finds the model again.
        held_out: The validation windows, some of which may be left out.
        validator: The validator of the training.

    Returns:
        The card with the scores and the fold.
    """
    names = [entry.name for entry in card.classes]
    text = tr("Score of the fold")
    scores = validator.score(network, held_out.whole(), card.threshold, text)
    fold = {
        "number": plan.fold,
        "of": plan.job.folds,
        "training": key,
        "choices": plan.choices,
        "epochs": progress.epochs,
        "seconds": progress.seconds,
    }
    metrics = {**card.metrics, OUT_OF_FOLD: scores.as_dict(names)}
    return replace(card, metrics=metrics, provenance={**card.provenance, FOLD: fold})


def finished_card(model: Path, key: str) -> Card | None:
    """The card of a fold's model if a training of this key has written it, else None."""
    card = fold_card(model)
    return card if card and card.provenance[FOLD].get("training") == key else None


def fold_card(model: Path) -> Card | None:
    """The card of a fold's model; None if there is no such file, or it is no model of a fold."""
    try:
        card = read_card(model)
    except ModelFileError:
        return None
    parts = card.provenance.get(FOLD), card.metrics.get(OUT_OF_FOLD)
    return card if all(isinstance(part, dict) for part in parts) else None


def pooled_scores(cards: Sequence[Card]) -> Scores:
    """The scores over the pixels of all folds, from the sum of their confusion matrices."""
    matrices = [torch.tensor(card.metrics[OUT_OF_FOLD]["confusion"]) for card in cards]
    return Scores.of(torch.stack(matrices).sum(dim=0))
