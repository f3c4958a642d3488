"""Reads windows of one raster file as the network needs them.

Pixels are physical values (scale and offset applied) in float32. NaN means "no value", however the file
marks it: by nodata, a mask or an alpha band.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterioWindow

from ..contract.clean_up import CleanUp
from ..contract.errors import RasterError, format_count
from ..contract.translation import tr
from .band_names import band_names
from .grid import Grid
from .pixel_encoding import RawWindow, alpha_bands, encoding_of
from .source_files import describe_xml, open_dataset, read_error_reason
from .windows import Window

Pixels = NDArray[np.float32]

#: Rasters up to this size, float32, are kept in memory: coarse auxiliary rasters are read for every tile.
MAX_IN_MEMORY_BYTES = 64 * 2**20


class Raster(AbstractContextManager["Raster"]):
    """An opened raster. Its reading methods raise ``RasterError`` if the file is damaged.

    Args:
        path: Anything GDAL opens: a file, a VRT, a ``/vsi...`` path.
        bands: The bands to use, counted from 1, in this order; empty for all but alpha bands.

    Attributes:
        path: The path that GDAL opened.
        indexes: The bands in use, counted from 1.
        of: The number of bands in the file, alpha bands included.
        dtype: The data type of the physical values.
        is_paletted: Whether the first band in use holds colour numbers.
        grid: The pixel grid.
        encoding: Scale, offset, nodata and masks of the bands in use.
        source: Returns decoded windows in place of the file, see ``row_prefetch.py``; None: the file is read.

    Raises:
        RasterError: If the file cannot be opened, has no such band, or holds complex numbers.
    """

    def __init__(self, path: str, bands: Sequence[int] = ()) -> None:
        self.path = path
        self.source: Callable[[Window], RawWindow] | None = None
        self._dataset = open_dataset(path)
        self._select_bands(bands)

    def view(self, bands: Sequence[int] = ()) -> Raster:
        """The same opened file with other bands; both share GDAL's cache of decoded blocks.

        They are closed together, and must not be read in two threads at a time.

        Raises:
            RasterError: If the file has no such band, or holds complex numbers.
        """
        other = object.__new__(Raster)
        other.path = self.path
        other._dataset = self._dataset
        other.source = None
        other._select_bands(bands)
        return other

    def _select_bands(self, bands: Sequence[int]) -> None:
        data, path = self._dataset, self.path
        self.of = data.count
        self.indexes = list(bands) or sorted(set(data.indexes) - set(alpha_bands(data)))
        for index in self.indexes:
            if not 1 <= index <= self.of:
                raise RasterError(
                    tr(
                        "{} has no band {}: it has {}, counted from 1. Choose among those, or none to use "
                        "all."
                    ).format(path, index, format_count(self.of, "{} band", "{} bands"))
                )
        if not self.indexes:
            raise RasterError(tr("{} has no band with values: only an alpha band.").format(path))
        names = data.dtypes  # read once: each such property of rasterio visits all bands
        types = {_numpy_type(names[i - 1], path) for i in self.indexes}
        self._has_one_type = len(types) == 1
        self._file_dtype = np.result_type(*types)
        self.encoding = encoding_of(data, self.indexes, self._file_dtype)
        self.dtype = self._file_dtype if self.encoding.is_identity else np.dtype(np.float32)
        self.is_paletted = data.colorinterp[self.indexes[0] - 1] == ColorInterp.palette
        self.grid = Grid(data.height, data.width, data.transform, data.crs, _gcps(data))

    @property
    def bands(self) -> int:
        """The number of bands in use."""
        return len(self.indexes)

    @property
    def band_names(self) -> list[str]:
        """The bands' names, see ``band_names.band_names``."""
        return band_names(self._dataset, self.indexes)

    @property
    def colours(self) -> dict[int, str]:
        """The palette's colours by value, as ``#rrggbb``; empty without a palette."""
        if not self.is_paletted:
            return {}
        table = self._dataset.colormap(self.indexes[0])
        return {value: f"#{r:02x}{g:02x}{b:02x}" for value, (r, g, b, _) in table.items()}

    def description_xml(self) -> str:
        """GDAL's description of the file, see ``source_files.describe_xml``.

        Raises:
            RasterError: If there is none.
        """
        return describe_xml(self._dataset)

    @property
    def warnings(self) -> list[str]:
        """Warnings for the user about this file."""
        masks = alpha_bands(self._dataset)
        if not masks or self.uses_alpha:
            return []
        text = tr(
            "{}: band {} is marked as transparency (alpha) and used as a mask, not as data; in use: {}. If it "
            "is data, such as near infrared, choose it by its number, or write the file again without that "
            "mark (gdal_translate -colorinterp_4 undefined)."
        )
        in_use = format_count(self.bands, "{} band", "{} bands")
        return [text.format(self.path, masks[0], in_use)]

    @property
    def tags(self) -> dict[str, str]:
        """The metadata tags of the file."""
        return dict(self._dataset.tags())

    @cached_property
    def in_memory(self) -> Pixels | None:
        """The whole raster (C, H, W) if it is small enough to be kept in memory, else None."""
        size = 4 * self.bands * self.grid.height * self.grid.width
        return self.read(self.grid.bounds) if size <= MAX_IN_MEMORY_BYTES else None

    @property
    def memory_bytes(self) -> int:
        """Bytes of pixels that ``in_memory`` keeps."""
        pixels: Pixels | None = vars(self).get("in_memory")  # without reading them
        return 0 if pixels is None else pixels.nbytes

    def read(self, window: Window) -> Pixels:
        """The values (C, H, W) of a window in float32, NaN where there is none and beyond the raster."""
        inside = window.intersection(self.grid.bounds)
        values = np.full((self.bands, window.height, window.width), np.nan, np.float32)
        if inside is not None:
            row, col = inside.row - window.row, inside.col - window.col
            part = self.read_raw(inside).physical()
            values[:, row : row + inside.height, col : col + inside.width] = part
        return values

    def read_reflected(self, window: Window) -> Pixels:
        """Like ``read``, but pixels beyond the raster mirror those within."""
        return self.read_raw_reflected(window).physical()

    def read_raw_reflected(self, window: Window) -> RawWindow:
        """Like ``read_reflected``, before decoding to physical values.

        Raises:
            RasterError: If the window is outside the raster.
        """
        inside = window.intersection(self.grid.bounds)
        if inside is None:
            raise RasterError(tr("The window {} lies outside {}.").format(window, self.path))
        raw = self.read_raw(inside)
        if inside == window:
            return raw
        above, below = inside.row - window.row, window.row_stop - inside.row_stop
        left, right = inside.col - window.col, window.col_stop - inside.col_stop
        rows = np.pad(np.arange(inside.height), (above, below), mode="symmetric")
        cols = np.pad(np.arange(inside.width), (left, right), mode="symmetric")
        return raw.take(rows, cols)

    def read_raw(self, window: Window) -> RawWindow:
        """A window within the raster, before decoding to physical values."""
        return self.read_file(window) if self.source is None else self.source(window)

    def read_file(self, window: Window, into: RawWindow | None = None) -> RawWindow:
        """Like ``read_raw``, but always from the file, and into ``into`` of the same shape if given."""
        target = into or self.allocate(window.height, window.width)
        rectangle = RasterioWindow(window.col, window.row, window.width, window.height)
        try:
            if self._has_one_type:
                self._dataset.read(self.indexes, window=rectangle, out=target.pixels)
            else:  # as in many virtual rasters; rasterio reads bands of one type at a time
                for band, index in enumerate(self.indexes):
                    self._dataset.read(index, window=rectangle, out=target.pixels[band])
            if target.masks is not None:
                for band, index in enumerate(self.indexes):
                    if self.encoding.masked[band]:
                        target.masks[band] = self._dataset.read_masks(index, window=rectangle) > 0
        except (RasterioError, ValueError) as error:
            raise RasterError(
                tr("{} cannot be read at rows {}-{}, columns {}-{}: {}.").format(
                    self.path,
                    window.row,
                    window.row_stop - 1,
                    window.col,
                    window.col_stop - 1,
                    read_error_reason(self._dataset, self.path, error),
                )
            ) from error
        return target

    def allocate(self, height: int, width: int) -> RawWindow:
        """Uninitialised memory for a window of that size."""
        shape = (self.bands, height, width)
        masks = np.ones(shape, bool) if any(self.encoding.masked) else None
        return RawWindow(np.empty(shape, self._file_dtype), masks, self.encoding)

    @property
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns of a block of the file, the unit of decoding."""
        height, width = self._dataset.block_shapes[self.indexes[0] - 1]
        return int(height), int(width)

    @property
    def row_bytes(self) -> int:
        """Bytes of a decoded row in all bands of the file, in the type that holds those in use."""
        return int(self.of * self._file_dtype.itemsize * self.grid.width)

    @property
    def files(self) -> list[str]:
        """The files that the raster consists of, sidecars included."""
        return list(self._dataset.files)

    @property
    def uses_alpha(self) -> bool:
        """Whether an alpha band is in use as data."""
        return bool(set(alpha_bands(self._dataset)) & set(self.indexes))

    @property
    def is_random_access(self) -> bool:
        """Whether several threads, each with its own file handle, can decode different blocks."""
        return bool(self._dataset.driver in ("GTiff", "COG"))

    def close(self) -> None:
        """Closes the file."""
        self._dataset.close()

    def __exit__(self, *error: Any) -> None:
        CleanUp(self.close).__exit__(*error)


def band_counts(path: str) -> tuple[int, int]:
    """The number of bands of a raster without alpha bands, and with them.

    Raises:
        RasterError: If the file cannot be opened.
    """
    with open_dataset(path) as dataset:
        return dataset.count - len(alpha_bands(dataset)), dataset.count


def open_image(path: str, bands: Sequence[int] = ()) -> Raster:
    """Opens a raster as an image stream.

    Raises:
        RasterError: As ``Raster``, and if the raster is paletted: colour numbers have no order.
    """
    image = Raster(path, bands)
    if image.is_paletted:
        image.close()
        raise RasterError(
            tr(
                "{} is a paletted raster: its values are colour numbers, not brightness. Convert it "
                "to RGB first (Raster > Conversion > PCT to RGB)."
            ).format(path)
        )
    return image


def _numpy_type(name: str, path: str) -> np.dtype[Any]:
    if name.startswith("complex"):
        raise RasterError(
            tr(
                "{} holds complex numbers ({}): compute amplitude or power first (Raster > Raster "
                "Calculator) and use that."
            ).format(path, name)
        )
    return np.dtype(name)


def _gcps(dataset: Any) -> tuple[Any, ...]:
    points, crs = dataset.gcps
    return (tuple(points), crs) if points and dataset.transform == Affine.identity() else ()
