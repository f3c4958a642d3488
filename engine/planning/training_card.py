"""The model card of a training before its first epoch."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import torch

from ..compute.rank_info import RankInfo
from ..contract.card_reader import MAX_BAND_NAME, check_card
from ..contract.model_card import AuxiliaryCard, Card, ImageCard, logits_for
from ..contract.plain_text import one_line
from ..contract.version import engine_version
from ..rasters.footprint import footprint
from ..sampling.band_statistics import Scaling
from ..sampling.earlier_split import SPLIT
from ..sampling.survey import Survey
from .training_plan import TrainingPlan


def build_card(plan: TrainingPlan, data: Survey, scaling: Scaling, ranks: RankInfo) -> Card:
    """Builds the card of the model that a job trains, without scores.

    Args:
        plan: The job, with its recipe.
        data: The training data.
        scaling: The streams' scaling.
        ranks: The rank of this process.

    Raises:
        JobError: If a value is invalid in a card.
    """
    job = plan.job
    image = data.image
    auxiliary = data.auxiliary
    card = Card(
        architecture=job.architecture,
        encoder=job.encoder,
        logits=logits_for(len(data.classes)),
        tile_size=job.tile_size,
        image=ImageCard(
            bands=image.bands,
            band_names=_one_line_names(image.band_names),
            dtype=image.dtype,
            low=scaling.low,
            high=scaling.high,
            pixel_size=image.pixel_size,
            crs=image.crs,
            chosen=image.chosen,
            of=image.of,
            ground=image.ground,
        ),
        auxiliary=AuxiliaryCard(
            bands=auxiliary.bands,
            tile_size=data.auxiliary_tile_size if auxiliary.bands else 0,
            band_names=_one_line_names(auxiliary.band_names),
            mean=scaling.mean,
            std=scaling.std,
            chosen=auxiliary.chosen,
            of=auxiliary.of,
        ),
        classes=data.classes,
        threshold=plan.architecture.default_threshold(len(data.classes)),
        provenance=_provenance(plan, data, ranks),
        pretrained=plan.pretrained,
    )
    check_card(card)
    return card


def _provenance(plan: TrainingPlan, data: Survey, ranks: RankInfo) -> dict[str, Any]:
    """The facts of the training in the card: versions, date, options and data."""
    provenance: dict[str, Any] = {
        "engine": engine_version(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "job": asdict(plan.job),
        "processes": ranks.world_size,
        "scenes": len(data.scenes),
        "footprint": footprint(data.outlines),
        "training_pixels": {str(v): n for v, n in data.counts(is_validation=False).items()},
        "validation_pixels": {str(v): n for v, n in data.counts(is_validation=True).items()},
        SPLIT: data.before.with_blocks(data.scenes, data.blocks).record(),
    }
    if plan.start:
        provenance["start"] = plan.start.record
    return provenance


def _one_line_names(names: Iterable[str]) -> tuple[str, ...]:
    """Band names in a valid form: files may contain any text."""
    return tuple(one_line(name, MAX_BAND_NAME) for name in names)
