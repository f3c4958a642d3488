"""Parameters of "Segment many scenes": the scenes, the output folder, and the Ray pool."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
)

from .. import compat
from ..engine.contract.jobs import SegmentFolderJob
from ..i18n import tr
from .parameter_factories import for_field, parameter, with_help, with_widget


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


def image_bands() -> QgsProcessingParameterDefinition:
    """Returns the parameter for the bands of each image."""
    return parameter(SegmentFolderJob, "image_bands", advanced=True, list_of="bands")


def confidence() -> QgsProcessingParameterDefinition:
    """Returns the parameter for writing confidence rasters."""
    return parameter(SegmentFolderJob, "confidence")


def pool_parameters() -> Iterator[QgsProcessingParameterDefinition]:
    """Yields the parameters for computing on Ray, in the order of the dialog."""
    for name in ("on", "workers", "cores", "split"):
        yield parameter(SegmentFolderJob, name, advanced=True)


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
