"""What can be set when training: the parameters that no other algorithm has, and their order."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.architectures import ARCHITECTURES
from ..engine.config import TrainJob
from ..i18n import tr
from .parameters import WIDGETS, choice, number, with_help

ENCODERS = ("mit-b0", "mit-b1", "mit-b2", "mit-b3", "mit-b4", "mit-b5")
LOSSES = ("focal+lovasz", "focal+dice", "ce+dice", "ce", "focal", "lovasz", "dice")
UNLABELLED = ("background", "ignored")


def dataset() -> QgsProcessingParameterFile:
    """A prepared data set instead of layers."""
    definition = QgsProcessingParameterFile(
        "DATASET",
        tr("Data set instead (folder or scenes table)"),
        behavior=compat.A_FOLDER,
        optional=True,
    )
    definition.setMetadata({"widget_wrapper": {"class": f"{WIDGETS}.DatasetWidget"}})
    return with_help(
        definition,
        tr(
            "A folder in DualStream layout (ts_sn, tl_sn, t_ap, t_gems; vs_sn, vl_sn, v_ap, "
            "v_gems), or the path of a CSV table with the columns image, auxiliary, labels and "
            "split. Use it instead of image and labels, not with them."
        ),
    )


def class_names() -> QgsProcessingParameterMatrix:
    """Names and colours for the values of a class raster."""
    definition = QgsProcessingParameterMatrix(
        "CLASS_NAMES",
        tr("Names of the classes"),
        numberRows=2,
        hasFixedNumberRows=False,
        headers=[tr("Value"), tr("Name"), tr("Colour (#rrggbb)")],
        optional=True,
    )
    definition.setFlags(definition.flags() | compat.ADVANCED)
    return with_help(
        definition,
        tr(
            "What the values of a class raster mean, and the colours of the mask; the colour may stay "
            "empty. Polygons bring the names of their classes with them."
        ),
    )


def architecture() -> QgsProcessingParameterEnum:
    """The network."""
    return choice(
        "ARCHITECTURE",
        tr("Network"),
        tuple(ARCHITECTURES),
        TrainJob.architecture,
        tr("The network that fuses the two streams."),
    )


def encoder() -> QgsProcessingParameterEnum:
    """The vision encoder."""
    return choice(
        "ENCODER",
        tr("Encoder"),
        ENCODERS,
        TrainJob.encoder,
        tr("Size of the image encoder, from mit-b0 (small and fast) to mit-b5 (large and slow)."),
    )


def pretrained() -> QgsProcessingParameterString:
    """Pretrained weights of the encoder."""
    definition = QgsProcessingParameterString(
        "PRETRAINED",
        tr("Pretrained encoder (mit-b*: non-commercial)"),
        defaultValue=TrainJob.pretrained,
        optional=True,
    )
    return with_help(
        definition,
        tr(
            "A folder with a pretrained SegFormer, or the id of one on the Hugging Face hub with "
            "its revision. Empty: the network learns from scratch. The weights nvidia/mit-b0 to "
            "nvidia/mit-b5 are licensed for non-commercial use only."
        ),
        advanced=True,
    )


def epochs() -> QgsProcessingParameterNumber:
    """Passes over the data."""
    return number(
        "EPOCHS",
        tr("Epochs (0: usual for the network)"),
        TrainJob.epochs,
        0,
        100_000,
        tr(
            "How often the network sees the whole training area; the best epoch is kept. Usual are 40 "
            "for DualStream-DFormer and 60 for CMX."
        ),
    )


def tile_size() -> QgsProcessingParameterNumber:
    """Side of a tile."""
    return number(
        "TILE_SIZE",
        tr("Tile size in pixels (a multiple of 32)"),
        TrainJob.tile_size,
        32,
        8192,
        tr(
            "Side of the square that the network sees at once. It is stored in the model and used "
            "for segmenting too. Make it smaller when memory runs out."
        ),
    )


def auxiliary_tile_size() -> QgsProcessingParameterNumber:
    """Side of the same tile in the auxiliary stream."""
    return number(
        "AUXILIARY_TILE_SIZE",
        tr("Tile size in auxiliary pixels (0: automatic)"),
        TrainJob.auxiliary_tile_size,
        0,
        8192,
        tr(
            "Side of the square onto which the auxiliary rasters of one tile are resampled. Automatic: from the resolutions."
        ),
        advanced=True,
    )


def learning_rate() -> QgsProcessingParameterNumber:
    """Peak learning rate."""
    return number(
        "LEARNING_RATE",
        tr("Learning rate"),
        TrainJob.learning_rate,
        1e-6,
        1.0,
        tr("Step size of the optimiser at its peak. Make it smaller when the loss jumps."),
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
        tr("Automatic: a tenth with pretrained weights, the full rate without."),
        advanced=True,
    )


def weight_decay() -> QgsProcessingParameterNumber:
    """Weight decay."""
    return number(
        "WEIGHT_DECAY",
        tr("Weight decay"),
        TrainJob.weight_decay,
        0.0,
        1.0,
        tr("How strongly the optimiser pulls weights towards zero."),
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
            "Epochs at the start in which the encoders are kept as they are. Automatic: a tenth of "
            "the epochs with pretrained weights, none without."
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
        tr("What training makes small; several losses are added."),
        advanced=True,
    )


def stream_dropout() -> QgsProcessingParameterNumber:
    """Chance of a missing auxiliary stream."""
    return number(
        "STREAM_DROPOUT",
        tr("Stream dropout"),
        TrainJob.stream_dropout,
        0.0,
        1.0,
        tr(
            "Chance that a training tile is shown without its auxiliary rasters, so that the "
            "model copes where they are missing."
        ),
        advanced=True,
    )


def validation_share() -> QgsProcessingParameterNumber:
    """Share kept for validation."""
    return number(
        "VALIDATION_SHARE",
        tr("Share kept for validation"),
        TrainJob.validation_share,
        0.0,
        0.9,
        tr(
            "Part of the labelled area, in whole blocks, that the network never learns from; "
            "the accuracy is measured there."
        ),
        advanced=True,
    )


def checkpoint_every() -> QgsProcessingParameterNumber:
    """Epochs between checkpoints."""
    return number(
        "CHECKPOINT_EVERY",
        tr("Epochs between checkpoints (0: none)"),
        TrainJob.checkpoint_every,
        0,
        100_000,
        tr("How often the state of training is saved beside the model."),
        advanced=True,
    )


def seed() -> QgsProcessingParameterNumber:
    """Seed of everything random."""
    return number(
        "SEED",
        tr("Seed"),
        TrainJob.seed,
        0,
        2**31 - 1,
        tr("The same seed gives the same model on the same machine's CPU."),
        advanced=True,
    )
