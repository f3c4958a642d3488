"""Writes masks and other outputs on the image's grid as cloud-optimised, compressed GeoTIFFs.

The input is a flat file of finished rows, see ``row_journal``. GDAL reads the rows and their overviews from top to
bottom through a VRT and compresses on all processors; memory does not grow with the raster. Temporary files are in
a folder beside the output, and only the finished file is moved into place.

To add an output, write a function like ``publish_percent``: value type and nodata, how overviews are computed,
band description, and a style file.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError  # what rasterio.shutil raises has no public name
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from ..contract.class_table import ClassTable, nodata_value
from ..contract.errors import RasterError
from ..contract.file_replacement import remove_file, replace_file
from ..contract.map_styles import write_legend, write_percent_style
from ..contract.output_files import work_folder, write_error_message
from ..contract.translation import tr
from ..rasters.grid import Grid
from ..rasters.windows import Window
from .overviews import Downsample, FlatRaster, average, nearest, overviews

#: Side of the GeoTIFF's blocks, px.
BLOCK = 512

#: GDAL's block cache while it compresses, bytes: 512 rows. Parts of rows above 50 000 bytes bypass the cache.
_CACHE_BYTES = 32 * 2**20

#: Sets palette, band name and unit of a new raster.
Annotate = Callable[[rasterio.io.DatasetWriter], None]

_COG = {
    "BLOCKSIZE": BLOCK,
    "COMPRESS": "DEFLATE",
    "LEVEL": 5,
    "NUM_THREADS": "ALL_CPUS",
    "BIGTIFF": "IF_SAFER",
    "OVERVIEWS": "FORCE_USE_EXISTING",
}

#: Nodata of confidence and disagreement, whose values are 0..100 %.
NO_CONFIDENCE = 255


def publish_mask(
    path: str, raw: Path, grid: Grid, region: Window, table: ClassTable, tags: Mapping[str, str]
) -> None:
    """Writes the mask of ``region``, with palette, class names, style, nodata and overviews.

    Args:
        path: The mask; it appears when it is finished.
        raw: The rows: class values as uint8, or as uint16 if nodata is above 255.
        grid: The image's grid.
        region: The part of the grid that the mask covers.
        table: The classes; nodata is the highest value that no class has.
        tags: Provenance, written into the file.

    Raises:
        RasterError: If the file, or one beside it, cannot be written.
    """

    def annotate(dataset: rasterio.io.DatasetWriter) -> None:
        # GeoTIFF drops a palette's alpha; nodata makes a value transparent.
        dataset.write_colormap(1, {entry.value: (*entry.rgb, 255) for entry in table})
        dataset.set_band_description(1, "class")

    _publish(path, raw, grid, region, nodata_value(table), tags, nearest, annotate)
    write_legend(path, table)


def publish_percent(
    path: str, name: str, raw: Path, grid: Grid, region: Window, tags: Mapping[str, str]
) -> None:
    """Writes a raster of percentages (uint8), whose band is called ``name``; otherwise as ``publish_mask``."""

    def annotate(dataset: rasterio.io.DatasetWriter) -> None:
        dataset.colorinterp = [ColorInterp.gray]
        dataset.set_band_description(1, name)
        dataset.set_band_unit(1, "%")

    halve = average(NO_CONFIDENCE)
    _publish(path, raw, grid, region, NO_CONFIDENCE, tags, halve, annotate)
    write_percent_style(path)


def _publish(
    path: str,
    raw: Path,
    grid: Grid,
    region: Window,
    nodata: int,
    tags: Mapping[str, str],
    halve: Downsample,
    annotate: Annotate,
) -> None:
    dtype = np.dtype(np.uint8 if nodata <= 255 else np.uint16)
    rows = FlatRaster(raw, region.height, region.width, dtype)
    try:
        with work_folder(path) as folder:
            vrt, tif = folder / "rows.vrt", folder / "raster.tif"
            source = rows.source + overviews(rows, halve, BLOCK, folder)
            text = _with_rows(_describe(grid, region, nodata, tags, annotate), source)
            vrt.write_text(text, encoding="utf-8")
            _compress(vrt, tif)
            _move(tif, path)
    except (RasterioError, CPLE_BaseError, OSError) as error:
        raise RasterError(write_error_message(tr("raster"), path, error)) from error


def _describe(
    grid: Grid, region: Window, nodata: int, tags: Mapping[str, str], annotate: Annotate
) -> str:
    """The XML of a VRT with everything but the values; made in memory, since GDAL does not report a full disk here."""
    transform = grid.window_transform(region, region.height, region.width)
    georeference: dict[str, Any] = {"crs": grid.crs}
    if grid.gcps:
        georeference = {"gcps": _shift(grid.gcps[0], region), "crs": grid.gcps[1]}
    elif not transform.is_identity:  # a picture without coordinates must not get any
        georeference["transform"] = transform
    with warnings.catch_warnings(), MemoryFile(ext=".vrt") as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open(
            driver="VRT",
            height=region.height,
            width=region.width,
            count=1,
            dtype="uint8" if nodata <= 255 else "uint16",
            nodata=nodata,
            **georeference,
        ) as dataset:
            dataset.update_tags(**tags)
            annotate(dataset)
        return bytes(file.read()).decode("utf-8")


def _with_rows(text: str, source: str) -> str:
    """Makes the only band of a VRT a raw band with ``source``, which rasterio cannot write."""
    text = text.replace("<VRTRasterBand ", '<VRTRasterBand subClass="VRTRawRasterBand" ', 1)
    return text.replace("</VRTRasterBand>", source + "</VRTRasterBand>")


def _compress(vrt: Path, tif: Path) -> None:
    settings = {
        "GDAL_CACHEMAX": _CACHE_BYTES,
        "CPL_TMPDIR": str(tif.parent),
        "GDAL_VRT_RAWRASTERBAND_ALLOWED_SOURCE": "ALL",  # the rows are outside the VRT's folder
    }
    with rasterio.Env(**settings), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        rasterio.shutil.copy(vrt, tif, driver="COG", **_COG)


def _move(tif: Path, path: str) -> None:
    """Moves the raster into place, then GDAL's sidecar file with metadata that a GeoTIFF cannot hold.

    In this order a mask that cannot be replaced keeps its sidecar.
    """
    replace_file(tif, path)
    sidecar, new = Path(f"{path}.aux.xml"), Path(f"{tif}.aux.xml")
    try:
        if new.exists():
            replace_file(new, sidecar)
        else:
            remove_file(sidecar)  # of an earlier mask of that name
    except OSError as error:
        raise RasterError(write_error_message(tr("legend"), sidecar, error)) from error


def _shift(points: tuple[rasterio.control.GroundControlPoint, ...], region: Window) -> list[object]:
    """The control points relative to the region's corner."""
    return [
        rasterio.control.GroundControlPoint(
            p.row - region.row, p.col - region.col, p.x, p.y, p.z, p.id, p.info
        )
        for p in points
    ]
