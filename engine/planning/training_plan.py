"""Checks of a training job before its data are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ..compute.rank_info import SINGLE_PROCESS, RankInfo
from ..contract.architectures import Architecture, with_recipe
from ..contract.ensemble_file import ENSEMBLE_SUFFIX
from ..contract.errors import JobError
from ..contract.jobs import AUTOMATIC, TrainJob
from ..contract.joined_names import NO_AUGMENTATION
from ..contract.model_card import PretrainedCard
from ..contract.output_files import check_writable
from ..contract.training_files import NO_REPORT, has_folds, output_flaw, written_models
from ..contract.translation import tr
from ..losses.class_weights import check_class_weights
from ..losses.segmentation_loss import LossSpec, parse_loss
from ..sampling.augmentation import AugmentationSpec, parse_augmentation
from .automatic_choices import earlier_choices, with_choices
from .start_model import StartModel, lower_rates, read_start


@dataclass(frozen=True)
class TrainingPlan:
    """A training job whose fields are valid.

    Attributes:
        job: The job, with its recipe.
        architecture: Properties of its network.
        loss: The training loss.
        augmentation: The augmentation.
        augments_by_recipe: Whether the augmentation is the recipe's, not the user's.
        start: The model that the training starts from; None: from the encoders' weights.
        pretrained: The weights that the encoder starts from.
        is_tile_automatic: Whether the user leaves the tile size open.
        choices: What was chosen automatically, see ``automatic_choices``.
        asked: The job as the user gave it.
        fold: The fold that this training holds out, from 1; 0: the job has no folds.
    """

    job: TrainJob
    architecture: Architecture
    loss: LossSpec
    augmentation: AugmentationSpec
    augments_by_recipe: bool
    start: StartModel | None = None
    pretrained: PretrainedCard = field(default_factory=PretrainedCard)
    is_tile_automatic: bool = False
    choices: dict[str, Any] = field(default_factory=dict)
    asked: TrainJob = field(default_factory=TrainJob)
    fold: int = 0


def training_plan(given: TrainJob, ranks: RankInfo = SINGLE_PROCESS) -> TrainingPlan:
    """Fills in the recipe of a job, checks its fields and parses its loss and augmentation.

    Args:
        given: The job as given by the user.
        ranks: The rank of this process.

    Raises:
        JobError: If a name is unknown, or fields contradict each other.
        ModelFileError: If the model to start from is not a model file.
    """
    if not given.output:
        raise JobError(
            tr("The option output is missing: name the model file to write (.safetensors).")
        )
    if flaw := output_flaw(given.output, given.folds):
        raise JobError(flaw)
    if ranks.is_main_process:
        check_writable(given.output, (ENSEMBLE_SUFFIX if has_folds(given) else ".safetensors",))
        for model in written_models(given):
            check_writable(model)
        if given.report not in ("", NO_REPORT):
            check_writable(given.report, (".html",))
    start = read_start(given)
    job, architecture = with_recipe(start.fill_job(given) if start else given)
    if start:
        job = lower_rates(given, job)
    if given.minutes:  # the recipe's epochs and patience do not end it
        job = replace(job, epochs=given.epochs, patience=max(given.patience, 0))
    if has_folds(job):
        job = replace(job, validation_share=1 / job.folds)
    check_streams(job, architecture)
    loss = parse_loss(job.loss)
    if job.logit_adjustment and any(name.startswith("ohem") for name in loss.names):
        raise JobError(
            tr(
                "logit_adjustment {:g} and the loss {} work against each other: ohem leaves a pixel "
                "alone before the adjustment is made up for. Choose ce instead of ohem."
            ).format(job.logit_adjustment, job.loss)
        )
    check_class_weights(job, loss)
    augmentation = parse_augmentation(
        NO_AUGMENTATION if job.augmentation == AUTOMATIC else job.augmentation
    )
    by_recipe = given.augmentation != job.augmentation
    choices = earlier_choices(job)
    completed = with_choices(job, choices)
    is_open = given.tile_size == TrainJob.tile_size and start is None
    pretrained = start.card.pretrained if start else PretrainedCard()
    return TrainingPlan(
        job=completed,
        architecture=architecture,
        loss=loss,
        augmentation=augmentation,
        augments_by_recipe=by_recipe,
        start=start,
        pretrained=pretrained,
        is_tile_automatic=is_open and "tile_size" not in choices,
        choices=choices,
        asked=given,
    )


def check_streams(job: TrainJob, architecture: Architecture) -> None:
    """Makes sure that a network can take the streams of a job.

    Raises:
        JobError: If it takes no auxiliary stream, or both streams only in tiles of the same size.
    """
    if (job.auxiliary or job.auxiliary_bands) and not architecture.takes_auxiliary:
        raise JobError(
            tr(
                "{} sees the image alone: leave the auxiliary rasters and their bands out, or choose "
                "dualstream-dformer or a cmx network to fuse them."
            ).format(job.architecture)
        )
    is_other = job.auxiliary_tile_size not in (0, job.tile_size)
    if job.tile_size and is_other and architecture.streams_share_grid:
        raise JobError(
            tr(
                "{} sees both streams in tiles of the same size: leave the auxiliary tile size at 0, "
                "or give the tile size, {}, not {}."
            ).format(job.architecture, job.tile_size, job.auxiliary_tile_size)
        )
