"""Rasters of a few pixels, written by GDAL."""

from __future__ import annotations

from osgeo import gdal, osr

UTM_GRID = (500000, 10, 0, 5000000, 0, -10)


def write_raster(path, values=None, side=8, grid=UTM_GRID, epsg=32632):
    """Writes a square raster of one 8-bit band and returns its path; ``epsg`` 0: without coordinates."""
    raster = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 1)
    if epsg:
        raster.SetGeoTransform(grid)
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        raster.SetProjection(crs.ExportToWkt())
    if values is not None:
        raster.GetRasterBand(1).WriteRaster(0, 0, side, side, bytes(values))
    return str(path)
