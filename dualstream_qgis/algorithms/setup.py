"""The algorithm "Set up DualStream", which builds the engine's Python environment."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
)

from .. import ROOT, compat, engine_home, environment, settings
from ..engine.contract.errors import format_bytes
from ..engine_process import child_process, warm_engine, worker
from ..i18n import tr
from ..installation import computer, errors, installer, network, torch_builds
from ..installation.step import SILENCE_SECONDS
from .base_algorithm import DualStreamAlgorithm, Values
from .common_parameters import only_map
from .parameter_factories import choice, with_widget


class SetupAlgorithm(DualStreamAlgorithm):
    """Builds, repairs or updates the engine's environment."""

    NAME = "setup"
    ICON = "setup"
    GROUP = "setup"
    HAS_BATCH = False

    def displayName(self) -> str:
        return tr("Set up DualStream")

    def shortDescription(self) -> str:
        return tr("Installs or repairs the Python packages that DualStream needs.")

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> the internet and some minutes, but no administrator rights. Without "
            "internet, a folder of packages that another computer has filled.</p>"
            "<p><b>What it makes:</b> a Python environment in your own folder. Training and segmenting run in it, "
            "so that its packages and those of QGIS cannot disturb each other.</p>"
            "<p><b>Example:</b> leave everything as it is and click Run. <i>Check the installation</i> says how it "
            "went.</p>"
            "<p>Run it again to repair the installation, after an update of DualStream, or to "
            "choose another build of PyTorch. You may cancel it at any time: what was downloaded is "
            "kept, and an engine that works stays in use until the new one is complete.</p>"
            "<p>In an office network it uses the proxy and the certificates of QGIS (Settings &gt; Options &gt; "
            "Network and Authentication) and those of the system. The address of another package index "
            "is a setting in Options &gt; Processing &gt; Providers &gt; DualStream.</p>"
        )

    def tags(self) -> list[str]:
        return tr(
            "install,dependencies,environment,python,torch,pytorch,CUDA,GPU,repair,update,offline"
        ).split(",")

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameters and the outputs."""
        # A light engine that is repaired or updated stays light.
        builds = choice(
            "TORCH",
            tr("Build of PyTorch"),
            torch_builds.CHOICES,
            torch_builds.AUTOMATIC,
            tr(
                "automatic: the build for this computer's graphics card, or the small one without. default: "
                "PyTorch's default build for this system. cpu: without support for graphics cards. cu126 to "
                "cu132: for NVIDIA cards, with CUDA 12.6 to 13.2. rocm: for AMD cards on Linux. xpu: for Intel "
                "cards."
            ),
        )
        self.addParameter(with_widget(builds, "BuildWidget", "build_widget"))
        built = engine_home.installed(settings.engine_home_folder())
        self.addParameter(only_map(built is not None and built.build == engine_home.LIGHT))
        wheels = QgsProcessingParameterFile(
            "WHEELS", tr("Folder of packages"), compat.A_FOLDER, optional=True
        )
        wheels.setHelp(
            tr(
                "For a computer without internet: a folder with all packages for this system, which Download for "
                "another computer has filled elsewhere. Empty: they are downloaded."
            )
        )
        wheels.setFlags(wheels.flags() | compat.ADVANCED)
        self.addParameter(wheels)
        self.addOutput(QgsProcessingOutputString("ENGINE_PYTHON", tr("Python of the engine")))
        self.addOutput(QgsProcessingOutputString("DEVICE", tr("Device")))

    def _choice(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns the chosen build of PyTorch, or that of the light engine."""
        if self.parameterAsBool(parameters, "ONLY_MAP", context):
            return torch_builds.LIGHT
        return str(self.parameterAsEnumString(parameters, "TORCH", context))

    def plan(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns what would be installed on this computer, as HTML; "" with a folder, which downloads nothing."""
        here, home = computer.this_computer(), settings.engine_home_folder()
        if here.refusal():
            return f"<b>{here.refusal()}</b>"
        if self.parameterAsFile(parameters, "WHEELS", context):
            return ""
        choice = self._choice(parameters, context)
        build = torch_builds.builds_to_try(choice, here)[0]
        download, disk = torch_builds.size(build, here)
        if build == torch_builds.LIGHT:
            text = tr(
                "<b>On this computer:</b> the light engine, without PyTorch. About {download:g} GB are downloaded. The "
                "folder is {home}."
            )
        else:
            text = tr(
                "<b>On this computer:</b> PyTorch for {title}. {reason} About {download:g} GB are downloaded. The folder "
                "is {home}."
            )
        free = computer.free_bytes(home)
        if free < disk * 1e9:
            text += " " + tr(
                "<b>The disk is nearly full: {disk:g} GB are needed, {free} are free.</b>"
            )
        return text.format(
            title=torch_builds.title(build, here),
            reason=torch_builds.reason(here) if choice == torch_builds.AUTOMATIC else "",
            download=download,
            disk=disk,
            free=format_bytes(free),
            home=home,
        )

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Reads parameters, settings, proxy and certificates in the main thread."""
        home, index = settings.engine_home_folder(), network.package_index()
        wheels = self.parameterAsFile(parameters, "WHEELS", context)
        self._order = installer.Order(
            home=home,
            computer=computer.this_computer(),
            fetch=lambda address: network.fetch(address, feedback),
            choice=self._choice(parameters, context),
            index=index,
            wheels=Path(wheels) if wheels else None,
            variables=network.variables_for_programs(home, index),
        )
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Builds the environment, then logs the engine's report about this computer."""
        feedback.pushInfo(tr("The engine's folder is {}").format(self._order.home))
        if self._order.choice == torch_builds.AUTOMATIC and self._order.wheels is None:
            feedback.pushInfo(torch_builds.reason(self._order.computer))
        warm_engine.ENGINES.stop()  # Windows cannot remove files that an idle engine has open
        try:
            for event in installer.build(self._order, feedback.isCanceled):
                feedback.setProgress(100.0 * event.fraction)
                feedback.pushInfo(event.message)
            feedback.pushInfo(tr("Checking the engine on this computer"))
            python, report = self._check(feedback)
        except child_process.CancelledError:
            message = tr("Cancelled: run it again to finish; downloaded files are kept.")
            raise QgsProcessingException(message) from None
        except errors.InstallationError as error:
            raise QgsProcessingException(str(error)) from error
        except OSError as error:
            path = error.filename or self._order.home
            sentence = tr("The file or folder {} cannot be used.").format(path)
            raise QgsProcessingException(str(errors.failure(sentence, [str(error)]))) from error
        except worker.CrashedError as error:
            _, advice = errors.cause(str(error))
            raise QgsProcessingException(f"{error} {advice}".strip()) from error
        feedback.setProgress(100.0)
        for name, value in report.items():
            if value not in (None, "", [], {}):
                feedback.pushInfo(f"  {name}: {value}")
        _warn_of_other_environment(python, feedback)
        feedback.pushInfo(ready_message(self._order.choice))
        return {"ENGINE_PYTHON": python, "DEVICE": str(report.get("device", ""))}

    def next_step(self) -> Callable[[Any], None]:
        return partial(_offer_next_step, self._order.choice)

    def _check(self, feedback: QgsProcessingFeedback) -> tuple[str, dict[str, Any]]:
        """Returns the new environment's Python and the engine's report; a cancel says that the engine is in use."""
        built = engine_home.installed(self._order.home)
        folder = self._order.home / (built.folder if built else "")
        python = str(engine_home.python_of_environment(folder))
        begun = told = time.monotonic()

        def cancelled() -> bool:
            nonlocal told
            if time.monotonic() - told >= SILENCE_SECONDS:
                told = time.monotonic()
                feedback.pushInfo(tr("Working, {:.0f} s").format(told - begun))
            return bool(feedback.isCanceled())

        try:
            return python, worker.doctor(worker.Launch(python, ROOT), cancelled)
        except child_process.CancelledError:
            sentence = tr(
                "Cancelled after the installation: the engine is installed and in use, but it was not checked on this "
                "computer. Run Check the installation to do that."
            )
            raise QgsProcessingException(sentence) from None


def ready_message(choice: str) -> str:
    """Returns the sentences about what can be done now."""
    if choice == torch_builds.LIGHT:
        return tr("Ready. The light engine maps with prepared and ONNX models.")
    return tr("Ready. Next: make sample data.")


def _offer_next_step(choice: str, iface: Any) -> None:
    """Offers the sample data, whose starter model the light engine cannot use, or the dialog that maps."""
    from ..message_bar import offer  # only QGIS with a window has it

    is_light = choice == torch_builds.LIGHT
    offer(iface, ready_message(choice), "segment" if is_light else "sample")


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
