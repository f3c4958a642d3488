"""Messages with a button in QGIS's main window. Only QGIS with a window imports this module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import processing
from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QPushButton

from .environment import EnvironmentMissingError
from .i18n import tr

_TITLE = "DualStream"


def offer(iface: Any, text: str, button: str, action: Callable[[], None]) -> Any:
    """Shows a message with a button until the user closes it or clicks the button, instead of the same one before.

    Args:
        iface: QGIS's main window.
        text: The message.
        button: Text of the button.
        action: What a click does.

    Returns:
        The item of the message bar.
    """
    bar = iface.messageBar()
    for shown in [one for one in bar.items() if (one.title(), one.text()) == (_TITLE, text)]:
        bar.popWidget(shown)
    item = bar.createMessage(_TITLE, text)
    widget = QPushButton(button)

    def clicked() -> None:
        bar.popWidget(item)
        action()

    widget.clicked.connect(clicked)
    item.layout().addWidget(widget)
    return bar.pushWidget(item, Qgis.MessageLevel.Info)


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
        check = tr("Check the installation")
        return offer(iface, str(problem), check, lambda: open_dialog("doctor"))
    return offer(iface, text, tr("Set up DualStream"), lambda: open_dialog("setup"))


def offered(iface: Any) -> Any:
    """Returns the item of a message of DualStream that is shown already, None if there is none."""
    return next((item for item in iface.messageBar().items() if item.title() == _TITLE), None)


def open_dialog(algorithm: str, parameters: dict[str, Any] | None = None) -> None:
    """Opens the dialog of one of DualStream's algorithms, with some parameters filled in, as the Toolbox does.

    It returns when the dialog is closed: without a caller that holds it, QGIS's dialog is a window whose Run does
    nothing.
    """
    processing.execAlgorithmDialog(f"dualstream:{algorithm}", parameters or {})
