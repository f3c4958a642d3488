"""What a raster file's numbers mean: physical values, and NaN wherever the file says "nothing here"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.windows import Window as RasterioWindow


@dataclass(frozen=True)
class Encoding:
    """How bands are written in a file, each entry for one band.

    Attributes:
        scales: What numbers are multiplied with.
        offsets: What is added to them then.
        nodata: The number that means "nothing here", of the file's own type; None: there is none.
        masked: Whether a mask of the file's says where there are values.
    """

    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    nodata: tuple[Any, ...]
    masked: tuple[bool, ...]

    @property
    def is_plain(self) -> bool:
        """Whether the numbers are the physical values."""
        return set(self.scales) == {1.0} and set(self.offsets) == {0.0}

    def of(self, band_indexes: Sequence[int]) -> Encoding:
        """That of some of the bands, counted from 0."""
        return Encoding(
            tuple(self.scales[place] for place in band_indexes),
            tuple(self.offsets[place] for place in band_indexes),
            tuple(self.nodata[place] for place in band_indexes),
            tuple(self.masked[place] for place in band_indexes),
        )


@dataclass(frozen=True)
class Raw:
    """A window as it is in the file.

    Attributes:
        pixels: (C, H, W) of the file's own type.
        masks: (C, H, W), where there are values in bands that are ``masked``; None: no band is.
        encoding: What the numbers mean.
    """

    pixels: NDArray[Any]
    masks: NDArray[np.bool_] | None
    encoding: Encoding

    def of(self, band_indexes: Sequence[int]) -> Raw:
        """Some of the bands, counted from 0."""
        if list(band_indexes) == list(range(len(self.pixels))):
            return self
        masks = None if self.masks is None else self.masks[list(band_indexes)]
        return Raw(self.pixels[list(band_indexes)], masks, self.encoding.of(band_indexes))

    def mirror(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Raw:
        """The window's rows and columns of these numbers, in this order."""

        def turned(part: NDArray[Any]) -> NDArray[Any]:
            return np.ascontiguousarray(part[:, rows][:, :, cols])

        masks = None if self.masks is None else turned(self.masks)
        return replace(self, pixels=turned(self.pixels), masks=masks)

    def known(self) -> NDArray[np.bool_] | None:
        """Where any band has a value, (H, W); None: everywhere."""
        total: NDArray[np.bool_] | None = None
        for band in range(len(self.pixels)):
            own = self._known(band)
            if own is None:
                return None
            total = own if total is None else total | own
        return total

    def _known(self, band: int) -> NDArray[np.bool_] | None:
        """Where one band has a value, (H, W); None: everywhere."""
        pixels, nodata = self.pixels[band], self.encoding.nodata[band]
        known = None if nodata is None else np.asarray(pixels != nodata)
        if self.masks is not None and self.encoding.masked[band]:
            known = self.masks[band] if known is None else known & self.masks[band]
        if pixels.dtype.kind == "f":
            # What does not fit float32 is no value either.
            with np.errstate(over="ignore"):
                replace_non_finite = np.isfinite(pixels.astype(np.float32, copy=False))
            known = replace_non_finite if known is None else known & replace_non_finite
        return known

    def physical(self) -> NDArray[np.float32]:
        """The values (C, H, W) with scale and offset applied, NaN where there is none."""
        with np.errstate(over="ignore"):
            values: NDArray[np.float32] = self.pixels.astype(np.float32)
        encoding = self.encoding
        for band, pair in enumerate(zip(encoding.scales, encoding.offsets)):
            if pair != (1.0, 0.0):
                values[band] = self.pixels[band].astype(np.float64) * pair[0] + pair[1]
            known = self._known(band)
            if known is not None:
                values[band][~known] = np.nan
        if self.pixels.dtype.kind == "f":
            values[np.isinf(values)] = np.nan
        return values


def alpha_bands(dataset: Any) -> list[int]:
    """The bands of an opened file that are marked as transparency, counted from 1."""
    kinds = enumerate(dataset.colorinterp, start=1)
    return [index for index, kind in kinds if kind == ColorInterp.alpha]


def encoding_of(dataset: Any, indexes: Sequence[int]) -> Encoding:
    """How bands of an opened file, counted from 1, are written.

    One marked as alpha is data when it is among them, and then no mask of any other.
    """
    alpha_is_data = bool(set(alpha_bands(dataset)) & set(indexes))
    kind, nodata, masked = file_type(dataset, indexes), list[Any](), list[bool]()
    # Asked once: each of these properties looks at all bands of the file.
    all_flags, values = dataset.mask_flag_enums, dataset.nodatavals
    scales, offsets = dataset.scales, dataset.offsets
    for index in indexes:
        flags, value = all_flags[index - 1], values[index - 1]
        has_nodata = MaskFlags.nodata in flags and value is not None
        nodata.append(np.asarray(value).astype(kind)[()] if has_nodata else None)
        is_free = MaskFlags.all_valid in flags or (MaskFlags.alpha in flags and alpha_is_data)
        masked.append(not (has_nodata or is_free))
    return Encoding(
        tuple(float(scales[index - 1]) for index in indexes),
        tuple(float(offsets[index - 1]) for index in indexes),
        tuple(nodata),
        tuple(masked),
    )


def read_raw(
    dataset: Any,
    indexes: Sequence[int],
    encoding: Encoding,
    place: RasterioWindow,
    into: Raw | None = None,
) -> Raw:
    """A window of an opened file as it is in it.

    Args:
        dataset: The file, as rasterio opened it.
        indexes: Bands, counted from 1.
        encoding: As ``encoding_of`` says for these.
        place: A window within the file.
        into: Where to put it, of the same shape; none: in new memory.

    Raises:
        RasterioError: If the file is damaged there.
        ValueError: Likewise.
    """
    target = into or empty_raw(dataset, indexes, encoding, place.height, place.width)
    dataset.read(list(indexes), window=place, out=target.pixels)
    if target.masks is not None:
        for band, index in enumerate(indexes):
            if encoding.masked[band]:
                target.masks[band] = dataset.read_masks(index, window=place) > 0
    return target


def empty_raw(
    dataset: Any, indexes: Sequence[int], encoding: Encoding, height: int, width: int
) -> Raw:
    """Room for a window of ``height`` x ``width`` px of an opened file."""
    shape = (len(indexes), height, width)
    masks = np.ones(shape, bool) if any(encoding.masked) else None
    return Raw(np.empty(shape, file_type(dataset, indexes)), masks, encoding)


def file_type(dataset: Any, indexes: Sequence[int]) -> np.dtype[Any]:
    """The type that holds the numbers of all bands, counted from 1."""
    names = dataset.dtypes
    return np.result_type(*{np.dtype(names[index - 1]) for index in indexes})
