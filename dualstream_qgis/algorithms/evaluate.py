"""The algorithm "Accuracy of a mask"."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMapLayer,
)

from .. import compat
from ..engine.contract.file_jobs import SAMPLINGS, EvaluateJob
from ..i18n import tr
from . import layer_sources, training_data_parameters
from .base_algorithm import EngineAlgorithm, Values
from .parameter_factories import choice, parameter, polygon_area, text, with_help, with_widget
from .parameter_values import is_given

#: Largest tolerance of outlines, px.


class EvaluateAlgorithm(EngineAlgorithm):
    """Compares a mask with labels and writes a report."""

    NAME = "evaluate"
    JOB = EvaluateJob
    PAGE_ABOUT = "mask"
    ICON = "evaluate"
    GROUP = "check"

    _mask_name = ""

    def displayName(self) -> str:
        return tr("Accuracy of a mask")

    def shortDescription(self) -> str:
        return tr(
            "Compares a mask with known classes and writes a report with tables and pictures."
        )

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> A mask, or polygons made of one, and labels of the same land that the "
            "training did not see: a class raster, polygons, lines or points.</p>"
            "<p><b>What it makes:</b> A page for the Results Viewer: IoU, precision, recall and F1 of each class, "
            "which class is taken for which, how well outlines agree, how many objects such as buildings are found, "
            "and where mask and labels differ. If the labels are a random or stratified sample, it also estimates "
            "the area of each class with a 95 % confidence interval (Olofsson et al. 2014).</p>"
            "<p><b>Example:</b> With the sample data: as Mask the one that <i>Segment with DualStream</i> made of "
            "<i>unseen/image.tif</i>, Labels <i>unseen/labels.gpkg</i>, Field with the class <i>class</i>, then Run. "
            "Read the sentences at the top of the page first.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "evaluate,accuracy,validation,assessment,confusion matrix,error matrix,IoU,F1,precision,recall,"
            "boundary,area estimation,confidence interval,report"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            _mask(),
            _labels(),
            _class_field("CLASS_FIELD", tr("Field with the class (not of a raster)"), "LABELS"),
            _area(),
            _sampling(),
            _class_field("MASK_FIELD", tr("Field of the mask, if it is polygons"), "MASK", True),
            _unlabelled(),
            *training_data_parameters.mark_sizes(),
            _ignore(),
            _merge(),
            parameter(EvaluateJob, "tolerance", advanced=True),
            _report(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("MIOU", tr("Mean IoU")))
        self.addOutput(QgsProcessingOutputNumber("PIXEL_ACCURACY", tr("Pixel accuracy")))
        self.addOutput(QgsProcessingOutputNumber("MEAN_BOUNDARY_F1", tr("Mean boundary F1")))
        self.addOutput(QgsProcessingOutputNumber("PIXELS", tr("Compared pixels")))

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Notes the mask's name in the project: a temporary mask's file is called OUTPUT."""
        self._mask_name = layer_sources.layer_name(parameters.get("MASK"), context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def page_subject(self, job: EvaluateJob) -> str:
        return self._mask_name or super().page_subject(job)

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        if is_given(parameters, "MASK") and parameters["MASK"] == parameters.get("LABELS"):
            return tr("Mask and labels are the same layer: there is nothing to compare.")
        return ""


def _mask() -> QgsProcessingParameterMapLayer:
    definition = QgsProcessingParameterMapLayer(
        "MASK",
        tr("Mask (class raster or polygons)"),
        types=[compat.TYPE_RASTER, compat.TYPE_POLYGON],
    )
    return with_help(
        definition,
        tr(
            'A mask from "Segment with DualStream", any other raster of one band whose values are classes, or '
            "polygons such as footprints. Polygons are compared pixel by pixel on the grid of a class raster, "
            "so the labels must be one then."
        ),
    )


def _labels() -> QgsProcessingParameterMapLayer:
    definition = QgsProcessingParameterMapLayer(
        "LABELS",
        tr("Labels (raster, polygons, lines or points)"),
        types=[compat.TYPE_RASTER, compat.TYPE_GEOMETRY],
    )
    return with_help(
        definition,
        tr(
            "The known classes, in any coordinate system; best of land that the training did not see. Names or "
            "values of the classes are those of the mask. A point is the class of the pixel in which it lies, a line of the "
            "pixels that it crosses; then pixels without a mark are not compared, unless there is a labelled area."
        ),
    )


def _class_field(
    name: str, description: str, parent: str, advanced: bool = False
) -> QgsProcessingParameterField:
    definition = QgsProcessingParameterField(
        name,
        description,
        parentLayerParameterName=parent,
        type=compat.ANY_FIELD,
        optional=True,
    )
    return with_help(
        with_widget(definition, "ClassFieldWidget"),
        tr("The attribute with the class of each polygon, line or point. Empty: all are one class.")
        if parent == "LABELS"
        else tr(
            "The attribute with the class of each polygon of the mask. Empty: the field class, which "
            '"Mask to polygons" writes, or all polygons are one class.'
        ),
        advanced,
    )


def _area() -> QgsProcessingParameterFeatureSource:
    return polygon_area(
        "AREA",
        tr("Labelled area"),
        tr("Only pixels inside these polygons are compared. Empty: wherever there are labels."),
        advanced=False,
    )


def _sampling() -> Any:
    return choice(
        "SAMPLING",
        tr("Labels are a sample of the whole mask"),
        SAMPLINGS,
        EvaluateJob.sampling,
        tr(
            "none: they are not, so the scores hold for the labelled land. random: points, pixels or small polygons "
            "were drawn at random or on a regular grid. stratified: a number of them was drawn in each class of the mask. "
            "With random and stratified the report estimates areas and accuracies of the whole mask with 95 % "
            "confidence intervals; each labelled pixel is one sample, and pixels outside the labels are ignored."
        ),
    )


def _unlabelled() -> Any:
    return choice(
        "UNLABELLED",
        tr("Pixels outside every polygon"),
        ("background", "ignored"),
        EvaluateJob.unlabelled,
        tr(
            "background: they are known to be background (class 0). ignored: their class is unknown, and they are not "
            "compared."
        ),
        advanced=True,
    )


def _ignore() -> Any:
    return text(
        "IGNORE",
        tr("Ignored classes of the labels"),
        tr(
            "Names or values of classes, separated by commas, such as 255 or clouds. Their pixels are not compared."
        ),
        list_of="words",
    )


def _merge() -> Any:
    return text(
        "MERGE",
        tr("Merged classes of the labels"),
        tr(
            "Classes of the labels that are one in the mask, separated by commas: on the left names or values, on the "
            "right the class of the mask, such as river+lake=water."
        ),
        list_of="words",
    )


def _report() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "REPORT", tr("Accuracy report"), fileFilter=tr("Web pages") + " (*.html)", optional=True
    )
    return with_help(
        definition,
        tr(
            "One HTML file, readable in any browser and without the internet. Choose a file to keep it: a temporary one "
            "is deleted when QGIS closes."
        ),
    )
