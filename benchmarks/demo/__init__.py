"""The demo trains on one sample scene and maps another through QGIS. Read __main__, qgis, log, draw_map."""
