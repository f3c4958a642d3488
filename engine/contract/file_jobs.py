"""Jobs about single files: one frozen dataclass per command, with every default.

See ``jobs`` for how to add a field.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional

from .inference_options import DEVICES
from .jobs import AUTOMATIC, RUN_LENGTH_ORDERS, UNLABELLED, Extent, ImageryJob
from .model_card import MAX_TILE_SIZE, MIN_TILE_SIZE
from .options import CheckedJob, option
from .recipe_options import line_width_option, point_radius_option

#: Ways in which the labels of an evaluation can be drawn as a sample of the mask.
SAMPLINGS = ("none", "random", "stratified")

#: What export writes, and how the name of the file ends.
EXPORT_FORMATS = {"onnx": ".onnx", "stac": ".json", "markdown": ".md"}

#: Precisions in which an exported network computes.
EXPORT_PRECISIONS = ("fp32", "fp16")

#: How an imported network got its pixels.
NORMALISATIONS = (AUTOMATIC, "imagenet", "given", "none")

#: Reasons to label a square, as the layer of suggested squares has them: the model is unsure of it, sees a class that
#: is rare in the labels, or it is unlike anything labelled.
UNCERTAIN, RARE_CLASS, UNLIKE = "uncertain", "rare class", "unlike anything labelled"


@dataclass(frozen=True)
class EvaluateJob(CheckedJob):
    """Compare a mask with labels: scores of each class, of outlines and of objects, and areas by a sample.

    Attributes:
        mask: A mask written by segment, any other class raster, polygons (which are compared on the grid of a
            class raster), or a submission (.csv) written by predict-folder.
        labels: Class raster or vector file with the truth: polygons, lines and points; for a submission a table
            (.csv).
        class_field: Attribute of the vector file that names the class; empty: all is one class.
        area: Polygon file; only pixels inside it count.
        unlabelled: Pixels outside every polygon: "background" (a class) or "ignored". Where the labels hold points or
            lines they are ignored, unless there is an area.
        ignore: Classes of the labels whose pixels do not count, each a name or a value.
        merge: Classes of the labels that are one in the mask, as in training: class+class=name.
        rle_order: Direction in which run lengths of labels (TABLE.csv|img_id=ID) are counted: "row" or
            "column"; a submission and its table have the same direction.
        mask_field: If the mask is polygons, their attribute that names the class; empty: the field class, or all
            are one class if there is none.
        sampling: How the labelled pixels were drawn, if they are a sample of the whole mask: "random"
            (also systematic), or "stratified" by the mapped classes; then accuracies and areas get 95 %
            confidence intervals, and pixels outside the labels are ignored. "none": they are not a sample.
        report: HTML file to write with tables and pictures; empty: none.
        json: Print JSON instead of a table.
    """

    mask: str = option("", is_path=True)
    labels: str = option("", is_path=True)
    class_field: str = ""
    area: str = option("", is_path=True)
    unlabelled: str = option(UNLABELLED[0], choices=UNLABELLED)
    point_radius: float = point_radius_option()
    line_width: float = line_width_option()
    ignore: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()
    rle_order: str = option(RUN_LENGTH_ORDERS[0], choices=RUN_LENGTH_ORDERS)
    mask_field: str = ""
    sampling: str = option(SAMPLINGS[0], choices=SAMPLINGS)
    tolerance: float = option(
        2.0,
        "Tolerance of outlines in pixels",
        "Outlines of mask and labels agree where they are no farther apart than this. The report also says it in "
        "metres.",
        high=20,  # pixels of outlines are compared with all within it
    )
    report: str = option("", is_path=True)
    json: bool = False

    @property
    def is_sample(self) -> bool:
        """Whether the labels are a sample of the whole mask."""
        return self.sampling != SAMPLINGS[0]


@dataclass(frozen=True)
class InfoJob(CheckedJob):
    """Describe a model file, or an architecture.

    Attributes:
        model: The model file to describe; empty: describe ``architecture``, or list them all.
        architecture: The network's name.
        encoder: The image encoder; "automatic": the one for a computer without a GPU.
        bands: Bands of the image stream.
        auxiliary_bands: Bands of the auxiliary stream.
        classes: Logits per pixel.
        tile_size: Side of a tile in image pixels.
        auxiliary_tile_size: Side of a tile in auxiliary pixels.
        report: HTML file to write about the model file; empty: none.
        json: Print JSON instead of a table.
    """

    model: str = option("", is_path=True)
    architecture: str = ""
    encoder: str = AUTOMATIC
    bands: int = 4
    auxiliary_bands: int = 48
    classes: int = 2
    tile_size: int = 512
    auxiliary_tile_size: int = 64
    report: str = option("", is_path=True)
    json: bool = False


@dataclass(frozen=True)
class DoctorJob(CheckedJob):
    """Show Python, torch, device, GPU, memory, disk and weights of this machine, and why the GPU is not used.

    Attributes:
        json: Print JSON instead of a table.
    """

    json: bool = False


@dataclass(frozen=True)
class ImportJob(CheckedJob):
    """Make a model file from the weights of CMX, SegFormer or segmentation-models-pytorch, or an ONNX network.

    Attributes:
        weights: The state dict as torch.save wrote it (.pth), as .safetensors, or in a checkpoint of Lightning,
            torchgeo or terratorch (.ckpt), or the folder of a SegformerForSemanticSegmentation, or a whole network
            (.onnx); no code in it is run.
        architecture: For segmentation-models-pytorch the network: a building network, or
            smp:Architecture:encoder; empty: the weights show it.
        class_names: Names and colours of the classes, each as value=name or value=name=#rrggbb; none: those
            in the files.
        normalisation: "imagenet" for RGB, "given" with mean and std, "none": pixels are divided by ``maximum``
            only; or "automatic": mean and std if they are given, else what the files state.
        mean: Mean that was subtracted from each band, as a share of ``maximum``.
        std: Standard deviation by which each band was divided, as a share of ``maximum``.
        auxiliary_mean: As mean, for the auxiliary bands of CMX or of an ONNX network with two inputs. For CMX one
            value: a single band, which the network got several times; empty: with imagenet as for the image.
        auxiliary_std: As std, for the auxiliary bands.
        layout: Of an ONNX network: the order of a tile's axes, "NCHW" or "NHWC"; "automatic": as its shape shows.
        image_input: Of an ONNX network: name of the input for the image; empty: "image", or the first.
        graph_output: Of an ONNX network: name of the output that is used; empty: "probabilities", or the first.
        output_kind: Of an ONNX network: whether it gives "logits", "probabilities" or "classes" (a class value for
            each pixel); "automatic": as the network shows.
        output: The model file to write (.safetensors).
    """

    weights: str = option("", is_path=True)
    architecture: str = ""
    class_names: tuple[str, ...] = ()
    normalisation: str = option(AUTOMATIC, choices=NORMALISATIONS)
    mean: tuple[float, ...] = option((), low=-math.inf)
    std: tuple[float, ...] = option((), low=-math.inf)
    auxiliary_mean: tuple[float, ...] = option((), low=-math.inf)
    auxiliary_std: tuple[float, ...] = option((), low=-math.inf)
    maximum: float = option(
        255.0,
        "Largest pixel value",
        "The pixel value that was scaled to 1: 255 for 8-bit images.",
        excluded=(0,),
    )
    tile_size: int = option(
        0,
        "Tile size in pixels",
        "Side of the training's images, a multiple of 32. Not set: what the files state, else 512.",
        low=MIN_TILE_SIZE,
        high=MAX_TILE_SIZE,
        is_open=True,
    )
    pixel_size: float = option(
        0.0,
        "Ground resolution in metres",
        "Size of a pixel of the training's images on the ground. With it, images of another resolution are "
        "resampled for the network. Not set: unknown, and no image is resampled.",
        low=1e-6,
        is_open=True,
    )
    threshold: float = option(
        -1.0,
        "Threshold of two classes",
        "With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. Automatic: 0.5, or "
        "the network's own.",
        high=1,
        excluded=(0, 1),
        is_open=True,
    )
    layout: str = AUTOMATIC
    image_input: str = ""
    graph_output: str = ""
    output_kind: str = AUTOMATIC
    auxiliary_tile_size: int = option(
        0,
        "Auxiliary tile size in pixels",
        "Only for an ONNX network whose second input takes tiles of any size: side of its tile. Not set: that of the "
        "image's tile.",
        low=1,
        high=MAX_TILE_SIZE,
        is_open=True,
    )
    output: str = option("", is_path=True)


@dataclass(frozen=True)
class ExportJob(CheckedJob):
    """Write a model as ONNX for other programs, or a card about it for catalogues and model hubs.

    Attributes:
        model: The model file.
        output: The file to write. The ONNX file (.onnx) of a model of two streams has two inputs, image and
            auxiliary, and needs both: NaN means missing, all NaN that there is no such stream.
        format: "onnx": the network; "stac": a STAC item (.json) with the extension for machine learning models;
            "markdown": a card (.md) for a model hub.
        precision: Of the ONNX network: "fp32", or "fp16" for half the size, with inputs and outputs in fp32.
        class_map: Give the ONNX network a second output, the classes as masks have them.
        licence: For a card: the licence under which you share the model, such as CC-BY-4.0; empty: not stated.
    """

    model: str = option("", is_path=True)
    output: str = option("", is_path=True)
    format: str = "onnx"
    precision: str = EXPORT_PRECISIONS[0]
    class_map: bool = False
    licence: str = ""


@dataclass(frozen=True)
class PolygonsJob(CheckedJob):
    """Turn a mask into polygons, such as building footprints.

    Attributes:
        mask: A mask written by segment, or any class raster.
        confidence: The confidence raster of the same run, for the attribute confidence; empty: none.
        classes: Values of the classes to outline; none: all but 0, the background.
        split: Split touching objects of a class where they are joined by a neck, such as the houses of a row; with
            confidence also where the model was less sure between them.
        right_angles: Make the outlines right-angled, as those of buildings are.
        output: The GeoPackage to write (.gpkg).
    """

    mask: str = option("", is_path=True)
    confidence: str = option("", is_path=True)
    classes: tuple[int, ...] = option((), low=-math.inf)  # a mask names its classes
    split: bool = False
    neck: float = option(
        80.0,
        "Split necks narrower than (percent)",
        "With Split touching objects: two parts of an area are objects of their own if what joins "
        "them is narrower than this percentage of the narrower part's width. Lower it if houses are "
        "cut to pieces, raise it if houses hang together.",
        high=100,
        excluded=(0,),
    )
    minimum_area: float = option(
        0.0,
        "Minimum area in square metres",
        "Smaller polygons are left out; 0 keeps single pixels. The area of about ten pixels removes specks: 1000 for "
        "pixels of 10 m, 10 for pixels of 1 m.",
    )
    fill_holes: float = option(
        0.0,
        "Fill holes up to (square metres)",
        "Holes up to this area are filled. A polygon inside a filled hole remains a polygon.",
    )
    simplify: float = option(
        0.0,
        "Simplify by up to (metres)",
        "Largest distance, in metres, by which an outline may move to have fewer corners; about one "
        "pixel removes the stairs of its edges. 0: the outline follows the pixels. If an outline "
        "would share less than 80 percent with its pixels, as thin and small ones may, it moves less "
        "or not at all. Neighbours are simplified one by one, so gaps and overlaps of this size may "
        "occur. With right angles: walls and recesses shorter than this may disappear.",
    )
    right_angles: bool = False
    output: str = option("", is_path=True)


@dataclass(frozen=True)
class SuggestJob(ImageryJob):
    """Find the squares of images that are worth labelling next: those of which the models are unsure.

    Without a model: squares that are unlike each other, for the first labels.

    Attributes:
        image: The image raster; or several of the same bands, and folders for all rasters in them: the squares are
            chosen among all of them.
        labels: What is labelled already, as class raster or as polygons, lines and points for all images, or a folder
            with a class raster of the name of some; squares that touch it are left out. Of several sources all count.
        class_field: Attribute of the vector files that names the class; empty: all is one class.
        labelled_area: Polygon file of the part that is labelled wholly, as the area of a training: what labels do not
            cover there is background. Empty: only what labels cover is labelled.
        ignore: Classes of the labels whose pixels count as unlabelled, each a name or a value, such as 255.
        corrections: Corrected masks, as in train: inside the squares of checked their classes count as labels.
        checked: Polygons that are labelled or corrected wholly, such as squares of an earlier suggestion: those with
            a true value in the field checked, or all of a file without that field. Squares that touch them are left
            out.
        area: Polygon file; only squares of which at least half lies inside it. Empty: anywhere.
        output: The GeoPackage to write (.gpkg).
    """

    image: tuple[str, ...] = option((), is_path=True)
    labels: tuple[str, ...] = option((), is_path=True)
    class_field: str = ""
    labelled_area: str = option("", is_path=True)
    point_radius: float = point_radius_option()
    line_width: float = line_width_option()
    ignore: tuple[str, ...] = ()
    corrections: tuple[str, ...] = option((), is_path=True)
    checked: tuple[str, ...] = option((), is_path=True)
    area: str = option("", is_path=True)
    count: int = option(
        10,
        "Number of squares",
        "As many as you can label before the next training.",
        low=1,
        high=500,  # more are not labelled before the next training
    )
    size: float = option(
        0.0,
        "Side of a square in metres",
        "In metres on the ground; for an image without a coordinate system in pixels. Automatic: what the model sees "
        "at once, which is the best to train on; without a model 256 pixels of the image.",
        low=0.001,
        is_open=True,
    )
    output: str = option("", is_path=True)


@dataclass(frozen=True)
class SketchJob(CheckedJob):
    """Map a part of an image from a few marks in seconds, with a model that is learnt from them.

    Attributes:
        image: The image raster.
        auxiliary: Auxiliary rasters of any CRS and resolution; their bands are stacked.
        labels: Points, lines and polygons that mark classes, or a class raster; of several the later ones override
            the earlier ones where they have a class. What they do not mark is unknown.
        class_field: Attribute of the vector files that names the class; empty: all is one class.
        class_names: Names and colours of classes, each as value=name or value=name=#rrggbb.
        image_bands: Bands of the image to use, counted from 1, in this order; none: all.
        auxiliary_bands: The same for the stack of auxiliary bands.
        extent: The part to map, of up to 16 million pixels: x minimum, y minimum, x maximum, y maximum; empty: the
            whole image. Marks outside of it count too.
        extent_crs: The extent's coordinate system; empty: the image's.
        confidence: Raster to write with the probability of the class of each pixel in percent; empty: none.
        output_model: Model file to write (.safetensors), which segment, suggest, export and train take; empty: none.
        output: The class map to write (.tif).
    """

    image: str = option("", is_path=True)
    auxiliary: tuple[str, ...] = option((), is_path=True)
    labels: tuple[str, ...] = option((), is_path=True)
    class_field: str = ""
    point_radius: float = point_radius_option()
    line_width: float = line_width_option()
    class_names: tuple[str, ...] = ()
    image_bands: tuple[int, ...] = option((), low=1)
    auxiliary_bands: tuple[int, ...] = option((), low=1)
    extent: Optional[Extent] = option(None, low=-math.inf)  # noqa: UP045, RUF009 - QGIS's Python 3.9 evaluates it
    extent_crs: str = ""
    device: str = option(
        "auto",
        "Device",
        "auto: the graphics card if there is one. cuda:1: the second NVIDIA card.",
        examples=DEVICES,
    )
    confidence: str = option("", is_path=True)
    output_model: str = option("", is_path=True)
    output: str = option("", is_path=True)
