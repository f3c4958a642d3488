"""Messages with a button in QGIS's main window. Only QGIS with a window imports this module."""

from __future__ import annotations

from typing import Any

import processing
from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtWidgets import QPushButton

from .environment import EnvironmentMissingError

_TITLE = "DualStream"

#: Property of a message: the algorithm that it offers.
_OFFERED = "dualstream_offered"


def offer(iface: Any, text: str, algorithm: str, parameters: dict[str, Any] | None = None) -> Any:
    """Shows a message with a button that opens an algorithm's dialog, instead of an earlier message.

    It stays until the user closes it or clicks the button, or until the algorithm has run.

    Args:
        iface: QGIS's main window.
        text: The message.
        algorithm: Name of the algorithm; its title is the text of the button.
        parameters: Values for its dialog.

    Returns:
        The item of the message bar.
    """
    bar = iface.messageBar()
    if (earlier := offered(iface)) is not None:
        bar.popWidget(earlier)
    item = bar.createMessage(_TITLE, text)
    item.setProperty(_OFFERED, algorithm)
    found = QgsApplication.processingRegistry().algorithmById(f"dualstream:{algorithm}")
    widget = QPushButton(found.displayName())

    def clicked() -> None:
        bar.popWidget(item)
        open_dialog(algorithm, parameters)

    widget.clicked.connect(clicked)
    item.layout().addWidget(widget)
    return bar.pushWidget(item, Qgis.MessageLevel.Info)


def withdraw(iface: Any, algorithm: str) -> None:
    """Removes the message that offers an algorithm, because it has run."""
    item = offered(iface)
    if item is not None and item.property(_OFFERED) == algorithm:
        iface.messageBar().popWidget(item)


def offer_setup(iface: Any, text: str, problem: EnvironmentMissingError) -> Any:
    """Shows a message about the missing engine.

    Args:
        iface: QGIS's main window.
        text: The message, with a button that opens the set-up.
        problem: Why there is no engine; it is the message if the set-up cannot help, with a button for the details.

    Returns:
        The item of the message bar.
    """
    if problem.is_chosen:
        return offer(iface, str(problem), "doctor")
    return offer(iface, text, "setup")


def offered(iface: Any) -> Any:
    """Returns the item of a message of DualStream that is shown already, None if there is none."""
    return next((item for item in iface.messageBar().items() if item.title() == _TITLE), None)


def open_dialog(algorithm: str, parameters: dict[str, Any] | None = None) -> None:
    """Opens the dialog of one of DualStream's algorithms, with some parameters filled in, as the Toolbox does.

    It returns when the dialog is closed: without a caller that holds it, QGIS's dialog is a window whose Run does
    nothing.
    """
    processing.execAlgorithmDialog(f"dualstream:{algorithm}", parameters or {})
