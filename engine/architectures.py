"""The networks by name: what each name fixes, and the recipe it is usually trained with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .config import AUTOMATIC, TrainJob
from .errors import JobError


@dataclass(frozen=True)
class Recipe:
    """What a training job leaves to its architecture.

    Attributes:
        epochs: Passes over the training area.
        accumulation: Forward passes per optimiser step.
        validate_every: Epochs between validations.
        loss: Names of the losses, joined by +.
        augmentation: Names of the augmentations, joined by +.
    """

    epochs: int
    accumulation: int
    validate_every: int
    loss: str
    augmentation: str


@dataclass(frozen=True)
class Architecture:
    """What a network's name says of it.

    Attributes:
        recipe: How it is usually trained.
        encoder: Its encoder; empty where the job chooses one.
        streams_share_grid: Whether both streams go through twin encoders and so need tiles of the
            same number of pixels.
    """

    recipe: Recipe
    encoder: str = ""
    streams_share_grid: bool = False


_DFORMER = Recipe(40, 1, 1, "focal+lovasz", "flips")
_CMX = Recipe(60, 4, 5, "ohem+dice", "flips+affine+brightness+hsv+clahe+copy-paste")

#: Every network by name.
ARCHITECTURES: dict[str, Architecture] = {
    "dualstream-dformer": Architecture(_DFORMER),
    **{f"cmx-b{n}": Architecture(_CMX, f"mit-b{n}", streams_share_grid=True) for n in range(6)},
}


def architecture(name: str) -> Architecture:
    """What the name of a network says of it.

    Raises:
        JobError: If there is no such network.
    """
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise JobError(f"There is no architecture {name!r}; it is one of {known}.")
    return ARCHITECTURES[name]


def with_recipe(job: TrainJob) -> TrainJob:
    """The job with everything that it leaves to its architecture filled in.

    Raises:
        JobError: If there is no such network.
    """
    chosen = architecture(job.architecture)
    recipe = chosen.recipe
    return replace(
        job,
        encoder=chosen.encoder or job.encoder,
        epochs=job.epochs or recipe.epochs,
        accumulation=job.accumulation or recipe.accumulation,
        validate_every=job.validate_every or recipe.validate_every,
        loss=recipe.loss if job.loss == AUTOMATIC else job.loss,
        augmentation=recipe.augmentation if job.augmentation == AUTOMATIC else job.augmentation,
    )
