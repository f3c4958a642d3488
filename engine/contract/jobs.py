"""Jobs that train or segment: one frozen dataclass per command, with every default.

A field is an option of the command line (``--batch_size 8``), a key of the job file and, in capitals, a parameter
in QGIS. To add one:

1. Add the field with its default to the command's dataclass, and a line to its ``Attributes``, which is the
   option's help. Fields that all commands share which apply models belong to ``inference_options``.
2. Add a parameter of the same name in capitals in ``dualstream_qgis/algorithms/``; for a setting of a training that few
   change, add it to ``recipe_text.RECIPE_FIELDS`` and its texts to ``dualstream_qgis/dialogs/recipe_fields.py`` instead.
3. If the default depends on the network, add the field to ``architectures.Recipe`` too: a job that keeps
   ``TrainJob``'s default gets the recipe's value.

4. If it changes the pixels of a mask, add it to ``_DECIDING`` in ``batch/finished_scenes.py``; a field of
   ``SegmentJob`` alone also to ``inference/run_key.py``. Tests compare the lists with the jobs' fields.

Jobs about single files (evaluate, polygons, import, export, info) are in ``file_jobs``.
"""

from __future__ import annotations

from dataclasses import dataclass

from .inference_options import InferenceOptions
from .paths import path_list

#: x minimum, y minimum, x maximum, y maximum.
Extent = tuple[float, float, float, float]

#: Values of ``TrainJob.encoder_norms``.
TRAINED, FROZEN = "trained", "frozen"

#: Value of a text field that leaves the choice to the architecture's recipe.
AUTOMATIC = "automatic"


@dataclass(frozen=True)
class TrainJob:
    """Train a segmentation network on one or two raster streams.

    Give either ``image`` and ``labels`` (and ``auxiliary``, ``area``) or ``dataset``.

    Attributes:
        architecture: The network's name, one of those that ``python -m engine info`` lists, or any other
            network of segmentation-models-pytorch as smp:Architecture:encoder.
        encoder: The image encoder: mit-b0 to mit-b5, or any pyramid of timm by its name, such as
            tf_efficientnet_lite0, convnext_tiny or pvt_v2_b1; "automatic": tf_efficientnet_lite0, or with a GPU that
            of the original network if its weights can be fetched. Networks that name their encoder take no other.
        preset: Recipe for every option that is left open: "dualstream", "clouds" or "buildings" for those of the
            original systems; "automatic": the network's own, which for dualstream-dformer and smp networks was
            chosen by experiment.
        start: A model file (.safetensors) whose training goes on with these data: the network is that
            model's, and its weights are the start, also for the classes that it knows.
        image: The image raster, which defines the grid of labels and masks; or several of the same bands,
            and folders for all rasters in them.
        auxiliary: Auxiliary rasters of any CRS and resolution, each for all images; their bands are stacked.
        image_bands: Bands of the image to use, counted from 1, in this order; none: all.
        auxiliary_bands: The same for the stack of auxiliary bands.
        labels: Class raster or polygon file on which to train, for all images; or a folder with a class
            raster of the name of each image. Of several the later ones override the earlier ones where
            they have a class: of polygons, the pixels inside them.
        corrections: Corrected masks, each a class raster, polygons as the command polygons writes them, or a
            folder with a raster of the name of an image. Inside the squares of checked they override all labels.
        checked: Polygons of the squares in which the corrections are right, such as the command suggest
            writes: those with a true value in the field checked, or all of a file without that field. One
            file for all corrections, or one for each in their order.
        class_field: Attribute of the polygons that names the class; empty: all are one class.
        area: Polygon file; only pixels inside it count as labelled.
        unlabelled: Pixels outside every polygon: "background" (a class) or "ignored".
        class_names: Names and colours of classes, each as value=name or value=name=#rrggbb.
        ignore: Classes whose pixels count as unlabelled, each a name or a value, such as 255.
        merge: Classes to train as one, each as class+class=name with names or values on the left, such as
            8+10=thin cloud. The result has the value of the class of that name, else the smallest one.
        dataset: Folder in DualStream's, the clouds' or a competition's layout, or scenes table (CSV),
            instead of image and labels.
        rle_order: Direction in which run lengths of a competition are counted: "row" or "column".
        output: The model file to write (.safetensors); with folds the ensemble file (.json), beside its models.
        report: Page (.html) about the training, rewritten while it runs; empty: beside the model, as
            NAME.report.html; "none": no page.
        baseline: Compare the network with a pixel classifier (boosted trees on the bands of single pixels) on the same
            split; it takes at most a minute, and at most a tenth of minutes.
        epochs: Passes over the training area; 0: from the architecture's recipe, which may leave it to the
            amount of data (about 1000 steps), or as many as fit into minutes.
        minutes: Time for the whole training with what follows its last epoch, min: the numbers of epochs, of
            windows per epoch and of validations are planned for it from the measured speed, at most epochs
            passes if those are given; a training that is continued counts its earlier runs; 0: any.
        batch_size: Windows per forward pass; 0: as many as fit into the device's memory.
        accumulation: Forward passes per optimiser step; 0: from the recipe.
        tile_size: Side of a tile, the square that the network sees, in image pixels, a multiple of 32;
            0: 512 with a GPU and 256 without one (224 for the building networks), or less if images are smaller.
        auxiliary_tile_size: Side of a tile in auxiliary pixels; 0: from the resolutions.
        crop: Largest side of a training window in tile sides: each window is between 1 and this many
            tiles wide and is resampled to one tile; 0: from the recipe.
        foreground: Share of training windows that contain foreground, which is any class but the first,
            if the block they are drawn from has some; -1: from the recipe.
        least_foreground: Blocks with a smaller share of foreground pixels are left out of training;
            0: none is.
        optimizer: "adamw" or "adam"; "automatic": from the recipe.
        learning_rate: Peak learning rate of the decoder; 0: from the recipe (a third of that with start).
        encoder_rate: Learning rate of the encoders as a share of learning_rate; 0: from the recipe
            (for cmx 0.1 with pretrained weights or with start; else 1). With pretrained weights it applies to the pretrained encoders only; other encoders use learning_rate.
        auxiliary_rate: Learning rate of the auxiliary encoder as a share of learning_rate; warm-up then freezes
            this encoder too; 0: from the recipe (as encoder_rate says).
        fusion_rate: Learning rate of the fusion as a share of learning_rate; 0: from the recipe (1).
        weight_decay: The optimiser's weight decay; -1: from the recipe.
        warmup_epochs: Epochs with frozen encoders (with pretrained weights: frozen pretrained encoders);
            -1: from the recipe (for cmx a tenth of the epochs with pretrained weights; else none).
        encoder_norms: "trained": the batch norms of the encoders follow the batches; "frozen": those of encoders that
            are trained already, with pretrained weights or with start, keep their means and variances.
        schedule: How the learning rate falls: "cosine", "annealing" (by a cosine, epoch by epoch after the warm-up
            epochs, without a rise at the start), "plateau" (to a third when the validation score
            stops rising) or "step" (to a tenth every 10 epochs, or every quarter of a training of automatic
            epochs or minutes); "automatic": from the recipe.
        patience: Number of validations without a smaller validation loss after which training stops;
            0: no early stop; -1: from the recipe, and none with minutes.
        ema: Decay of the exponential moving average of the weights, which is validated and saved; 0: none;
            -1: from the recipe (0.98).
        loss: Name of a loss, or your own as module:function; several joined by + for their mean, or with
            weights for their sum (0.7*focal+0.3*dice); "automatic": from the recipe.
        augmentation: Names of augmentations, joined by +, or "none"; a name may have a probability, as in
            clahe:0.3; "automatic": from the recipe.
        paste: Classes whose instances are copied into other windows by the augmentation
            copy-paste, each as name, name:soft (faded edge) or name:companion (travels with the
            nearest instance); none: as the layout of the dataset says.
        class_balance: Share of training windows that are drawn to show a random class, each class with the
            same probability; -1: from the recipe.
        logit_adjustment: Strength of the logit adjustment for rare classes: 0 none, 1 as if all classes
            were equally frequent; -1: from the recipe.
        class_weights: Weights of classes in the losses ce, ohem, ohem-quarter, focal and focal-dice (the others stay
            as they are), each as class=weight with a name or value (others have 1); or "balanced": the inverse square
            root of a class's share of the pixels, with mean 1; or "none": all classes alike. Empty: "balanced" if one
            of three or more classes has less than 2 % of the labelled pixels and preset, loss, class_balance and
            logit_adjustment are left open; else "none".
        stream_dropout: Probability that a training window has no auxiliary stream; -1: from the recipe (0.1).
        validation_share: Share of the labelled area kept for validation, in spatial blocks, or in whole
            scenes if the dataset has many small ones.
        folds: Number of spatial parts of the labelled area: as many models are trained one after another, each of
            which is scored on the part that it did not learn from, and become one ensemble file (.json), the
            output; 0 or 1: one model. validation_share is then one part, and minutes are for all together.
        validate_every: Epochs between validations; 0: from the recipe. With automatic epochs or minutes there
            are more epochs between them if they would take too long.
        checkpoint_every: Epochs between checkpoints; 0: none.
        pretrained: Weights that the encoder starts from: "automatic" for its own ImageNet weights, or random
            ones with a warning if they cannot be fetched; "imagenet" for its own or nothing; "none" for
            random ones; or a file of weights (.safetensors, .pth). For mit-b* a folder with a SegFormer, or a
            hub id with revision (name@revision).
        picture_bands: Bands of the image, counted from 1, that pictures of the training show as red, green and blue where
            the bands' names do not say which they are; none: the first three.
        resume: Continue an unfinished training of the same job; false: start again.
        seed: Seed of all random numbers.
        device: auto, cpu, cuda, cuda:N or mps; all: every NVIDIA GPU of this machine.
        precision: auto, fp32, bf16 or fp16.
    """

    architecture: str = "dualstream-dformer"
    encoder: str = AUTOMATIC
    preset: str = AUTOMATIC
    start: str = ""
    image: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    image_bands: tuple[int, ...] = ()
    auxiliary_bands: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    class_field: str = ""
    area: str = ""
    unlabelled: str = "background"
    class_names: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()
    dataset: str = ""
    rle_order: str = "row"
    output: str = ""
    report: str = ""
    baseline: bool = True
    epochs: int = 0
    minutes: float = 0.0
    batch_size: int = 4
    accumulation: int = 0
    tile_size: int = 0
    auxiliary_tile_size: int = 0
    crop: float = 0.0
    foreground: float = -1.0
    least_foreground: float = 0.0
    optimizer: str = AUTOMATIC
    learning_rate: float = 0.0
    encoder_rate: float = 0.0
    auxiliary_rate: float = 0.0
    fusion_rate: float = 0.0
    weight_decay: float = -1.0
    warmup_epochs: int = -1
    encoder_norms: str = TRAINED
    schedule: str = AUTOMATIC
    patience: int = -1
    ema: float = -1.0
    loss: str = AUTOMATIC
    augmentation: str = AUTOMATIC
    paste: tuple[str, ...] = ()
    class_balance: float = -1.0
    logit_adjustment: float = -1.0
    class_weights: tuple[str, ...] = ()
    stream_dropout: float = -1.0
    validation_share: float = 0.2
    folds: int = 0
    validate_every: int = 0
    checkpoint_every: int = 5
    pretrained: str = AUTOMATIC
    picture_bands: tuple[int, ...] = ()
    resume: bool = True
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"

    def __post_init__(self) -> None:
        """Accepts one path as a text: scripts and job files were written when there was only one, or ""."""
        for name in ("image", "labels", "corrections", "checked"):
            object.__setattr__(self, name, path_list(getattr(self, name)))


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

    model: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    image_bands: tuple[int, ...] = ()
    auxiliary_bands: tuple[int, ...] = ()
    extent: Extent | None = None
    extent_crs: str = ""


@dataclass(frozen=True)
class SceneJob(ImageryJob):
    """The models and the rasters of a job about one scene.

    Attributes:
        image: The image raster.
    """

    image: str = ""


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

    confidence: str = ""
    disagreement: str = ""
    unlike: str = ""
    output: str = ""


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

    checkpoint: tuple[str, ...] = ()
    dataset: str = ""
    output: str = ""
    order: str = "row"


@dataclass(frozen=True)
class SegmentFolderJob(InferenceOptions):
    """Segment many scenes with the same models: masks, a summary and a mosaic in one folder.

    Attributes:
        model: The model file, several of them, or an ensemble file (.json), as in SegmentJob.
        scenes: Scenes table (CSV with the column image and optionally auxiliary and name), or a folder
            of rasters.
        images: Image rasters, instead of scenes.
        auxiliary: Auxiliary rasters of every scene for which the table names none.
        image_bands: Bands of each image to use, as in SegmentJob.
        auxiliary_bands: The same for the stack of auxiliary bands.
        confidence: Write a confidence raster beside each mask.
        output_folder: Folder for the masks, summary.csv, summary.html and the mosaics; also --output.
        on: Where to compute: empty: in this process; "ray": on a pool of processes of this machine;
            "ray://HOST:PORT" or "auto": on a running Ray cluster that sees the same files.
        workers: Processes of the pool; 0: one for each GPU, or for every few cores.
        cores: Processor cores per worker; 0: an equal share of all.
        split: Scenes larger than this, in million pixels, are divided among the workers of a pool; 0: none.
    """

    model: tuple[str, ...] = ()
    scenes: str = ""
    images: tuple[str, ...] = ()
    auxiliary: tuple[str, ...] = ()
    image_bands: tuple[int, ...] = ()
    auxiliary_bands: tuple[int, ...] = ()
    confidence: bool = False
    output_folder: str = ""
    on: str = ""
    workers: int = 0
    cores: int = 0
    split: float = 100.0
