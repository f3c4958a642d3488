"""The algorithm "Download for another computer", which fills a folder of packages for one without internet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFolderDestination,
)

from .. import settings
from ..engine.contract.file_lock import try_lock
from ..engine.contract.protocol import Progress
from ..engine_process import child_process
from ..i18n import tr
from ..installation import (
    computer,
    errors,
    installer,
    network,
    torch_builds,
    wheel_download,
    wheel_order,
)
from ..installation.folder_growth import folder_size
from ..installation.step import Step, result_of, variables_for_uv
from .base_algorithm import DualStreamAlgorithm, Values, is_temporary
from .common_parameters import only_map
from .parameter_factories import choice, with_help, with_widget

#: The choice of Python that means the one that Set up takes.
_AUTOMATIC = "automatic"


class DownloadAlgorithm(DualStreamAlgorithm):
    """Downloads all that Set up needs on a computer without internet."""

    NAME = "download"
    ICON = "download"
    GROUP = "setup"
    HAS_BATCH = False

    def displayName(self) -> str:
        return tr("Download for another computer")

    def shortDescription(self) -> str:
        return tr(
            "Fills a folder with all packages, so that DualStream can be set up where there is no internet."
        )

    def help_introduction(self) -> str:
        return super().help_introduction() + tr(
            "<p><b>What it needs:</b> the internet, and space for 0.5 GB, or about 3.5 GB with support for NVIDIA cards. "
            "The log states the size before the download begins.</p>"
            "<p><b>What it makes:</b> a folder with uv, Python and all packages for one system. Copy it to the other "
            "computer, for example with a USB stick, and choose it there in <i>Set up DualStream</i> as <i>Folder of "
            "packages</i>.</p>"
            "<p><b>Example:</b> System windows, graphics card none: the folder is right for any office computer with "
            "Windows.</p>"
            "<p>You may cancel it at any time: what was downloaded is kept, and the next run with the same folder "
            "resumes. The proxy and the certificates are those of <i>Set up DualStream</i>.</p>"
        )

    def tags(self) -> list[str]:
        return tr("offline,air-gapped,packages,wheels,install,USB stick,without internet").split(
            ","
        )

    def initAlgorithm(self, configuration: Any = None) -> None:
        """Declares the parameters and the outputs."""
        systems = list(wheel_order.SYSTEMS)
        help_text = tr(
            "The system of the other computer. windows: Windows 10 or later. macos: a Mac with an Apple processor, "
            "macOS 14 or later. linux: Linux on a PC. linux-arm: Linux on an ARM processor."
        )
        self.addParameter(choice("SYSTEM", tr("System"), systems, systems[0], help_text))
        help_text = tr(
            "The graphics card of the other computer. none: the processor is used (on a Mac Apple's graphics, too). "
            "nvidia: an NVIDIA card of the RTX 20 series or later, with a driver of version 580 or later. "
            "nvidia-older: an older NVIDIA card, or a driver from version 560 on. amd: an AMD card, Linux only."
        )
        cards = wheel_order.CARDS
        graphics = choice("GRAPHICS", tr("Graphics card"), cards, cards[0], help_text)
        self.addParameter(with_widget(graphics, "BuildWidget", "build_widget"))
        self.addParameter(only_map())
        help_text = tr(
            "automatic: the one that is downloaded with the packages. A version: for a Linux computer that is to use its "
            "own Python, because Python cannot be downloaded here."
        )
        pythons = (_AUTOMATIC, *wheel_order.PYTHONS)
        self.addParameter(
            choice(
                "PYTHON",
                tr("Python of the other computer"),
                pythons,
                _AUTOMATIC,
                help_text,
                advanced=True,
            )
        )
        self.addParameter(
            with_help(
                QgsProcessingParameterFolderDestination("OUTPUT", tr("Folder of packages")),
                tr(
                    "Folder that is filled, for one system only. If it holds a part of the packages, only the others are "
                    "downloaded."
                ),
            )
        )
        self.addOutput(QgsProcessingOutputNumber("MEGABYTES", tr("Size of the folder (MB)")))

    def checkParameterValues(
        self, parameters: Values, context: QgsProcessingContext
    ) -> tuple[bool, str]:
        folder = self.parameterAsString(parameters, "OUTPUT", context)
        if not folder or is_temporary(folder):
            sentence = tr(
                "Choose a folder for the packages: QGIS deletes a temporary one when it is closed."
            )
            return False, sentence
        try:
            self._builds(parameters, context)
        except errors.InstallationError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    def plan(self, parameters: Values, context: QgsProcessingContext) -> str:
        """Returns what would be downloaded, as HTML, or why it cannot be."""
        system = self.parameterAsEnumString(parameters, "SYSTEM", context)
        try:
            build = self._builds(parameters, context)[0]
        except errors.InstallationError as error:
            return f"<b>{error}</b>"
        download, _ = torch_builds.size(build, wheel_order.SYSTEMS[system][0])
        return tr("About {:g} GB are downloaded.").format(download)

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Reads parameters, settings, proxy and certificates in the main thread."""
        home, index = settings.engine_home_folder(), network.package_index()
        python = self.parameterAsEnumString(parameters, "PYTHON", context)
        self._order = wheel_order.Order(
            folder=Path(self.parameterAsString(parameters, "OUTPUT", context)).absolute(),
            system=self.parameterAsEnumString(parameters, "SYSTEM", context),
            builds=self._builds(parameters, context),
            home=home,
            fetch=lambda address: network.fetch(address, feedback),
            save=lambda address, file, on_bytes: network.save(address, file, on_bytes, feedback),
            python="" if python == _AUTOMATIC else python,
            index=index,
            variables=network.variables_for_programs(home, index),
        )
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Downloads the packages."""
        try:
            warning = _fill(self._order, feedback)
        except child_process.CancelledError:
            raise QgsProcessingException(
                tr(
                    "Cancelled: run it again with the same folder to resume; downloaded files are kept."
                )
            ) from None
        except errors.InstallationError as error:
            raise QgsProcessingException(str(error)) from error
        except OSError as error:
            _, advice = errors.cause(str(error))
            raise QgsProcessingException(
                tr("The folder {} cannot be filled: {}. {}").format(
                    self._order.folder, error, advice
                )
            ) from error
        if warning:
            feedback.pushWarning(warning)
        megabytes = round(folder_size(self._order.folder) / 1e6)
        feedback.setProgress(100.0)
        feedback.pushInfo(
            tr(
                "The folder {} holds {:,} MB. Copy it to the other computer and choose it there in Set up DualStream as "
                "Folder of packages."
            ).format(self._order.folder, megabytes)
        )
        return {"OUTPUT": str(self._order.folder), "MEGABYTES": megabytes}

    def _builds(self, parameters: Values, context: QgsProcessingContext) -> tuple[str, ...]:
        if self.parameterAsBool(parameters, "ONLY_MAP", context):
            return (torch_builds.LIGHT,)
        return wheel_order.builds_for(
            self.parameterAsEnumString(parameters, "SYSTEM", context),
            self.parameterAsEnumString(parameters, "GRAPHICS", context),
        )


def _fill(order: wheel_order.Order, feedback: QgsProcessingFeedback) -> str:
    """Fills the folder with uv for this computer; returns the warning of a folder without Python, or ""."""

    def report(event: Progress) -> None:
        feedback.setProgress(100.0 * event.fraction)
        if event.message:
            feedback.pushInfo(event.message)

    here = computer.this_computer()
    if here.refusal():
        raise errors.InstallationError(here.refusal())
    order.home.mkdir(parents=True, exist_ok=True)
    with try_lock(order.home / "setup.lock") as is_free:
        if not is_free:
            raise errors.InstallationError(installer.taken())
        own = installer.Order(order.home, here, order.fetch, index=order.index)
        variables = variables_for_uv(order.home, order.index, order.variables or {})
        step = Step(order.home, variables, feedback.isCanceled)
        uv = result_of(installer.get_uv(own, step), report)
        return wheel_download.fill(order, uv, report, feedback.isCanceled)
