"""Makes masks of finished rows: cloud-optimised, compressed GeoTIFFs on the image's own grid.

The rows lie uncompressed in a flat file, see ``row_journal``. GDAL reads them and their overviews from top to
bottom and compresses on all processors; nothing compressed is read back, and memory does not grow with the mask.
What is made on the way lies in a folder beside the mask, and only the finished file moves into place.
"""

from __future__ import annotations

import os
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

from ..contract.class_table import ClassTable, free_value
from ..contract.errors import RasterError
from ..contract.map_styles import write_legend, write_percent_style
from ..contract.output_files import work_folder, write_error_message
from ..rasters.grid import Grid
from ..rasters.windows import Window
from .overviews import Downsample, FlatRaster, average, nearest, overviews

#: Side of the GeoTIFF's blocks, px.
BLOCK = 512

#: GDAL's block cache while it compresses: 512 rows. Of rows above 50 000 bytes it reads parts, past the cache.
_CACHE_BYTES = 32 * 2**20

_COG = {
    "BLOCKSIZE": BLOCK,
    "COMPRESS": "DEFLATE",
    "LEVEL": 5,
    "NUM_THREADS": "ALL_CPUS",
    "BIGTIFF": "IF_SAFER",
    "OVERVIEWS": "FORCE_USE_EXISTING",
}

#: Nodata of confidence and disagreement, whose values are 0..100 percent.
NO_CONFIDENCE = 255


def publish_mask(
    path: str, raw: Path, grid: Grid, region: Window, table: ClassTable, tags: Mapping[str, str]
) -> None:
    """Makes the mask of ``region``, with palette, class names, style, nodata and overviews.

    Args:
        path: The mask; it appears there when it is finished.
        raw: Its rows: class values of 8 bit, or of 16 where nodata is above 255.
        grid: The image's grid.
        region: The part of it that the mask covers.
        table: The classes; nodata is the highest value that none of them uses.
        tags: Provenance, written into the file.

    Raises:
        RasterError: If the file, or one beside it, cannot be written.
    """

    def explain(dataset: rasterio.io.DatasetWriter) -> None:
        # A TIFF palette's alpha does not survive; nodata is what makes a value transparent.
        dataset.write_colormap(1, {entry.value: (*entry.rgb, 255) for entry in table})
        dataset.set_band_description(1, "class")

    _publish(path, raw, grid, region, free_value(table), tags, nearest, explain)
    write_legend(path, table)


def publish_percent(
    path: str, name: str, raw: Path, grid: Grid, region: Window, tags: Mapping[str, str]
) -> None:
    """Makes a raster of shares in percent, called ``name``; as ``publish_mask`` otherwise."""

    def explain(dataset: rasterio.io.DatasetWriter) -> None:
        dataset.colorinterp = [ColorInterp.gray]
        dataset.set_band_description(1, name)
        dataset.set_band_unit(1, "%")

    mean = average(NO_CONFIDENCE)
    _publish(path, raw, grid, region, NO_CONFIDENCE, tags, mean, explain)
    write_percent_style(path)


def _publish(
    path: str,
    raw: Path,
    grid: Grid,
    region: Window,
    nodata: int,
    tags: Mapping[str, str],
    halve: Downsample,
    explain: Callable[[rasterio.io.DatasetWriter], None],
) -> None:
    dtype = np.dtype(np.uint8 if nodata <= 255 else np.uint16)
    rows = FlatRaster(raw, region.height, region.width, dtype)
    try:
        with work_folder(path) as folder:
            described, made = folder / "rows.vrt", folder / "raster.tif"
            _describe(described, grid, region, nodata, tags, explain)
            _add_rows(described, rows.source + overviews(rows, halve, BLOCK, folder))
            _compress(described, made)
            _move(made, path)
    except (RasterioError, CPLE_BaseError, OSError) as error:
        raise RasterError(write_error_message("raster", path, error)) from error


def _describe(
    described: Path,
    grid: Grid,
    region: Window,
    nodata: int,
    tags: Mapping[str, str],
    explain: Callable[[rasterio.io.DatasetWriter], None],
) -> None:
    """Writes all but the values into a file of GDAL's virtual format."""
    transform = grid.transform_of(region, region.height, region.width)
    place: dict[str, Any] = {"crs": grid.crs}
    if grid.gcps:
        place = {"gcps": _moved(grid.gcps[0], region), "crs": grid.gcps[1]}
    elif not transform.is_identity:  # a picture without coordinates must not get any
        place["transform"] = transform
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(
            described,
            "w",
            driver="VRT",
            height=region.height,
            width=region.width,
            count=1,
            dtype="uint8" if nodata <= 255 else "uint16",
            nodata=nodata,
            **place,
        ) as dataset:
            dataset.update_tags(**tags)
            explain(dataset)


def _add_rows(described: Path, source: str) -> None:
    """Gives the file's only band its values. rasterio itself knows no band of such a file that has any."""
    text = described.read_text(encoding="utf-8")
    text = text.replace("<VRTRasterBand ", '<VRTRasterBand subClass="VRTRawRasterBand" ', 1)
    described.write_text(
        text.replace("</VRTRasterBand>", source + "</VRTRasterBand>"), encoding="utf-8"
    )


def _compress(described: Path, made: Path) -> None:
    settings = {
        "GDAL_CACHEMAX": _CACHE_BYTES,
        "CPL_TMPDIR": str(made.parent),
        "GDAL_VRT_RAWRASTERBAND_ALLOWED_SOURCE": "ALL",  # the rows lie beside our own folder
    }
    with rasterio.Env(**settings), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        rasterio.shutil.copy(described, made, driver="COG", **_COG)


def _move(made: Path, path: str) -> None:
    """Moves the raster into place, then what GDAL keeps beside it: what a GeoTIFF cannot hold.

    In this order a mask that cannot be replaced keeps what lies beside it.
    """
    os.replace(made, path)
    sidecar, new = Path(f"{path}.aux.xml"), Path(f"{made}.aux.xml")
    try:
        if new.exists():
            os.replace(new, sidecar)
        else:
            sidecar.unlink(missing_ok=True)  # of an earlier mask of that name
    except OSError as error:
        raise RasterError(write_error_message("legend", sidecar, error)) from error


def _moved(points: tuple[rasterio.control.GroundControlPoint, ...], region: Window) -> list[object]:
    """The control points counted from the region's corner."""
    return [
        rasterio.control.GroundControlPoint(
            p.row - region.row, p.col - region.col, p.x, p.y, p.z, p.id, p.info
        )
        for p in points
    ]
