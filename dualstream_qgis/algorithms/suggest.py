"""The algorithm "Where to label next"."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorDestination,
)

from .. import compat, layer_order, styling
from ..engine.contract.file_jobs import SuggestJob
from ..i18n import tr
from . import (
    batch_parameters,
    common_parameters,
    inference_parameters,
    layer_sources,
    model_checks,
    training_data_parameters,
    web_map,
)
from .base_algorithm import EngineAlgorithm, Values
from .parameter_factories import (
    parameter,
    polygon_area,
    text,
    with_help,
    with_widget,
)
from .parameter_values import file_paths, geopackage_error, is_given


class SuggestAlgorithm(EngineAlgorithm):
    """Finds the squares of images that are worth labelling next."""

    NAME = "suggest"
    JOB = SuggestJob
    ICON = "suggest"
    GROUP = "train"
    STAYS_WARM = True

    _image_name = ""

    def displayName(self) -> str:
        return tr("Where to label next")

    def shortDescription(self) -> str:
        return tr(
            "Finds the squares of an image, or of several, from which a model would learn most."
        )

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> An image of any size or several, and a model that was trained on the labels so far; "
            "without a model it finds the squares to begin with. Labels that exist already are optional: squares that "
            "touch them are left out, and so are checked squares.</p>"
            "<p><b>What it makes:</b> A layer of squares, or of points to mark with a click, with their rank, the best first, "
            "and the reason. "
            "<i>uncertain</i>: the model sees several classes in the square, or is unsure of it; of a point it is unsure. Classes "
            "that its validation found hard count more. "
            "<i>rare class</i>: it sees "
            "much of a class that is rare in the labels. <i>unlike anything labelled</i>: the place is unlike the training "
            "of the model, however sure it is; without a model, it looks different from all that is labelled. Other "
            "fields: the score (the reason's measure times how different the square "
            "looks from all that is labelled or ranked before it, 0 to 1), the mean uncertainty from 0 (sure) to 1 (a "
            "guess), the percent of each class that the model sees, the image where there are several, and checked, for "
            "you to tick when a square is labelled. The squares differ from each other, so that you do not label the "
            "same roof ten times.</p>"
            "<p><b>Example:</b> Model <i>buildings.safetensors</i>, Image <i>town.tif</i>, Labels "
            "<i>buildings.gpkg</i>, then Run. Label the first squares wholly, train again with the new labels and the "
            "old ones, and ask again.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "active learning,label,annotate,digitize,training data,sample,uncertainty,entropy,where,next,suggest,"
            "core set,deep learning"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            inference_parameters.models(
                "MODEL",
                tr("None: squares that are unlike each other, for the first labels."),
                optional=True,
            ),
            training_data_parameters.image_layers(
                tr(
                    "The image to label, with the bands of the model; or several of the same bands, such as the tiles of "
                    "a town: the squares are chosen among all of them. In scripts a folder stands for all rasters in it."
                )
            ),
            common_parameters.auxiliary(
                tr(
                    "The rasters of the second stream, in the order that the model was trained on. "
                    "A model that was trained on one stream takes none."
                )
            ),
            inference_parameters.image_alone(),
            _labels(),
            training_data_parameters.class_field(),
            parameter(SuggestJob, "shape"),
            parameter(SuggestJob, "count"),
            parameter(SuggestJob, "size"),
            _extent(),
            web_map.resolution(),
            _area(),
            _labelled_area(),
            *training_data_parameters.mark_sizes(),
            _ignore(),
            _corrections(),
            _checked(),
            batch_parameters.image_bands(),
            common_parameters.auxiliary_bands(),
            *inference_parameters.inference_parameters(),
            *inference_parameters.compute_parameters(),
            _squares(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputNumber("SQUARES", tr("Squares")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))
        self.addOutput(QgsProcessingOutputString("RUNTIME_USED", tr("Runtime used")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        models = file_paths(parameters.get("MODEL"), context)
        if is_given(parameters, "AUXILIARY") and not models:
            return tr(
                "Without a model auxiliary rasters are not used: give a model, or leave them out."
            )
        if is_given(parameters, "LABELLED_AREA") and not is_given(parameters, "LABELS"):
            return tr("The labelled area belongs to labels: give them, or leave it out.")
        if is_given(parameters, "IGNORE") and not is_given(parameters, "LABELS"):
            return tr("The ignored classes belong to labels: give them, or leave it empty.")
        if is_given(parameters, "CORRECTIONS") and not is_given(parameters, "CHECKED"):
            return tr(
                "The corrected masks count inside the checked squares only: give these, or leave the masks out."
            )
        output_error = geopackage_error(parameters.get("OUTPUT"))
        return output_error or inference_parameters.models_error(models)

    def misfit(self, parameters: Values, context: QgsProcessingContext) -> str:
        return model_checks.first_refusal(self, parameters, context)

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Notes the name of a single image in the project, after which the squares are named."""
        images = layer_sources.items_of(parameters, "IMAGE")
        self._image_name = layer_sources.layer_name(images[0], context) if images else ""
        return super().prepareAlgorithm(parameters, context, feedback)

    def finish(self, job: SuggestJob, results: Values, context: QgsProcessingContext) -> str:
        """Sets the name and style that the squares get when QGIS loads them."""
        scene = self._image_name or Path(job.image[0]).stem
        name = tr("Where to label next on {}").format(scene)
        if len(job.image) > 1:
            name = tr("Where to label next on {} images").format(len(job.image))
        for image in job.image[1:]:
            layer_order.record_order((job.output, image))
        order = job.output, job.image[0]
        style = partial(styling.show_suggestions, shape=job.shape)
        styling.style_on_load(context, job.output, name, style, order, subject=scene)
        return ""


def _labels() -> QgsProcessingParameterMapLayer:
    definition = QgsProcessingParameterMapLayer(
        "LABELS",
        tr("Labels so far (raster or vector layer)"),
        optional=True,
        types=[compat.TYPE_RASTER, compat.TYPE_GEOMETRY],
    )
    return with_help(
        definition,
        tr(
            "What is labelled already, in any coordinate system: squares that touch it are left out, others should "
            "look different from it, and its classes show which are rare. Of polygons only their inside counts as "
            "labelled, of points and lines only their pixels, unless a labelled area is given."
        ),
    )


def _extent() -> QgsProcessingParameterExtent:
    definition = QgsProcessingParameterExtent("EXTENT", tr("Extent"), optional=True)
    return with_help(
        with_widget(definition, "ExtentWidget", "model_widget"),
        tr("Look only in this part, in any coordinate system. Empty: in the whole image."),
    )


def _area() -> QgsProcessingParameterFeatureSource:
    return polygon_area(
        "AREA",
        tr("Area"),
        tr(
            "Look only inside these polygons, such as where you may label: at least half of each square lies inside."
        ),
    )


def _labelled_area() -> QgsProcessingParameterFeatureSource:
    return polygon_area(
        "LABELLED_AREA",
        tr("Labelled area"),
        tr(
            "The part of the image that is labelled wholly, as the area of a training: what labels do not cover there is "
            "background. Empty: only what labels cover is labelled."
        ),
    )


def _ignore() -> QgsProcessingParameterDefinition:
    return text(
        "IGNORE",
        tr("Ignored classes of the labels"),
        tr(
            "Names or values of classes, separated by commas, such as 255 or unknown. Their pixels count as "
            "unlabelled."
        ),
        list_of="words",
    )


def _corrections() -> QgsProcessingParameterMultipleLayers:
    return training_data_parameters.label_layers(
        "CORRECTIONS",
        tr("Corrected masks"),
        compat.TYPE_MAP_LAYER,
        tr(
            "Masks that you have corrected inside the checked squares, class rasters or polygons from <i>Mask to "
            "polygons</i>: their classes show which are rare, as those of the labels do."
        ),
    )


def _checked() -> QgsProcessingParameterMultipleLayers:
    return training_data_parameters.label_layers(
        "CHECKED",
        tr("Checked squares"),
        compat.TYPE_POLYGON,
        tr(
            "Squares that are labelled or corrected already, such as the layers of <i>Where to label next</i> so far: "
            "those whose field <i>checked</i> is true, or all polygons of a layer without that field. Squares that touch "
            "them are left out."
        ),
    )


def _squares() -> QgsProcessingParameterVectorDestination:
    definition = QgsProcessingParameterVectorDestination("OUTPUT", tr("Squares to label"))
    definition.setSupportsNonFileBasedOutput(False)
    return with_help(definition, tr("GeoPackage with the squares, their ranks and their style."))
