"""Choices for the data of a training where its job leaves them open, and doubts about a job once its data are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..contract.errors import JobError
from ..contract.jobs import AUTOMATIC
from ..contract.model_card import MIN_TILE_SIZE, TILE_STEP
from ..contract.protocol import Event, Metric, Warned
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.layouts import find_scenes
from ..losses.class_weights import BALANCED, rare_classes, takes_weights
from ..rasters.raster import open_image
from ..sampling.augmentation import augmentation_for
from ..sampling.copy_paste import PasteRoles
from ..sampling.survey import Survey
from .training_plan import TrainingPlan, check_streams

#: Largest automatic side of a tile with a GPU and without one, px. A CPU computes a pixel of a smaller tile as fast, and
#: takes more steps in the same time.
_MAX_SIDE, _MAX_SIDE_ON_CPU = 512, 256

#: Share of the area whose images are at least as large as a tile: a sliver at a border does not decide for all.
_AREA_SHARE = 0.9


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
    side, smallest = fitting_tile_size(scenes, has_gpu, plan.architecture.recipe.tile_size)
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
    check_streams(replace(plan.job, tile_size=side), plan.architecture)
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


def fitting_tile_size(scenes: Sequence[Scene], has_gpu: bool, maximum: int = 0) -> tuple[int, int]:
    """Chooses a side that hardly any image is smaller than, so that tiles are not padded.

    Args:
        scenes: The scenes.
        has_gpu: Whether the training runs on a GPU.
        maximum: The recipe's side of a tile, px; 0: depends on the device.

    Returns:
        The side of a tile and the smallest side of an image, px.

    Raises:
        EngineError: If an image cannot be opened.
    """
    sizes = sorted(map(_image_size, scenes))
    left = sum(area for _, area in sizes)
    total, fitting = left, sizes[0][0]
    for side, area in sizes:
        if left < _AREA_SHARE * total:
            break
        fitting, left = side, left - area
    largest = maximum or (_MAX_SIDE if has_gpu else _MAX_SIDE_ON_CPU)
    return max(MIN_TILE_SIZE, min(largest, fitting // TILE_STEP * TILE_STEP)), sizes[0][0]


def _image_size(scene: Scene) -> tuple[int, int]:
    """The shorter side and the area of an image, px."""
    with open_image(scene.image, scene.image_bands) as image:
        return min(image.grid.width, image.grid.height), image.grid.width * image.grid.height


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
