"""Forward passes of PyTorch, in eager mode and compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.cpu_lanes import limit_lanes
from ..compute.devices import Device
from ..compute.failures import is_out_of_memory
from ..contract.errors import DeviceError, first_line
from ..contract.translation import tr


class TorchBackend:
    """PyTorch in eager mode. Several threads may call it.

    Args:
        network: A ``ProbabilityNetwork``.
        device: The device and the precision.
        channels_last: Whether tensors have torch's memory format ``channels_last`` (NHWC).
        lanes: Number of threads that call it at the same time.
    """

    def __init__(
        self, network: nn.Module, device: Device, channels_last: bool, lanes: int = 1
    ) -> None:
        self._network, self._device, self._lanes = network, device, lanes
        self._layout = torch.channels_last if channels_last else torch.contiguous_format

    # Not inference_mode: blending changes the probabilities in place.
    @torch.no_grad()
    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """See ``Backend``."""
        limit_lanes(self._lanes)
        images = images.contiguous(memory_format=self._layout)
        if auxiliary is not None:
            auxiliary = auxiliary.contiguous(memory_format=self._layout)
        with self._device.autocast(), _cudnn_benchmark(self._device):
            found = self._network(images, auxiliary)
        return joined(found).contiguous()


class CompiledBackend(TorchBackend):
    """``torch.compile`` for one batch size; on NVIDIA GPUs the whole pass is one CUDA graph.

    Args:
        network: A ``ProbabilityNetwork``.
        device: The device and the precision.
        channels_last: Whether tensors have torch's memory format ``channels_last`` (NHWC).
        batch: Number of tiles of every pass; fewer are padded.
    """

    def __init__(self, network: nn.Module, device: Device, channels_last: bool, batch: int) -> None:
        compiled: Any = torch.compile(network, mode="reduce-overhead", dynamic=False)
        super().__init__(compiled, device, channels_last)
        self._has_run, self._batch = False, batch

    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """See ``Backend``.

        Raises:
            DeviceError: If torch cannot compile here.
        """
        count = len(images)
        images = _pad(images, self._batch)
        auxiliary = None if auxiliary is None else _pad(auxiliary, self._batch)
        try:
            # A copy: the next run of the CUDA graph writes into the same memory.
            probabilities = super().__call__(images, auxiliary)[:count].clone()
        except Exception as error:  # missing or broken compilers raise many kinds
            # After a CUDA error no runtime works on the GPU in this process.
            is_cuda = str(error).startswith("CUDA error")
            if self._has_run or is_cuda or is_out_of_memory(error):
                raise
            raise DeviceError(
                tr("torch.compile does not work here ({}): choose another runtime.").format(
                    first_line(error)
                )
            ) from error
        self._has_run = True
        return probabilities


def joined(found: Tensor | tuple[Tensor, ...]) -> Tensor:
    """The outputs (B, K, T, T) of a network in one tensor, without those of another shape."""
    if isinstance(found, Tensor):
        return found
    return torch.cat([part for part in found if part.ndim == 4], dim=1)


def on_device(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """The array on a device; the copy to a GPU is asynchronous."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    if device.type == "mps" and tensor.dtype == torch.float64:
        tensor = tensor.float()  # Apple's GPUs have no float64
    return tensor.to(device)


def _pad(values: Tensor, batch: int) -> Tensor:
    """Pads tiles (B, C, T, T) with tiles of zeros to (batch, C, T, T)."""
    return F.pad(values, (0, 0, 0, 0, 0, 0, 0, batch - len(values)))


@contextmanager
def _cudnn_benchmark(device: Device) -> Iterator[None]:
    """Lets cuDNN search for the fastest algorithms, which is worthwhile because all tiles have the same size.

    The setting is restored after each pass: other networks of the process may have inputs of varying size.
    """
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = before or device.kind == "cuda"
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before
