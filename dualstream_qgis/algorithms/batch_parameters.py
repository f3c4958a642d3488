"""Many scenes at a time: the parameters that no other algorithm has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.jobs import SegmentFolderJob
from ..i18n import tr
from .common_parameters import WIDGETS, number, with_help, words


def scenes() -> QgsProcessingParameterFile:
    """Folder or table: QGIS's parameter is named after one of them and takes both, and so does the widget."""
    definition = QgsProcessingParameterFile(
        "SCENES", tr("Scenes (folder or table)"), behavior=compat.A_FOLDER, optional=True
    )
    definition.setMetadata({"widget_wrapper": {"class": f"{WIDGETS}.DatasetWidget"}})
    return with_help(
        definition,
        tr(
            "A folder of rasters, each of which is a scene; or the path of a CSV table with the column "
            "image and, if wanted, auxiliary (several are separated by ;) and name, that of the mask. Paths "
            "in a table count from where it lies."
        ),
    )


def images() -> QgsProcessingParameterMultipleLayers:
    """Layers instead."""
    definition = QgsProcessingParameterMultipleLayers(
        "IMAGES", tr("Raster layers instead"), compat.TYPE_RASTER, optional=True
    )
    return with_help(
        definition,
        tr(
            "The images of the scenes, as layers of the project or files, instead of a folder or table. "
            "Of thousands rather give the folder: QGIS opens each layer first."
        ),
    )


def image_bands() -> QgsProcessingParameterString:
    """Some of each image's bands."""
    return words(
        "IMAGE_BANDS",
        tr("Bands of the images"),
        "",
        tr(
            "Numbers of the bands to use of each image, separated by commas and counted from 1, in this "
            "order. Empty: those the model was trained on."
        ),
        listed="numbers",
    )


def confidence() -> QgsProcessingParameterBoolean:
    """Whether to write confidence rasters."""
    definition = QgsProcessingParameterBoolean(
        "CONFIDENCE", tr("Confidence rasters"), SegmentFolderJob.confidence
    )
    return with_help(
        definition,
        tr(
            "Also write a raster beside each mask with the probability of each pixel's class, in percent."
        ),
    )


def on() -> QgsProcessingParameterString:
    """This computer's engine, or a pool."""
    return words(
        "ON",
        tr("Compute on a pool (ray, ray://host:port)"),
        SegmentFolderJob.on,
        tr(
            "Empty: one engine on this computer, one scene after another. ray: several at a time on this "
            "computer. ray://host:port or auto: on a running Ray cluster whose computers see the same "
            "files. The engine needs the package ray for it."
        ),
    )


def workers() -> QgsProcessingParameterNumber:
    """Processes of the pool."""
    return number(
        "WORKERS",
        tr("Processes on Ray (0: automatic)"),
        SegmentFolderJob.workers,
        0,
        100_000,
        tr(
            "How many scenes are segmented at the same time, each by a process that holds the models. "
            "Automatic: one for each graphics card, or for every few processor cores."
        ),
        advanced=True,
    )


def cores() -> QgsProcessingParameterNumber:
    """Cores of each process."""
    return number(
        "CORES",
        tr("Cores of each process (0: automatic)"),
        SegmentFolderJob.cores,
        0,
        4096,
        tr("On Ray, the processor cores that each process has. Automatic: as many as there are."),
        advanced=True,
    )


def split() -> QgsProcessingParameterNumber:
    """From which size on a scene is shared."""
    return number(
        "SPLIT",
        tr("Split scenes above (million pixels, 0: never)"),
        SegmentFolderJob.split,
        0.0,
        1e9,
        tr(
            "On Ray, a larger scene is computed by several processes in parts, with the same mask as in "
            "one."
        ),
        advanced=True,
    )


def output_folder() -> QgsProcessingParameterFolderDestination:
    """Where the results go."""
    definition = QgsProcessingParameterFolderDestination("OUTPUT_FOLDER", tr("Masks"))
    return with_help(
        definition,
        tr(
            "Folder for the masks, named as their scenes, the summary (summary.html, summary.csv) and "
            "the mosaics. What else lies there stays."
        ),
    )


def parse_finished_counts(message: str) -> tuple[str, ...]:
    """How many of how many scenes are finished, as the engine's progress says; empty if it does not."""
    found = re.match(r"(\d+) of (\d+) scenes?", message)
    return found.groups() if found else ()


def layer_name(results: dict[str, Any]) -> str:
    """The name of the mosaic's layer: it shows the scenes that have a mask."""
    masks = results.get("scenes_done", 0) + results.get("scenes_kept", 0)
    return tr("Mask of 1 scene") if masks == 1 else tr("Masks of {} scenes").format(masks)


#: Where to compute, in the order of the dialog.
POOL: tuple[Callable[[], QgsProcessingParameterDefinition], ...] = (on, workers, cores, split)
