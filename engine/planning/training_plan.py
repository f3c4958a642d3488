"""Checks of a training job, before its data are read and once their content is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..compute.rank_info import SINGLE_PROCESS, RankInfo
from ..contract.architectures import Architecture, with_recipe
from ..contract.checkpoint_files import NO_REPORT
from ..contract.ensemble_file import ENSEMBLE_SUFFIX
from ..contract.errors import JobError
from ..contract.fold_files import has_folds, output_flaw, written_models
from ..contract.jobs import AUTOMATIC, TrainJob
from ..contract.joined_names import NO_AUGMENTATION
from ..contract.model_card import PretrainedCard
from ..contract.output_files import check_writable
from ..contract.protocol import Event, Metric, Warned
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.layouts import find_scenes
from ..losses.class_weights import BALANCED, check_class_weights, rare_classes, takes_weights
from ..losses.segmentation_loss import LossSpec, parse_loss
from ..sampling.augmentation import AugmentationSpec, augmentation_for, parse_augmentation
from ..sampling.copy_paste import PasteRoles
from ..sampling.survey import Survey
from ..sampling.tile_size import choose_tile_size as suitable_tile_size
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
    _check_streams(job, architecture)
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
    is_automatic = given.tile_size == TrainJob.tile_size and start is None
    pretrained = start.card.pretrained if start else PretrainedCard()
    return TrainingPlan(
        job=job,
        architecture=architecture,
        loss=loss,
        augmentation=augmentation,
        augments_by_recipe=by_recipe,
        start=start,
        pretrained=pretrained,
        is_tile_automatic=is_automatic,
        asked=given,
    )


def _check_streams(job: TrainJob, architecture: Architecture) -> None:
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


def choose_tile_size(
    plan: TrainingPlan, scenes: list[Scene], has_gpu: bool, emit: Callable[[Event], None]
) -> int:
    """The tile size: the job's, or one that suits the images if the user leaves it open, which is reported.

    Args:
        plan: The job.
        scenes: Its scenes.
        has_gpu: Whether the training runs on a GPU.
        emit: Callback for the choice.

    Raises:
        EngineError: If an image cannot be opened, or the auxiliary tile size does not fit.
    """
    if not plan.is_tile_automatic:
        return plan.job.tile_size
    side, smallest = suitable_tile_size(scenes, has_gpu, plan.architecture.recipe.tile_size)
    if smallest < side:
        emit(
            Warned(
                tr(
                    "Some images are smaller than a tile, the smallest {} px: their tiles are padded."
                ).format(smallest)
            )
        )
    emit(
        Metric(
            tr("Tile size: {} px (the smallest image side is {} px).").format(side, smallest),
            {"tile_size": side},
        )
    )
    _check_streams(replace(plan.job, tile_size=side), plan.architecture)
    return side


def choose_augmentation(plan: TrainingPlan, data: Survey, emit: Callable[[Event], None]) -> str:
    """The augmentation: the job's, or one for the surveyed images if recipe and user leave it open, which is reported."""
    if plan.job.augmentation != AUTOMATIC:
        return plan.job.augmentation
    text = augmentation_for(data.image.dtype, data.image.bands)
    emit(
        Metric(
            tr("Augmentation: {} (for images of type {}).").format(text, data.image.dtype),
            {"augmentation": text},
        )
    )
    return text


def choose_class_weights(
    plan: TrainingPlan, data: Survey, emit: Callable[[Event], None]
) -> tuple[str, ...]:
    """The class weights: the job's, or balanced ones for data with a rare class, which is reported.

    Only where the user names neither a preset nor a loss, the loss takes weights, and nothing else favours rare classes.
    """
    job, asked = plan.job, plan.asked
    is_open = asked.preset == AUTOMATIC and asked.loss == AUTOMATIC and takes_weights(plan.loss)
    if not is_open or job.class_weights or job.class_balance or job.logit_adjustment:
        return job.class_weights
    counts = data.counts(is_validation=False)
    rare = rare_classes(data.classes, [counts[entry.value] for entry in data.classes])
    if not rare:
        return job.class_weights
    text = tr(
        "Class weights: balanced, because {} is rare ({:.1%} of the labelled pixels). Set class_weights=none to weight all "
        "classes equally."
    )
    rarest = min(rare, key=lambda name: rare[name])
    emit(Metric(text.format(rarest, rare[rarest]), {"class_weights": BALANCED}))
    return (BALANCED,)


def training_scenes(plan: TrainingPlan, emit: Callable[[Event], None]) -> list[Scene]:
    """Finds the job's scenes, without auxiliary rasters if the network does not take any.

    Args:
        plan: The job.
        emit: Callback for the warning about auxiliary rasters that are left out.

    Raises:
        EngineError: If the job names no scenes, or incomplete ones, see ``layouts.find_scenes``.
    """
    job, scenes = plan.job, find_scenes(plan.job)
    if plan.start:
        scenes = plan.start.choose_bands(job, scenes)
    if plan.architecture.takes_auxiliary or not any(s.auxiliary for s in scenes):
        return scenes
    emit(
        Warned(
            tr(
                "{} sees the image alone: the auxiliary rasters of {} are left out. Choose "
                "dualstream-dformer or a cmx network to fuse them."
            ).format(job.architecture, job.dataset)
        )
    )
    return [replace(scene, auxiliary=(), auxiliary_bands=()) for scene in scenes]


def training_doubts(plan: TrainingPlan, data: Survey, roles: PasteRoles) -> list[str]:
    """Warnings about parts of a job that have no effect on its data.

    Args:
        plan: The job.
        data: Its data.
        roles: The classes for the augmentation copy-paste.

    Raises:
        JobError: If the user, and not only the recipe, asks for copy-paste and it has no effect.
    """
    warnings = []
    if plan.architecture.streams_share_grid and not data.auxiliary.bands:
        warnings.append(
            tr(
                "With one stream only, {} is the same as SegFormer on the image alone. Give auxiliary rasters, such as "
                "near infrared, to fuse two streams."
            ).format(plan.job.architecture)
        )
    reason = ""
    if not roles.bodies:
        reason = tr("no classes to paste are named (paste)")
    elif plan.job.batch_size == 1:
        reason = tr("a batch of one tile has no other to paste from (batch_size)")
    if reason and plan.augmentation.pastes:
        if not plan.augments_by_recipe:
            raise JobError(tr("The augmentation copy-paste can do nothing: {}.").format(reason))
        warnings.append(tr("The augmentation copy-paste does nothing here: {}.").format(reason))
    return warnings
