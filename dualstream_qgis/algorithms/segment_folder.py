"""The algorithm "Segment many scenes"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingOutputNumber,
    QgsProcessingOutputRasterLayer,
    QgsProcessingOutputString,
)

from .. import styling
from ..engine.contract import class_table, output_files
from ..engine.contract.jobs import SegmentFolderJob
from ..i18n import tr
from . import batch_parameters, inference_parameters
from . import common_parameters as shared
from .base_algorithm import EngineAlgorithm, Parameters, is_temporary
from .parameter_values import files, given


class SegmentFolderAlgorithm(EngineAlgorithm):
    """Models and any number of scenes -> a folder of styled masks, a summary and a mosaic."""

    NAME = "segmentfolder"
    VERB = "segment-folder"
    JOB = SegmentFolderJob
    ICON = "segment"
    STAYS_WARM = True

    def displayName(self) -> str:
        return tr("Segment many scenes")

    def shortDescription(self) -> str:
        return tr("Maps any number of scenes with the same models, which are loaded once.")

    def about(self) -> str:
        """What is made of each scene, and what happens to one that fails."""
        return super().about() + tr(
            "<p>Give a folder of rasters, a scenes table, or raster layers. Each scene gets a mask of its "
            "own on its image's grid, with the model's classes, their names and colours. A summary says "
            "of each scene what became of it, and what its mask shows; mosaics show all masks as "
            "one layer.</p>"
            "<p>A scene that cannot be segmented does not stop the others: the summary says why. Run it "
            "again as it was, into the same folder, and only what is not finished yet is done: after a "
            "cancel or a crash, after a scene was mended, or when new ones have come.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "deep learning,machine learning,neural network,semantic segmentation,classification,"
            "land cover,predict,inference,batch,bulk,folder,mosaic,cluster,Ray,mask,AI"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares parameters and outputs, in the order of the dialog."""
        for definition in (
            inference_parameters.models("MODEL"),
            batch_parameters.scenes(),
            batch_parameters.images(),
            shared.auxiliary(
                tr(
                    "The second stream of every scene whose row of the table has none of its own, in "
                    "the order the model was trained on. Empty: the image alone, with less accuracy "
                    "where the model needs both."
                )
            ),
            batch_parameters.image_bands(),
            shared.auxiliary_bands(),
            inference_parameters.overlap(),
            inference_parameters.combine(),
            inference_parameters.tta(),
            inference_parameters.threshold(),
            inference_parameters.match_resolution(),
            inference_parameters.batch_size(),
            batch_parameters.confidence(),
            shared.device(),
            shared.precision(),
            inference_parameters.runtime(),
            *(declare() for declare in batch_parameters.POOL),
            batch_parameters.output_folder(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputHtml("SUMMARY", tr("Summary")))
        self.addOutput(QgsProcessingOutputFile("TABLE", tr("Summary as a table")))
        self.addOutput(QgsProcessingOutputRasterLayer("MOSAIC", tr("Mosaic of the masks")))
        self.addOutput(QgsProcessingOutputNumber("SCENES", tr("Scenes")))
        self.addOutput(QgsProcessingOutputNumber("SCENES_DONE", tr("Scenes segmented")))
        self.addOutput(QgsProcessingOutputNumber("SCENES_KEPT", tr("Scenes kept from before")))
        self.addOutput(QgsProcessingOutputNumber("SCENES_FAILED", tr("Scenes that failed")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))
        self.addOutput(QgsProcessingOutputString("RUNTIME_USED", tr("Runtime used")))

    def validation_error(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with scenes and models."""
        listed, layers = given(parameters, "SCENES"), given(parameters, "IMAGES")
        if listed and layers:
            return tr("Give either a folder or table of scenes, or raster layers, not both.")
        if not listed and not layers:
            return tr(
                "Nothing to segment: give a folder of rasters, a scenes table, or raster layers."
            )
        for path in files(parameters.get("SCENES"), context):
            if not Path(path).exists():
                return tr("There is no folder and no scenes table {}.").format(path)
        return inference_parameters.models_error(files(parameters.get("MODEL"), context))

    def processAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Parameters:
        """Runs the job; folders that an unfinished run made and left empty go again."""
        with output_files.remove_empty_folders(Path(self._job.output_folder)):
            results = super().processAlgorithm(parameters, context, feedback)
        if results and not results.get("MOSAIC"):
            feedback.pushInfo(
                tr("There is no mosaic to load: the masks are in {}.").format(
                    self._job.output_folder
                )
            )
        return results

    def files(self, job: SegmentFolderJob) -> list[str]:
        """None whose parts may go: finished masks, and finished rows of others, are for the next run."""
        return []

    def cancelled(self, job: SegmentFolderJob) -> str:
        """How far the run got, and the way on."""
        return self._unfinished(job, tr("Cancelled"))

    def crash_message(self, job: SegmentFolderJob) -> str:
        """That the work is not lost."""
        return self._unfinished(job, tr("It stopped"))

    def _unfinished(self, job: SegmentFolderJob, what: str) -> str:
        """How far a run came, and the way on; its masks know themselves whether they are finished."""
        far = batch_parameters.parse_finished_counts(self._reporter.progress)
        if not far:
            return tr("{} before the first scene.").format(what)
        if far[0] == "0":
            words = tr("{} before the first scene was finished: run it again as it was to go on.")
            if is_temporary(job.output_folder):  # which has another name next time
                words = tr("{} before the first scene was finished.")
            return words.format(what)
        if is_temporary(job.output_folder):
            words = tr("{} after {} of {} scenes: until QGIS closes, the masks are in {}.")
            return words.format(what, *far, job.output_folder)
        words = tr("{} after {} of {} scenes: run it again as it was to go on from there.")
        return words.format(what, *far)

    def finish(
        self, job: SegmentFolderJob, results: Parameters, context: QgsProcessingContext
    ) -> str:
        """Loads the mosaics in the classes' colours; warns of scenes that failed and masks that vanish."""
        table = class_table.from_records(results.get("classes", ()))
        mosaics = results.get("mosaics", ())
        name = batch_parameters.layer_name(results)
        for path in mosaics:
            # Of several each has a coordinate system of its own, and says so in its name.
            which = f" ({Path(path).stem.partition('-')[2]})" * (len(mosaics) > 1)
            styling.load(
                context,
                path,
                name + which,
                "MOSAIC",
                lambda layer: styling.show_classes(layer, table),
            )
        return " ".join(filter(None, (_failures_text(results), _output_text(job))))


def _failures_text(results: Parameters) -> str:
    """That scenes have failed, and the way out; empty if none has."""
    failed = results.get("scenes_failed", 0)
    if not failed:
        return ""
    return tr(
        "{} of {} scenes could not be segmented: {} says why. Mend them and run it again as it was: "
        "the others are kept."
    ).format(failed, results.get("scenes"), results.get("summary"))


def _output_text(job: SegmentFolderJob) -> str:
    """That the masks vanish with QGIS; empty if they do not."""
    if not is_temporary(job.output_folder):
        return ""
    return tr(
        "The masks are in a temporary folder that vanishes when QGIS closes: copy {} to keep them."
    ).format(job.output_folder)
