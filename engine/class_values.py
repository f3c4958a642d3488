"""Class values of a raster of one band: whole numbers, and those of the data's layout where it fixes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .errors import LabelError
from .rasters import Pixels
from .windows import Window


def class_values(
    pixels: Pixels, path: str, window: Window, fixed: frozenset[int], missing: int
) -> NDArray[np.int32]:
    """The class values in pixels (H, W).

    Args:
        pixels: What the raster holds; NaN where it has no value.
        path: The raster, for messages.
        window: Where the pixels lie on the image, for messages.
        fixed: The only values that may occur; none: any.
        missing: What stands where the raster has no value.

    Raises:
        LabelError: If a value is no class value, or none of ``fixed``, naming the first such pixel.
    """
    known = np.isfinite(pixels)
    values = np.where(known, pixels, missing)
    wrong = known & ((values < 0) | (values > 65534) | (values != np.rint(values)))
    if wrong.any():
        raise LabelError(
            f"The labels {path} hold the value {values[wrong][0]:g}: class values are whole numbers "
            "from 0 to 65534. Reclassify the raster, or declare that value as nodata."
        )
    strange = known & ~np.isin(values, sorted(fixed)) if fixed else np.zeros_like(known)
    if strange.any():
        row, col = np.argwhere(strange)[0]
        raise LabelError(
            f"The labels {path} have the value {values[row, col]:g} at row {window.row + row}, column "
            f"{window.col + col} of the image (counted from 0), which is no class of this layout: its "
            f"labels are pictures in the classes' colours, or hold {', '.join(map(str, sorted(fixed)))}. "
            "Export the picture with its colours, or reclassify the raster."
        )
    return values.astype(np.int32)
