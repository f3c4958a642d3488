"""Advanced parameters of a training: optimiser, loss and validation. Each network has its own defaults."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from qgis.core import QgsProcessingParameterDefinition

from ..engine.contract.jobs import AUTOMATIC, TrainJob
from ..i18n import tr
from . import parameter_factories

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

choice = partial(parameter_factories.choice, advanced=True)
number = partial(parameter_factories.number, advanced=True)


def learning_rate_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for the learning rate, in the order of the dialog."""
    yield number(
        "LEARNING_RATE",
        tr("Learning rate (0: automatic)"),
        TrainJob.learning_rate,
        0.0,
        0.99,
        tr(
            "Largest step size of the optimiser. Make it smaller if the loss jumps. Automatic: 0.0003 "
            "for CMX, 0.001 for all others; a third of it if the training starts from a model."
        ),
    )
    yield number(
        "ENCODER_RATE",
        tr("Encoders' share of it (0: automatic)"),
        TrainJob.encoder_rate,
        0.0,
        10.0,
        tr(
            "Learning rate of the encoders, as a multiple of the learning rate; with pretrained weights, "
            "of the encoders that start from them, while others learn at the full rate. Automatic: for "
            "CMX 0.1 with pretrained weights, 1 for all others."
        ),
    )
    yield number(
        "FUSION_RATE",
        tr("Fusion's share of it (0: automatic)"),
        TrainJob.fusion_rate,
        0.0,
        10.0,
        tr(
            "Learning rate of the layers that fuse both streams, as a multiple of the learning rate. "
            "Automatic: 1."
        ),
    )
    yield choice(
        "SCHEDULE",
        tr("Learning rate schedule"),
        SCHEDULES,
        TrainJob.schedule,
        tr(
            "cosine: the rate falls smoothly until the last epoch. plateau: it falls to a third after "
            "three validations without improvement. step: it falls to a tenth every ten epochs. "
            "Automatic: step for the building networks, cosine for all others."
        ),
    )


def optimizer_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for the optimiser's steps, in the order of the dialog."""
    yield choice(
        "OPTIMIZER",
        tr("Optimiser"),
        OPTIMIZERS,
        TrainJob.optimizer,
        tr(
            "Method that changes the weights. adamw subtracts the weight decay from the weights, adam adds "
            "it to the gradient. Automatic: adam for the building networks, adamw for all others."
        ),
    )
    yield number(
        "WEIGHT_DECAY",
        tr("Weight decay (-1: automatic)"),
        TrainJob.weight_decay,
        -1.0,
        1.0,
        tr(
            "How strongly the optimiser pulls weights towards zero. Automatic: 0.001 for the building "
            "networks, 0.01 for all others."
        ),
    )
    yield number(
        "WARMUP_EPOCHS",
        tr("Warm-up epochs (-1: automatic)"),
        TrainJob.warmup_epochs,
        -1,
        100_000,
        tr(
            "Number of epochs at the start in which the encoders do not change; with pretrained weights, "
            "only the encoders that start from them. Automatic: for CMX a tenth of the epochs "
            "with pretrained weights, 0 for all others."
        ),
    )
    yield number(
        "ACCUMULATION",
        tr("Batches per step (0: automatic)"),
        TrainJob.accumulation,
        0,
        4096,
        tr(
            "Number of batches whose gradients are added up for one step of the optimiser: the effect of "
            "a large batch with little memory. Automatic: 4 for CMX, 1 for all others."
        ),
    )
    yield number(
        "EMA",
        tr("Averaging of weights (0: none)"),
        TrainJob.ema,
        0.0,
        0.9999,
        tr(
            "The model is an exponential moving average of the weights, which is steadier than the last "
            "weights. This is its decay per step: the closer to 1, the more steps it averages."
        ),
    )


def loss_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for the loss, in the order of the dialog."""
    yield choice(
        "LOSS",
        tr("Loss"),
        LOSSES,
        TrainJob.loss,
        tr(
            "The error that training minimises; + takes the mean of several losses. Automatic: ohem+dice "
            "for CMX, focal-dice for the building networks, ce+dice for all others."
        ),
    )
    yield number(
        "LOGIT_ADJUSTMENT",
        tr("Favour rare classes (-1: automatic)"),
        TrainJob.logit_adjustment,
        -1.0,
        1.0,
        tr(
            "0: not at all; a rare class may never be found. 1: as if all classes were equally frequent, "
            "with more false alarms. It cannot be combined with the loss ohem. Automatic: 0."
        ),
    )

    yield parameter_factories.text(
        "CLASS_WEIGHTS",
        tr("Class weights"),
        tr(
            "How much the pixels of a class count in the loss, such as water=3,clouds=0.5, with names or "
            "values; other classes count 1. balanced: by the inverse square root of each class's share of the "
            "pixels. They act on ce, ohem, focal and focal-dice, and cannot be combined with favouring rare "
            "classes."
        ),
        list_of="words",
    )


def validation_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for validation and early stop, in the order of the dialog."""
    yield number(
        "VALIDATION_SHARE",
        tr("Share kept for validation"),
        TrainJob.validation_share,
        0.01,
        0.9,
        tr(
            "Share of the labelled area, 0.01 to 0.9, on which the accuracy is measured. It consists of "
            "whole blocks, from which the network never learns."
        ),
    )
    yield number(
        "VALIDATE_EVERY",
        tr("Epochs between validations (0: automatic)"),
        TrainJob.validate_every,
        0,
        100_000,
        tr(
            "How often the accuracy is measured and example pictures are written. Automatic: every 5 "
            "epochs for CMX, every epoch for all others."
        ),
    )
    yield number(
        "PATIENCE",
        tr("Patience (0: no early stop, -1: automatic)"),
        TrainJob.patience,
        -1,
        100_000,
        tr(
            "Training stops after this many validations in which the validation loss has not fallen. "
            "Automatic: 5 for the building networks, no early stop for all others."
        ),
    )
