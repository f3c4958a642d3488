"""Base classes of the algorithms.

An algorithm is run by QGIS in this order:

1. ``EngineAlgorithm.checkParameterValues`` refuses impossible parameters.
2. ``prepareAlgorithm``, in the main thread: ``job_from_parameters.py`` turns the parameters into a job and their
   layers into file paths (``layer_sources.py``), and notes which outputs to load.
3. ``processAlgorithm``, in a thread of QGIS: ``worker.py`` starts the engine as a child process and sends it the job;
   for segmenting, ``warm_engine.py`` reuses an engine that is already running.
4. The engine's events arrive one by one, and ``feedback_reporter.py`` shows each in the log and progress bar. An event
   ``Done`` ends the run; a failure, a crash or a cancel is an exception, after which partial files are removed.
5. The outputs are registered for loading, and ``finish`` has them named and styled (``styling.py``). QGIS loads
   them in the main thread, where ``layer_order.py`` moves them above their image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
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
    QgsProcessingOutputHtml,
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QThread, QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.utils import iface

from .. import ROOT, compat, environment
from ..engine.contract import jobs, output_files, protocol
from ..engine.contract.clean_up import CleanUp
from ..engine.contract.errors import LayoutError
from ..engine.contract.light_engine import NEEDS_FULL_ENGINE
from ..engine_process import child_process, warm_engine, worker
from ..help_pages import help_url
from ..help_text import in_qgis_process, plain
from ..i18n import tr
from . import layer_sources
from .feedback_reporter import FeedbackReporter
from .job_from_parameters import ParameterReader
from .parameter_factories import field_of
from .parameter_values import values_for_check

#: Parameters or results by name.
Values = dict[str, Any]

#: Time after the end until the next step is shown, ms: QGIS itself first loads the layers, zooms, and chooses the map's
#: coordinate system.
_DELAY = 500


class DualStreamAlgorithm(QgsProcessingAlgorithm):
    """Name, group, icon and help; a subclass sets ``NAME`` and declares texts and parameters.

    Attributes:
        HAS_BATCH: Whether it makes sense to run it with several sets of parameters.
    """

    NAME = ""
    ICON = "dualstream"
    GROUP = "map"
    HAS_BATCH = True

    def flags(self) -> Any:
        """Hides an algorithm without a batch from batches; if it were hidden from models too, qgis_process would not list it."""
        return super().flags() if self.HAS_BATCH else compat.CAN_CANCEL

    def createInstance(self) -> DualStreamAlgorithm:
        return type(self)()

    def createCustomParametersWidget(self, parent: Any = None) -> Any:
        """Returns QGIS's own dialog without its button for a batch, which it shows whatever the flags say; None: QGIS
        makes its dialog.
        """
        if self.HAS_BATCH:
            return None
        from processing.gui.AlgorithmDialog import AlgorithmDialog  # only QGIS with a window has it

        dialog = AlgorithmDialog(self, parent=parent)
        button = getattr(dialog, "runAsBatchButton", None)
        if button is not None:
            button.hide()
        return dialog

    def name(self) -> str:
        return self.NAME

    def group(self) -> str:
        return {
            "train": tr("Train"),
            "map": tr("Map"),
            "check": tr("Check"),
            "models": tr("Models"),
            "setup": tr("Set-up"),
        }[self.GROUP]

    def groupId(self) -> str:
        return self.GROUP

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        return str(ROOT / "resources" / "icons" / f"{self.ICON}.svg")

    def help_introduction(self) -> str:
        """Returns the first paragraphs of the help, as HTML."""
        return f"<p>{self.shortDescription()}</p>"

    def computer_note(self) -> str:
        """Returns what the dialog's help says about this computer, as HTML; the help pages leave it out."""
        return ""

    def helpUrl(self) -> str:
        return help_url(f"algorithms/{self.NAME}")

    def show_results(self) -> None:
        """Prepares, in QGIS's window, how the results of a run are listed."""

    def next_step(self) -> Callable[[Any], None] | None:
        """Returns what shows the next step in QGIS's window, its argument, after a run; None: there is none.

        It must not use the algorithm, which is deleted by then.
        """
        return None

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Removes the message that offered this algorithm, and shows the next step."""
        if iface is None or not _is_main_thread():  # a model runs in another thread
            return {}
        from ..message_bar import withdraw  # only QGIS with a window has it

        withdraw(iface, self.NAME)
        self.show_results()
        if (show := self.next_step()) is not None:
            QTimer.singleShot(_DELAY, partial(show, iface))
        return {}

    def shortHelpString(self) -> str:
        if (
            in_qgis_process()
        ):  # which prints the short description before, and the parameters after it
            return plain(self.help_introduction().partition("</p>")[2] + self.computer_note())
        return (
            self.help_introduction()
            + self.computer_note()
            + "".join(
                f"<p><b>{definition.description()}</b><br>{definition.help()}</p>"
                for definition in self.parameterDefinitions()
            )
        )


class EngineAlgorithm(DualStreamAlgorithm):
    """Runs one job of the engine.

    A parameter's value becomes the job field of the same name in small letters, and so the engine's outputs become
    the algorithm's.

    Attributes:
        JOB: Class of the job.
        VERB: The engine's command, if it is not the algorithm's name.
        PAGE_ABOUT: Field of the job with the file or folder that a page of the run is about.
        NEEDS_TORCH: Whether the light engine cannot run it.
        STAYS_WARM: Whether the engine waits for the next job, with its models in memory.
    """

    JOB: type[Any] = jobs.SegmentJob
    VERB = ""
    PAGE_ABOUT = "output"
    NEEDS_TORCH = False
    STAYS_WARM = False

    #: Whether the last run of this algorithm made a page; QGIS runs a copy of the dialog's algorithm.
    _has_page = False

    def validation_error(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns an error message about the parameters, "" if they are valid."""
        return ""

    def misfit(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns why the models do not fit the rasters, all of which can be opened; "" if they fit."""
        return ""

    def page_subject(self, job: Any) -> str:
        """Returns the name of what a page of the run is about."""
        return Path(str(getattr(job, self.PAGE_ABOUT))).stem

    def make_inputs(self, feedback: QgsProcessingFeedback) -> None:
        """Makes the files that the job names and that are not there yet, in the background: pictures of web maps.

        Raises:
            CancelledError: If the user cancels.
            QgsProcessingException: If a file cannot be made.
        """
        for picture in self._pictures:
            picture.make(feedback)

    def log_start(self, job: Any, feedback: QgsProcessingFeedback) -> None:
        """Logs messages before the engine starts."""

    def finish(self, job: Any, results: Values, context: QgsProcessingContext) -> str:
        """Uses the engine's results; returns a warning, "" for none."""
        return ""

    def output_paths(self, job: Any) -> list[str]:
        """Returns the files that the job writes."""
        return list(self._outputs(job).values())

    def discarded_outputs(self, job: Any, is_cancelled: bool) -> list[str]:
        """Returns the outputs whose partial files are removed after a cancel, a failure or a crash."""
        return self.output_paths(job)

    def clean_up(self, job: Any, is_cancelled: bool) -> None:
        """Removes the partial files of an unfinished run."""
        output_files.remove_leftovers(self.discarded_outputs(job, is_cancelled))

    def cancel_message(self, job: Any) -> str:
        """Returns the message after a cancel."""
        return tr("Cancelled: nothing was written.")

    def crash_message(self, job: Any) -> str:
        """Returns a sentence to add to the message about a crash, "" for none."""
        return ""

    def canExecute(self) -> tuple[bool, str]:
        try:
            environment.find()
        except environment.EnvironmentMissingError as missing:
            return False, str(missing)
        error = full_engine_error() if self.NEEDS_TORCH else ""
        return not error, error

    def checkParameterValues(
        self, parameters: Values, context: QgsProcessingContext
    ) -> tuple[bool, str]:
        try:
            error = (
                (full_engine_error() if self.NEEDS_TORCH else "")
                or self.validation_error(parameters, context)
                or layer_sources.layer_error(self, parameters, context)
                or self.misfit(parameters, context)
            )
            checked = values_for_check(self.parameterDefinitions(), parameters, context)
        except LayoutError as flaw:  # a folder holds two rasters of one name
            error = str(flaw)
        return (False, error) if error else super().checkParameterValues(checked, context)

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Makes the job in the main thread, because only there the project's layers may be used."""
        type(self)._has_page = False
        reader = ParameterReader(self, parameters, context, feedback)
        self._job, self._layers_to_load = reader.job(self.JOB), reader.layers_to_load
        self._pictures = reader.pictures
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Runs the job, usually in a background thread, and returns the outputs; none after a cancel."""
        self._launch = _find_engine(feedback)
        try:
            self.make_inputs(feedback)
        except child_process.CancelledError:
            return self._cancelled(feedback)
        self.log_start(self._job, feedback)
        commands = worker.shell_commands(self._launch, self._verb(), self._job)
        for shell, command in commands.items():
            feedback.pushInfo(tr("The same run in a shell ({}):").format(shell))
            feedback.pushCommandInfo(command)
        results = self._run(feedback)
        self._results: Values = {}
        if not results:
            return {}
        # Not earlier, because QGIS reports each layer of a failed run as an error.
        for path, details in self._layers_to_load.items():
            context.addLayerToLoadOnCompletion(path, details)
        warning = self.finish(self._job, results, context)
        if warning:
            feedback.pushWarning(warning)
        names = [definition.name() for definition in self.outputDefinitions()]
        self._results = {
            name: results[name.lower()]
            for name in names
            if results.get(name.lower()) not in (None, "")
        }
        type(self)._has_page = any(page.name() in self._results for page in self._pages())
        return self._results

    def hasHtmlOutputs(self) -> bool:
        """Returns whether the last run made a page: QGIS's dialog asks after each run, also after one that failed, and then
        points to the Results Viewer.
        """
        return self._has_page

    def _pages(self) -> list[QgsProcessingOutputHtml]:
        """Returns the declared outputs that the Results Viewer lists."""
        outputs = self.outputDefinitions()
        return [one for one in outputs if isinstance(one, QgsProcessingOutputHtml)]

    def show_results(self) -> None:
        """Names the pages for the Results Viewer."""
        from ..result_names import name_result  # only QGIS with a window lists results

        for page in self._pages():
            if page.name() in self._results:
                subject = self.page_subject(self._job)
                name_result(str(self._results[page.name()]), page.description(), subject)

    def _run(self, feedback: QgsProcessingFeedback) -> Values:
        """Returns the engine's result values, with paths spelled as in the job; none after a cancel.

        Raises:
            QgsProcessingException: If the run failed, or if it was cancelled in the main thread: a script or a
                batch would otherwise take it for finished. In other threads QGIS itself marks the dialog's task
                or the model as cancelled, and would show the exception as an error.
        """
        reporter = self._reporter = FeedbackReporter(feedback)
        reporter.start(self._stays_warm() and warm_engine.ENGINES.is_warm(self._launch))
        try:
            for event in self._events(feedback):
                reporter.report(event)
        except child_process.CancelledError:
            return self._cancelled(feedback)
        except (worker.CrashedError, worker.FailedError) as error:
            with CleanUp(partial(self.clean_up, self._job, is_cancelled=False)):
                raise QgsProcessingException(self._error_message(error)) from error
        return {**reporter.outputs, **self._outputs(self._job)}

    def _cancelled(self, feedback: QgsProcessingFeedback) -> Values:
        """Removes the partial files of a cancelled run and says so; returns no results."""
        with CleanUp(partial(self.clean_up, self._job, is_cancelled=True)):
            message = self.cancel_message(self._job)
            if _is_main_thread():
                raise QgsProcessingException(message) from None
        feedback.pushInfo(message)
        return {}

    def _error_message(self, error: worker.CrashedError | worker.FailedError) -> str:
        if isinstance(error, worker.FailedError):
            return _failure_message(error)
        return f"{error} {self.crash_message(self._job)}".strip()

    def _events(self, feedback: QgsProcessingFeedback) -> Iterator[protocol.Event]:
        """Starts the job, in an engine that stays or in a new one, and returns its events."""
        if self._has_pool() or isinstance(self._job, jobs.TrainJob):
            # An idle engine would occupy memory that these jobs need, on the graphics card too.
            warm_engine.ENGINES.stop()
        run = warm_engine.ENGINES.run if self._stays_warm() else worker.run
        return run(self._launch, self._verb(), self._job, feedback.isCanceled)

    def _has_pool(self) -> bool:
        return bool(getattr(self._job, "on", ""))

    def _stays_warm(self) -> bool:
        """Returns whether the engine of this run waits for the next job; Ray reads its settings once per process."""
        return self.STAYS_WARM and not self._has_pool()

    def _verb(self) -> str:
        return self.VERB or self.NAME

    def _outputs(self, job: Any) -> Values:
        """Returns the paths of the job's outputs by the parameters' names in small letters."""
        definitions = (d for d in self.parameterDefinitions() if d.isDestination())
        paths = {d.name().lower(): getattr(job, field_of(d), "") for d in definitions}
        return {name: path for name, path in paths.items() if path}


def _is_main_thread() -> bool:
    return bool(QThread.currentThread() == QgsApplication.instance().thread())


def full_engine_error() -> str:
    """Returns the sentence for a run that the installed engine, a light one, cannot do; "" if it is not light."""
    return tr(NEEDS_FULL_ENGINE) if environment.uses_light_engine() else ""


def _find_engine(feedback: QgsProcessingFeedback) -> worker.Launch:
    """Finds the engine, and offers an update of one that Set up made for another version of the plugin."""
    try:
        python = environment.find_checked(feedback.isCanceled)
    except environment.EnvironmentMissingError as missing:
        raise QgsProcessingException(str(missing)) from missing
    notice = environment.update_notice(python)
    if notice:
        feedback.pushWarning(notice)
    return worker.Launch(python, ROOT)


def is_temporary(path: str) -> bool:
    """Returns whether a path is in QGIS's temporary folder, which is deleted when QGIS closes."""
    return Path(QgsProcessingUtils.tempFolder()) in Path(path).parents


def _failure_message(failure: worker.FailedError) -> str:
    """Returns the engine's message; the traceback of a defect is written to QGIS's message log."""
    if not failure.details:
        return str(failure)
    QgsMessageLog.logMessage(failure.details, "DualStream", Qgis.MessageLevel.Critical)
    hint = tr("The details for a report are under View > Panels > Log Messages > DualStream.")
    return f"{failure} {hint}"
