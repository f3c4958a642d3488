"""Encoding of the pixels of raster files, and decoding to physical values, NaN where there is no value.

Pixels that a network takes are decoded on its device, by torch as well as by NumPy.
"""

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
        values: NDArray[np.float32] = to_physical(self.pixels, self.masks, self.encoding, np)
        return values


def to_physical(pixels: Any, masks: Any | None, encoding: Encoding, xp: Any) -> Any:
    """Decodes stored values of NumPy or torch, on any device.

    Args:
        pixels: (..., C, H, W), stored values of the file's data type.
        masks: (..., C, H, W), where the bands with a mask have a value; None if no band has one.
        encoding: The encoding of the bands.
        xp: The functions of the array API standard for these arrays.

    Returns:
        (..., C, H, W) in float32, in new memory: physical values, NaN where there is none.
    """
    is_float = xp.isdtype(pixels.dtype, "real floating")
    with np.errstate(over="ignore"):
        values = xp.astype(pixels, xp.float32)
        infinite = xp.isinf(values) if is_float else None
        for band, scaling in enumerate(zip(encoding.scales, encoding.offsets)):
            if scaling != (1.0, 0.0):
                values[..., band, :, :] = _scale(pixels[..., band, :, :], *scaling, xp)
    for band, nodata in enumerate(encoding.nodata):
        if nodata is not None:
            values[..., band, :, :][_equal(pixels[..., band, :, :], nodata, xp)] = xp.nan
        if masks is not None and encoding.masked[band]:
            values[..., band, :, :][~masks[..., band, :, :]] = xp.nan
    if is_float:  # values beyond the range of float32 count as missing
        values[infinite if encoding.is_identity else infinite | xp.isinf(values)] = xp.nan
    return values


def _scale(pixels: Any, scale: float, offset: float, xp: Any) -> Any:
    """Applies scale and offset in double precision, where the device has it: Apple's GPUs have none."""
    wide = xp.float32 if str(pixels.device).startswith("mps") else xp.float64
    return xp.astype(xp.astype(pixels, wide) * scale + offset, xp.float32)


def _equal(pixels: Any, nodata: np.generic, xp: Any) -> Any:
    """Where stored values equal a nodata value; unsigned ones bit by bit, because torch can compare few of them."""
    if not xp.isdtype(pixels.dtype, "unsigned integer"):
        return pixels == nodata.item()
    size = pixels.dtype.itemsize
    # A band of fewer bits than its neighbours has a narrower nodata value than the pixels.
    bits = np.asarray(nodata).astype(f"u{size}").view(f"i{size}").item()
    return pixels.view(getattr(xp, f"int{8 * size}")) == bits


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
