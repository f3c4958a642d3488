"""The algorithm "Sketch a map"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMapLayer,
)

from .. import compat, styling
from ..engine.contract import class_table
from ..engine.contract.file_jobs import SketchJob
from ..i18n import tr
from . import common_parameters, layer_sources, training_data_parameters
from .base_algorithm import EngineAlgorithm, Values
from .parameter_factories import parameter, with_help, with_widget


class SketchAlgorithm(EngineAlgorithm):
    """Maps a part of an image from a few marks, with a model that is learnt from them in seconds."""

    NAME = "sketch"
    JOB = SketchJob
    ICON = "sketch"
    GROUP = "train"
    NEEDS_TORCH = True
    STAYS_WARM = True

    _image_name = ""

    def displayName(self) -> str:
        return tr("Sketch a map")

    def shortDescription(self) -> str:
        return tr("Learns from a few points, lines or polygons in seconds, and maps what you see.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> an image, and a layer with a few marks of each class: points, lines or polygons "
            "with a field that names their class. Auxiliary rasters are optional. What is not marked is unknown.</p>"
            "<p><b>What it makes:</b> a class map of the extent and, if you want them, its confidence and a model "
            "file, which <i>Segment with DualStream</i> applies to whole scenes and from which <i>Train DualStream</i> "
            "can start. The log says how well the sketch maps marks that it has not seen.</p>"
            "<p><b>Example:</b> zoom to a part of your image. Draw two lines on water and three on land in a layer with "
            "the field <i>class</i>. Choose image, marks and field, click <i>Map view</i> beside Extent, then Run. Add "
            "a line where the map is wrong, and run again: the engine stays ready for five minutes and remembers what it "
            "has seen of the image, so that it needs a second only.</p>"
            "<p>It learns one layer on top of a fixed network: a training makes better maps from many labels, a "
            "sketch from few.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "scribble,stroke,click,point,interactive,live,few labels,annotate,classification,machine learning,random forest,"
            "ilastik,draft,quick"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        bands = tr("The bands to use, in this order. Nothing selected: all bands.")
        for definition in (
            common_parameters.image(tr("The raster to map. It defines the grid of the map.")),
            _labels(),
            training_data_parameters.class_field(),
            common_parameters.auxiliary(
                tr(
                    "Further rasters of any coordinate system and resolution. Their bands are stacked in this order."
                )
            ),
            _extent(),
            parameter(SketchJob, "point_radius", advanced=True),
            parameter(SketchJob, "line_width", advanced=True),
            training_data_parameters.class_names(),
            with_help(common_parameters.image_bands(), bands, advanced=True),
            common_parameters.auxiliary_bands(),
            parameter(SketchJob, "device", advanced=True),
            common_parameters.class_map(tr("Class map")),
            common_parameters.confidence(),
            _model(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("MARKS", tr("Marked pixels")))
        self.addOutput(
            QgsProcessingOutputNumber("SCORE", tr("Mean IoU on marks that it had not seen"))
        )
        self.addOutput(QgsProcessingOutputNumber("SCORE_LOW", tr("Lower end of its interval")))
        self.addOutput(QgsProcessingOutputNumber("SCORE_HIGH", tr("Upper end of its interval")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Notes the image's name in the project, after which the results are named."""
        self._image_name = layer_sources.layer_name(parameters.get("IMAGE"), context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def finish(self, job: SketchJob, results: Values, context: QgsProcessingContext) -> str:
        """Sets the names and styles that the layers get when QGIS loads them."""
        table = class_table.from_records(results.get("classes", ()))
        subject = self._image_name or Path(job.image).stem
        order = [path for path in (job.output, job.confidence, job.image) if path]
        styling.style_on_load(
            context,
            job.output,
            tr("Sketch of {}").format(subject),
            lambda layer: styling.show_classes(layer, table),
            order,
            subject,
        )
        name = tr("Confidence of the sketch of {}").format(subject)
        styling.style_on_load(context, job.confidence, name, styling.show_percent, order, subject)
        return ""


def _labels() -> QgsProcessingParameterDefinition:
    definition = QgsProcessingParameterMapLayer(
        "LABELS",
        tr("Marks (points, lines, polygons or raster)"),
        types=[compat.TYPE_RASTER, compat.TYPE_GEOMETRY],
    )
    return with_help(
        definition,
        tr(
            "The known classes, in any coordinate system: a point marks its pixel, a line the pixels that it crosses, a "
            "polygon those inside it; everything else is unknown. Marks outside the extent count too. A raster of classes "
            "will do as well. The filter of a vector layer applies."
        ),
    )


def _extent() -> QgsProcessingParameterExtent:
    definition = QgsProcessingParameterExtent("EXTENT", tr("Extent"), optional=True)
    return with_help(
        with_widget(definition, "ExtentWidget", "model_widget"),
        tr(
            "The part to map, of up to 16 million pixels, in any coordinate system. Empty: the whole image. The button Map "
            "view takes what the map shows."
        ),
    )


def _model() -> QgsProcessingParameterFileDestination:
    definition = QgsProcessingParameterFileDestination(
        "OUTPUT_MODEL",
        tr("Model file"),
        fileFilter=common_parameters.model_file_filter(),
        optional=True,
        createByDefault=False,
    )
    return with_help(
        definition,
        tr(
            "The model of the sketch (.safetensors), to map whole scenes with <i>Segment with DualStream</i>, or to start "
            "a training from."
        ),
    )
