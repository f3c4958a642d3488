"""What the algorithms share: their face in the Toolbox, and the run of one job of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsMessageLog,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QThread
from qgis.PyQt.QtGui import QIcon

from .. import ROOT, child_process, environment, warm_engine, worker
from ..engine.contract import jobs, output_files, protocol
from ..i18n import tr
from . import common_parameters as shared
from . import layer_sources
from .feedback_reporter import Reporter
from .job_from_parameters import ParameterReader
from .parameter_values import files

Parameters = dict[str, Any]


class DualStreamAlgorithm(QgsProcessingAlgorithm):
    """Name, group, icon and help; a leaf says its ``NAME``, its texts and its parameters."""

    NAME = ""
    ICON = "dualstream"
    GROUP = "segmentation"

    def createInstance(self) -> DualStreamAlgorithm:
        return type(self)()

    def name(self) -> str:
        return self.NAME

    def group(self) -> str:
        return {"segmentation": tr("Segmentation"), "setup": tr("Set-up")}[self.GROUP]

    def groupId(self) -> str:
        return self.GROUP

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        return str(ROOT / "resources" / "icons" / f"{self.ICON}.svg")

    def about(self) -> str:
        """The help's first paragraphs, as HTML."""
        return f"<p>{self.shortDescription()}</p>"

    def shortHelpString(self) -> str:
        return self.about() + shared.summary(self.parameterDefinitions())


class EngineAlgorithm(DualStreamAlgorithm):
    """Runs one job of the engine; a leaf says its ``JOB`` and what is its own.

    Parameters become the job's fields by name, ``Done``'s outputs the algorithm's. ``VERB`` is the
    engine's command; empty: it is called as the algorithm. ``STAYS_WARM`` keeps the engine, and the
    models it has in memory, for the next job; the others start one that ends with its job.
    """

    JOB: type[Any] = jobs.SegmentJob
    VERB = ""
    STAYS_WARM = False

    def canExecute(self) -> tuple[bool, str]:
        try:
            environment.find()
        except environment.EnvironmentMissingError as missing:
            return False, str(missing)
        return True, ""

    def validation_error(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with the parameters together, in a sentence; empty if nothing."""
        return ""

    def log_start(self, job: Any, feedback: QgsProcessingFeedback) -> None:
        """Says what the user should know before the engine starts."""

    def finish(self, job: Any, results: Parameters, context: QgsProcessingContext) -> str:
        """Uses the engine's results; what it returns is shown as a warning."""
        return ""

    def files(self, job: Any) -> list[str]:
        """The files that the job writes; an unfinished run may leave parts of them."""
        return list(self._written(job).values())

    def cancelled(self, job: Any) -> str:
        """What a cancelled run has left behind, in a sentence."""
        return tr("Cancelled: nothing was written.")

    def ignored_options(self, job: Any) -> list[str]:
        """Those of the files whose parts are of no use after a failure or a crash: all of them."""
        return self.files(job)

    def clean_up(self, job: Any, is_cancelled: bool) -> None:
        """Removes what an unfinished run has left and no other one can use."""
        output_files.remove_leftovers(
            self.files(job) if is_cancelled else self.ignored_options(job)
        )

    def crash_message(self, job: Any) -> str:
        """What to know after a crash, in a sentence; empty if nothing."""
        return ""

    def checkParameterValues(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[bool, str]:
        """Refuses parameters that do not go together, and layers that the engine cannot read."""
        validation_error = self.validation_error(parameters, context) or layer_sources.unreadable(
            self, parameters, context
        )
        if validation_error:
            return False, validation_error
        return super().checkParameterValues(self._first_files(parameters, context), context)

    def prepareAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Makes the job: in the main thread, where the project's layers may be touched."""
        try:
            self._launch = worker.Launch(environment.find(), ROOT)
        except environment.EnvironmentMissingError as missing:
            raise QgsProcessingException(str(missing)) from missing
        reading = ParameterReader(self, parameters, context, feedback)
        self._job, self._layers_to_load = reading.job(self.JOB), reading.layers_to_load
        return True

    def processAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Parameters:
        """Runs the job; may take hours, in a thread that is not QGIS's main one.

        After a cancel the results are empty.
        """
        self.log_start(self._job, feedback)
        feedback.pushInfo(tr("The same in a shell:"))
        feedback.pushCommandInfo(worker.shell_command(self._launch, self._verb(), self._job))
        results = self._run(feedback)
        if not results:
            return {}
        # Only now: QGIS complains about each layer of a run that failed.
        for path, details in self._layers_to_load.items():
            context.addLayerToLoadOnCompletion(path, details)
        warning = self.finish(self._job, results, context)
        if warning:
            feedback.pushWarning(warning)
        names = {
            definition.name(): definition.name().lower() for definition in self.outputDefinitions()
        }
        return {
            name: results[field]
            for name, field in names.items()
            if results.get(field) not in (None, "")
        }

    def _run(self, feedback: QgsProcessingFeedback) -> Parameters:
        """The engine's result values, paths spelled as the job spells them; none after a cancel.

        Raises:
            QgsProcessingException: If the run failed, or if it was cancelled in the main thread: there a script
                or a batch would take a cancelled run for a finished one. In any other thread a dialog's task or
                a model runs it, which QGIS marks as cancelled by itself; the exception would be a red error.
        """
        reporter = self._reporter = Reporter(feedback)
        reporter.start()
        try:
            for event in self._events(feedback):
                reporter.report(event)
        except child_process.CancelledError:
            self.clean_up(self._job, is_cancelled=True)
            if QThread.currentThread() == QgsApplication.instance().thread():
                raise QgsProcessingException(self.cancelled(self._job)) from None
            feedback.pushInfo(self.cancelled(self._job))
            return {}
        except worker.CrashedError as crash:
            self.clean_up(self._job, is_cancelled=False)
            words = (str(crash), self.crash_message(self._job))
            raise QgsProcessingException(" ".join(filter(None, words))) from crash
        except worker.FailedError as failure:
            self.clean_up(self._job, is_cancelled=False)
            raise QgsProcessingException(_sentence(failure)) from failure
        return {**reporter.outputs, **self._written(self._job)}

    def _events(self, feedback: QgsProcessingFeedback) -> Iterator[protocol.Event]:
        """The run of the job, in an engine that stays or in one of its own."""
        has_pool = bool(getattr(self._job, "on", ""))  # whose settings a process reads only once
        if has_pool or isinstance(self._job, jobs.TrainJob):
            # A waiting engine would hold memory that these can use, of the graphics card as well.
            warm_engine.ENGINES.stop()
        run = warm_engine.ENGINES.run if self.STAYS_WARM and not has_pool else worker.run
        return run(self._launch, self._verb(), self._job, feedback.isCanceled)

    def _first_files(self, parameters: Parameters, context: QgsProcessingContext) -> Parameters:
        """The parameters with the first path of each that takes several files, as QGIS's own check wants it."""
        several = {
            definition.name(): files(parameters.get(definition.name()), context)
            for definition in self.parameterDefinitions()
            if definition.metadata().get(shared.LISTED) == "files"
        }
        return {**parameters, **{name: paths[0] for name, paths in several.items() if paths}}

    def _verb(self) -> str:
        return self.VERB or self.NAME

    def _written(self, job: Any) -> Parameters:
        """The paths of the job's outputs by field: of the parameters that are destinations."""
        definitions = (d for d in self.parameterDefinitions() if d.isDestination())
        fields = [definition.name().lower() for definition in definitions]
        return {field: path for field in fields if (path := getattr(job, field, ""))}


def is_temporary(path: str) -> bool:
    """Whether QGIS chose the place: the next run has another, and nothing there outlives QGIS."""
    return Path(QgsProcessingUtils.tempFolder()) in Path(path).parents


def _sentence(failure: worker.FailedError) -> str:
    """The engine's sentence; a defect's traceback goes where developers look."""
    if not failure.details:
        return str(failure)
    QgsMessageLog.logMessage(failure.details, "DualStream", Qgis.MessageLevel.Critical)
    where = tr("The details for a report are under View > Panels > Log Messages > DualStream.")
    return f"{failure} {where}"
