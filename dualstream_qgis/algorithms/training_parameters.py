"""What can be set when training: the parameters that no other algorithm has, and their order."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import common_parameters as shared
from .common_parameters import WIDGETS, choice, number, with_help

#: Directions in which run lengths may be counted.
ORDERS = ("row", "column")

#: The device that is all of them.
ALL_DEVICES = "all"

ENCODERS = ("mit-b0", "mit-b1", "mit-b2", "mit-b3", "mit-b4", "mit-b5")


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
            "v_gems), in cloud layout (train/rgb, train/ngr, train/label; val/...) or in a building "
            "competition's layout (train_img and train.csv with the columns img_id, img_path and "
            "mask_rle), or the path of a CSV table with the columns image, auxiliary, labels and "
            "split. Use it instead of image and labels, not with them."
        ),
    )


def rle_order() -> QgsProcessingParameterEnum:
    """How a competition counts pixels."""
    return choice(
        "RLE_ORDER",
        tr("Run lengths of a competition"),
        ORDERS,
        TrainJob.rle_order,
        tr(
            "Direction in which the run lengths in train.csv count pixels. row: from left to right, row "
            "by row. column: from top to bottom, column by column. Only for data sets in a "
            "competition's layout."
        ),
        advanced=True,
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


def architecture() -> QgsProcessingParameterString:
    """The network: one of the list, or any other of its library by name."""
    definition = QgsProcessingParameterString(
        "ARCHITECTURE", tr("Network"), defaultValue=TrainJob.architecture
    )
    definition.setMetadata({"widget_wrapper": {"class": f"{WIDGETS}.ArchitectureWidget"}})
    return with_help(
        definition,
        tr(
            "dualstream-dformer: an image and coarser rasters of any kind, such as air quality. cmx-b0 "
            "(small) to cmx-b5 (large): two images of equal detail, such as RGB and near infrared. "
            "pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3: the building networks, for an "
            "image alone. Any other network of segmentation-models-pytorch may be written as "
            "smp:Architecture:encoder, such as smp:Unet:efficientnet-b4."
        ),
    )


def encoder() -> QgsProcessingParameterEnum:
    """The vision encoder."""
    return choice(
        "ENCODER",
        tr("Encoder"),
        ENCODERS,
        TrainJob.encoder,
        tr(
            "Size of the image encoder of dualstream-dformer, from mit-b0 (small and fast) to mit-b5 "
            "(large and slow). Left as it is for any other network, whose name says it."
        ),
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
            "Of mit-b*: a folder with a pretrained SegFormer, or the id of one on the Hugging Face hub "
            "with its revision; the weights nvidia/mit-b0 to nvidia/mit-b5 are licensed for "
            "non-commercial use only. Of building networks: a file with the encoder's weights "
            "(.safetensors, .pth), or imagenet for those that the library fetches. Empty: the network "
            "learns from scratch."
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
            "How often the network sees the whole training area; the best epoch is kept. Usual are 60 "
            "for CMX, and 40 for all others, of which the building networks stop earlier if the "
            "loss falls no more."
        ),
    )


def batch_size() -> QgsProcessingParameterNumber:
    """Tiles at a time."""
    return number(
        "BATCH_SIZE",
        tr("Batch size (0: automatic)"),
        TrainJob.batch_size,
        0,
        4096,
        tr(
            "Tiles processed together. 0: as many as fit into the memory of the device. Where memory runs "
            "out, DualStream takes fewer by itself, and the network still learns from as many before each "
            "step."
        ),
    )


def tile_size() -> QgsProcessingParameterNumber:
    """Side of a tile."""
    return number(
        "TILE_SIZE",
        tr("Tile size in pixels (0: automatic)"),
        TrainJob.tile_size,
        0,
        8192,
        tr(
            "Side of the square that the network sees at once, a multiple of 32. It is stored in the "
            "model and used for segmenting too. Make it smaller when memory runs out. Automatic: 512, for "
            "building networks 224."
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


def resume() -> QgsProcessingParameterBoolean:
    """Whether to go on with what is there."""
    definition = QgsProcessingParameterBoolean(
        "RESUME", tr("Go on with an unfinished training"), TrainJob.resume
    )
    return with_help(
        definition,
        tr(
            "If a training of this very model file with these very settings was cancelled or crashed, it "
            "goes on after its last finished epoch, and ends as if nothing had happened. Off: it begins "
            "anew; what was kept then lies in MODEL.checkpoints.before."
        ),
        advanced=True,
    )


def device() -> QgsProcessingParameterEnum:
    """Where to train."""
    return shared.device(
        ALL_DEVICES,
        help_text=tr(
            "all: every NVIDIA card of this computer, each with batches of its own; the log says how many "
            "tiles they learn from together."
        ),
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
