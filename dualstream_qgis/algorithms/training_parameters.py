"""Parameters that both training algorithms have: network, time, tiles, device, and what is written."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract import fold_files
from ..engine.contract.ensemble_file import ENSEMBLE_SUFFIX
from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import common_parameters
from .parameter_factories import automatic_number, number, text, with_help, with_widget

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


def epochs() -> QgsProcessingParameterNumber:
    """Returns the parameter for the number of epochs."""
    return automatic_number(
        "EPOCHS",
        tr("Epochs"),
        TrainJob.epochs,
        1,
        100_000,
        tr(
            "How often the network sees the whole training area; the model is that of the last epoch, or of one "
            "that is clearly better. "
            "Automatic: as many as give about equally many steps for any amount of data; 60 for CMX, 40 for "
            "the building networks, which stop earlier if the loss no longer falls."
        ),
        advanced=True,
    )


def minutes() -> QgsProcessingParameterNumber:
    """Returns the parameter for the time of the training."""
    return automatic_number(
        "MINUTES",
        tr("Time in minutes"),
        TrainJob.minutes,
        0.01,
        1_000_000,
        tr(
            "Time for the whole training, with the calibration and the report at its end. The speed of this computer "
            "is measured first; the number and the length of the epochs are then chosen so that the training takes "
            "about this time. With epochs, it "
            "is the longest time. A training that is continued counts the minutes before the interruption; "
            "with more minutes than before it goes on for longer. Empty: as long as the epochs take; the log tells "
            "how long after a minute."
        ),
    )


def batch_size() -> QgsProcessingParameterNumber:
    """Returns the parameter for the batch size."""
    return number(
        "BATCH_SIZE",
        tr("Batch size"),
        TrainJob.batch_size,
        0,
        4096,
        tr(
            "Number of tiles that are processed together; 0: as many as fit into the memory of "
            "the device. If the memory runs out, DualStream processes fewer at a time; each step still "
            "uses the same number of tiles."
        ),
        advanced=True,
    )


def tile_size() -> QgsProcessingParameterNumber:
    """Returns the parameter for the side of a tile."""
    return automatic_number(
        "TILE_SIZE",
        tr("Tile size in pixels"),
        TrainJob.tile_size,
        32,
        8192,
        tr(
            "Side of the square that the network sees at once, in pixels; a multiple of 32. The model file "
            "stores it, and segmenting uses it too. Make it smaller if the memory runs out. Automatic: "
            "512 px with a GPU and 256 px without one (224 px for the building networks), but never larger than "
            "the smallest image."
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


def recipe() -> QgsProcessingParameterString:
    """Returns the parameter for every other setting of a training, as one text."""
    definition = text(
        "RECIPE",
        tr("Recipe"),
        tr(
            "Every other setting of the training, such as learning rate, loss, augmentation, bands and the share "
            "that is kept for validation. Empty: what is best for the network. The button shows them all, with their "
            "defaults. In scripts: pairs such as learning_rate=0.0005 loss=ce+dice image_bands=4,3,2, or the path of a "
            "JSON file with these names."
        ),
        list_of="recipe",
        advanced=False,
    )
    return with_widget(definition, "RecipeWidget", "recipe_widget")


def folds() -> QgsProcessingParameterNumber:
    """Returns the parameter for the number of folds."""
    return number(
        "FOLDS",
        tr("Folds"),
        TrainJob.folds,
        0,
        fold_files.MAX_FOLDS,
        tr(
            "With few labels, 5: the labelled area is divided into this many parts, and one model is trained for each, "
            "which learns from all parts but its own and is scored on its own. So every label is learnt from and every "
            "label is used for an honest score. The models become one ensemble, which maps a little better than one "
            "model, and shows where its models disagree; it takes as many times as long as one. The model file is then "
            "an ensemble file (.json), with the models beside it; the time in minutes is for all of them. 0: one model."
        ),
        advanced=True,
    )


def model_file() -> QgsProcessingParameterFileDestination:
    """Returns the parameter for the model file to write."""
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT", tr("Model"), fileFilter=common_parameters.model_file_filter(ENSEMBLE_SUFFIX)
    )
    return with_help(
        definition,
        tr(
            'The model file (.safetensors), which "Segment with DualStream" applies; with folds the ensemble file (.json). '
            "It needs a place of its own: a temporary file would be deleted when QGIS closes."
        ),
    )


def report() -> QgsProcessingParameterFileDestination:
    """Returns the parameter for the report; hidden in dialogs, because its place is beside the model."""
    definition = QgsProcessingParameterFileDestination(
        "REPORT",
        tr("Report"),
        fileFilter=tr("Web pages") + " (*.html)",
        optional=True,
        createByDefault=False,
    )
    definition.setFlags(definition.flags() | compat.HIDDEN)
    return with_help(
        definition,
        tr(
            "The page (.html) about the training: learning curves, scores of each class and examples. Empty: beside "
            "the model, with its name."
        ),
        advanced=True,
    )
