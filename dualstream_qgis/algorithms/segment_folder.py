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
from . import batch_parameters, common_parameters, inference_parameters, model_checks
from .base_algorithm import EngineAlgorithm, Values, is_temporary
from .parameter_values import file_paths, is_given


class SegmentFolderAlgorithm(EngineAlgorithm):
    """Segments many scenes; writes their masks, a summary and mosaics."""

    NAME = "segmentfolder"
    VERB = "segment-folder"
    JOB = SegmentFolderJob
    PAGE_ABOUT = "output_folder"
    ICON = "segmentfolder"
    STAYS_WARM = True

    def displayName(self) -> str:
        return tr("Segment many scenes")

    def shortDescription(self) -> str:
        return tr("Maps any number of scenes with the same models, which are loaded once.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> A model, and a folder of rasters, a scenes table, or raster layers.</p>"
            "<p><b>What it makes:</b> A mask for each scene on its image's grid, with the names and colours of the "
            "model's classes. A summary lists the result of each scene and the area of its classes; mosaics show all "
            "masks as one layer.</p>"
            "<p>If a scene cannot be segmented, the run continues with the others, and the summary gives "
            "the reason. Run it again with the same parameters and folder to compute only the scenes "
            "without a finished mask: after a cancel or a crash, or when scenes were repaired or "
            "added.</p>"
            "<p><b>Example:</b> With the sample data: Model <i>starter-model.safetensors</i>, Raster layers instead "
            "<i>unseen/image.tif</i>, Auxiliary rasters <i>unseen/air.tif</i>, Masks <i>masks</i>, then Run. The "
            "Results Viewer lists the summary (QGIS 3.22 shows a link to it).</p>"
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
            common_parameters.auxiliary(
                tr(
                    "The rasters of the second stream, in the order that the model was trained on, for "
                    "all scenes whose row in the table names none. "
                    "A model that was trained on one stream takes none."
                )
            ),
            inference_parameters.image_alone(),
            batch_parameters.image_bands(),
            common_parameters.auxiliary_bands(),
            *inference_parameters.inference_parameters(),
            batch_parameters.confidence(),
            *inference_parameters.compute_parameters(),
            *batch_parameters.pool_parameters(),
            batch_parameters.output_folder(),
        ):
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputHtml("SUMMARY", tr("Summary")))
        self.addOutput(QgsProcessingOutputFile("TABLE", tr("Summary as a table")))
        self.addOutput(QgsProcessingOutputRasterLayer("MOSAIC", tr("Mosaic of the masks")))
        self.addOutput(QgsProcessingOutputNumber("SCENES", tr("Scenes")))
        self.addOutput(QgsProcessingOutputNumber("SCENES_DONE", tr("Scenes segmented")))
        self.addOutput(QgsProcessingOutputNumber("SCENES_KEPT", tr("Scenes finished before")))
        self.addOutput(QgsProcessingOutputNumber("SCENES_FAILED", tr("Scenes that failed")))
        self.addOutput(QgsProcessingOutputNumber("SECONDS", tr("Seconds")))
        self.addOutput(QgsProcessingOutputString("DEVICE_USED", tr("Device used")))
        self.addOutput(QgsProcessingOutputString("RUNTIME_USED", tr("Runtime used")))

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        scenes, images = is_given(parameters, "SCENES"), is_given(parameters, "IMAGES")
        if scenes and images:
            return tr("Give either a folder or table of scenes, or raster layers, not both.")
        if not scenes and not images:
            return tr(
                "Nothing to segment: give a folder of rasters, a scenes table, or raster layers."
            )
        for path in file_paths(parameters.get("SCENES"), context):
            if not Path(path).exists():
                return tr("There is no folder and no scenes table {}.").format(path)
        return inference_parameters.models_error(file_paths(parameters.get("MODEL"), context))

    def misfit(self, parameters: Values, context: QgsProcessingContext) -> str:
        return model_checks.first_refusal(self, parameters, context)

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Runs the job; removes folders that an unfinished run has created and left empty."""
        with output_files.remove_empty_folders(Path(self._job.output_folder)):
            results = super().processAlgorithm(parameters, context, feedback)
        if results and not results.get("MOSAIC"):
            feedback.pushInfo(
                tr("There is no mosaic to load: the masks are in {}.").format(
                    self._job.output_folder
                )
            )
        return results

    def discarded_outputs(self, job: SegmentFolderJob, is_cancelled: bool) -> list[str]:
        """Returns nothing: the next run uses finished masks, and finished rows of unfinished ones."""
        return []

    def cancel_message(self, job: SegmentFolderJob) -> str:
        return self._unfinished_message(job, tr("Cancelled"))

    def crash_message(self, job: SegmentFolderJob) -> str:
        return self._unfinished_message(job, tr("It stopped"))

    def _unfinished_message(self, job: SegmentFolderJob, event: str) -> str:
        """Returns how many scenes are finished, from the engine's last progress, and how to continue."""
        finished = self._reporter.progress.get("scenes_finished")
        # The next run has another temporary folder, so it cannot continue this one.
        can_continue = not is_temporary(job.output_folder) and finished is not None
        if not finished:
            message = tr("{} before the first scene was finished.")
            if can_continue:
                message = tr(
                    "{} before the first scene was finished: run it again with the same parameters to "
                    "continue."
                )
            return message.format(event)
        message = tr("{} after {} of {} scenes: until QGIS closes, the masks are in {}.")
        if can_continue:
            message = tr(
                "{} after {} of {} scenes: run it again with the same parameters to continue."
            )
        scenes = self._reporter.progress["scenes"]
        return message.format(event, finished, scenes, job.output_folder)

    def finish(self, job: SegmentFolderJob, results: Values, context: QgsProcessingContext) -> str:
        """Makes QGIS load and style the mosaics; warns of failed scenes and of a temporary folder."""
        table = class_table.from_records(results.get("classes", ()))
        mosaics = results.get("mosaics", ())
        for path in mosaics:
            # The file name of each of several mosaics contains its coordinate system.
            suffix = f" ({Path(path).stem.partition('-')[2]})" if len(mosaics) > 1 else ""
            styling.load_layer(
                context,
                path,
                _mosaic_name(results) + suffix,
                "MOSAIC",
                lambda layer: styling.show_classes(layer, table),
            )
        return f"{_failure_warning(results)} {_temporary_warning(job)}".strip()


def _mosaic_name(results: Values) -> str:
    masks = results.get("scenes_done", 0) + results.get("scenes_kept", 0)
    return tr("Mask of 1 scene") if masks == 1 else tr("Masks of {} scenes").format(masks)


def _failure_warning(results: Values) -> str:
    failed = results.get("scenes_failed", 0)
    if not failed:
        return ""
    return tr(
        "{} of {} scenes could not be segmented; {} lists the reasons. Repair these scenes and run it again with "
        "the same parameters: the other masks are kept."
    ).format(failed, results.get("scenes"), results.get("summary"))


def _temporary_warning(job: SegmentFolderJob) -> str:
    if not is_temporary(job.output_folder):
        return ""
    return tr(
        "The masks are in a temporary folder, which is deleted when QGIS closes: copy {} to keep them."
    ).format(job.output_folder)
