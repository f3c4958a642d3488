"""What a raster file's numbers mean: physical values, and NaN wherever the file says "nothing here"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.windows import Window as RasterioWindow

Masks = list[NDArray[np.bool_] | None]


def alpha_bands(dataset: Any) -> list[int]:
    """The bands of an opened file that are marked as transparency, counted from 1."""
    kinds = dataset.colorinterp
    return [index for index in dataset.indexes if kinds[index - 1] == ColorInterp.alpha]


def read_physical(
    dataset: Any, indexes: Sequence[int], place: RasterioWindow
) -> NDArray[np.float32]:
    """A window's values (C, H, W) of an opened file, with scale and offset applied.

    Args:
        dataset: The file, as rasterio opened it.
        indexes: Bands, counted from 1; one marked as alpha is data when it is among them.
        place: A window within the file.

    Raises:
        RasterioError: If the file is damaged there.
        ValueError: Likewise.
    """
    raw = dataset.read(list(indexes), window=place)
    masks = _masks(dataset, indexes, raw, place)
    values: NDArray[np.float32] = raw.astype(np.float32)
    for band, index in enumerate(indexes):
        scale, offset = dataset.scales[index - 1], dataset.offsets[index - 1]
        if (scale, offset) != (1.0, 0.0):
            values[band] = raw[band] * scale + offset
        mask = masks[band]
        if mask is not None:
            values[band][~mask] = np.nan
    if raw.dtype.kind == "f":
        values[np.isinf(values)] = np.nan
    return values


def _masks(dataset: Any, indexes: Sequence[int], raw: NDArray[Any], place: RasterioWindow) -> Masks:
    """Per band: where there are values; None for everywhere. Nodata is looked up in ``raw``."""
    alpha_is_data = bool(set(alpha_bands(dataset)) & set(indexes))
    masks: Masks = []
    for band, index in enumerate(indexes):
        flags = dataset.mask_flag_enums[index - 1]
        nodata = dataset.nodatavals[index - 1]
        if MaskFlags.nodata in flags and nodata is not None:
            masks.append(raw[band] != np.asarray(nodata).astype(raw.dtype))
        elif MaskFlags.all_valid in flags or (MaskFlags.alpha in flags and alpha_is_data):
            masks.append(None)
        else:
            masks.append(dataset.read_masks(index, window=place) > 0)
    return masks
