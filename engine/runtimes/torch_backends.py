"""Forward passes of PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.cpu_lanes import limit_lanes
from ..compute.devices import Device
from ..contract.errors import ModelFileError
from ..contract.translation import tr
from ..models.land_summary import LandSummary
from ..models.logits import probabilities


class ProbabilityNetwork(nn.Module):
    """Returns probabilities instead of logits and, with a land summary, how unlike the training each pixel is."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, image: Tensor, auxiliary: Tensor | None = None
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Probabilities (B, K, T, T) of tiles (B, C, T, T) and, of two streams, (B, Ca, t, t).

        With a land summary also how unlike the training they are, (B, 1, T, T).

        Raises:
            ModelFileError: If the summary is of other features than the network's.
        """
        outputs = self.model(image, auxiliary)
        found = probabilities(outputs["logits"])
        land: LandSummary | None = getattr(self.model, "land_summary", None)
        if land is None:
            return found
        features = outputs.get("features")
        if features is None or features.shape[1] != land.weight.shape[1]:
            raise ModelFileError(
                tr(
                    "The summary of the training land in the model file does not fit its network: take another file, or "
                    "train the model again."
                )
            )
        return found, land(features, (image.shape[-2], image.shape[-1]))


class TorchBackend:
    """The forward pass of a network with PyTorch. Several threads may call it.

    Args:
        network: A ``ProbabilityNetwork``.
        device: The device and the precision.
        channels_last: Whether tensors have torch's memory format ``channels_last`` (NHWC).
        lanes: Number of threads that call it at the same time.
    """

    def __init__(
        self, network: nn.Module, device: Device, channels_last: bool, lanes: int = 1
    ) -> None:
        self._network = network
        self._device = device
        self._lanes = lanes
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
