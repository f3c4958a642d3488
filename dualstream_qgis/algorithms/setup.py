"""The algorithm "Set up DualStream", which builds the engine's Python environment."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
)

from .. import ROOT, child_process, compat, environment, installation, settings, warm_engine, worker
from ..i18n import tr
from .base_algorithm import DualStreamAlgorithm, Values
from .parameter_factories import choice


class SetupAlgorithm(DualStreamAlgorithm):
    """Builds or repairs the engine's environment in the QGIS profile."""

    NAME = "setup"
    ICON = "setup"
    GROUP = "setup"

    def displayName(self) -> str:
        return tr("Set up DualStream")

    def shortDescription(self) -> str:
        return tr("Installs or repairs the Python packages that DualStream needs.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs.</b> The internet, about 8 GB of disk space and some minutes, but no administrator "
            "rights.</p>"
            "<p><b>What it makes.</b> Training and segmenting run in a separate Python environment, so that its packages and "
            "those of QGIS cannot disturb each other. This algorithm creates it in your QGIS profile.</p>"
            "<p><b>Example.</b> Leave Build of PyTorch at <i>default</i>, or choose <i>cpu</i> for a smaller download "
            "on a computer without a graphics card, then Run. <i>Check the installation</i> says how it went.</p>"
            "<p>Run it again to repair the installation, after an update of DualStream, or to "
            "choose another build of PyTorch. You may cancel it at any time.</p>"
        )

    def tags(self) -> list[str]:
        return tr("install,dependencies,environment,python,torch,pytorch,CUDA,GPU,repair").split(
            ","
        )

    def flags(self) -> Any:
        """Hides it from batches; if it were hidden from models too, qgis_process would not list it."""
        return compat.CAN_CANCEL

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameter and the outputs."""
        self.addParameter(
            choice(
                "TORCH",
                tr("Build of PyTorch"),
                installation.TORCH_BUILDS,
                installation.TORCH_BUILDS[0],
                tr(
                    "default: PyTorch's default build for this system. auto: the build for this "
                    "computer's graphics card. cpu: smaller, without support for graphics cards. "
                    "cu126, cu128, cu130: for NVIDIA cards, with CUDA 12.6, 12.8 or 13.0. rocm: for "
                    "AMD cards. xpu: for Intel cards."
                ),
            )
        )
        self.addOutput(QgsProcessingOutputString("ENGINE_PYTHON", tr("Python of the engine")))
        self.addOutput(QgsProcessingOutputString("DEVICE", tr("Device")))

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Reads parameters and settings in the main thread."""
        self._build = self.parameterAsEnumString(parameters, "TORCH", context)
        self._folder = settings.environment_folder()
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Builds the environment, then logs the engine's report about this computer."""
        python = str(environment.python_of_environment(self._folder))
        feedback.pushInfo(tr("The engine's environment is {}").format(self._folder))
        warm_engine.ENGINES.stop()  # Windows cannot replace files that an idle engine has open
        try:
            for event in installation.build(self._folder, self._build, feedback.isCanceled):
                feedback.setProgress(100.0 * event.fraction)
                feedback.pushInfo(event.message)
            feedback.pushInfo(tr("Checking the engine on this computer"))
            report = worker.doctor(worker.Launch(python, ROOT), feedback.isCanceled)
        except child_process.CancelledError:
            message = tr("Cancelled: run it again to finish; downloaded files are kept.")
            raise QgsProcessingException(message) from None
        except (installation.InstallationError, worker.CrashedError) as error:
            raise QgsProcessingException(str(error)) from error
        feedback.setProgress(100.0)
        for name, value in report.items():
            if value not in (None, "", [], {}):
                feedback.pushInfo(f"  {name}: {value}")
        _warn_of_other_environment(python, feedback)
        return {"ENGINE_PYTHON": python, "DEVICE": str(report.get("device", ""))}


def _warn_of_other_environment(built: str, feedback: QgsProcessingFeedback) -> None:
    """Warns if DualStream does not use the new environment, because the user has chosen another Python."""
    try:
        used = environment.find()
    except environment.EnvironmentMissingError as missing:
        feedback.pushWarning(str(missing))
        return
    if used != built:
        feedback.pushWarning(
            tr("DualStream does not use this environment but the Python that you chose: {}").format(
                used
            )
        )
