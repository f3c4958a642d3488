"""The algorithm "Segment a folder with DualStream"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputFolder,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
)

from .. import compat
from ..engine.contract import output_files
from ..engine.contract.jobs import PredictFolderJob
from ..i18n import tr
from . import common_parameters as shared
from . import inference_parameters, training_parameters
from .base_algorithm import EngineAlgorithm, Parameters
from .parameter_values import files


class PredictFolderAlgorithm(EngineAlgorithm):
    """Models and a folder of images -> coloured pictures and a table of run lengths."""

    NAME = "predictfolder"
    VERB = "predict-folder"
    JOB = PredictFolderJob
    ICON = "segment"
    STAYS_WARM = True

    def displayName(self) -> str:
        return tr("Segment a folder with DualStream")

    def shortDescription(self) -> str:
        return tr("Segments every image of a folder: pictures, and a table for a competition.")

    def about(self) -> str:
        """What is made of each image."""
        return super().about() + tr(
            "<p>Each image becomes a picture in the classes' colours, and run lengths in "
            "<i>submission.csv</i>, -1 for a mask without a pixel. A folder with <i>test.csv</i> gets "
            "one row an image, img_id and mask_rle, in the order of that table: its mask is "
            "everything that is not background. Any other folder gets one row an image and class.</p>"
            "<p>For masks as georeferenced rasters take <i>Segment many scenes</i>.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "predict,inference,batch,competition,submission,run-length encoding,RLE,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            inference_parameters.models("CHECKPOINT"),
            _dataset(),
            _order(),
            inference_parameters.overlap(),
            inference_parameters.combine(),
            inference_parameters.tta(),
            inference_parameters.threshold(),
            inference_parameters.match_resolution(),
            inference_parameters.batch_size(),
            shared.device(),
            shared.precision(),
            inference_parameters.runtime(),
            _output(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputFile("SUBMISSION", tr("Table of run lengths")))
        self.addOutput(QgsProcessingOutputFolder("RESULTS", tr("Folder of the pictures")))
        self.addOutput(QgsProcessingOutputNumber("SCENES", tr("Images")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))

    def validation_error(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with the model files."""
        return inference_parameters.models_error(files(parameters.get("CHECKPOINT"), context))

    def processAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Parameters:
        """Runs the job; folders that an unfinished run made and left empty go again."""
        self._earlier = _pictures(self._job)
        with output_files.remove_empty_folders(_results(self._job)):
            return super().processAlgorithm(parameters, context, feedback)

    def files(self, job: PredictFolderJob) -> list[str]:
        """The table, and the picture at which the run stopped: the folder itself is the user's."""
        begun = (part.with_suffix("") for part in _results(job).glob("*.png.part"))
        return [str(path) for path in (Path(job.output) / "submission.csv", *begun)]

    def cancelled(self, job: PredictFolderJob) -> str:
        """What is finished."""
        finished = len(_pictures(job) - self._earlier)
        if not finished:
            return tr("Cancelled: no picture was finished, and no table was written.")
        return tr(
            "Cancelled: no table was written. Finished pictures, which are in {}: {}."
        ).format(_results(job), finished)


def _results(job: PredictFolderJob) -> Path:
    """Where the pictures go."""
    return Path(job.output) / "results"


def _pictures(job: PredictFolderJob) -> set[tuple[str, int]]:
    """The pictures that are there: their names, and when they were written."""
    return {(path.name, path.stat().st_mtime_ns) for path in _results(job).glob("*.png")}


def _dataset() -> QgsProcessingParameterFile:
    """The images."""
    definition = QgsProcessingParameterFile(
        "DATASET", tr("Folder of images"), behavior=compat.A_FOLDER
    )
    return shared.with_help(
        definition,
        tr(
            "A competition's folder with test.csv (columns img_id and img_path) and test_img, a folder "
            "with test/rgb and test/ngr or with rgb and ngr, or any folder of rasters."
        ),
    )


def _order() -> QgsProcessingParameterEnum:
    """How the competition counts pixels."""
    return shared.choice(
        "ORDER",
        tr("Run lengths"),
        training_parameters.ORDERS,
        PredictFolderJob.order,
        tr(
            "Direction in which the run lengths count pixels, from 1. row: from left to right, row by "
            "row. column: from top to bottom, column by column."
        ),
    )


def _output() -> QgsProcessingParameterFolderDestination:
    """Where the results go."""
    definition = QgsProcessingParameterFolderDestination("OUTPUT", tr("Results"))
    return shared.with_help(
        definition,
        tr(
            "Folder for submission.csv and, in its folder results, a picture an image. What else lies "
            "there stays."
        ),
    )
