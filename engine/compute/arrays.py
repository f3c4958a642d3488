"""NumPy arrays and torch tensors: one code for either kind, and small copies to a device.

Networks of PyTorch take and return tensors, those of graph runtimes NumPy arrays. Code between reading and writing a
scene asks ``namespace`` for the functions of the kind that it was given, so that a graph runs without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

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


def send(values: Tensor, target: Tensor) -> Tensor:
    """A few values with the type and on the device of ``target``, on NVIDIA cards without waiting for their queue.

    On Apple's GPUs an asynchronous copy may read a temporary after its memory is freed (pytorch issue 189690).
    """
    return values.to(target.device, target.dtype, non_blocking=target.is_cuda)


def send_indices(indices: Tensor, target: Tensor) -> Tensor:
    """Indices (N,) on the device of ``target``; in CPU memory they would make the CPU wait for the GPU."""
    return indices.to(target.device, non_blocking=target.is_cuda)
