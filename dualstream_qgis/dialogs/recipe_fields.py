"""Labels and help of the recipe's fields, grouped by subject; the form of the recipe shows them."""

from __future__ import annotations

from typing import NamedTuple

from ..i18n import tr


class FieldText(NamedTuple):
    """What a person reads about a field of the recipe: its name, and what it does and what automatic means."""

    label: str
    help: str


#: Texts by the fields of ``recipe_text.RECIPE_FIELDS``.
Fields = dict[str, FieldText]


def recipe_groups() -> dict[str, Fields]:
    """Returns every field of the recipe, by subject, in the order of the form."""
    return {
        tr("Start"): _start(),
        tr("Optimiser"): _optimizer(),
        tr("Loss"): _loss(),
        tr("Sampling"): _sampling(),
        tr("Augmentation"): _augmentation(),
        tr("Validation"): _validation(),
        tr("Bands and computer"): _bands_and_computer(),
    }


def _start() -> Fields:
    return {
        "preset": FieldText(
            tr("Preset"),
            tr(
                "What every setting that is left open becomes. Automatic: the recipe of the network, or one that "
                "was chosen by experiment. dualstream, clouds, buildings: the recipes of the original systems, to "
                "repeat their trainings."
            ),
        ),
        "pretrained": FieldText(
            tr("Weights of the encoder"),
            tr(
                "automatic: the encoder's own ImageNet weights, or random ones with a warning if they cannot be "
                "fetched. imagenet: its own or nothing. none: random weights, which need many more labels. Or a "
                "file with the encoder's weights (.safetensors, .pth); for mit-b* a folder with a pretrained "
                "SegFormer, or the id of one on the Hugging Face hub with its revision. The weights of mit-b* "
                "are licensed for non-commercial use only."
            ),
        ),
        "warmup_epochs": FieldText(
            tr("Warm-up epochs"),
            tr(
                "Number of epochs at the start in which the encoders do not change; with pretrained weights, "
                "only the encoders that start from them. Automatic: for CMX a tenth of the epochs "
                "with pretrained weights, 0 for all others."
            ),
        ),
        "encoder_norms": FieldText(
            tr("Encoders' batch norms"),
            tr(
                "trained: they follow the training images. frozen: those of encoders that are trained already keep their "
                "means and variances. Try frozen if a map of land elsewhere takes bare ground for buildings, and "
                "compare on labels there: it helped in one town and lost in another."
            ),
        ),
        "resume": FieldText(
            tr("Continue an unfinished training"),
            tr(
                "If a training with the same model file and the same settings was cancelled or crashed, it "
                "continues after its last finished epoch, with the same result as without the interruption. "
                "A training with other data or settings is refused then, so that nothing is lost. "
                "false: the unfinished training is discarded and this one starts from the beginning."
            ),
        ),
        "seed": FieldText(
            tr("Seed"),
            tr(
                "Start value of all random numbers. On the CPU of the same computer, the same seed gives the "
                "same model."
            ),
        ),
    }


def _optimizer() -> Fields:
    return {
        "optimizer": FieldText(
            tr("Optimiser"),
            tr(
                "Method that changes the weights. adamw subtracts the weight decay from the weights, adam adds "
                "it to the gradient. Automatic: adam for the building networks, adamw for all others."
            ),
        ),
        "learning_rate": FieldText(
            tr("Learning rate"),
            tr(
                "Largest step size of the optimiser. Make it smaller if the loss jumps. Automatic: 0.0003 "
                "for CMX, 0.001 for all others; a third of it if the training starts from a model."
            ),
        ),
        "schedule": FieldText(
            tr("Learning rate schedule"),
            tr(
                "cosine: the rate falls smoothly until the last epoch. annealing: the same, epoch by epoch after the "
                "warm-up epochs and without a rise at the start. plateau: it falls to a third after "
                "three validations without improvement. step: it falls to a tenth every ten epochs. "
                "Automatic: step for the building networks, cosine for all others."
            ),
        ),
        "encoder_rate": FieldText(
            tr("Encoders' share of the rate"),
            tr(
                "Learning rate of the encoders, as a multiple of the learning rate; with pretrained weights, "
                "of the encoders that start from them, while others learn at the full rate. Automatic: for "
                "CMX 0.1 with pretrained weights, 1 for all others."
            ),
        ),
        "auxiliary_rate": FieldText(
            tr("Auxiliary encoder's share of the rate"),
            tr(
                "Learning rate of the encoder of the auxiliary rasters, as a multiple of the learning rate. With a "
                "value the warm-up epochs freeze this encoder too. Automatic: it learns as the encoders' share says."
            ),
        ),
        "fusion_rate": FieldText(
            tr("Fusion's share of the rate"),
            tr(
                "Learning rate of the layers that fuse both streams, as a multiple of the learning rate. "
                "Automatic: 1."
            ),
        ),
        "weight_decay": FieldText(
            tr("Weight decay"),
            tr(
                "How strongly the optimiser pulls weights towards zero. Automatic: 0.001 for the building "
                "networks, 0.01 for all others."
            ),
        ),
        "accumulation": FieldText(
            tr("Batches per step"),
            tr(
                "Number of batches whose gradients are added up for one step of the optimiser: the effect of "
                "a large batch with little memory. Automatic: 4 for CMX, 1 for all others."
            ),
        ),
        "ema": FieldText(
            tr("Averaging of weights"),
            tr(
                "The model is an exponential moving average of the weights, which is steadier than the last "
                "weights. This is its decay per step: the closer to 1, the more steps it averages. 0: no average. "
                "Automatic: 0.98."
            ),
        ),
    }


def _loss() -> Fields:
    return {
        "loss": FieldText(
            tr("Loss"),
            tr(
                "The error that training minimises; + takes the mean of several losses, and 0.7*focal+0.3*dice "
                "their weighted sum. Automatic: ohem+dice for CMX, focal-dice for the building networks, ce+dice for "
                "all others."
            ),
        ),
        "logit_adjustment": FieldText(
            tr("Favour rare classes"),
            tr(
                "0: not at all; a rare class may never be found. 1: as if all classes were equally frequent, "
                "with more false alarms. It cannot be combined with the loss ohem. Automatic: 0."
            ),
        ),
        "class_weights": FieldText(
            tr("Class weights"),
            tr(
                "How much the pixels of a class count in the loss, such as water=3,clouds=0.5, with names or "
                "values; other classes count 1. balanced: by the inverse square root of each class's share of the "
                "pixels. none: all classes count alike. They act on ce, ohem, ohem-quarter, focal and focal-dice, and "
                "cannot be combined with favouring rare classes. Automatic: balanced if one of three or more classes "
                "has less than 2 % of the labelled pixels, else none."
            ),
        ),
    }


def _sampling() -> Fields:
    return {
        "class_balance": FieldText(
            tr("Tiles drawn for rare classes"),
            tr(
                "Share of training tiles, 0 to 1, that are drawn around a pixel of a class, with the same "
                "probability for each class, so that the network sees rare classes. Automatic: 0.5 for CMX, "
                "0 for all others."
            ),
        ),
        "crop": FieldText(
            tr("Largest tile, in tile sizes"),
            tr(
                "Each training tile shows a square of random size, from one tile to this many tiles wide, so "
                "that the network also sees objects at smaller scales. 1: always one tile. Automatic: 2.3 for "
                "the building networks, 1 for all others."
            ),
        ),
        "foreground": FieldText(
            tr("Tiles that show objects"),
            tr(
                "Share of training tiles, 0 to 1, that must show another class than the first one, wherever "
                "there is one. Automatic: 1 for the building networks, 0 for all others."
            ),
        ),
        "least_foreground": FieldText(
            tr("Leave out blocks with a smaller share"),
            tr(
                "The network does not learn from blocks of the training area in which all classes but the "
                "first cover a smaller share (0 to 1) of the labelled pixels. This often causes false alarms. "
                "0: it learns from all blocks."
            ),
        ),
        "stream_dropout": FieldText(
            tr("Stream dropout"),
            tr(
                "Probability that a training tile is shown without its auxiliary rasters, so that the model "
                "also works where they are missing. Automatic: 0.1."
            ),
        ),
    }


def _augmentation() -> Fields:
    return {
        "augmentation": FieldText(
            tr("Augmentation"),
            tr(
                "Random changes of training tiles, joined by +: flips (and quarter turns), mirrors, copy-paste, "
                "affine (shift, scale, rotate), shift-scale-rotate (smaller), rotate, distortion, brightness, "
                "contrast, hsv, hue, clahe, jitter (colours), gray; or none. With a probability: clahe:0.3. "
                "Automatic: "
                "flips+affine+brightness+hsv+clahe+copy-paste for CMX, flips+rotate+jitter+gray for the "
                "building networks; for all others flips+affine+jitter+gray if the image is an 8-bit picture, else "
                "flips+affine+brightness."
            ),
        ),
        "paste": FieldText(
            tr("Classes for copy-paste"),
            tr(
                "Classes whose objects are copied into other tiles, separated by commas: name, name:soft "
                "(faded edge) or name:companion (moves with the nearest object, as a shadow does). "
                "Empty: the classes that the data set's layout defines."
            ),
        ),
    }


def _validation() -> Fields:
    return {
        "validation_share": FieldText(
            tr("Share kept for validation"),
            tr(
                "Share of the labelled area, 0.01 to 0.9, on which the accuracy is measured. It consists of "
                "whole blocks, from which the network never learns."
            ),
        ),
        "validate_every": FieldText(
            tr("Epochs between validations"),
            tr(
                "How often the accuracy is measured and example pictures are written. Automatic: every 5 "
                "epochs for CMX, every epoch for all others."
            ),
        ),
        "patience": FieldText(
            tr("Patience"),
            tr(
                "Training stops after this many validations in which the validation loss has not fallen; 0: it never "
                "stops early. Automatic: 5 for the building networks, no early stop for all others."
            ),
        ),
        "baseline": FieldText(
            tr("Compare with a pixel classifier"),
            tr(
                "The report also says what boosted trees reach, which see each pixel alone, on the same labels: so you see "
                "whether the network is worth it. It takes at most a minute. false: no comparison."
            ),
        ),
        "checkpoint_every": FieldText(
            tr("Epochs between checkpoints"),
            tr("How often a copy of the model is saved in the folder MODEL.checkpoints. 0: never."),
        ),
    }


def _bands_and_computer() -> Fields:
    return {
        "image_bands": FieldText(
            tr("Bands of the image"),
            tr(
                "Numbers of the bands to use of each image, separated by commas and counted from 1, in this "
                "order. Empty: all bands."
            ),
        ),
        "picture_bands": FieldText(
            tr("Bands in pictures"),
            tr(
                "Numbers of the bands that the report shows as red, green and blue where the bands' names do not say which "
                "they are. Empty: those of the layer's style in QGIS, else the first three."
            ),
        ),
        "auxiliary_bands": FieldText(
            tr("Bands of the auxiliary rasters"),
            tr(
                "Numbers of the bands to use, separated by commas and counted from 1 through all auxiliary "
                "rasters. Empty: all bands. With this, one raster can be both image and auxiliary raster."
            ),
        ),
        "auxiliary_tile_size": FieldText(
            tr("Tile size in auxiliary pixels"),
            tr(
                "Side of the square, in pixels, to which the auxiliary rasters of a tile are resampled. "
                "Automatic: computed from the resolutions of the rasters."
            ),
        ),
        "precision": FieldText(
            tr("Precision"),
            tr(
                "Number format of the computation. auto: the fastest one that is safe on the device."
            ),
        ),
    }
