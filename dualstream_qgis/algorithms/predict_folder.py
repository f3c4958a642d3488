"""The algorithm "Competition table from a folder"."""

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
from ..engine.contract.jobs import RUN_LENGTH_ORDERS, PredictFolderJob
from ..i18n import tr
from . import inference_parameters
from .base_algorithm import EngineAlgorithm, Values
from .parameter_factories import choice, for_field, with_help
from .parameter_values import file_paths


class PredictFolderAlgorithm(EngineAlgorithm):
    """Segments a folder of images; writes coloured pictures and a table of run lengths."""

    NAME = "predictfolder"
    VERB = "predict-folder"
    JOB = PredictFolderJob
    ICON = "predictfolder"
    STAYS_WARM = True

    def displayName(self) -> str:
        return tr("Competition table from a folder")

    def shortDescription(self) -> str:
        return tr("Segments every image of a folder into a table of run lengths, and pictures.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> A model, and a folder of images such as a competition's with <i>test.csv</i>.</p>"
            "<p><b>What it makes:</b> Run lengths in <i>submission.csv</i>, -1 for a mask without a pixel, and a "
            "picture of each image in the classes' colours. For a folder with <i>test.csv</i> the table has one row per "
            "image, img_id and mask_rle, in the order of that file; the mask is everything but the background. For any "
            "other folder it has one row per image and class.</p>"
            "<p><b>Example:</b> Model <i>buildings.safetensors</i>, Folder of images <i>competition</i> with its files "
            "<i>test.csv</i> and <i>test_img/0001.png</i>, Results <i>results</i>, then Run, and hand in "
            "<i>results/submission.csv</i>. For masks as georeferenced rasters use <i>Segment many scenes</i>.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "predict,inference,batch,competition,submission,run-length encoding,RLE,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            for_field(inference_parameters.models("MODEL"), "checkpoint"),
            _dataset(),
            inference_parameters.image_alone(),
            _order(),
            *inference_parameters.inference_parameters(),
            *inference_parameters.compute_parameters(),
            _output(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputFile("SUBMISSION", tr("Table of run lengths")))
        self.addOutput(QgsProcessingOutputFolder("RESULTS", tr("Folder of the pictures")))
        self.addOutput(QgsProcessingOutputNumber("SCENES", tr("Images")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        return inference_parameters.models_error(file_paths(parameters.get("MODEL"), context))

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Runs the job; removes folders that an unfinished run has created and left empty."""
        self._earlier_pictures = _pictures(self._job)
        with output_files.remove_empty_folders(_picture_folder(self._job)):
            return super().processAlgorithm(parameters, context, feedback)

    def discarded_outputs(self, job: PredictFolderJob, is_cancelled: bool) -> list[str]:
        """Returns the table and the unfinished pictures; other files in the folder are the user's."""
        pictures = (part.with_suffix("") for part in _picture_folder(job).glob("*.png.part"))
        return [str(path) for path in (Path(job.output) / "submission.csv", *pictures)]

    def cancel_message(self, job: PredictFolderJob) -> str:
        finished = len(_pictures(job) - self._earlier_pictures)
        if not finished:
            return tr("Cancelled: no picture was finished, and no table was written.")
        return tr("Cancelled: no table was written. Number of finished pictures in {}: {}.").format(
            _picture_folder(job), finished
        )


def _picture_folder(job: PredictFolderJob) -> Path:
    return Path(job.output) / "results"


def _pictures(job: PredictFolderJob) -> set[tuple[str, int]]:
    """Returns names and modification times of the pictures in the folder."""
    return {(path.name, path.stat().st_mtime_ns) for path in _picture_folder(job).glob("*.png")}


def _dataset() -> QgsProcessingParameterFile:
    definition = QgsProcessingParameterFile(
        "DATASET", tr("Folder of images"), behavior=compat.A_FOLDER
    )
    return with_help(
        definition,
        tr(
            "A competition's folder with test.csv (columns img_id and img_path) and test_img, a folder "
            "with test/rgb and test/ngr or with rgb and ngr, or any folder of rasters."
        ),
    )


def _order() -> QgsProcessingParameterEnum:
    return choice(
        "ORDER",
        tr("Run lengths"),
        RUN_LENGTH_ORDERS,
        PredictFolderJob.order,
        tr(
            "Direction in which the run lengths count pixels, from 1. row: from left to right, row by "
            "row. column: from top to bottom, column by column."
        ),
    )


def _output() -> QgsProcessingParameterFolderDestination:
    definition = QgsProcessingParameterFolderDestination("OUTPUT", tr("Results"))
    return with_help(
        definition,
        tr(
            "Folder for submission.csv and, in its subfolder results, one picture per image. Other files "
            "in the folder are kept."
        ),
    )
