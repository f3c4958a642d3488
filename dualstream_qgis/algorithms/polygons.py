"""The algorithm "Mask to polygons"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from .. import styling
from ..engine.contract import class_table
from ..engine.contract.file_jobs import PolygonsJob
from ..i18n import tr
from . import common_parameters as shared
from .base_algorithm import EngineAlgorithm, Parameters

#: Far more than any scene has, m2 and m.
_MAX_AREA = 1e12


class PolygonsAlgorithm(EngineAlgorithm):
    """A mask -> footprints, styled with the mask's classes."""

    NAME = "polygons"
    JOB = PolygonsJob
    ICON = "polygons"

    def displayName(self) -> str:
        return tr("Mask to polygons")

    def shortDescription(self) -> str:
        return tr("Outlines the areas of a mask's classes, such as the footprints of buildings.")

    def about(self) -> str:
        """What becomes of the mask's areas, and in which order."""
        return super().about() + tr(
            "<p>The mask may be of any size. Each area of pixels that share sides becomes one "
            "polygon with its class, name, area in square metres (area_m2), number of pixels and, "
            "with a confidence raster, mean confidence in percent. The layer shows the classes' "
            "colours wherever it is opened.</p>"
            "<p>First holes are filled, then small polygons are left out, both measured along the "
            "pixels; then outlines are simplified or made right-angled, each only as far as its area "
            "stays within a fifth of that of its pixels; area_m2 is the area of the outline as "
            "written. Areas and distances are those on the ground, in degrees too; where the mask has "
            "no coordinate system they count in pixels. If nothing is found the layer is empty.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "polygonize,vectorize,raster to vector,footprints,buildings,outline,right angles,"
            "regularize,simplify,mask,segmentation"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            _mask(),
            _confidence(),
            _minimum_area(),
            _fill_holes(),
            _simplify(),
            _right_angles(),
            _classes(),
            _polygons(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("POLYGONS", tr("Polygons")))
        self.addOutput(QgsProcessingOutputNumber("AREA_M2", tr("Area in square metres")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def validation_error(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with the output: databases and memory layers are no files."""
        output = parameters.get("OUTPUT")
        place = getattr(output, "sink", output)
        text = place.staticValue() if hasattr(place, "staticValue") else place
        if not isinstance(text, str) or text in ("", "TEMPORARY_OUTPUT"):
            return ""
        if Path(text).suffix.lower() != ".gpkg":
            return tr("The polygons are written as a GeoPackage: {} does not end in .gpkg.").format(
                text
            )
        return ""

    def finish(self, job: PolygonsJob, results: Parameters, context: QgsProcessingContext) -> str:
        """Styles the polygons as soon as they are loaded."""
        table = class_table.from_records(results.get("classes", ()))
        scene = results.get("scene") or Path(job.mask).stem
        styling.style_on_load(
            context,
            job.output,
            tr("Polygons of {}").format(scene),
            lambda layer: styling.show_footprints(layer, table),
            (job.output, job.mask),
        )
        return ""


def _mask() -> QgsProcessingParameterRasterLayer:
    """The mask."""
    definition = QgsProcessingParameterRasterLayer("MASK", tr("Mask"))
    return shared.with_help(
        definition,
        tr(
            'A mask that "Segment with DualStream" wrote, or any raster of one band whose values are '
            "classes."
        ),
    )


def _confidence() -> QgsProcessingParameterRasterLayer:
    """The confidence raster of the same run."""
    definition = QgsProcessingParameterRasterLayer("CONFIDENCE", tr("Confidence"), optional=True)
    return shared.with_help(
        definition,
        tr(
            "The confidence raster of the same run, in percent: each polygon gets the mean over its "
            "pixels as the field confidence."
        ),
    )


def _classes() -> QgsProcessingParameterString:
    """Which classes to outline."""
    return shared.words(
        "CLASSES",
        tr("Classes (values)"),
        "",
        tr(
            "Values of the classes to outline, separated by commas. Empty: all but 0, the background."
        ),
        listed="values",
    )


def _minimum_area() -> QgsProcessingParameterNumber:
    """The smallest polygon."""
    return shared.number(
        "MINIMUM_AREA",
        tr("Minimum area in square metres"),
        PolygonsJob.minimum_area,
        0,
        _MAX_AREA,
        tr("Smaller polygons are left out."),
    )


def _fill_holes() -> QgsProcessingParameterNumber:
    """The largest hole to fill."""
    return shared.number(
        "FILL_HOLES",
        tr("Fill holes up to (square metres)"),
        PolygonsJob.fill_holes,
        0,
        _MAX_AREA,
        tr(
            "Holes up to this area are filled. What lies inside one as a polygon of its own stays "
            "that too."
        ),
    )


def _simplify() -> QgsProcessingParameterNumber:
    """How far an outline may move."""
    return shared.number(
        "SIMPLIFY",
        tr("Simplify by up to (metres)"),
        PolygonsJob.simplify,
        0,
        _MAX_AREA,
        tr(
            "How far an outline may move to have fewer corners; about one pixel takes the stairs away. "
            "0: every pixel edge stays. An outline that would share less than 80 percent with its "
            "pixels, as thin and small ones may, moves less or not at all. Neighbours are simplified "
            "each on its own and may part or overlap by that much. With right angles: walls and "
            "recesses shorter than this may vanish."
        ),
    )


def _right_angles() -> QgsProcessingParameterBoolean:
    """Whether to make outlines right-angled."""
    definition = QgsProcessingParameterBoolean(
        "RIGHT_ANGLES", tr("Right angles"), defaultValue=PolygonsJob.right_angles
    )
    return shared.with_help(
        definition,
        tr(
            "Make the outlines right-angled, each along its own main direction, as buildings are. A small "
            "or thin one whose walls cannot be told becomes the rectangle around it. An outline that "
            "would change too much is only simplified, by about a pixel or as said above, or stays."
        ),
    )


def _polygons() -> QgsProcessingParameterDefinition:
    """The GeoPackage."""
    definition = QgsProcessingParameterVectorDestination("OUTPUT", tr("Polygons"))
    definition.setSupportsNonFileBasedOutput(False)
    return shared.with_help(
        definition, tr("GeoPackage with the polygons, their attributes and their style.")
    )
