"""The algorithm "Train DualStream"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)

from ..i18n import tr
from . import common_parameters, layer_facts, layer_sources, training_data_parameters, web_map
from .base_algorithm import Values
from .training_algorithm import TrainingAlgorithm


class TrainAlgorithm(TrainingAlgorithm):
    """Trains a model on layers with labels and writes its model file."""

    NAME = "train"

    def displayName(self) -> str:
        return tr("Train DualStream")

    def shortDescription(self) -> str:
        return tr("Trains a segmentation network on your own rasters, fusing two streams.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> an image and labels: polygons, lines or points with a field that names their class, or "
            "a raster of classes. If you have them, auxiliary rasters on any grid. A few hundred labelled pixels of each "
            "class in several places are a start.</p>"
            "<p><b>What it makes:</b> one model file, which <i>Segment with DualStream</i> applies to whole scenes, "
            "and a report beside it.</p>"
            "<p><b>Example:</b> Image: a satellite image; Labels: polygons of forest, water and fields, with their "
            "kind in the field <i>class</i>; Field with the class: class; Auxiliary rasters: an elevation model; Time "
            "in minutes: 10; Model: land.safetensors. Run. Then apply land.safetensors to another image of the same "
            "bands.</p>"
            "<p>The log shows the number of labelled pixels of each class, the accuracy after each "
            "validation, and the time left. If a training is cancelled or crashes, run it again with "
            "the same parameters: it continues after its last finished epoch.</p>"
        )

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Makes the job, whose pictures have the colours of the first image's layer unless the recipe names bands."""
        super().prepareAlgorithm(parameters, context, feedback)
        if not self._job.picture_bands:
            first = layer_sources.items_of(parameters, "IMAGE")[0]
            layer = self.parameterAsRasterLayer({"IMAGE": first}, "IMAGE", context)
            self._job = replace(self._job, picture_bands=layer_facts.picture_bands(layer))
        return True

    def data_parameters(self) -> Iterator[QgsProcessingParameterDefinition]:
        yield training_data_parameters.images()
        yield training_data_parameters.labels()
        yield training_data_parameters.class_field()
        yield common_parameters.auxiliary(
            tr(
                "The second stream: rasters of any coordinate system, resolution and number of "
                "bands. Their bands are stacked in this order."
            )
        )
        yield training_data_parameters.area()
        yield web_map.resolution()
