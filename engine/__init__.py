"""DualStream's engine: trains and runs segmentation networks on two fused raster streams.

Pure Python in a process of its own (``python -m engine``); it never imports ``qgis``. Level 0
(``protocol``, ``config``, ``errors``, ``classes``, ``outputs``, ``windows``) needs the standard
library only, so the QGIS plugin may import it too. ARCHITECTURE.md has the map of the levels.
"""
