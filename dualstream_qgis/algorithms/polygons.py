"""The algorithm "Mask to polygons"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from .. import styling
from ..engine.contract import class_table
from ..engine.contract.file_jobs import PolygonsJob
from ..i18n import tr
from . import layer_sources
from .base_algorithm import EngineAlgorithm, Values
from .parameter_factories import check_box, parameter, text, with_help
from .parameter_values import geopackage_error


class PolygonsAlgorithm(EngineAlgorithm):
    """Turns a mask into polygons, which are styled with the mask's classes."""

    NAME = "polygons"
    JOB = PolygonsJob
    ICON = "polygons"

    _subject = ""

    def displayName(self) -> str:
        return tr("Mask to polygons")

    def shortDescription(self) -> str:
        return tr("Outlines the areas of a mask's classes, such as the footprints of buildings.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> A mask of any size, or any raster whose values are classes.</p>"
            "<p><b>What it makes:</b> Each area of pixels that share sides becomes one polygon with its "
            "class, name, area in square metres (area_m2), number of pixels and, with a confidence raster, mean confidence in percent. The GeoPackage contains a style "
            "with the classes' colours.</p>"
            "<p>Touching objects are split first, if you choose so. Then holes are filled, and small polygons left out, both by the area of their "
            "pixels. Last, outlines are simplified or made right-angled, as long as the area of each "
            "changes by no more than a fifth; area_m2 is the area of the final outline. Areas and "
            "distances are measured on the ground, for masks in degrees too; for a mask without a "
            "coordinate system they are in pixels. If there is no polygon, the layer is empty.</p>"
            "<p><b>Example:</b> With the sample data: as Mask the one that <i>Segment with DualStream</i> made of "
            "<i>unseen/image.tif</i>, Minimum area <i>10000</i>, Simplify <i>20</i>, then Run. For buildings tick "
            "Split touching objects, with the confidence raster, and Right angles instead.</p>"
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
            _split(),
            parameter(PolygonsJob, "minimum_area"),
            parameter(PolygonsJob, "fill_holes"),
            parameter(PolygonsJob, "simplify"),
            _right_angles(),
            _classes(),
            parameter(PolygonsJob, "neck", advanced=True),
            _polygons(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("POLYGONS", tr("Number of polygons")))
        self.addOutput(QgsProcessingOutputNumber("AREA_M2", tr("Area in square metres")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        return geopackage_error(parameters.get("OUTPUT"))

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Notes what the mask is a result of, after which the polygons are named."""
        self._subject = layer_sources.layer_subject(parameters.get("MASK"), context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def finish(self, job: PolygonsJob, results: Values, context: QgsProcessingContext) -> str:
        """Sets the name and style that the polygons get when QGIS loads them."""
        table = class_table.from_records(results.get("classes", ()))
        subject = self._subject or results.get("scene") or Path(job.mask).stem
        styling.style_on_load(
            context,
            job.output,
            tr("Polygons of {}").format(subject),
            lambda layer: styling.show_polygons(layer, table),
            (job.output, job.mask),
            subject,
        )
        return ""


def _mask() -> QgsProcessingParameterRasterLayer:
    definition = QgsProcessingParameterRasterLayer("MASK", tr("Mask"))
    return with_help(
        definition,
        tr(
            'A mask from "Segment with DualStream", or any raster of one band whose values are classes.'
        ),
    )


def _confidence() -> QgsProcessingParameterRasterLayer:
    definition = QgsProcessingParameterRasterLayer("CONFIDENCE", tr("Confidence"), optional=True)
    return with_help(
        definition,
        tr(
            "The confidence raster of the same run, in percent. Each polygon gets the mean of its pixels "
            "in the field confidence, and touching objects are separated better."
        ),
    )


def _split() -> QgsProcessingParameterBoolean:
    return check_box(
        "SPLIT",
        tr("Split touching objects"),
        PolygonsJob.split,
        tr(
            "Cut areas of a class where they become narrow, so that a row of touching houses becomes "
            "houses. Give the confidence raster too: the model is less sure between two houses than "
            "inside them, so that many more are separated. An L-shaped house stays one."
        ),
    )


def _classes() -> QgsProcessingParameterString:
    return text(
        "CLASSES",
        tr("Classes (values)"),
        tr(
            "Values of the classes to outline, separated by commas. Empty: all but 0, the background."
        ),
        list_of="values",
    )


def _right_angles() -> QgsProcessingParameterBoolean:
    return check_box(
        "RIGHT_ANGLES",
        tr("Right angles"),
        PolygonsJob.right_angles,
        tr(
            "Make outlines right-angled, each along its own main direction, as buildings are. If the "
            "walls of a small or thin outline cannot be found, it becomes the rectangle around it. If an "
            "outline would change too much, it is only simplified, by the distance above or about a "
            "pixel, or stays as it is."
        ),
    )


def _polygons() -> QgsProcessingParameterDefinition:
    definition = QgsProcessingParameterVectorDestination("OUTPUT", tr("Polygons"))
    definition.setSupportsNonFileBasedOutput(False)
    return with_help(
        definition, tr("GeoPackage with the polygons, their attributes and their style.")
    )
