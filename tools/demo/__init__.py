"""The demo trains on one sample scene and maps another through QGIS. Read __main__, qgis_process, log, draw_map."""
