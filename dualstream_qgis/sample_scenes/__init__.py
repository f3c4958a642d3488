"""The sample scenes: two synthetic sites with smoke and mist, to try the program on before anything is installed.

They are made by numpy and GDAL, which QGIS brings with it. Read ``scene`` (what a scene is), ``land`` and ``plumes``
(how it is drawn), then ``files`` (how it is written).
"""
