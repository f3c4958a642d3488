"""The eight symmetries of the square."""

from __future__ import annotations

from torch import Tensor


def turned(tensor: Tensor, symmetry: int) -> Tensor:
    """``tensor`` (..., H, H) under one of the eight symmetries of the square.

    Args:
        tensor: Square in its last two dimensions.
        symmetry: 0..7: quarter turns, plus 4 for a flip before; 0 leaves the tensor as it is.
    """
    flipped = tensor.flip(-1) if symmetry >= 4 else tensor
    return flipped.rot90(symmetry % 4, (-2, -1)) if symmetry % 4 else flipped
