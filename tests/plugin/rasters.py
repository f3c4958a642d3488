"""Rasters of a few pixels, written by GDAL."""

from __future__ import annotations

from osgeo import gdal, osr

UTM_GRID = (500000, 10, 0, 5000000, 0, -10)


def write_raster(path, values=None, side=8, grid=UTM_GRID, epsg=32632):
    """Writes a square raster of one band of bytes; returns its path as text. ``epsg`` 0: it has no place."""
    made = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 1)
    if epsg:
        made.SetGeoTransform(grid)
        system = osr.SpatialReference()
        system.ImportFromEPSG(epsg)
        made.SetProjection(system.ExportToWkt())
    if values is not None:
        made.GetRasterBand(1).WriteRaster(0, 0, side, side, bytes(values))
    return str(path)
