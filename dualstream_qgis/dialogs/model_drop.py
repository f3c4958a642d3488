"""A model file that is dropped on QGIS's window opens "Model information"."""

from __future__ import annotations

from qgis.gui import QgsCustomDropHandler
from qgis.PyQt.QtCore import QTimer

from ..algorithms.common_parameters import MODEL_SUFFIX
from ..message_bar import open_dialog


class ModelDropHandler(QgsCustomDropHandler):
    """Opens the dialog of "Model information" with the file, whose card it shows at once."""

    def handleFileDrop(self, file: str) -> bool:
        if not file.lower().endswith(MODEL_SUFFIX):
            return False
        # Later, because the dialog keeps its caller until it is closed, and a drop must end.
        QTimer.singleShot(0, lambda: open_dialog("modelinfo", {"MODEL": file}))
        return True
