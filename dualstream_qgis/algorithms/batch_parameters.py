"""Parameters of "Segment many scenes": the scenes, the output folder, and the Ray pool."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from .. import compat
from ..engine.contract.jobs import SegmentFolderJob
from ..i18n import tr
from .parameter_factories import (
    automatic_number,
    check_box,
    for_field,
    number,
    text,
    with_help,
    with_widget,
)


def scenes() -> QgsProcessingParameterFile:
    """Returns the parameter for a folder or a scenes table; its widget offers both."""
    definition = QgsProcessingParameterFile(
        "SCENES", tr("Scenes (folder or table)"), behavior=compat.A_FOLDER, optional=True
    )
    return with_help(
        with_widget(definition, "DatasetWidget"),
        tr(
            "A folder of rasters, each of which is a scene; or the path of a CSV table with the column "
            "image and the optional columns auxiliary (several rasters are separated by ;) and name, the "
            "name of the mask. Relative paths in a table start at the table's folder."
        ),
    )


def images() -> QgsProcessingParameterMultipleLayers:
    """Returns the parameter for raster layers, which replace the folder or table."""
    definition = QgsProcessingParameterMultipleLayers(
        "IMAGES", tr("Raster layers instead"), compat.TYPE_RASTER, optional=True
    )
    return with_help(
        definition,
        tr(
            "The images of the scenes, as layers of the project or files, instead of a folder or table. "
            "For thousands of images use a folder: QGIS opens each layer first."
        ),
    )


def image_bands() -> QgsProcessingParameterString:
    """Returns the parameter for the bands of each image."""
    return text(
        "IMAGE_BANDS",
        tr("Bands of the images"),
        tr(
            "Numbers of the bands to use of each image, separated by commas and counted from 1, in this "
            "order. Empty: the bands that the model was trained on."
        ),
        list_of="bands",
    )


def confidence() -> QgsProcessingParameterBoolean:
    """Returns the parameter for writing confidence rasters."""
    return check_box(
        "CONFIDENCE",
        tr("Confidence rasters"),
        SegmentFolderJob.confidence,
        tr(
            "Also write a raster beside each mask with the probability of each pixel's class, in percent."
        ),
    )


def pool_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for computing on Ray, in the order of the dialog."""
    yield text(
        "ON",
        tr("Compute on a pool (ray, ray://host:port)"),
        tr(
            "Empty: one engine on this computer, one scene after another. ray: several scenes at a time "
            "on this computer. ray://host:port or auto: on a running Ray cluster whose computers see the "
            "same files. The engine needs the package ray for it."
        ),
        SegmentFolderJob.on,
    )
    yield automatic_number(
        "WORKERS",
        tr("Processes on Ray"),
        SegmentFolderJob.workers,
        1,
        100_000,
        tr(
            "Number of processes, each of which loads the models and segments one scene at a time. "
            "Automatic: one for each graphics card, or one for every four processor cores."
        ),
        advanced=True,
    )
    yield automatic_number(
        "CORES",
        tr("Cores of each process"),
        SegmentFolderJob.cores,
        1,
        4096,
        tr(
            "Number of processor cores of each process on Ray. Automatic: an equal share of all cores."
        ),
        advanced=True,
    )
    yield number(
        "SPLIT",
        tr("Split scenes above (million pixels, 0: never)"),
        SegmentFolderJob.split,
        0.0,
        1e9,
        tr(
            "On Ray, several processes compute parts of a scene that has more million pixels than this. "
            "The mask is the same as from one process."
        ),
        advanced=True,
    )


def output_folder() -> QgsProcessingParameterFolderDestination:
    """Returns the parameter for the folder of the results."""
    definition = QgsProcessingParameterFolderDestination("OUTPUT", tr("Masks"))
    return with_help(
        for_field(definition, "output_folder"),
        tr(
            "Folder for the masks, which have the names of their scenes, the summary (summary.html, "
            "summary.csv) and the mosaics. Other files in the folder are kept."
        ),
    )
