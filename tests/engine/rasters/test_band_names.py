"""A band is named by its description, or its number and the colour it is marked as, with its wavelength."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import rasterio
from rasterio.enums import ColorInterp

from engine.rasters.raster import Raster


def test_names_of_bands(write_raster: Callable[..., str]) -> None:
    path = write_raster("i.tif", np.zeros((6, 4, 4), np.uint16))
    with rasterio.open(path, "r+") as file:
        file.set_band_description(1, "first")
        file.colorinterp = [ColorInterp.red, ColorInterp.blue, *[ColorInterp.undefined] * 4]
        file.update_tags(3, wavelength="0.665", wavelength_units="Micrometers")
        file.update_tags(4, ns="IMAGERY", CENTRAL_WAVELENGTH_UM="0.8326")
        file.set_band_description(5, "ENVI (560.0 Nanometers)")
        file.update_tags(5, wavelength="560.0", wavelength_units="Nanometers")
        file.update_tags(6, wavelength="unknown")
    with Raster(path) as raster:
        assert raster.band_names == [
            "first",
            "band 2 (blue)",
            "band 3 (665 nm)",
            "band 4 (832.6 nm)",
            "ENVI (560.0 Nanometers)",
            "band 6",
        ]
    with Raster(path, [4, 2]) as raster:
        assert raster.band_names == ["band 4 (832.6 nm)", "band 2 (blue)"]
