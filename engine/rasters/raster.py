"""Rasters as the network sees them, window by window.

Pixels come as physical values (scale and offset applied) in
float32, and NaN means "no value here" whatever the file uses for it: nodata, a mask, an alpha band.
Pixel windows count from the upper left corner of the image; its first pixel's centre is at (0.5, 0.5).
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

from ..contract.errors import RasterError, format_count
from .grid import Grid
from .pixel_encoding import Raw, alpha_bands, empty_raw, encoding_of, read_raw
from .source_files import open_dataset, read_error_reason
from .windows import Window

Pixels = NDArray[np.float32]

#: Rasters up to this size stay in memory as a whole: the coarse auxiliary ones, read for every tile.
HELD_BYTES = 64 * 2**20


class Raster(AbstractContextManager["Raster"]):
    """An opened raster: physical values, NaN where there is none.

    Args:
        path: Anything GDAL opens: a file, a VRT, a ``/vsi...`` path.
        bands: The bands to use, counted from 1, in this order; none: all but those marked as alpha.

    Attributes:
        path: As given.
        indexes: The bands in use, counted from 1.
        of: The number of all bands in the file, alpha counted too.
        dtype: The type of the values in use.
        is_paletted: Whether the first of them is a colour number.
        grid: Where the pixels lie.
        encoding: What the file's numbers mean.
        source: Has decoded windows ready where not None, see ``row_prefetch.py``; else the file is read.

    Raises:
        RasterError: If the file cannot be opened, or holds what no network can use.
    """

    def __init__(self, path: str, bands: Sequence[int] = ()) -> None:
        self.path = path
        self.source: Callable[[Window], Raw] | None = None
        self._dataset = open_dataset(path)
        self._choose(bands)

    def view(self, bands: Sequence[int] = ()) -> Raster:
        """The same opened file with other bands; what one of both has decoded, the other finds.

        It is closed with the first one, and never read at the same time in two threads.

        Raises:
            RasterError: As for the class.
        """
        other = object.__new__(Raster)
        other.path, other._dataset, other.source = self.path, self._dataset, None
        other._choose(bands)
        return other

    def _choose(self, bands: Sequence[int]) -> None:
        """Takes some of the file's bands into use."""
        data, path = self._dataset, self.path
        kinds, masks, self.of = data.colorinterp, alpha_bands(data), data.count
        self.indexes = list(bands) or sorted(set(data.indexes) - set(masks))
        for index in self.indexes:
            if not 1 <= index <= self.of:
                raise RasterError(
                    f"{path} has no band {index}: it has {format_count(self.of, 'band')}, counted from 1. Choose "
                    "among those, or none to use all."
                )
        if not self.indexes:
            raise RasterError(f"{path} has no band with values: only an alpha band.")
        names = data.dtypes  # asked once: such a property looks at all bands of the file
        self.dtype = np.result_type(*{_numpy_type(names[i - 1], path) for i in self.indexes})
        self.encoding = encoding_of(data, self.indexes)
        if not self.encoding.is_plain:
            self.dtype = np.dtype(np.float32)  # of the physical values, which is what is read
        self.is_paletted = kinds[self.indexes[0] - 1] == ColorInterp.palette
        self.grid = Grid(data.height, data.width, data.transform, data.crs, _gcps(data))

    @property
    def bands(self) -> int:
        """The number of bands in use."""
        return len(self.indexes)

    @property
    def band_names(self) -> list[str]:
        """The bands' descriptions, or "band N" for a band that has none."""
        described = self._dataset.descriptions
        return [described[i - 1] or f"band {i}" for i in self.indexes]

    @property
    def colours(self) -> dict[int, str]:
        """The palette's colours by value, as ``#rrggbb``; empty without a palette."""
        if not self.is_paletted:
            return {}
        table = self._dataset.colormap(self.indexes[0])
        return {value: f"#{r:02x}{g:02x}{b:02x}" for value, (r, g, b, _) in table.items()}

    @property
    def warnings(self) -> list[str]:
        """What a user may not expect of this file."""
        masks = alpha_bands(self._dataset)
        if not masks or set(masks) & set(self.indexes):
            return []
        return [
            f"{self.path}: band {masks[0]} is marked as transparency (alpha) and used as a mask, not as "
            f"data; in use: {format_count(self.bands, 'band')}. If it is data, such as near infrared, choose it by "
            "its number, or write the file anew without that mark (gdal_translate -colorinterp_4 "
            "undefined)."
        ]

    @property
    def tags(self) -> dict[str, str]:
        """The texts written into the file, by name."""
        return dict(self._dataset.tags())

    @cached_property
    def in_memory(self) -> Pixels | None:
        """The whole raster (C, H, W) where it is small enough to stay in memory, else None."""
        size = 4 * self.bands * self.grid.height * self.grid.width
        return self.read(self.grid.bounds) if size <= HELD_BYTES else None

    @property
    def memory_bytes(self) -> int:
        """What the raster keeps in memory."""
        held: Pixels | None = vars(self).get("in_memory")
        return 0 if held is None else held.nbytes

    def read(self, window: Window) -> Pixels:
        """The window's values (C, H, W), float32; NaN where there is none or outside the raster.

        Raises:
            RasterError: If the file is damaged there.
        """
        inside = window.intersection(self.grid.bounds)
        values = np.full((self.bands, window.height, window.width), np.nan, np.float32)
        if inside is not None:
            row, col = inside.row - window.row, inside.col - window.col
            part = self.read_raw(inside).physical()
            values[:, row : row + inside.height, col : col + inside.width] = part
        return values

    def read_reflected(self, window: Window) -> Pixels:
        """As ``read``, but what lies beyond the raster mirrors what lies within."""
        return self.read_raw_reflected(window).physical()

    def read_raw_reflected(self, window: Window) -> Raw:
        """As ``read_reflected``, in the file's own numbers.

        Raises:
            RasterError: If the file is damaged there, or the window lies outside.
        """
        inside = window.intersection(self.grid.bounds)
        if inside is None:
            raise RasterError(f"The window {window} lies outside {self.path}.")
        raw = self.read_raw(inside)
        if inside == window:
            return raw
        before = (inside.row - window.row, inside.col - window.col)
        after = (window.row_stop - inside.row_stop, window.col_stop - inside.col_stop)
        rows = np.pad(np.arange(inside.height), (before[0], after[0]), mode="symmetric")
        cols = np.pad(np.arange(inside.width), (before[1], after[1]), mode="symmetric")
        return raw.mirror(rows, cols)

    def read_raw(self, window: Window) -> Raw:
        """A window within the raster in the file's own numbers.

        Raises:
            RasterError: If the file is damaged there.
        """
        return self.read_file(window) if self.source is None else self.source(window)

    def read_file(self, window: Window, into: Raw | None = None) -> Raw:
        """As ``read_raw``, always from the file; ``into`` room of its size, if given."""
        place = RasterioWindow(window.col, window.row, window.width, window.height)
        try:
            return read_raw(self._dataset, self.indexes, self.encoding, place, into)
        except (RasterioError, ValueError) as error:
            raise RasterError(
                f"{self.path} cannot be read at rows {window.row}-{window.row_stop - 1}, columns "
                f"{window.col}-{window.col_stop - 1}: {read_error_reason(self.path)}"
            ) from error

    def room(self, height: int, width: int) -> Raw:
        """Room for a window of that size, see ``read_raw``."""
        return empty_raw(self._dataset, self.indexes, self.encoding, height, width)

    @property
    def block_shape(self) -> tuple[int, int]:
        """Rows and columns that the file keeps together: decoding one pixel decodes them all."""
        height, width = self._dataset.block_shapes[self.indexes[0] - 1]
        return int(height), int(width)

    @property
    def row_bytes(self) -> int:
        """What a decoded row of all the file's bands takes, bytes."""
        return int(self.of * np.dtype(self._dataset.dtypes[0]).itemsize * self.grid.width)

    @property
    def files(self) -> list[str]:
        """The files that it consists of, sidecars too."""
        return list(self._dataset.files)

    @property
    def uses_alpha(self) -> bool:
        """Whether a band marked as transparency is among those in use, as data."""
        return bool(set(alpha_bands(self._dataset)) & set(self.indexes))

    @property
    def is_random_access(self) -> bool:
        """Whether opening the file several times lets several threads decode it, each block once."""
        return bool(self._dataset.driver in ("GTiff", "COG"))

    def close(self) -> None:
        """Closes the file."""
        self._dataset.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def band_counts(path: str) -> tuple[int, int]:
    """The number of a raster's bands without those marked as alpha, and of all.

    Raises:
        RasterError: If the file cannot be opened.
    """
    with open_dataset(path) as dataset:
        return dataset.count - len(alpha_bands(dataset)), dataset.count


def open_image(path: str, bands: Sequence[int] = ()) -> Raster:
    """The raster at ``path``, or some bands of it, as an image stream.

    Raises:
        RasterError: As ``Raster``, and if its values are colour numbers, which have no order.
    """
    image = Raster(path, bands)
    if image.is_paletted:
        image.close()
        raise RasterError(
            f"{path} is a paletted raster: its values are colour numbers, not brightness. Convert it to "
            "RGB first (Raster > Conversion > PCT to RGB)."
        )
    return image


def _numpy_type(name: str, path: str) -> np.dtype[Any]:
    if name.startswith("complex"):
        raise RasterError(
            f"{path} holds complex numbers ({name}): compute amplitude or power first "
            "(Raster > Raster Calculator) and use that."
        )
    return np.dtype(name)


def _gcps(dataset: Any) -> tuple[Any, ...]:
    points, crs = dataset.gcps
    return (tuple(points), crs) if points and dataset.transform == Affine.identity() else ()
