"""Augmentation: the eight symmetries of the square, drawn once a window and applied to both streams alike."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

A = TypeVar("A", bound=NDArray[Any])


def turned(array: A, symmetry: int) -> A:
    """``array`` (..., H, W) under one of the eight symmetries of the square.

    Args:
        array: Square in its last two dimensions.
        symmetry: 0..7: quarter turns, plus 4 for a flip; 0 leaves the array as it is.
    """
    flipped = array[..., ::-1] if symmetry >= 4 else array
    return np.ascontiguousarray(np.rot90(flipped, symmetry % 4, axes=(-2, -1)))  # type: ignore[return-value]


def unturned(array: A, symmetry: int) -> A:
    """Undoes ``turned`` with the same symmetry."""
    back = np.rot90(array, -(symmetry % 4), axes=(-2, -1))
    return np.ascontiguousarray(back[..., ::-1] if symmetry >= 4 else back)  # type: ignore[return-value]
