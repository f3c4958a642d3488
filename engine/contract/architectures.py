"""The networks by name: what each name fixes, and the recipe it is usually trained with."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from .errors import JobError
from .jobs import AUTOMATIC, TrainJob
from .plain_text import shorten


@dataclass(frozen=True)
class Recipe:
    """What a training job leaves to its architecture.

    Attributes:
        epochs: Passes over the training area.
        accumulation: Forward passes per optimiser step.
        validate_every: Epochs between validations.
        loss: Names of the losses, joined by +, of which the mean counts.
        augmentation: Names of the augmentations, joined by +.
        class_balance: Share of training windows drawn for a class, all classes alike.
        logit_adjustment: How far rare classes are favoured.
        optimizer: The optimiser's name.
        learning_rate: Its peak learning rate.
        weight_decay: Its weight decay.
        schedule: How the learning rate falls.
        patience: Validations without a smaller loss after which training stops; 0: never.
        crop: Largest side of a training window in tile sides.
        foreground: Share of training windows that show foreground if there is any.
        encoder_rate: The encoders' learning rate as a share of the decoder's; 0: by what they start from.
        fusion_rate: The fusion's learning rate as a share of the decoder's.
        warmup_epochs: Epochs with frozen encoders; -1: by what they start from.
        tile_size: Side of a tile, px.
        threshold: Of two classes, the probability from which on a pixel is the second.
    """

    epochs: int
    accumulation: int
    validate_every: int
    loss: str
    augmentation: str
    class_balance: float = 0.0
    logit_adjustment: float = 0.0
    optimizer: str = "adamw"
    learning_rate: float = 3e-4
    weight_decay: float = 0.01
    schedule: str = "cosine"
    patience: int = 0
    crop: float = 1.0
    foreground: float = 0.0
    encoder_rate: float = 0.0
    fusion_rate: float = 1.0
    warmup_epochs: int = -1
    tile_size: int = 512
    threshold: float = 0.5


@dataclass(frozen=True)
class Architecture:
    """What a network's name says of it.

    Attributes:
        family: The kind of network; members of one differ in their encoders.
        recipe: How it is usually trained.
        encoder: Its encoder; empty where the job chooses one.
        streams_share_grid: Whether both streams go through twin encoders and so need tiles of the
            same number of pixels.
        takes_auxiliary: Whether it can have an auxiliary stream.
    """

    family: str
    recipe: Recipe
    encoder: str = ""
    streams_share_grid: bool = False
    takes_auxiliary: bool = True

    def default_threshold(self, classes: int) -> float:
        """The probability from which a pixel is the second of two classes; more classes need no threshold."""
        return self.recipe.threshold if classes == 2 else 0.5


_DFORMER = Recipe(40, 1, 1, "focal+lovasz", "flips")
_CMX = Recipe(60, 4, 5, "ohem+dice", "flips+affine+brightness+hsv+clahe+copy-paste", 0.5)
_BUILDING = Recipe(
    epochs=40,
    accumulation=1,
    validate_every=1,
    loss="focal-dice",
    augmentation="flips+rotate+jitter+gray",
    optimizer="adam",
    learning_rate=1e-3,
    weight_decay=1e-3,
    schedule="step",
    patience=5,
    crop=16 / 7,  # windows of 224 to 512 px of images of 1024, shown as tiles of 224
    foreground=1.0,
    encoder_rate=1.0,
    warmup_epochs=0,
    tile_size=224,
)

#: What the name of any network of segmentation-models-pytorch begins with: smp:Unet:resnet34.
SMP_PREFIX = "smp:"

#: The building networks, by name: an architecture of segmentation-models-pytorch and its encoder.
BUILDING_NETWORKS = {
    "pspnet-densenet161": ("PSPNet", "densenet161"),
    "unet-resnet50": ("Unet", "resnet50"),
    "deeplabv3plus-mobilenetv3": ("DeepLabV3Plus", "timm-mobilenetv3_large_100"),
}

#: From which probability on their source takes a pixel for a building: 0.30 for the PSPNet, which it uses alone
#: too, and 0.35 for those that are but members of its ensemble, whose weighted mean counts from 0.30 on.
_THRESHOLDS = {
    "pspnet-densenet161": 0.30,
    "unet-resnet50": 0.35,
    "deeplabv3plus-mobilenetv3": 0.35,
}

#: Every network by name; besides, there are those of ``SMP_PREFIX``.
ARCHITECTURES: dict[str, Architecture] = {
    "dualstream-dformer": Architecture("dualstream-dformer", _DFORMER),
    **{
        f"cmx-b{n}": Architecture("cmx", _CMX, f"mit-b{n}", streams_share_grid=True)
        for n in range(6)
    },
    **{
        name: Architecture(
            "smp", replace(_BUILDING, threshold=_THRESHOLDS[name]), encoder, takes_auxiliary=False
        )
        for name, (_, encoder) in BUILDING_NETWORKS.items()
    },
}


#: Names of the library and of timm. Others would mean folders, or files on the net.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,100}")


def parse_smp_name(name: str) -> tuple[str, str]:
    """The architecture and the encoder that a name means to segmentation-models-pytorch.

    Raises:
        JobError: If the name has no such form.
    """
    if name in BUILDING_NETWORKS:
        return BUILDING_NETWORKS[name]
    parts = name.removeprefix(SMP_PREFIX).split(":")
    if len(parts) != 2 or not all(map(_PLAIN_NAME.fullmatch, parts)):
        raise JobError(
            f"The network {shorten(name)} must name an architecture and an encoder, such as smp:Unet:resnet34."
        )
    return parts[0], parts[1]


def architecture(name: str) -> Architecture:
    """What the name of a network says of it.

    Raises:
        JobError: If there is no such network.
    """
    if name.startswith(SMP_PREFIX):
        return Architecture("smp", _BUILDING, parse_smp_name(name)[1], takes_auxiliary=False)
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise JobError(
            f"There is no architecture {shorten(name)}; it is one of {known}, or any of "
            "segmentation-models-pytorch as smp:Architecture:encoder."
        )
    return ARCHITECTURES[name]


#: The job's fields that may be left to the recipe, and the value that leaves them.
_LEFT: dict[str, Any] = {
    "epochs": 0,
    "accumulation": 0,
    "validate_every": 0,
    "loss": AUTOMATIC,
    "augmentation": AUTOMATIC,
    "class_balance": -1.0,
    "logit_adjustment": -1.0,
    "optimizer": AUTOMATIC,
    "learning_rate": 0.0,
    "weight_decay": -1.0,
    "schedule": AUTOMATIC,
    "patience": -1,
    "crop": 0.0,
    "foreground": -1.0,
    "encoder_rate": 0.0,
    "fusion_rate": 0.0,
    "warmup_epochs": -1,
    "tile_size": 0,
}


def with_recipe(job: TrainJob) -> tuple[TrainJob, Architecture]:
    """Fills in everything that a job leaves to its architecture.

    Returns:
        The complete job, and its architecture.

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
    asked = {name: getattr(job, name) for name in _LEFT}
    left = {n: getattr(recipe, n) for n, value in asked.items() if value in (_LEFT[n], "")}
    return replace(job, encoder=chosen.encoder or job.encoder, **left), chosen
