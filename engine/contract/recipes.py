"""The recipes of trainings: what the networks bring, and those of the original systems.

docs/recipes.md compares each field of the presets with its source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .jobs import AUTOMATIC


@dataclass(frozen=True)
class Recipe:
    """Values for the fields of ``TrainJob`` that a job leaves at their defaults; ``TrainJob`` describes them.

    Attributes:
        augmentation: "automatic": depends on the pixels, see ``augmentation.augmentation_for``.
        epochs: 0: depends on the amount of data, see ``training_length.automatic_length``.
        encoder_rate: 0: depends on whether the encoders are pretrained.
        auxiliary_rate: 0: the auxiliary encoder is treated as the others.
        warmup_epochs: -1: depends on whether the encoders are pretrained.
        tile_size: The largest automatic side of a tile, px; 0: depends on the device.
        auxiliary_scaling: Mean and standard deviation of an 8-bit auxiliary stream on a scale of 0 to 1; none: both
            are measured. No field of ``TrainJob``.
        threshold: For two classes, the smallest probability of the second class before calibration; 0: chosen
            on the validation part. No field of ``TrainJob``.
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
    auxiliary_rate: float = 0.0
    fusion_rate: float = 1.0
    warmup_epochs: int = -1
    tile_size: int = 0
    ema: float = 0.98
    stream_dropout: float = 0.1
    auxiliary_scaling: tuple[float, ...] = ()
    threshold: float = 0.0


#: For every network without a recipe of its own; chosen by experiment on three data sets.
GENERAL = Recipe(
    epochs=0,
    accumulation=1,
    validate_every=1,
    loss="ce+dice",
    augmentation=AUTOMATIC,
    learning_rate=1e-3,
    encoder_rate=1.0,
    warmup_epochs=0,
)
#: For CMX.
CMX = Recipe(
    epochs=60,
    accumulation=4,
    validate_every=5,
    loss="ohem+dice",
    augmentation="flips+affine+brightness+hsv+clahe+copy-paste",
    class_balance=0.5,
)
#: For the building networks.
BUILDING = Recipe(
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

#: The recipes of the original systems, by the names that a job's ``preset`` can have. docs/recipes.md compares each
#: field with its source. None averages the weights or hides a stream.
PRESETS = {
    "dualstream": Recipe(
        epochs=42,  # 2 with frozen encoders and 40 with all weights
        accumulation=1,
        validate_every=1,
        loss="alpha-focal+lovasz-sigmoid",
        augmentation="none",
        weight_decay=1e-5,
        schedule="annealing",
        encoder_rate=0.1,
        auxiliary_rate=0.5,
        warmup_epochs=2,
        tile_size=512,
        ema=0.0,
        stream_dropout=0.0,
    ),
    "clouds": Recipe(
        epochs=60,
        accumulation=4,
        validate_every=5,
        loss="0.7*ohem-quarter+0.3*dice",
        augmentation="flips+copy-paste+shift-scale-rotate+distortion+contrast+hue+clahe:0.3",
        weight_decay=0.02,
        schedule="annealing",
        encoder_rate=0.1,
        fusion_rate=0.1,  # their fusion is in the backbone's group
        warmup_epochs=0,
        tile_size=512,
        ema=0.0,
        stream_dropout=0.0,
        auxiliary_scaling=(0.5, 0.25),
    ),
    "buildings": replace(
        BUILDING,
        epochs=100,
        accumulation=8,  # of the default batch: 32 windows per step
        augmentation="mirrors+rotate+jitter:0.2+gray",
        crop=1.0,
        ema=0.0,
        stream_dropout=0.0,
    ),
}
