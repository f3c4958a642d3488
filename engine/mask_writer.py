"""Writes masks: tiled, compressed GeoTIFFs on the image's own grid, strip by strip.

Rows are collected until whole rows of blocks are complete: a block is compressed once and never read
back. The file is a ``.part`` until its overviews are in; then it and its legend move into place.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window as RasterioWindow

from .classes import ClassTable, free_value
from .errors import RasterError
from .grids import Grid
from .legend import write_legend, write_percent_style
from .outputs import published, unwritten
from .windows import Window

#: Side of the GeoTIFF's blocks, px.
BLOCK = 512

#: GDAL's block cache while overviews are built: they read each block once, from top to bottom.
_OVERVIEW_CACHE_BYTES = 16 * 2**20

#: Nodata of confidence and disagreement, whose values are 0..100 percent.
NO_CONFIDENCE = 255

Values = NDArray[Any]


class StripWriter:
    """Takes rows from top to bottom and writes them by whole rows of blocks."""

    def __init__(self, dataset: rasterio.io.DatasetWriter) -> None:
        self._dataset = dataset
        self._row = 0
        self._waiting = 0
        self._rows: Values = np.empty((BLOCK, dataset.width), dataset.dtypes[0])

    def write(self, rows: Values) -> None:
        """Appends rows (h, W) below those already written."""
        while len(rows):
            taken = rows[: BLOCK - self._waiting]
            self._rows[self._waiting : self._waiting + len(taken)] = taken
            self._waiting += len(taken)
            rows = rows[len(taken) :]
            if self._waiting == BLOCK:
                self.finish()

    def finish(self) -> None:
        """Writes the rows that wait; below them a new row of blocks begins."""
        if self._waiting:
            window = RasterioWindow(0, self._row, self._dataset.width, self._waiting)
            self._dataset.write(self._rows[: self._waiting], 1, window=window)
        self._row, self._waiting = self._row + self._waiting, 0


@contextmanager
def mask_writer(
    path: str, grid: Grid, region: Window, table: ClassTable, tags: Mapping[str, str]
) -> Iterator[StripWriter]:
    """A writer for the mask of ``region``, with palette, class names, style and nodata.

    Args:
        path: The mask; it appears there when the block ends without an error.
        grid: The image's grid.
        region: The part of it that the mask covers.
        table: The classes; nodata is the highest value that none of them uses.
        tags: Provenance, written into the file.

    Raises:
        RasterError: If the file cannot be written.
    """
    with _geotiff(path, grid, region, free_value(table), tags) as dataset:
        # A TIFF palette's alpha does not survive; nodata is what makes a value transparent.
        dataset.write_colormap(1, {entry.value: (*entry.rgb, 255) for entry in table})
        dataset.set_band_description(1, "class")
        yield from _strips(dataset)
        _overviews(dataset, Resampling.nearest)
    write_legend(path, table)


@contextmanager
def percent_writer(
    path: str, name: str, grid: Grid, region: Window, tags: Mapping[str, str]
) -> Iterator[StripWriter]:
    """A writer for shares in percent, called ``name``; as ``mask_writer`` otherwise."""
    with _geotiff(path, grid, region, NO_CONFIDENCE, tags) as dataset:
        dataset.colorinterp = [ColorInterp.gray]
        dataset.set_band_description(1, name)
        dataset.set_band_unit(1, "%")
        yield from _strips(dataset)
        _overviews(dataset, Resampling.average)
    write_percent_style(path)


def _strips(dataset: rasterio.io.DatasetWriter) -> Iterator[StripWriter]:
    writer = StripWriter(dataset)
    yield writer
    writer.finish()


@contextmanager
def _geotiff(
    path: str, grid: Grid, region: Window, nodata: int, tags: Mapping[str, str]
) -> Iterator[rasterio.io.DatasetWriter]:
    place = {"transform": grid.transform_of(region, region.height, region.width), "crs": grid.crs}
    if grid.gcps:
        place = {"gcps": _moved(grid.gcps[0], region), "crs": grid.gcps[1]}
    try:
        with published(path) as part, warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(
                part,
                "w",
                driver="GTiff",
                height=region.height,
                width=region.width,
                count=1,
                dtype="uint8" if nodata <= 255 else "uint16",
                nodata=nodata,
                tiled=True,
                blockxsize=BLOCK,
                blockysize=BLOCK,
                compress="deflate",
                num_threads="all_cpus",
                bigtiff="if_safer",
                **place,
            ) as dataset:
                dataset.update_tags(**tags)
                yield dataset
            _move_sidecar(part, path)
    except BrokenPipeError:
        raise  # whoever listened to this run is gone: nothing to do with the file
    except (RasterioError, OSError) as error:
        raise RasterError(unwritten("raster", path, error)) from error


def _move_sidecar(part: Path, path: str) -> None:
    """What GDAL keeps beside the file, such as a coordinate system that GeoTIFF cannot hold."""
    Path(f"{path}.aux.xml").unlink(missing_ok=True)  # of an earlier mask of that name
    if Path(f"{part}.aux.xml").exists():
        Path(f"{part}.aux.xml").replace(f"{path}.aux.xml")


def _moved(points: tuple[rasterio.control.GroundControlPoint, ...], region: Window) -> list[object]:
    """The control points counted from the region's corner."""
    return [
        rasterio.control.GroundControlPoint(
            p.row - region.row, p.col - region.col, p.x, p.y, p.z, p.id, p.info
        )
        for p in points
    ]


def _overviews(dataset: rasterio.io.DatasetWriter, resampling: Resampling) -> None:
    """Halves until the whole mask fits one block."""
    side = max(dataset.height, dataset.width)
    factors = [2**level for level in range(1, 16) if side / 2 ** (level - 1) > BLOCK]
    if factors:
        with rasterio.Env(GDAL_CACHEMAX=_OVERVIEW_CACHE_BYTES):
            dataset.build_overviews(factors, resampling)
