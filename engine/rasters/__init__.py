"""Reads any window of any raster on the image's grid, as float32 with NaN where there is no value.

Read ``windows`` and ``grid``, then ``raster`` (one file), ``alignment`` (a raster on another grid) and ``row_prefetch``.
"""
