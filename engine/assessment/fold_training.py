"""A training in folds: each fold is a training of its own, which holds its part of the labels out.

A fold that an earlier run has finished is kept if its model has the key of the training, see ``training_files``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..contract.ensemble_file import write_ensemble
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.protocol import Emit, Event, Metric, Warned, replace_non_finite
from ..contract.training_files import (
    FOLD,
    NO_REPORT,
    OUT_OF_FOLD,
    fold_card,
    fold_model,
    read_training_record,
)
from ..contract.translation import tr
from ..planning.training_context import SurveyedJob, TrainingContext
from ..planning.training_plan import TrainingPlan
from ..sampling.spatial_folds import hold_out
from ..sampling.survey import Survey
from ..scores.confusion import MAX_KEPT_CLASSES, Scores
from ..training.training_run import TrainedNetwork
from ..training.training_state import TrainingProgress


@dataclass(frozen=True)
class FoldResult:
    """The model of one fold.

    Attributes:
        model: Its file.
        card: Its card, with the scores on its fold.
        resumed: Epochs that earlier runs finished.
    """

    model: Path
    card: Card
    resumed: int

    @classmethod
    def of(cls, context: TrainingContext, progress: TrainingProgress) -> FoldResult:
        """The result of a training of a fold."""
        return cls(Path(context.job.output), progress.card, progress.resumed)

    @property
    def epochs(self) -> int:
        """Finished epochs of all runs."""
        return int(self.card.provenance[FOLD]["epochs"])

    @property
    def scores(self) -> dict[str, Any]:
        """The scores on the fold, see ``confusion.Scores.as_dict``."""
        scores: dict[str, Any] = self.card.metrics[OUT_OF_FOLD]
        return scores

    @property
    def sentence(self) -> str:
        """The scores as a sentence."""
        names = [entry.name for entry in self.card.classes]
        scores = pooled_scores([self.card]).sentence(names)
        return tr("On the pixels that it did not learn from: {}.").format(scores)


@dataclass(frozen=True)
class FoldsResult:
    """All models of a training in folds.

    Attributes:
        folds: The models, in the order of the folds.
        scores: The scores over the pixels of all folds.
        labelled: Labelled pixels, with those that are in no fold.
    """

    folds: tuple[FoldResult, ...]
    scores: Scores
    labelled: int

    @classmethod
    def of(cls, folds: Sequence[FoldResult], data: Survey) -> FoldsResult:
        """The result of all folds of some data."""
        return cls(
            folds=tuple(folds),
            scores=pooled_scores([fold.card for fold in folds]),
            labelled=sum(block.labelled for block in data.blocks),
        )

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return [entry.name for entry in self.folds[0].card.classes]

    def record(self) -> dict[str, Any]:
        """The scores in JSON types: over all folds by name, and those of each model."""
        each = [
            {"model": fold.model.name, **{n: v for n, v in fold.scores.items() if n != "confusion"}}
            for fold in self.folds
        ]
        record = {
            **self.scores.as_dict(self.classes),
            "labelled_pixels": self.labelled,
            "folds": each,
        }
        found: dict[str, Any] = replace_non_finite(record)
        return found

    def write(self, output: str) -> None:
        """Writes the ensemble file.

        Raises:
            JobError: If it cannot be written.
        """
        write_ensemble(output, [fold.model for fold in self.folds], self.record())


@dataclass(frozen=True)
class FoldEvents:
    """Callbacks for the training of one fold, which name the fold.

    Attributes:
        fold: The fold, from 1.
        folds: Number of folds.
        warnings: The warnings so far.
        parent: Callback for events of the whole training.
        parent_progress: Callback for its finished share and a text.
    """

    fold: int
    folds: int
    warnings: Sequence[str]
    parent: Emit
    parent_progress: Callable[[float, str], None]

    def emit(self, event: Event) -> None:
        """Emits an event of the fold's training; each warning once for all folds."""
        if isinstance(event, Warned) and event.message in self.warnings:
            return
        if isinstance(event, Metric):
            event = replace(event, message=self._title(event.message))
        self.parent(event)

    def on_progress(self, share: float, text: str) -> None:
        """Reports the share of all folds."""
        self.parent_progress((self.fold - 1 + share) / self.folds, self._title(text))

    def _title(self, text: str) -> str:
        return tr("Fold {} of {}: {}").format(self.fold, self.folds, text)


def fold_doubts(plan: TrainingPlan, data: Survey) -> Iterator[str]:
    """Warnings about options that do not go well with folds.

    Raises:
        JobError: If the data have too many classes.
    """
    if len(data.classes) > MAX_KEPT_CLASSES:
        raise JobError(
            tr(
                "Folds are for at most {} classes, and the labels have {}: leave the folds out."
            ).format(MAX_KEPT_CLASSES, len(data.classes))
        )
    earlier = Path(plan.job.output).with_suffix(".folds")
    if earlier.exists():
        yield tr(
            "{} holds folds of an earlier version, which cannot be resumed: remove it."
        ).format(earlier)
    share, folds = plan.asked.validation_share, plan.job.folds
    if share != TrainJob.validation_share:
        yield tr(
            "validation_share {:g} is not used: each of the {} folds holds out a part of its own, about {:.0%} of the labels."
        ).format(share, folds, 1 / folds)
    if plan.start:
        yield tr(
            "The folds start from {}: if it has learnt from these labels, the scores of the folds are too good, because it "
            "has seen what they hold out."
        ).format(plan.start.name)


def fold_of(surveyed: SurveyedJob, fold: int, emit: Emit) -> SurveyedJob:
    """The training of one fold: with its output, its share of the time, and its blocks held out.

    Args:
        surveyed: The training in folds.
        fold: The fold, from 1.
        emit: Callback for its events.
    """
    plan, job = surveyed.plan, surveyed.job
    changes: dict[str, Any] = {
        "output": str(fold_model(job.output, fold)),
        "report": NO_REPORT if job.report == NO_REPORT else "",
        "minutes": job.minutes / job.folds,
    }
    fold_plan = replace(
        plan, job=replace(job, **changes), asked=replace(plan.asked, **changes), fold=fold
    )
    data = replace(surveyed.data, blocks=hold_out(surveyed.data.blocks, fold))
    return replace(surveyed, plan=fold_plan, data=data, emit=emit)


def finished_fold(context: TrainingContext) -> FoldResult | None:
    """The model of a fold that an earlier run has finished; None: it must be trained.

    Raises:
        JobError: If the model is of another training.
    """
    job, model = context.job, Path(context.job.output)
    # A run that is stopped just after it has written a model leaves its state too, and ends as if it had not.
    is_unfinished = read_training_record(job.output).get("key") == context.key()
    card = fold_card(model)
    if not job.resume or is_unfinished or card is None:
        return None
    if card.provenance[FOLD].get("training") != context.key():
        raise JobError(
            tr(
                "{} is a model of an earlier training in folds with other data, options or version. Choose another name for "
                "the output, or replace that training with resume=false in the recipe (--no_resume in a shell)."
            ).format(model)
        )
    return FoldResult(model, card, int(card.provenance[FOLD]["epochs"]))


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
