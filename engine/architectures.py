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
        class_balance: Share of training windows drawn for a class, all classes alike.
        logit_adjustment: How far rare classes are favoured.
    """

    epochs: int
    accumulation: int
    validate_every: int
    loss: str
    augmentation: str
    class_balance: float
    logit_adjustment: float


@dataclass(frozen=True)
class Architecture:
    """What a network's name says of it.

    Attributes:
        family: The kind of network; members of one differ in their encoders.
        recipe: How it is usually trained.
        encoder: Its encoder; empty where the job chooses one.
        streams_share_grid: Whether both streams go through twin encoders and so need tiles of the
            same number of pixels.
    """

    family: str
    recipe: Recipe
    encoder: str = ""
    streams_share_grid: bool = False


_DFORMER = Recipe(40, 1, 1, "focal+lovasz", "flips", 0.0, 0.0)
_CMX = Recipe(60, 4, 5, "ohem+dice", "flips+affine+brightness+hsv+clahe+copy-paste", 0.5, 0.0)

#: Every network by name.
ARCHITECTURES: dict[str, Architecture] = {
    "dualstream-dformer": Architecture("dualstream-dformer", _DFORMER),
    **{
        f"cmx-b{n}": Architecture("cmx", _CMX, f"mit-b{n}", streams_share_grid=True)
        for n in range(6)
    },
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
        JobError: If there is no such network, or its name and the job's encoder disagree.
    """
    chosen = architecture(job.architecture)
    if chosen.encoder and job.encoder not in (TrainJob.encoder, chosen.encoder):
        raise JobError(
            f"{job.architecture} has the encoder {chosen.encoder} by its name, not {job.encoder}: leave "
            "the encoder out, or choose another network."
        )
    recipe = chosen.recipe
    return replace(
        job,
        encoder=chosen.encoder or job.encoder,
        epochs=job.epochs or recipe.epochs,
        accumulation=job.accumulation or recipe.accumulation,
        validate_every=job.validate_every or recipe.validate_every,
        loss=recipe.loss if job.loss in ("", AUTOMATIC) else job.loss,
        class_balance=recipe.class_balance if job.class_balance == -1 else job.class_balance,
        logit_adjustment=(
            recipe.logit_adjustment if job.logit_adjustment == -1 else job.logit_adjustment
        ),
        augmentation=(
            recipe.augmentation if job.augmentation in ("", AUTOMATIC) else job.augmentation
        ),
    )
