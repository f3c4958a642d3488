"""The algorithm "Train DualStream on a data set"."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import QgsProcessingParameterDefinition

from ..engine.contract.jobs import TrainJob
from ..i18n import tr
from . import training_data_parameters
from .parameter_factories import parameter
from .training_algorithm import TrainingAlgorithm


class TrainDataSetAlgorithm(TrainingAlgorithm):
    """Trains a model on a folder or table of labelled scenes and writes its model file."""

    NAME = "traindataset"
    ICON = "traindataset"

    def displayName(self) -> str:
        return tr("Train DualStream on a data set")

    def shortDescription(self) -> str:
        return tr("Trains a segmentation network on a folder or table of many labelled scenes.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> a data set: a folder in one of the layouts that are listed below, or a CSV "
            "table with a row for each scene.</p>"
            "<p><b>What it makes:</b> one model file, which <i>Segment with DualStream</i> applies to whole scenes, "
            "and a report beside it.</p>"
            "<p><b>Example:</b> a table scenes.csv with the lines <i>image,auxiliary,labels,split</i>; "
            "<i>north.tif,north_dem.tif,north.gpkg,train</i>; <i>south.tif,south_dem.tif,south.gpkg,validation</i>. "
            "Data set: scenes.csv; Field with the class, under Advanced: class; Model: land.safetensors. Run.</p>"
        )

    def data_parameters(self) -> Iterator[QgsProcessingParameterDefinition]:
        yield training_data_parameters.dataset()
        yield training_data_parameters.class_field_of_table()
        yield parameter(TrainJob, "rle_order", advanced=True)
