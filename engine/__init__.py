"""DualStream's engine: trains and applies segmentation networks with two raster streams.

It runs in a separate process (``python -m engine``) and never imports ``qgis``. The room ``contract`` needs the
standard library only, so the QGIS plugin imports it too. ARCHITECTURE.md describes the rooms.
"""

import os

# ONNX Runtime otherwise reports each start of it to Microsoft; it asks for this variable when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
