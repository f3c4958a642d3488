"""Which tiles a training sees, and how they are varied: all of it may be left as it is."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from .common_parameters import number, words


def augmentation() -> QgsProcessingParameterString:
    """How training tiles are varied."""
    return words(
        "AUGMENTATION",
        tr("Augmentation"),
        TrainJob.augmentation,
        tr(
            "How training tiles are varied, joined by +: flips, copy-paste, affine (shift, scale, "
            "rotate), rotate, brightness, hsv, clahe, jitter (colours), gray; or none. Automatic: "
            "flips+affine+brightness+hsv+clahe+copy-paste for CMX, flips+rotate+jitter+gray for the "
            "building networks, otherwise flips."
        ),
        advanced=True,
    )


def paste() -> QgsProcessingParameterString:
    """What copy-paste takes."""
    return words(
        "PASTE",
        tr("Classes for copy-paste"),
        "",
        tr(
            "Classes whose objects are copied into other tiles, separated by commas: name, name:soft "
            "(faded edge) or name:companion (travels with the nearest object, as a shadow does). "
            "Empty: what the data set's layout says."
        ),
        listed="words",
    )


def class_balance() -> QgsProcessingParameterNumber:
    """Share of tiles drawn for rare classes."""
    return number(
        "CLASS_BALANCE",
        tr("Tiles drawn for rare classes (-1: automatic)"),
        TrainJob.class_balance,
        -1.0,
        1.0,
        tr(
            "Share of training tiles that are drawn where a class lies, all classes alike, so that the "
            "network sees rare ones. Automatic: half of them for CMX, otherwise none."
        ),
        advanced=True,
    )


def crop() -> QgsProcessingParameterNumber:
    """How large a part of the scene a training tile may show."""
    return number(
        "CROP",
        tr("Largest tile in tile sizes (0: automatic)"),
        TrainJob.crop,
        0.0,
        8.0,
        tr(
            "Each training tile shows a square of random size, from one tile to this many tiles wide, so "
            "that objects are seen smaller too. 1: always one tile. Automatic: 2.3 for the building "
            "networks, otherwise 1."
        ),
        advanced=True,
    )


def foreground() -> QgsProcessingParameterNumber:
    """Share of tiles drawn where something is."""
    return number(
        "FOREGROUND",
        tr("Tiles that show objects (-1: automatic)"),
        TrainJob.foreground,
        -1.0,
        1.0,
        tr(
            "Share of training tiles that are placed so that they show another class than the first, if "
            "there is any where they are drawn. Automatic: all for the building networks, otherwise none."
        ),
        advanced=True,
    )


def least_foreground() -> QgsProcessingParameterNumber:
    """Blocks that are left out."""
    return number(
        "LEAST_FOREGROUND",
        tr("Leave out blocks with a smaller share"),
        TrainJob.least_foreground,
        0.0,
        1.0,
        tr(
            "Blocks of the training area in which the other classes than the first have a smaller share of "
            "the labelled pixels are not learnt from; this often makes false alarms. 0: all are."
        ),
        advanced=True,
    )


def stream_dropout() -> QgsProcessingParameterNumber:
    """Chance of a missing auxiliary stream."""
    return number(
        "STREAM_DROPOUT",
        tr("Stream dropout"),
        TrainJob.stream_dropout,
        0.0,
        0.99,
        tr(
            "Chance that a training tile is shown without its auxiliary rasters, so that the "
            "model copes where they are missing."
        ),
        advanced=True,
    )


#: Everything above, in the order of the dialog.
TILES: tuple[Callable[[], QgsProcessingParameterDefinition], ...] = (
    augmentation,
    paste,
    class_balance,
    crop,
    foreground,
    least_foreground,
    stream_dropout,
)
