"""Parameters of a training: network, epochs, tiles, checkpoints, seed and device."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..engine.contract.architectures import PRESETS
from ..engine.contract.jobs import AUTOMATIC, TrainJob
from ..i18n import tr
from . import common_parameters
from .parameter_factories import choice, number, with_help, with_widget

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


def encoder() -> QgsProcessingParameterString:
    """Returns the parameter for the image encoder: one of the list, or another one by name."""
    definition = QgsProcessingParameterString(
        "ENCODER", tr("Encoder"), defaultValue=TrainJob.encoder, optional=True
    )
    return with_help(
        with_widget(definition, "EncoderWidget"),
        tr(
            "The part of dualstream-dformer and cmx that sees the image. Automatic: EfficientNet-lite0, whose "
            "weights come with the engine; with a GPU that of the original network, if its weights can be "
            "fetched. The list tells size, licence and purpose; type mit-b0 to mit-b5 or any pyramid of "
            "timm by its name. Leave it as it is for any other network: its name includes the encoder."
        ),
    )


def preset() -> QgsProcessingParameterEnum:
    """Returns the parameter for the recipe of one of the original systems."""
    return choice(
        "PRESET",
        tr("Recipe"),
        (AUTOMATIC, *PRESETS),
        TrainJob.preset,
        tr(
            "What every setting that is left open becomes. Automatic: the recipe of the network, or one that "
            "was chosen by experiment. dualstream, clouds, buildings: the recipes of the original systems."
        ),
        advanced=True,
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
        with_widget(definition, "ModelWidget", "model_widget"),
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
        tr("Weights of the encoder"),
        defaultValue=TrainJob.pretrained,
        optional=True,
    )
    return with_help(
        definition,
        tr(
            "automatic: the encoder's own ImageNet weights, or random ones with a warning if they cannot be "
            "fetched. imagenet: its own or nothing. none: random weights, which need many more labels. Or a "
            "file with the encoder's weights (.safetensors, .pth); for mit-b* a folder with a pretrained "
            "SegFormer, or the id of one on the Hugging Face hub with its revision. The weights of mit-b* "
            "are licensed for non-commercial use only."
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
            "Automatic: as many as give about equally many steps for any amount of data; 60 for CMX, 40 for "
            "the building networks, which stop earlier if the loss no longer falls."
        ),
    )


def minutes() -> QgsProcessingParameterNumber:
    """Returns the parameter for the time of the training."""
    return number(
        "MINUTES",
        tr("Minutes (0: as long as the epochs take)"),
        TrainJob.minutes,
        0,
        1_000_000,
        tr(
            "Time for the whole training. The speed of this computer is measured first; the number and the "
            "length of the epochs are then chosen so that the training ends in this time. With epochs, it "
            "is the longest time. A training that is continued counts the minutes before the interruption; "
            "with more minutes than before it goes on for longer."
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
            "512 px with a GPU and 256 px without one (224 px for the building networks), but never larger than "
            "the smallest image."
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
