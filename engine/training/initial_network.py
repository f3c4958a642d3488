"""The network before the first epoch of a training: random, pretrained, or started from a model and scored."""

from __future__ import annotations

import copy
import math
from typing import Any

from torch import nn

from ..contract.jobs import FROZEN
from ..contract.model_card import Card
from ..contract.protocol import Emit, Metric
from ..contract.translation import tr
from ..models.model_file import build_network
from ..planning.pretraining import is_pretrained, weights_source
from ..planning.training_plan import TrainingPlan
from ..sampling.band_statistics import Scaling
from .validation import Validator


def build_initial_network(plan: TrainingPlan, card: Card, scaling: Scaling) -> nn.Module:
    """Builds the network of a training, with the statistics of its data.

    Args:
        plan: The training job.
        card: The card of its model.
        scaling: The streams' scaling.

    Raises:
        EngineError: If the pretrained weights or the model to start from cannot be used.
    """
    network = build_network(card, weights_source(plan.job))
    network.freezes_all_encoders = bool(plan.job.auxiliary_rate)  # type: ignore[assignment]
    network.image_normalisation.set(scaling.image_mean, scaling.image_std)  # type: ignore[operator, union-attr]
    if scaling.mean:
        network.auxiliary_normalisation.set(scaling.mean, scaling.std)  # type: ignore[operator, union-attr]
    if plan.start:
        plan.start.copy_weights_to(network, card)
    is_trained = plan.start is not None or is_pretrained(plan.job)
    network.freezes_norms = is_trained and plan.job.encoder_norms == FROZEN  # type: ignore[assignment]
    return network


def copy_scorable(plan: TrainingPlan, card: Card, network: nn.Module) -> nn.Module | None:
    """A copy of the network before the first epoch, if it was trained on all classes; else None.

    It becomes the model if no epoch is better. Nothing is written before the first epoch has finished.
    """
    return copy.deepcopy(network) if plan.start and plan.start.knows(card.classes) else None


def score_start(model: nn.Module, card: Card, validator: Validator, emit: Emit) -> dict[str, Any]:
    """Scores the network before the first epoch; returns the metrics for its card, none without a score."""
    names = [entry.name for entry in card.classes]
    result = validator.validate(model, 0)
    metrics = {"epoch": 0, "validation_loss": result.loss, **result.scores.as_dict(names)}
    text = tr("Before the first epoch: validation loss {:.4f}, {}.").format(
        result.loss, result.scores.sentence(names)
    )
    emit(Metric(f"{text} {result.pictures}".rstrip(), metrics))
    return {} if math.isnan(result.scores.miou) else metrics
