"""The algorithm "Check the installation": what DualStream finds on this computer, as a page with a verdict on top.

It also runs where the engine's environment is missing or broken, and then says what to do.
"""

from __future__ import annotations

import html
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
)

from .. import ROOT, environment
from ..engine.contract.machine_facts import LABELS
from ..engine.contract.version import engine_version
from ..engine_process import child_process, worker
from ..i18n import language, tr
from .base_algorithm import DualStreamAlgorithm, Values
from .parameter_factories import with_help


@dataclass(frozen=True)
class Findings:
    """The findings of the check.

    Attributes:
        verdict: The first sentence of the page.
        is_ready: Whether DualStream can train and segment.
        rows: Name and value of each fact.
    """

    verdict: str
    is_ready: bool
    rows: list[tuple[str, str]]


class DoctorAlgorithm(DualStreamAlgorithm):
    """Checks the engine's environment and describes this computer."""

    NAME = "doctor"
    ICON = "doctor"
    GROUP = "setup"
    HAS_BATCH = False

    def displayName(self) -> str:
        return tr("Check the installation")

    def shortDescription(self) -> str:
        return tr("Says whether DualStream can run here, on which device, and what to do if not.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> Nothing: it also runs before <i>Set up DualStream</i>.</p>"
            "<p><b>What it makes:</b> A page for the Results Viewer with a verdict on top: Python, PyTorch, the device, "
            "the graphics card and its driver, why the card is not used, memory, disk space and pretrained weights. "
            "Nothing is sent anywhere.</p>"
            "<p><b>Example:</b> Click Run and read the first line. If it asks for <i>Set up DualStream</i>, run that and "
            "check again.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "doctor,check,diagnose,installation,environment,GPU,CUDA,driver,torch,problem,support"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameter and the outputs."""
        definition = QgsProcessingParameterFileDestination(
            "REPORT", tr("Installation report"), fileFilter=tr("Web pages") + " (*.html)"
        )
        self.addParameter(
            with_help(definition, tr("One HTML file, to read here or to send with a question."))
        )
        self.addOutput(QgsProcessingOutputBoolean("READY", tr("DualStream can run")))
        self.addOutput(QgsProcessingOutputString("DEVICE", tr("Device")))

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Asks the engine, and writes the page; a problem of the engine is a finding, no error."""
        facts: Values = {}
        python = problem = ""
        try:
            python = environment.find_checked(feedback.isCanceled)
            feedback.setProgressText(tr("Asking the engine…"))
            facts = worker.doctor(worker.Launch(python, ROOT), feedback.isCanceled)
        except environment.EnvironmentMissingError as missing:
            problem = str(missing)
        except child_process.CancelledError:
            raise QgsProcessingException(tr("Cancelled: nothing was written.")) from None
        except worker.CrashedError as crash:
            problem = tr('{} Run "Set up DualStream", which repairs it.').format(crash)
        found = _findings(facts, problem, python)
        feedback.pushInfo(found.verdict)
        for name, value in found.rows:
            feedback.pushInfo(f"  {name}: {value}")
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        try:
            Path(path).write_text(_page(found), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise QgsProcessingException(
                tr("The report {} cannot be written: {}.").format(path, error.strerror)
            ) from error
        device = str(facts.get("device", ""))
        return {"REPORT": path, "READY": found.is_ready, "DEVICE": device}


def _findings(facts: Values, problem: str, python: str) -> Findings:
    """Returns the verdict and all facts; those of the engine are missing if it does not run."""
    rows = [
        (tr("DualStream"), engine_version()),
        (tr("QGIS"), f"{Qgis.QGIS_VERSION}, Python {platform.python_version()}"),
        (tr("System"), platform.platform()),
        (tr("Python of the engine"), str(facts.get("python") or python or tr("none"))),
    ]
    shown = {*LABELS} - {"engine", "platform", "python", "light"}
    if facts and not facts.get("gpu") and not facts.get("light"):
        shown.remove("reason")  # the verdict says it
    if facts:
        rows += [(tr(LABELS[key]), str(facts.get(key) or "–")) for key in LABELS if key in shown]
    chosen = os.environ.get(environment.VARIABLE, "")
    if chosen:
        rows.append((tr("Variable {}").format(environment.VARIABLE), chosen))
    if problem:
        return Findings(tr("DualStream cannot run yet. {}").format(problem), False, rows)
    if facts.get("light"):
        verdict = tr("DualStream is ready to map with finished models. {}")
        return Findings(verdict.format(facts["light"]), True, rows)
    if facts.get("gpu"):
        return Findings(
            tr("DualStream is ready and computes on {}.").format(facts["device"]), True, rows
        )
    verdict = tr(
        "DualStream is ready and computes on the processor, which is slower than a graphics card. {}"
    )
    return Findings(verdict.format(facts.get("reason", "")).strip(), True, rows)


def _page(found: Findings) -> str:
    """Returns the page, in the look of the engine's reports."""
    style = (ROOT / "engine" / "reports" / "templates" / "style.css").read_text("utf-8")
    kind = "good" if found.is_ready else "bad"
    rows = "\n".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in found.rows
    )
    title = html.escape(tr("Check of DualStream's installation"))
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>\n{style}.note.good {{ border-color: var(--good); }} "
        ".note.bad { border-color: var(--bad); }\n</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{title}</h1>\n<p class="note {kind}"><b>{html.escape(found.verdict)}</b></p>\n'
        f'<table class="narrow"><tbody>\n{rows}\n</tbody></table>\n</main>\n</body>\n</html>\n'
    )
