"""A model file that is dropped on QGIS's window opens "Model information"."""

from __future__ import annotations

import processing
from qgis.gui import QgsCustomDropHandler

from .algorithms.common_parameters import MODEL_SUFFIX


class ModelDropHandler(QgsCustomDropHandler):
    """Opens the dialog of "Model information" with the file, whose card it shows at once."""

    def handleFileDrop(self, file: str) -> bool:
        if not file.lower().endswith(MODEL_SUFFIX):
            return False
        processing.createAlgorithmDialog("dualstream:modelinfo", {"MODEL": file}).show()
        return True
