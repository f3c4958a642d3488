"""The algorithm "Set up DualStream": builds the engine's environment, without a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
)

from .. import ROOT, child_process, compat, environment, installation, settings, warm_engine, worker
from ..i18n import tr
from . import common_parameters as shared
from .base_algorithm import DualStreamAlgorithm, Parameters


class SetupAlgorithm(DualStreamAlgorithm):
    """Nothing -> a Python with the engine's packages, in the QGIS profile."""

    NAME = "setup"
    ICON = "setup"
    GROUP = "setup"

    def displayName(self) -> str:
        return tr("Set up DualStream")

    def shortDescription(self) -> str:
        return tr("Installs or repairs what DualStream needs besides QGIS.")

    def about(self) -> str:
        """What it installs, where, and when to run it again."""
        return super().about() + tr(
            "<p>Training and segmenting run in a Python of their own, apart from QGIS, so that "
            "neither can harm the other. This makes it, inside your QGIS profile: it needs the "
            "internet, about 8 GB of disk space and some minutes, once. Administrator rights are "
            "not needed.</p>"
            "<p>Run it again to repair the installation, after an update of DualStream, or to "
            "choose another build of PyTorch. Cancelling is safe.</p>"
        )

    def tags(self) -> list[str]:
        return tr("install,dependencies,environment,python,torch,pytorch,CUDA,GPU,repair").split(
            ","
        )

    def flags(self) -> Any:
        """Not for batches. Hidden from models it would be missing in qgis_process' list too."""
        return compat.CAN_CANCEL

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the build of PyTorch and what is found in the end."""
        self.addParameter(
            shared.choice(
                "TORCH",
                tr("Build of PyTorch"),
                installation.TORCH_BUILDS,
                installation.TORCH_BUILDS[0],
                tr(
                    "default: the ordinary build for this system. auto: the one that fits the "
                    "graphics card. cpu: smaller, without support for graphics cards. cu126 and "
                    "the like: for NVIDIA cards with CUDA 12.6. rocm: for AMD cards. xpu: for "
                    "Intel cards."
                ),
            )
        )
        self.addOutput(QgsProcessingOutputString("ENGINE_PYTHON", tr("Python of the engine")))
        self.addOutput(QgsProcessingOutputString("DEVICE", tr("Device")))

    def prepareAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Reads the parameters, on the main thread, where settings may be read."""
        self._build = self.parameterAsEnumString(parameters, "TORCH", context)
        self._folder = settings.environment_folder()
        return True

    def processAlgorithm(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> Parameters:
        """Builds the environment, then asks the engine what it found."""
        python = str(environment.python_of_environment(self._folder))
        feedback.pushInfo(tr("The engine's environment is {}").format(self._folder))
        warm_engine.ENGINES.stop()  # Windows replaces no files that a waiting engine has open
        try:
            for event in installation.build(self._folder, self._build, feedback.isCanceled):
                feedback.setProgress(100.0 * event.fraction)
                feedback.pushInfo(event.message)
            feedback.pushInfo(tr("Asking the engine what it found on this computer"))
            found = worker.doctor(worker.Launch(python, ROOT), feedback.isCanceled)
        except child_process.CancelledError:
            message = tr("Cancelled: run this again to finish; downloads so far are kept.")
            raise QgsProcessingException(message) from None
        except (installation.InstallationError, worker.CrashedError) as error:
            raise QgsProcessingException(str(error)) from error
        feedback.setProgress(100.0)
        for line in _diagnosis(found):
            feedback.pushInfo(line)
        _log_environment_used(python, feedback)
        return {"ENGINE_PYTHON": python, "DEVICE": str(found.get("device", ""))}


def _diagnosis(found: dict[str, Any]) -> Iterator[str]:
    """What the engine's doctor found, a line each."""
    for name, value in found.items():
        if value not in (None, "", [], {}):
            yield f"  {name}: {value}"


def _log_environment_used(built: str, feedback: QgsProcessingFeedback) -> None:
    """Someone who chose another Python should know that this one is not used."""
    try:
        used = environment.find()
    except environment.EnvironmentMissingError as missing:
        feedback.pushWarning(str(missing))
        return
    if used != built:
        feedback.pushWarning(
            tr("DualStream uses another Python, which comes first: {}").format(used)
        )
