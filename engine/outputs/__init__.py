"""Writes the outputs of a run: masks as GeoTIFF, mosaics, pictures and polygons.

Read ``geotiff`` for masks and other rasters on the image's grid (a new one is a function like ``publish_percent``),
and ``row_journal`` for the finished rows of an interrupted run. Polygons are made in this order: ``mask_reader``,
``touching_objects``, ``polygonize``, ``generalize`` (``simplify``, ``regularize``), ``geopackage``.
"""
