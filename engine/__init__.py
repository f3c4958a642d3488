"""DualStream's engine: trains and applies segmentation networks with two raster streams.

It runs in a separate process (``python -m engine``) and never imports ``qgis``. The room ``contract`` needs the
standard library only, so the QGIS plugin imports it too. ARCHITECTURE.md describes the rooms.
"""
