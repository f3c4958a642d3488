"""One code for NumPy arrays and torch tensors: the functions of the array API standard for either kind.

Networks of PyTorch take and return tensors, those of graph runtimes NumPy arrays. Code between reading and writing a
scene asks ``namespace`` for the functions of the kind that it was given, so that a graph runs without torch.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: A NumPy array, or a torch tensor on any device. Their types have no common base class.
Array: TypeAlias = Any


def namespace(values: Array) -> Any:
    """The module with the functions of the array API standard for arrays of this kind."""
    if isinstance(values, np.ndarray):
        # NumPy follows the standard itself since 2.1. The compatible module imports all of NumPy, which takes 0.1 s.
        return np
    from array_api_compat import array_namespace  # imports torch

    return array_namespace(values)


def to_numpy(values: Array) -> NDArray[Any]:
    """The values as a NumPy array, without a copy where they are in the processor's memory."""
    return values if isinstance(values, np.ndarray) else values.cpu().numpy()
