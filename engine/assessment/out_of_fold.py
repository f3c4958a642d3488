"""Scores of the models of a training in folds, each on the blocks that it did not learn from, and all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from ..contract.model_card import Card
from ..contract.training_files import FOLD, OUT_OF_FOLD
from ..contract.translation import tr
from ..planning.training_context import TrainingContext
from ..training.metrics import Scores
from ..training.training_run import TrainedNetwork


def with_fold(context: TrainingContext, key: str, trained: TrainedNetwork, card: Card) -> Card:
    """Scores a model on every labelled pixel of the fold that it did not see.

    Args:
        context: The training of the fold.
        key: Its key, by which a later run finds the model again.
        trained: Its network, with the final weights.
        card: The card of these weights.

    Returns:
        The card with the scores and the fold.
    """
    scores = trained.validator.score(
        trained.network, trained.held_out.whole(), card.threshold, tr("Score of the fold")
    )
    fold = {
        "number": context.plan.fold,
        "of": context.job.folds,
        "training": key,
        "choices": context.plan.choices,
        "epochs": trained.progress.epochs,
        "seconds": trained.progress.seconds,
    }
    metrics = {**card.metrics, OUT_OF_FOLD: scores.as_dict(context.class_names)}
    return replace(card, metrics=metrics, provenance={**card.provenance, FOLD: fold})


def pooled_scores(cards: Sequence[Card]) -> Scores:
    """The scores over the pixels of all folds, from the sum of their confusion matrices."""
    matrices = [torch.tensor(card.metrics[OUT_OF_FOLD]["confusion"]) for card in cards]
    return Scores.of(torch.stack(matrices).sum(dim=0))
