"""How a training goes, for those who want to say: all of it may be left as it is."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
)

from ..engine.contract.jobs import AUTOMATIC, TrainJob
from ..i18n import tr
from .common_parameters import choice, number
from .window_parameters import TILES

LOSSES = (
    AUTOMATIC,
    "focal+lovasz",
    "focal-dice",
    "focal+dice",
    "ohem+dice",
    "ce+dice",
    "ce",
    "ohem",
    "focal",
    "lovasz",
    "dice",
)
OPTIMIZERS = (AUTOMATIC, "adamw", "adam")
SCHEDULES = (AUTOMATIC, "cosine", "plateau", "step")


def learning_rate() -> QgsProcessingParameterNumber:
    """Peak learning rate."""
    return number(
        "LEARNING_RATE",
        tr("Learning rate (0: automatic)"),
        TrainJob.learning_rate,
        0.0,
        0.99,
        tr(
            "Step size of the optimiser at its peak. Make it smaller when the loss jumps. Automatic: "
            "0.001 for the building networks, otherwise 0.0003."
        ),
        advanced=True,
    )


def encoder_rate() -> QgsProcessingParameterNumber:
    """Learning rate of the encoders."""
    return number(
        "ENCODER_RATE",
        tr("Encoders' share of it (0: automatic)"),
        TrainJob.encoder_rate,
        0.0,
        10.0,
        tr(
            "How fast the encoders learn; with pretrained weights, those that start from them, while an "
            "encoder that starts from random weights learns at the full rate. Automatic: a tenth with "
            "pretrained weights, the full rate without; for the building networks always the full rate."
        ),
        advanced=True,
    )


def fusion_rate() -> QgsProcessingParameterNumber:
    """Learning rate of the fusion."""
    return number(
        "FUSION_RATE",
        tr("Fusion's share of it (0: automatic)"),
        TrainJob.fusion_rate,
        0.0,
        10.0,
        tr(
            "How fast the parts learn in which both streams are fused. Automatic: at the full rate."
        ),
        advanced=True,
    )


def weight_decay() -> QgsProcessingParameterNumber:
    """Weight decay."""
    return number(
        "WEIGHT_DECAY",
        tr("Weight decay (-1: automatic)"),
        TrainJob.weight_decay,
        -1.0,
        1.0,
        tr(
            "How strongly the optimiser pulls weights towards zero. Automatic: 0.001 for the building "
            "networks, otherwise 0.01."
        ),
        advanced=True,
    )


def warmup_epochs() -> QgsProcessingParameterNumber:
    """Epochs with frozen encoders."""
    return number(
        "WARMUP_EPOCHS",
        tr("Warm-up epochs (-1: automatic)"),
        TrainJob.warmup_epochs,
        -1,
        100_000,
        tr(
            "Epochs at the start in which the encoders are kept as they are; with pretrained weights, "
            "only those that start from them. Automatic: a tenth of the epochs with pretrained weights, "
            "none without and for the building networks."
        ),
        advanced=True,
    )


def schedule() -> QgsProcessingParameterEnum:
    """How the learning rate falls."""
    return choice(
        "SCHEDULE",
        tr("Learning rate schedule"),
        SCHEDULES,
        TrainJob.schedule,
        tr(
            "cosine: falls smoothly until the last epoch. plateau: falls to a third whenever three "
            "validations brought nothing better. step: falls to a tenth every ten epochs. Automatic: "
            "step for the building networks, otherwise cosine."
        ),
        advanced=True,
    )


def optimizer() -> QgsProcessingParameterEnum:
    """The optimiser."""
    return choice(
        "OPTIMIZER",
        tr("Optimiser"),
        OPTIMIZERS,
        TrainJob.optimizer,
        tr(
            "What moves the weights. They differ in how weight decay acts: adamw takes it off the weights, "
            "adam adds it to the gradient. Automatic: adam for the building networks, otherwise adamw."
        ),
        advanced=True,
    )


def patience() -> QgsProcessingParameterNumber:
    """When to stop early."""
    return number(
        "PATIENCE",
        tr("Patience (0: no early stop, -1: automatic)"),
        TrainJob.patience,
        -1,
        100_000,
        tr(
            "Training stops after so many validations in which the loss on the part kept for validation "
            "has not fallen. Automatic: 5 for the building networks, otherwise never."
        ),
        advanced=True,
    )


def accumulation() -> QgsProcessingParameterNumber:
    """Forward passes per optimiser step."""
    return number(
        "ACCUMULATION",
        tr("Batches per step (0: automatic)"),
        TrainJob.accumulation,
        0,
        4096,
        tr(
            "Batches whose gradients are added up before the weights move: a large batch in little "
            "memory. Automatic: 4 for CMX, otherwise 1."
        ),
        advanced=True,
    )


def ema() -> QgsProcessingParameterNumber:
    """Averaged weights."""
    return number(
        "EMA",
        tr("Averaging of weights (0: none)"),
        TrainJob.ema,
        0.0,
        0.9999,
        tr(
            "The model is a running average of the weights, which is steadier than their last state. "
            "Nearer to 1: over more steps."
        ),
        advanced=True,
    )


def loss() -> QgsProcessingParameterEnum:
    """The loss."""
    return choice(
        "LOSS",
        tr("Loss"),
        LOSSES,
        TrainJob.loss,
        tr(
            "What training makes small; of several losses joined by + it is their mean. Automatic: "
            "ohem+dice for CMX, focal-dice for the building networks, otherwise focal+lovasz."
        ),
        advanced=True,
    )


def validation_share() -> QgsProcessingParameterNumber:
    """Share kept for validation."""
    return number(
        "VALIDATION_SHARE",
        tr("Share kept for validation"),
        TrainJob.validation_share,
        0.01,
        0.9,
        tr(
            "Part of the labelled area, in whole blocks, that the network never learns from; "
            "the accuracy is measured there."
        ),
        advanced=True,
    )


def validate_every() -> QgsProcessingParameterNumber:
    """Epochs between validations."""
    return number(
        "VALIDATE_EVERY",
        tr("Epochs between validations (0: automatic)"),
        TrainJob.validate_every,
        0,
        100_000,
        tr(
            "How often the accuracy is measured and pictures are drawn. Automatic: every 5 epochs for "
            "CMX, otherwise every epoch."
        ),
        advanced=True,
    )


def logit_adjustment() -> QgsProcessingParameterNumber:
    """How far rare classes are favoured."""
    return number(
        "LOGIT_ADJUSTMENT",
        tr("Favour rare classes (-1: automatic)"),
        TrainJob.logit_adjustment,
        -1.0,
        1.0,
        tr(
            "0: not at all, a rare class may never be found. 1: as if all classes were equally frequent, "
            "with more false alarms. Not together with the loss ohem. Automatic: 0."
        ),
        advanced=True,
    )


#: Everything above and all about the tiles, in the order of the dialog.
RECIPE: tuple[Callable[[], QgsProcessingParameterDefinition], ...] = (
    learning_rate,
    encoder_rate,
    fusion_rate,
    schedule,
    optimizer,
    weight_decay,
    warmup_epochs,
    accumulation,
    ema,
    loss,
    logit_adjustment,
    *TILES,
    validation_share,
    validate_every,
    patience,
)
