"""Jobs that train or segment: one frozen dataclass per command, with every option.

A field is an option of the command line (``--batch_size 8``), a key of the job file and, in capitals, a parameter
in QGIS. To add one:

1. Add the field with ``option`` (``options``): default, label, help, limits or choices, and what depends on it; a setting of a
   training that few change to ``recipe_options``, one that all commands share which apply models to
   ``inference_options``. Of files and layers, which QGIS describes in its own words, the help is a line of ``Attributes``.
2. In QGIS: ``parameter(SegmentJob, "overlap")`` in ``dualstream_qgis/algorithms/``; nothing for a recipe.
3. If the default depends on the network, add the field to ``recipes.Recipe`` too: a job that keeps ``TrainJob``'s default
   gets the recipe's value.

Jobs about single files (evaluate, polygons, import, export, info) are in ``file_jobs``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from .inference_options import DEVICES, MAX_BATCH_SIZE, InferenceOptions
from .model_card import MAX_TILE_SIZE, MIN_TILE_SIZE, TILE_STEP
from .options import AUTOMATIC as AUTOMATIC
from .options import option
from .recipe_options import FROZEN as FROZEN
from .recipe_options import TRAINED as TRAINED
from .recipe_options import RecipeOptions

#: x minimum, y minimum, x maximum, y maximum.
Extent = tuple[float, float, float, float]

#: What pixels outside every polygon are: a class of their own, or unlabelled.
UNLABELLED = ("background", "ignored")

#: Directions in which run lengths count pixels.
RUN_LENGTH_ORDERS = ("row", "column")

#: Largest number of folds: with more of them the models hardly differ, and each costs a training.
MAX_FOLDS = 20


@dataclass(frozen=True)
class TrainJob(RecipeOptions):
    """Train a segmentation network on one or two raster streams.

    Give either ``image`` and ``labels`` (and ``auxiliary``, ``area``) or ``dataset``.

    Attributes:
        start: A model file (.safetensors) whose training continues with these data: the network is that
            model's, and its weights are the start, also for the classes that it knows.
        image: The image raster, which defines the grid of labels and masks; or several of the same bands,
            and folders for all rasters in them.
        auxiliary: Auxiliary rasters of any CRS and resolution, each for all images; their bands are stacked.
        labels: Class raster or vector file on which to train, for all images; or a folder with a class
            raster of the name of each image. A vector file holds polygons, lines and points: where it holds a
            line or a point, pixels that nothing covers are unknown, unless there is an area. Of several the
            later ones override the earlier ones where they have a class: of polygons, the pixels inside them.
        corrections: Corrected masks, each a class raster, polygons as the command polygons writes them, points
            and lines, or a folder with a raster of the name of an image. Inside the squares of checked they override all labels.
        checked: Polygons of the squares in which the corrections are right, such as the command suggest
            writes: those with a true value in the field checked, or all of a file without that field. One
            file for all corrections, or one for each in their order.
        class_field: Attribute of the vector files that names the class; empty: all is one class.
        area: Polygon file; only pixels inside it count as labelled.
        class_names: Names and colours of classes, each as value=name or value=name=#rrggbb.
        dataset: Folder in DualStream's, the clouds' or a competition's layout, or scenes table (CSV),
            instead of image and labels.
        output: The model file to write (.safetensors); with folds the ensemble file (.json), beside its models.
        report: Page (.html) about the training, rewritten while it runs; empty: beside the model, as
            NAME.report.html; "none": no page.
    """

    architecture: str = option(
        "dualstream-dformer",
        "Network",
        "dualstream-dformer: an image and coarser rasters of any kind, such as air quality. cmx-b0 "
        "(small) to cmx-b5 (large): two images of equal resolution, such as RGB and near infrared. "
        "pspnet-densenet161, unet-resnet50, deeplabv3plus-mobilenetv3: the building networks, for an "
        "image alone. Type any other network of segmentation-models-pytorch as "
        "smp:Architecture:encoder, such as smp:Unet:efficientnet-b4.",
    )
    encoder: str = option(
        AUTOMATIC,
        "Encoder",
        "The part of dualstream-dformer and cmx that sees the image. Automatic: EfficientNet-lite0, whose "
        "weights come with the engine; with a GPU that of the original network, if its weights can be "
        "fetched. The list shows size, licence and purpose; type mit-b0 to mit-b5 or any pyramid of "
        "timm by its name. Leave it as it is for any other network: its name includes the encoder.",
        is_chosen=True,
    )
    start: str = option("", is_path=True)
    image: tuple[str, ...] = option((), is_path=True)
    auxiliary: tuple[str, ...] = option((), is_path=True)
    labels: tuple[str, ...] = option((), is_path=True)
    corrections: tuple[str, ...] = option((), is_path=True)
    checked: tuple[str, ...] = option((), is_path=True)
    class_field: str = ""
    area: str = option("", is_path=True)
    unlabelled: str = option(
        UNLABELLED[0],
        "Pixels outside every polygon",
        "background: they are a class of their own. ignored: their class is unknown, and the network "
        "does not learn from them. With points or lines among the labels they are ignored too, unless there is a "
        "labelled area.",
        choices=UNLABELLED,
    )
    class_names: tuple[str, ...] = ()
    ignore: tuple[str, ...] = option(
        (),
        "Ignored classes",
        "Names or values of classes, separated by commas, such as 255 or clouds. Their pixels count as "
        "unlabelled: the network does not learn from them, and validation leaves them out.",
        examples=("255,clouds",),
    )
    merge: tuple[str, ...] = option(
        (),
        "Merged classes",
        "Classes to train as one, separated by commas: on the left names or values, on the right the "
        "name of the result, such as 8+10=thin cloud,river+lake=water.",
        examples=("8+10=thin cloud",),
    )
    dataset: str = option("", is_path=True)
    rle_order: str = option(
        RUN_LENGTH_ORDERS[0],
        "Run lengths of a competition",
        "Direction in which the run lengths in train.csv count pixels. row: from left to right, row "
        "by row. column: from top to bottom, column by column. Only for data sets in a "
        "competition's layout.",
        choices=RUN_LENGTH_ORDERS,
    )
    output: str = option("", is_path=True, decides=())
    report: str = option("", is_path=True, decides=())
    epochs: int = option(
        0,
        "Epochs",
        "How often the network sees the whole training area; the model is that of the last epoch, or of one "
        "that is clearly better. "
        "Automatic: as many as give about equally many steps for any amount of data; 60 for CMX, 40 for "
        "the building networks, which stop earlier if the loss no longer falls.",
        low=1,
        high=1_000_000,
        is_open=True,
    )
    minutes: float = option(
        0.0,
        "Time in minutes",
        "Time for the whole training, with the calibration and the report at its end. The speed of this computer "
        "is measured first; the number and the length of the epochs are then chosen so that the training takes "
        "about this time. With epochs, it "
        "is the longest time. A training that is continued counts the minutes before the interruption; "
        "with more minutes than before it continues for longer. Empty: as long as the epochs take; the log shows "
        "how long after a minute.",
        low=0.001,
        high=1_000_000,
        is_open=True,
        decides=(),  # a training that resumes with other minutes gets other epochs, from its last one
    )
    batch_size: int = option(
        4,
        "Batch size",
        "Number of tiles that are processed together; 0: as many as fit into the memory of "
        "the device. If the memory runs out, DualStream processes fewer at a time; each step still "
        "uses the same number of tiles.",
        high=MAX_BATCH_SIZE,
        decides=(),  # compared together with accumulation, see ``has_same_step``
    )
    tile_size: int = option(
        0,
        "Tile size in pixels",
        "Side of the square that the network sees at once, in pixels; a multiple of 32. The model file "
        "stores it, and segmenting uses it too. Make it smaller if the memory runs out. Automatic: "
        "512 px with a GPU and 256 px without one (224 px for the building networks), but never larger than "
        "the smallest image.",
        low=MIN_TILE_SIZE,
        high=MAX_TILE_SIZE,
        step=TILE_STEP,
        is_open=True,
        is_chosen=True,
    )
    folds: int = option(
        0,
        "Folds",
        "With few labels, 5: the labelled area is divided into this many parts, and one model is trained for each, "
        "which learns from all parts but its own and is scored on its own. So every label is learnt from and every "
        "label is used for an honest score. The models become one ensemble, which maps a little better than one "
        "model, and shows where its models disagree; it takes as many times as long as one. The model file is then "
        "an ensemble file (.json), with the models beside it; the time in minutes is for all of them. 0: one model.",
        high=MAX_FOLDS,
    )
    device: str = option(
        "auto",
        "Device",
        "auto: the graphics card if there is one. cuda:1: the second NVIDIA card. all: every NVIDIA card of this "
        "computer, each with its own batches; the log shows how many tiles one step uses in total.",
        examples=(*DEVICES, "all"),
        decides=(),
    )


@dataclass(frozen=True)
class ImageryJob(InferenceOptions):
    """The models of a job about one scene or several, and what its scenes share.

    Attributes:
        model: The model file, several of them, or an ensemble file (.json) that names its members.
        auxiliary: Auxiliary rasters, in the order they were trained in; none: the image alone.
        image_bands: Bands of the image to use, counted from 1, in this order; none: those the
            model was trained on.
        auxiliary_bands: The same for the stack of auxiliary bands.
        extent: Only this part: x minimum, y minimum, x maximum, y maximum.
        extent_crs: The extent's coordinate system; empty: the image's.
    """

    model: tuple[str, ...] = option((), is_path=True)
    auxiliary: tuple[str, ...] = option((), is_path=True)
    image_bands: tuple[int, ...] = option((), low=1, examples=("4,3,2",))
    auxiliary_bands: tuple[int, ...] = option((), low=1, examples=("1,3",))
    extent: Optional[Extent] = option(None, low=-math.inf)  # noqa: UP045, RUF009 - QGIS's Python 3.9 evaluates it
    extent_crs: str = ""


@dataclass(frozen=True)
class SceneJob(ImageryJob):
    """The models and the rasters of a job about one scene.

    Attributes:
        image: The image raster.
    """

    image: str = option("", is_path=True)


@dataclass(frozen=True)
class SegmentJob(SceneJob):
    """Segment an image with one trained model, or with several together.

    Attributes:
        confidence: Raster to write with the probability of the mask's class in percent; empty: none.
        disagreement: Raster to write with the share of models, in percent, that choose another class
            than the mask's; empty: none.
        unlike: Raster to write with how unlike the land of the training each pixel is, in percent; above 50 it is
            farther from it than 99 % of the held-out land was; empty: none.
        output: The mask to write (.tif).
    """

    confidence: str = option("", is_path=True, decides=())
    disagreement: str = option("", is_path=True, decides=())
    unlike: str = option("", is_path=True, decides=())
    output: str = option("", is_path=True, decides=())


@dataclass(frozen=True)
class PredictFolderJob(InferenceOptions):
    """Segment every image of a folder into coloured pictures and a table of run lengths.

    Attributes:
        checkpoint: The model file, several of them, or an ensemble file (.json); also --model.
        dataset: Folder with test/rgb and test/ngr (or rgb and ngr), a competition's folder with
            test.csv, or a folder of images.
        output: Folder for results/ (one coloured PNG per scene) and submission.csv.
        order: Direction in which run lengths are counted: "row" or "column".
    """

    checkpoint: tuple[str, ...] = option((), is_path=True)
    dataset: str = option("", is_path=True)
    output: str = option("", is_path=True)
    order: str = option(RUN_LENGTH_ORDERS[0], choices=RUN_LENGTH_ORDERS)


@dataclass(frozen=True)
class SegmentFolderJob(InferenceOptions):
    """Segment many scenes with the same models: masks, a summary and a mosaic in one folder.

    Attributes:
        model: The model file, several of them, or an ensemble file (.json), as in SegmentJob.
        scenes: Scenes table (CSV with the column image and optionally auxiliary and name), or a folder
            of rasters.
        images: Image rasters, instead of scenes.
        auxiliary: Auxiliary rasters of every scene for which the table names none.
        auxiliary_bands: Bands of the stack of auxiliary bands to use, as in SegmentJob.
        output_folder: Folder for the masks, summary.csv, summary.html and the mosaics; also --output.
    """

    model: tuple[str, ...] = option((), is_path=True, decides=())
    scenes: str = option("", is_path=True, decides=())
    images: tuple[str, ...] = option((), is_path=True, decides=())
    auxiliary: tuple[str, ...] = option((), is_path=True, decides=())
    image_bands: tuple[int, ...] = option(
        (),
        "Bands of the images",
        "Numbers of the bands to use of each image, separated by commas and counted from 1, in this "
        "order. Empty: the bands that the model was trained on.",
        low=1,
        examples=("4,3,2",),
    )
    auxiliary_bands: tuple[int, ...] = option((), low=1, examples=("1,3",))
    confidence: bool = option(
        False,
        "Confidence rasters",
        "Also write a raster beside each mask with the probability of each pixel's class, in percent.",
    )
    output_folder: str = option("", is_path=True, decides=())
    on: str = option(
        "",
        "Compute on a pool (ray, ray://host:port)",
        "Empty: one engine on this computer, one scene after another. ray: several scenes at a time "
        "on this computer. ray://host:port or auto: on a running Ray cluster whose computers see the "
        "same files. The engine needs the package ray for it.",
        decides=(),
    )
    workers: int = option(
        0,
        "Processes on Ray",
        "Number of processes, each of which loads the models and segments one scene at a time. "
        "Automatic: one for each graphics card, or one for every four processor cores.",
        low=1,
        high=100_000,
        is_open=True,
        decides=(),
    )
    cores: int = option(
        0,
        "Cores of each process",
        "Number of processor cores of each process on Ray. Automatic: an equal share of all cores.",
        low=1,
        high=4096,
        is_open=True,
        decides=(),
    )
    split: float = option(
        100.0,
        "Split scenes above (million pixels, 0: never)",
        "On Ray, several processes compute parts of a scene that has more million pixels than this. "
        "The mask is the same as from one process.",
        high=1e9,
        decides=(),
    )
