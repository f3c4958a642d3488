"""Advanced parameters of a training: which tiles the network sees, and how they are augmented."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from qgis.core import QgsProcessingParameterDefinition

from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import parameter_factories
from .parameter_factories import text

number = partial(parameter_factories.number, advanced=True)


def augmentation_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for the augmentation of tiles, in the order of the dialog."""
    yield text(
        "AUGMENTATION",
        tr("Augmentation"),
        tr(
            "Random changes of training tiles, joined by +: flips, copy-paste, affine (shift, scale, "
            "rotate), rotate, brightness, hsv, clahe, jitter (colours), gray; or none. Automatic: "
            "flips+affine+brightness+hsv+clahe+copy-paste for CMX, flips+rotate+jitter+gray for the "
            "building networks; for all others flips+affine+jitter+gray if the image is an 8-bit picture, else "
            "flips+affine+brightness."
        ),
        TrainJob.augmentation,
    )
    yield text(
        "PASTE",
        tr("Classes for copy-paste"),
        tr(
            "Classes whose objects are copied into other tiles, separated by commas: name, name:soft "
            "(faded edge) or name:companion (moves with the nearest object, as a shadow does). "
            "Empty: the classes that the data set's layout defines."
        ),
        list_of="words",
    )


def sampling_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for the choice of tiles, in the order of the dialog."""
    yield number(
        "CLASS_BALANCE",
        tr("Tiles drawn for rare classes (-1: automatic)"),
        TrainJob.class_balance,
        -1.0,
        1.0,
        tr(
            "Share of training tiles, 0 to 1, that are drawn around a pixel of a class, with the same "
            "probability for each class, so that the network sees rare classes. Automatic: 0.5 for CMX, "
            "0 for all others."
        ),
    )
    yield number(
        "CROP",
        tr("Largest tile in tile sizes (0: automatic)"),
        TrainJob.crop,
        0.0,
        8.0,
        tr(
            "Each training tile shows a square of random size, from one tile to this many tiles wide, so "
            "that the network also sees objects at smaller scales. 1: always one tile. Automatic: 2.3 for "
            "the building networks, 1 for all others."
        ),
    )
    yield number(
        "FOREGROUND",
        tr("Tiles that show objects (-1: automatic)"),
        TrainJob.foreground,
        -1.0,
        1.0,
        tr(
            "Share of training tiles, 0 to 1, that must show another class than the first one, wherever "
            "there is one. Automatic: 1 for the building networks, 0 for all others."
        ),
    )
    yield number(
        "LEAST_FOREGROUND",
        tr("Leave out blocks with a smaller share"),
        TrainJob.least_foreground,
        0.0,
        1.0,
        tr(
            "The network does not learn from blocks of the training area in which all classes but the "
            "first cover a smaller share (0 to 1) of the labelled pixels. This often causes false alarms. "
            "0: it learns from all blocks."
        ),
    )
    yield number(
        "STREAM_DROPOUT",
        tr("Stream dropout"),
        TrainJob.stream_dropout,
        0.0,
        0.99,
        tr(
            "Probability that a training tile is shown without its auxiliary rasters, so that the model "
            "also works where they are missing."
        ),
    )
