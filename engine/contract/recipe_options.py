"""The settings of a training that few change: the recipe, which QGIS shows in a form and takes as one text.

A new setting is a field here: form, shell, checks, pages and the keys of unfinished trainings read its declaration. What is
left is its use in ``planning/`` or ``training/``, ``make docs`` and ``make translations``. If its default depends on the
network, ``recipes.Recipe`` has a field of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .inference_options import PRECISIONS
from .joined_names import LOSSES, NO_AUGMENTATION, augmentation_parts, check_loss
from .model_card import MAX_TILE_SIZE
from .options import AUTOMATIC, CheckedJob, Option, option, options_of
from .translation import tr_noop

#: Values of ``RecipeOptions.encoder_norms``.
TRAINED, FROZEN = "trained", "frozen"

START = tr_noop("Start")
OPTIMISER = tr_noop("Optimiser")
LOSS = tr_noop("Loss")
SAMPLING = tr_noop("Sampling")
AUGMENTATION = tr_noop("Augmentation")
VALIDATION = tr_noop("Validation")
BANDS_AND_COMPUTER = tr_noop("Bands and computer")

#: Sums of losses that the form of a recipe offers.
_SUMS = ("focal+lovasz", "focal+dice", "ohem+dice", "ce+dice")

#: Largest number of epochs and other counts.
_MANY = 1_000_000

#: Largest radius of points and largest width of lines among the labels, m.
_LARGEST_MARK = 10_000.0


def point_radius_option() -> Any:
    """A field for the size of points as labels."""
    return option(
        0.0,
        "Radius of points in metres",
        "A point among the labels stands for all pixels whose centre lies within this distance of it. 0: only for the "
        "pixel in which it lies. For an image without coordinates in pixels.",
        group=SAMPLING,
        high=_LARGEST_MARK,
    )


def line_width_option() -> Any:
    """A field for the size of lines as labels."""
    return option(
        0.0,
        "Width of lines in metres",
        "A line among the labels stands for all pixels whose centre lies within half of this width of it. 0: only for "
        "the pixels that it crosses. For an image without coordinates in pixels.",
        group=SAMPLING,
        high=_LARGEST_MARK,
    )


@dataclass(frozen=True)
class RecipeOptions(CheckedJob):
    """The options of a training that belong to its recipe, in the order of the form.

    A number that is open, or "automatic", is the value of the network's recipe (``recipes``).
    """

    preset: str = option(
        AUTOMATIC,
        "Preset",
        "What every setting that is left open becomes. Automatic: the recipe of the network, or one that was chosen "
        "by experiment. dualstream, clouds, buildings: the recipes of the original systems, to repeat their "
        "trainings.",
        group=START,
        choices=(AUTOMATIC, "dualstream", "clouds", "buildings"),
    )
    pretrained: str = option(
        AUTOMATIC,
        "Weights of the encoder",
        "automatic: the encoder's own ImageNet weights, or random ones with a warning if they cannot be fetched. "
        "imagenet: its own or nothing. none: random weights, which need many more labels. Or a file with the "
        "encoder's weights (.safetensors, .pth); for mit-b* a folder with a pretrained SegFormer, or the id of one on "
        "the Hugging Face hub with its revision. The weights of mit-b* are licensed for non-commercial use only.",
        group=START,
        examples=(AUTOMATIC, "imagenet", "none"),
        is_path=True,
        is_chosen=True,
    )
    warmup_epochs: int = option(
        -1,
        "Warm-up epochs",
        "Number of epochs at the start in which the encoders do not change; with pretrained weights, only the "
        "encoders that start from them. Automatic: for CMX a tenth of the epochs with pretrained weights, 0 for all "
        "others.",
        group=START,
        high=_MANY,
        is_open=True,
    )
    encoder_norms: str = option(
        TRAINED,
        "Encoders' batch norms",
        "trained: they follow the training images. frozen: those of encoders that are trained already keep their "
        "means and variances. Try frozen if a map of land elsewhere takes bare ground for buildings, and compare on "
        "labels there: it helped in one town and lost in another.",
        group=START,
        choices=(TRAINED, FROZEN),
    )
    resume: bool = option(
        True,
        "Continue an unfinished training",
        "If a training with the same model file and the same settings was cancelled or crashed, it continues after "
        "its last finished epoch, with the same result as without the interruption. A training with other data or "
        "settings is refused then, so that nothing is lost. false: the unfinished training is discarded and this one "
        "starts from the beginning.",
        group=START,
        decides=(),
    )
    seed: int = option(
        0,
        "Seed",
        "Start value of all random numbers. On the CPU of the same computer, the same seed gives the same model.",
        group=START,
        high=2**63 - 1,
    )
    optimizer: str = option(
        AUTOMATIC,
        "Optimiser",
        "Method that changes the weights. adamw subtracts the weight decay from the weights, adam adds it to the "
        "gradient. Automatic: adam for the building networks, adamw for all others.",
        group=OPTIMISER,
        choices=(AUTOMATIC, "adamw", "adam"),
    )
    learning_rate: float = option(
        0.0,
        "Learning rate",
        "Largest step size of the optimiser. Make it smaller if the loss jumps. Automatic: 0.0003 for CMX, 0.001 for "
        "all others; a third of it if the training starts from a model.",
        group=OPTIMISER,
        high=1,
        excluded=(0,),
        is_open=True,
    )
    schedule: str = option(
        AUTOMATIC,
        "Learning rate schedule",
        "cosine: the rate falls smoothly until the last epoch. annealing: the same, epoch by epoch after the warm-up "
        "epochs and without a rise at the start. plateau: it falls to a third after three validations without "
        "improvement. step: it falls to a tenth every ten epochs. Automatic: step for the building networks, cosine "
        "for all others.",
        group=OPTIMISER,
        choices=(AUTOMATIC, "cosine", "annealing", "plateau", "step"),
    )
    encoder_rate: float = option(
        0.0,
        "Encoders' share of the rate",
        "Learning rate of the encoders, as a multiple of the learning rate; with pretrained weights, of the encoders "
        "that start from them, while others learn at the full rate. Automatic: for CMX 0.1 with pretrained weights, 1 "
        "for all others.",
        group=OPTIMISER,
        excluded=(0,),
        is_open=True,
    )
    auxiliary_rate: float = option(
        0.0,
        "Auxiliary encoder's share of the rate",
        "Learning rate of the encoder of the auxiliary rasters, as a multiple of the learning rate. With a value the "
        "warm-up epochs freeze this encoder too. Automatic: it learns as the encoders' share says.",
        group=OPTIMISER,
        excluded=(0,),
        is_open=True,
    )
    fusion_rate: float = option(
        0.0,
        "Fusion's share of the rate",
        "Learning rate of the layers that fuse both streams, as a multiple of the learning rate. Automatic: 1.",
        group=OPTIMISER,
        excluded=(0,),
        is_open=True,
    )
    weight_decay: float = option(
        -1.0,
        "Weight decay",
        "How strongly the optimiser pulls weights towards zero. Automatic: 0.001 for the building networks, 0.01 for "
        "all others.",
        group=OPTIMISER,
        is_open=True,
    )
    accumulation: int = option(
        0,
        "Batches per step",
        "Number of batches whose gradients are added up for one step of the optimiser: the effect of a large batch "
        "with little memory. Automatic: 4 for CMX, 1 for all others.",
        group=OPTIMISER,
        low=1,
        high=_MANY,
        is_open=True,
        decides=(),
    )
    ema: float = option(
        -1.0,
        "Averaging of weights",
        "The model is an exponential moving average of the weights, which is steadier than the last weights. This is "
        "its decay per step: the closer to 1, the more steps it averages. 0: no average. Automatic: 0.98.",
        group=OPTIMISER,
        high=1,
        excluded=(1,),
        is_open=True,
    )
    loss: str = option(
        AUTOMATIC,
        "Loss",
        "The error that training minimises; + takes the mean of several losses, and 0.7*focal+0.3*dice their weighted "
        "sum. Automatic: ohem+dice for CMX, focal-dice for the building networks, ce+dice for all others.",
        group=LOSS,
        examples=(AUTOMATIC, *_SUMS, *LOSSES),
        check=check_loss,
    )
    logit_adjustment: float = option(
        -1.0,
        "Favour rare classes",
        "0: not at all; a rare class may never be found. 1: as if all classes were equally frequent, with more false "
        "alarms. It cannot be combined with the loss ohem. Automatic: 0.",
        group=LOSS,
        high=1,
        is_open=True,
    )
    class_weights: tuple[str, ...] = option(
        (),
        "Class weights",
        "How much the pixels of a class count in the loss, such as water=3,clouds=0.5, with names or values; other "
        "classes count 1. balanced: by the inverse square root of each class's share of the pixels. none: all classes "
        "count alike. They act on ce, ohem, ohem-quarter, focal and focal-dice, and cannot be combined with "
        "favouring rare classes. Automatic: balanced if one of three or more classes has less than 2 % of the "
        "labelled pixels, else none.",
        group=LOSS,
        examples=("balanced", "none", "water=3,clouds=0.5"),
    )
    class_balance: float = option(
        -1.0,
        "Tiles drawn for rare classes",
        "Share of training tiles, 0 to 1, that are drawn around a pixel of a class, with the same probability for "
        "each class, so that the network sees rare classes. Automatic: 0.5 for CMX, 0 for all others.",
        group=SAMPLING,
        high=1,
        is_open=True,
    )
    crop: float = option(
        0.0,
        "Largest tile, in tile sizes",
        "Each training tile shows a square of random size, from one tile to this many tiles wide, so that the network "
        "also sees objects at smaller scales. 1: always one tile. Automatic: 2.3 for the building networks, 1 for "
        "all others.",
        group=SAMPLING,
        low=1,
        high=8,
        is_open=True,
    )
    foreground: float = option(
        -1.0,
        "Tiles that show objects",
        "Share of training tiles, 0 to 1, that must show another class than the first one, wherever there is one. "
        "Automatic: 1 for the building networks, 0 for all others.",
        group=SAMPLING,
        high=1,
        is_open=True,
    )
    least_foreground: float = option(
        0.0,
        "Leave out blocks with a smaller share",
        "The network does not learn from blocks of the training area in which all classes but the first cover a "
        "smaller share (0 to 1) of the labelled pixels. This often causes false alarms. 0: it learns from all blocks.",
        group=SAMPLING,
        high=1,
    )
    point_radius: float = point_radius_option()
    line_width: float = line_width_option()
    stream_dropout: float = option(
        -1.0,
        "Stream dropout",
        "Probability that a training tile is shown without its auxiliary rasters, so that the model also works where "
        "they are missing. Automatic: 0.1.",
        group=SAMPLING,
        high=1,
        excluded=(1,),
        is_open=True,
    )
    augmentation: str = option(
        AUTOMATIC,
        "Augmentation",
        "Random changes of training tiles, joined by +: flips (and quarter turns), mirrors, copy-paste, affine "
        "(shift, scale, rotate), shift-scale-rotate (smaller), rotate, distortion, brightness, contrast, hsv, hue, "
        "clahe, jitter (colours), gray; or none. With a probability: clahe:0.3. Automatic: "
        "flips+affine+brightness+hsv+clahe+copy-paste for CMX, flips+rotate+jitter+gray for the building networks; "
        "for all others flips+affine+jitter+gray if the image is an 8-bit picture, else flips+affine+brightness.",
        group=AUGMENTATION,
        examples=(AUTOMATIC, "flips", "flips+affine", NO_AUGMENTATION),
        check=augmentation_parts,
    )
    paste: tuple[str, ...] = option(
        (),
        "Classes for copy-paste",
        "Classes whose objects are copied into other tiles, separated by commas: name, name:soft (faded edge) or "
        "name:companion (moves with the nearest object, as a shadow does). Empty: the classes that the data set's "
        "layout defines.",
        group=AUGMENTATION,
        examples=("thick cloud,thin cloud:soft",),
    )
    validation_share: float = option(
        0.2,
        "Share kept for validation",
        "Share of the labelled area on which the accuracy is measured. It consists of whole blocks, "
        "from which the network never learns.",
        group=VALIDATION,
        high=1,
        excluded=(0, 1),
    )
    validate_every: int = option(
        0,
        "Epochs between validations",
        "How often the accuracy is measured and example pictures are written. Automatic: every 5 epochs for CMX, "
        "every epoch for all others.",
        group=VALIDATION,
        low=1,
        high=_MANY,
        is_open=True,
    )
    patience: int = option(
        -1,
        "Patience",
        "Training stops after this many validations in which the validation loss has not fallen; 0: it never stops "
        "early. Automatic: 5 for the building networks, no early stop for all others.",
        group=VALIDATION,
        is_open=True,
    )
    baseline: bool = option(
        True,
        "Compare with a pixel classifier",
        "The report also shows what a pixel classifier reaches on the same labels, with both streams and with the "
        "image alone: so you see whether the network is worth its time. It takes at most a minute. false: no comparison.",
        group=VALIDATION,
        decides=(),
    )
    checkpoint_every: int = option(
        5,
        "Epochs between checkpoints",
        "How often a copy of the model is saved in the folder MODEL.checkpoints. 0: never.",
        group=VALIDATION,
        high=_MANY,
        decides=(),
    )
    image_bands: tuple[int, ...] = option(
        (),
        "Bands of the image",
        "Numbers of the bands to use of each image, separated by commas and counted from 1, in this order. Empty: all "
        "bands.",
        group=BANDS_AND_COMPUTER,
        low=1,
        examples=("4,3,2",),
    )
    picture_bands: tuple[int, ...] = option(
        (),
        "Bands in pictures",
        "Numbers of the bands that the report shows as red, green and blue where the bands' names do not say which "
        "they are. Empty: those of the layer's style in QGIS, else the first three.",
        group=BANDS_AND_COMPUTER,
        low=1,
        count=3,
        examples=("3,2,1",),
        decides=(),
    )
    auxiliary_bands: tuple[int, ...] = option(
        (),
        "Bands of the auxiliary rasters",
        "Numbers of the bands to use, separated by commas and counted from 1 through all auxiliary rasters. Empty: "
        "all bands. With this, one raster can be both image and auxiliary raster.",
        group=BANDS_AND_COMPUTER,
        low=1,
        examples=("1,3",),
    )
    auxiliary_tile_size: int = option(
        0,
        "Tile size in auxiliary pixels",
        "Side of the square, in pixels, to which the auxiliary rasters of a tile are resampled. Automatic: computed "
        "from the resolutions of the rasters.",
        group=BANDS_AND_COMPUTER,
        low=1,
        high=MAX_TILE_SIZE,
        is_open=True,
    )
    precision: str = option(
        "auto",
        "Precision",
        "Number format of the computation. auto: the fastest one that is safe on the device.",
        group=BANDS_AND_COMPUTER,
        choices=PRECISIONS,
        decides=(),
    )


#: Every field of the recipe, in the order in which the form and messages list them.
RECIPE_FIELDS: dict[str, Option] = options_of(RecipeOptions)


def recipe_groups() -> dict[str, dict[str, Option]]:
    """The fields of the recipe by subject, in the order of the form."""
    groups: dict[str, dict[str, Option]] = {}
    for name, declared in RECIPE_FIELDS.items():
        groups.setdefault(declared.group, {})[name] = declared
    return groups
