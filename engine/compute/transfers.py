"""Small copies to a device, on NVIDIA cards without waiting for their queue."""

from __future__ import annotations

from torch import Tensor


def send(values: Tensor, target: Tensor) -> Tensor:
    """A few values with the type and on the device of ``target``, on NVIDIA cards without waiting for their queue.

    On Apple's GPUs an asynchronous copy may read a temporary after its memory is freed (pytorch issue 189690).
    """
    return values.to(target.device, target.dtype, non_blocking=target.is_cuda)


def send_indices(indices: Tensor, target: Tensor) -> Tensor:
    """Indices (N,) on the device of ``target``; in CPU memory they would make the CPU wait for the GPU."""
    return indices.to(target.device, non_blocking=target.is_cuda)
