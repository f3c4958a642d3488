"""Encoding of the pixels of raster files, and decoding to physical values, NaN where there is no value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags


@dataclass(frozen=True)
class Encoding:
    """Encoding of some bands of a file; each attribute has one entry per band.

    Attributes:
        scales: Factors of the stored values.
        offsets: Summands after scaling.
        nodata: Stored values that mean "no value", of the file's data type; None: there is none.
        masked: Whether a mask of the file marks the pixels with values.
    """

    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    nodata: tuple[Any, ...]
    masked: tuple[bool, ...]

    @property
    def is_identity(self) -> bool:
        """Whether the stored values are the physical values."""
        return set(self.scales) == {1.0} and set(self.offsets) == {0.0}

    def select_bands(self, band_indexes: Sequence[int]) -> Encoding:
        """The encoding of some of the bands, counted from 0."""

        def pick(values: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(values[band] for band in band_indexes)

        return Encoding(pick(self.scales), pick(self.offsets), pick(self.nodata), pick(self.masked))


@dataclass(frozen=True)
class RawWindow:
    """A window as stored in the file.

    Attributes:
        pixels: Stored values (C, H, W) of the file's data type.
        masks: (C, H, W), True where a ``masked`` band has a value; None if no band is masked.
        encoding: The encoding of the bands.
    """

    pixels: NDArray[Any]
    masks: NDArray[np.bool_] | None
    encoding: Encoding

    @property
    def nbytes(self) -> int:
        """Bytes of pixels and masks."""
        return self.pixels.nbytes + (0 if self.masks is None else self.masks.nbytes)

    def select_bands(self, band_indexes: Sequence[int]) -> RawWindow:
        """Some of the bands, counted from 0."""
        if list(band_indexes) == list(range(len(self.pixels))):
            return self
        masks = None if self.masks is None else self.masks[list(band_indexes)]
        return RawWindow(
            self.pixels[list(band_indexes)], masks, self.encoding.select_bands(band_indexes)
        )

    def take(self, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> RawWindow:
        """The pixels at these rows and columns, in this order."""

        def take(values: NDArray[Any]) -> NDArray[Any]:
            return np.ascontiguousarray(values[:, rows][:, :, cols])

        masks = None if self.masks is None else take(self.masks)
        return replace(self, pixels=take(self.pixels), masks=masks)

    def known(self) -> NDArray[np.bool_] | None:
        """Mask (H, W) of the pixels with a value in any band; None: all pixels."""
        known: NDArray[np.bool_] | None = None
        for band in range(len(self.pixels)):
            band_known = self._known(band)
            if band_known is None:
                return None
            known = band_known if known is None else known | band_known
        return known

    def _known(self, band: int) -> NDArray[np.bool_] | None:
        """Mask (H, W) of the pixels with a value in one band; None: all pixels."""
        pixels, nodata = self.pixels[band], self.encoding.nodata[band]
        known = None if nodata is None else np.asarray(pixels != nodata)
        if self.masks is not None and self.encoding.masked[band]:
            known = self.masks[band] if known is None else known & self.masks[band]
        if pixels.dtype.kind == "f":
            # Values beyond the range of float32 become infinite, and count as missing.
            with np.errstate(over="ignore"):
                finite = np.isfinite(pixels.astype(np.float32, copy=False))
            known = finite if known is None else known & finite
        return known

    def physical(self) -> NDArray[np.float32]:
        """The physical values (C, H, W), NaN where there is none."""
        with np.errstate(over="ignore"):
            values: NDArray[np.float32] = self.pixels.astype(np.float32)
        for band, (scale, offset) in enumerate(zip(self.encoding.scales, self.encoding.offsets)):
            if (scale, offset) != (1.0, 0.0):
                values[band] = self.pixels[band].astype(np.float64) * scale + offset
            known = self._known(band)
            if known is not None:
                values[band][~known] = np.nan
        if self.pixels.dtype.kind == "f":
            values[np.isinf(values)] = np.nan
        return values


def alpha_bands(dataset: Any) -> list[int]:
    """The alpha bands of an opened file, counted from 1."""
    return [i for i, kind in enumerate(dataset.colorinterp, 1) if kind == ColorInterp.alpha]


def encoding_of(dataset: Any, indexes: Sequence[int], dtype: np.dtype[Any]) -> Encoding:
    """The encoding of some bands of an opened file.

    An alpha band among them is data, and then no mask of the others.

    Args:
        dataset: The file, as rasterio opened it.
        indexes: The bands, counted from 1.
        dtype: The data type that holds the stored values of all these bands.
    """
    alpha_is_data = not set(alpha_bands(dataset)).isdisjoint(indexes)
    nodata, masked = list[Any](), list[bool]()
    # Read once: each of these properties visits all bands of the file.
    all_flags, values = dataset.mask_flag_enums, dataset.nodatavals
    scales, offsets = dataset.scales, dataset.offsets
    for index in indexes:
        flags, value = all_flags[index - 1], values[index - 1]
        has_nodata = MaskFlags.nodata in flags and value is not None
        nodata.append(np.asarray(value).astype(dtype)[()] if has_nodata else None)
        is_unmasked = MaskFlags.all_valid in flags or (MaskFlags.alpha in flags and alpha_is_data)
        masked.append(not (has_nodata or is_unmasked))
    return Encoding(
        tuple(float(scales[index - 1]) for index in indexes),
        tuple(float(offsets[index - 1]) for index in indexes),
        tuple(nodata),
        tuple(masked),
    )
