"""What a run writes: finished rows, GeoTIFF, mosaic, pictures, polygons.

Read ``row_journal`` and ``geotiff`` for masks; ``polygonize``, ``generalize``, ``regularize`` and ``geopackage`` for polygons.
"""
