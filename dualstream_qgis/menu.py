"""The menu Plugins > DualStream, and the message after the first start. Only QGIS with a window imports this module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QIcon
from qgis.PyQt.QtWidgets import QAction

from . import ROOT, environment
from .algorithms.base_algorithm import DualStreamAlgorithm
from .algorithms.doctor import DoctorAlgorithm
from .algorithms.evaluate import EvaluateAlgorithm
from .algorithms.sample_data import SampleDataAlgorithm
from .algorithms.segment import SegmentAlgorithm
from .algorithms.setup import SetupAlgorithm
from .algorithms.train import TrainAlgorithm
from .help_pages import help_url
from .i18n import tr
from .label_panel.labelling import Labelling
from .label_panel.panel import LabelPanel
from .message_bar import offer_setup, open_dialog

#: The algorithms of the menu, from top to bottom: those of every day, then those of the first.
_ALGORITHMS = (
    SegmentAlgorithm,
    TrainAlgorithm,
    EvaluateAlgorithm,
    SetupAlgorithm,
    SampleDataAlgorithm,
    DoctorAlgorithm,
)

#: Whether the user has closed the message about the missing engine, or used its button.
_TOLD = "DualStream/told_of_setup"

#: Time after the start until the engine is looked for, ms: the window is there then.
_DELAY = 1500

_MENU = "DualStream"


class Menu:
    """Adds the menu, and offers the set-up while the engine is missing.

    Args:
        iface: QGIS's main window.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._message: Any = None
        self._panel: Any = None
        self.labelling: Any = None
        label_icon = QIcon(str(ROOT / "resources" / "icons" / "sketch.svg"))
        self._actions = [self._action(label_icon, tr("Label"), self.open_panel)]
        self._actions += [self._algorithm_action(algorithm()) for algorithm in _ALGORITHMS]
        help_icon = QIcon(str(ROOT / "resources" / "icons" / "dualstream.svg"))
        self._actions.append(self._action(help_icon, tr("Help"), _open_help))
        for action in self._actions:
            iface.addPluginToMenu(_MENU, action)
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._offer_setup)
        self._timer.start(_DELAY)

    def open_panel(self) -> None:
        """Docks the panel for labels, or shows it again."""
        if self._panel is None:
            self._panel = LabelPanel(self._iface.mainWindow())
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._panel)
            self.labelling = Labelling(self._iface, self._panel)
        self._panel.setUserVisible(True)

    def remove(self) -> None:
        """Removes the menu, its message and the panel."""
        self._timer.stop()
        if self._panel is not None:
            self.labelling.remove()
            self._iface.removeDockWidget(self._panel)
            self._panel.deleteLater()
            self._panel = None
        if self._message is not None:
            self._iface.messageBar().widgetRemoved.disconnect(self._removed)
            self._iface.messageBar().popWidget(self._message)
            self._message = None
        for action in self._actions:
            self._iface.removePluginMenu(_MENU, action)
            action.deleteLater()
        self._actions = []

    def _algorithm_action(self, algorithm: DualStreamAlgorithm) -> QAction:
        """Returns the action that opens an algorithm's dialog; it has the algorithm's name."""
        name = algorithm.NAME
        return self._action(
            QIcon(algorithm.svgIconPath()), algorithm.displayName(), lambda: open_dialog(name)
        )

    def _action(self, icon: QIcon, text: str, triggered: Callable[[], None]) -> QAction:
        action = QAction(icon, text, self._iface.mainWindow())
        action.triggered.connect(lambda _: triggered())
        return action

    def _offer_setup(self) -> None:
        """Shows the message, unless the engine is there or the user has seen it."""
        if QgsSettings().value(_TOLD, False, type=bool):
            return
        try:
            environment.find()
        except environment.EnvironmentMissingError as problem:
            text = tr("Training and mapping need packages that are not installed yet.")
            self._message = offer_setup(self._iface, text, problem)
            self._iface.messageBar().widgetRemoved.connect(self._removed)

    def _removed(self, item: Any) -> None:
        """Notes that the message was closed or its button used, so that it never comes again."""
        if item is self._message:
            self._message = None
            self._iface.messageBar().widgetRemoved.disconnect(self._removed)
            QgsSettings().setValue(_TOLD, True)


def _open_help() -> None:
    """Opens the help in the browser."""
    QDesktopServices.openUrl(QUrl(help_url()))
