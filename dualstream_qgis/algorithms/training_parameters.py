"""Parameters of a training: network, epochs, tiles, checkpoints, seed and device."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import common_parameters
from .parameter_factories import choice, number, with_help, with_widget

ENCODERS = ("mit-b0", "mit-b1", "mit-b2", "mit-b3", "mit-b4", "mit-b5")
#: Device option for all NVIDIA cards of the computer.
ALL_DEVICES = "all"


def architecture() -> QgsProcessingParameterString:
    """Returns the parameter for the network: one of the list, or another one by name."""
    definition = QgsProcessingParameterString(
        "ARCHITECTURE", tr("Network"), defaultValue=TrainJob.architecture
    )
    return with_help(
        with_widget(definition, "ArchitectureWidget"),
        tr(
            "dualstream-dformer: an image and coarser rasters of any kind, such as air quality. cmx-b0 "
            "(small) to cmx-b5 (large): two images of equal resolution, such as RGB and near infrared. "
            "pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3: the building networks, for an "
            "image alone. Type any other network of segmentation-models-pytorch as "
            "smp:Architecture:encoder, such as smp:Unet:efficientnet-b4."
        ),
    )


def encoder() -> QgsProcessingParameterEnum:
    """Returns the parameter for the size of the image encoder."""
    return choice(
        "ENCODER",
        tr("Encoder"),
        ENCODERS,
        TrainJob.encoder,
        tr(
            "Size of the image encoder of dualstream-dformer, from mit-b0 (small and fast) to mit-b5 "
            "(large and slow). Leave it as it is for any other network: its name includes the encoder."
        ),
    )


def start() -> QgsProcessingParameterFile:
    """Returns the parameter for a model whose training goes on with new data."""
    definition = QgsProcessingParameterFile(
        "START",
        tr("Start from a model"),
        fileFilter=common_parameters.model_file_filter(),
        optional=True,
    )
    return with_help(
        definition,
        tr(
            "A model file whose training goes on with these data: new labels, another town, another year. "
            "Network, encoder, tile size and chosen bands are that model's; leave those parameters as they "
            "are. The images need the same bands. Classes of the same name keep what the model knows of them. "
            "A tenth of the epochs is often enough. Empty: the training starts anew."
        ),
    )


def pretrained() -> QgsProcessingParameterString:
    """Returns the parameter for pretrained weights of the encoder."""
    definition = QgsProcessingParameterString(
        "PRETRAINED",
        tr("Pretrained encoder (mit-b*: non-commercial)"),
        defaultValue=TrainJob.pretrained,
        optional=True,
    )
    return with_help(
        definition,
        tr(
            "For mit-b*: a folder with a pretrained SegFormer, or the id of one on the Hugging Face hub "
            "with its revision; the weights nvidia/mit-b0 to nvidia/mit-b5 are licensed for "
            "non-commercial use only. For building networks: a file with the encoder's weights "
            "(.safetensors, .pth), or imagenet, which downloads ImageNet weights. Empty: the network "
            "learns from random weights."
        ),
        advanced=True,
    )


def epochs() -> QgsProcessingParameterNumber:
    """Returns the parameter for the number of epochs."""
    return number(
        "EPOCHS",
        tr("Epochs (0: automatic)"),
        TrainJob.epochs,
        0,
        100_000,
        tr(
            "How often the network sees the whole training area; the model is that of the best epoch. "
            "Automatic: 60 for CMX, 40 for all others; the building networks stop earlier if the loss no "
            "longer falls."
        ),
    )


def batch_size() -> QgsProcessingParameterNumber:
    """Returns the parameter for the batch size."""
    return number(
        "BATCH_SIZE",
        tr("Batch size (0: automatic)"),
        TrainJob.batch_size,
        0,
        4096,
        tr(
            "Number of tiles that are processed together. Automatic: as many as fit into the memory of "
            "the device. If the memory runs out, DualStream processes fewer at a time; each step still "
            "uses the same number of tiles."
        ),
    )


def tile_size() -> QgsProcessingParameterNumber:
    """Returns the parameter for the side of a tile."""
    return number(
        "TILE_SIZE",
        tr("Tile size in pixels (0: automatic)"),
        TrainJob.tile_size,
        0,
        8192,
        tr(
            "Side of the square that the network sees at once, in pixels; a multiple of 32. The model file "
            "stores it, and segmenting uses it too. Make it smaller if the memory runs out. Automatic: "
            "224 px for the building networks, 512 px for all others."
        ),
    )


def auxiliary_tile_size() -> QgsProcessingParameterNumber:
    """Returns the parameter for the side of a tile in the auxiliary stream."""
    return number(
        "AUXILIARY_TILE_SIZE",
        tr("Tile size in auxiliary pixels (0: automatic)"),
        TrainJob.auxiliary_tile_size,
        0,
        8192,
        tr(
            "Side of the square, in pixels, to which the auxiliary rasters of a tile are resampled. "
            "Automatic: computed from the resolutions of the rasters."
        ),
        advanced=True,
    )


def checkpoint_every() -> QgsProcessingParameterNumber:
    """Returns the parameter for the number of epochs between checkpoints."""
    return number(
        "CHECKPOINT_EVERY",
        tr("Epochs between checkpoints (0: none)"),
        TrainJob.checkpoint_every,
        0,
        100_000,
        tr("How often a copy of the model is saved in the folder MODEL.checkpoints."),
        advanced=True,
    )


def resume() -> QgsProcessingParameterBoolean:
    """Returns the parameter for continuing an unfinished training."""
    definition = QgsProcessingParameterBoolean(
        "RESUME", tr("Continue an unfinished training"), TrainJob.resume
    )
    return with_help(
        definition,
        tr(
            "If a training with the same model file and the same settings was cancelled or crashed, it "
            "continues after its last finished epoch, with the same result as without the interruption. "
            "Off: training starts again; the files of the earlier one are moved to "
            "MODEL.checkpoints.before."
        ),
        advanced=True,
    )


def device() -> QgsProcessingParameterEnum:
    """Returns the parameter for the computing device, or all of them."""
    return common_parameters.device(
        ALL_DEVICES,
        more_help=tr(
            "all: every NVIDIA card of this computer, each with its own batches; the log shows how many "
            "tiles one step uses in total."
        ),
    )


def seed() -> QgsProcessingParameterNumber:
    """Returns the parameter for the random seed."""
    return number(
        "SEED",
        tr("Seed"),
        TrainJob.seed,
        0,
        2**31 - 1,
        tr(
            "Start value of all random numbers. On the CPU of the same computer, the same seed gives the "
            "same model."
        ),
        advanced=True,
    )
