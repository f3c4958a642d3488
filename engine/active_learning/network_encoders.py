"""Networks as encoders of tiles: that of a trained model, or one with ImageNet's weights where there is none yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.devices import Device
from ..compute.malloc import keep_freed_memory
from ..contract.encoders import CPU_ENCODER, IMAGENET
from ..models.image_encoders import build_encoder
from ..models.model_file import load_model
from ..models.normalisation import Normalisation
from ..models.two_stream_network import TwoStreamNetwork
from ..sampling.band_statistics import Scaling, value_range
from .tile_features import TileEncoder, Tiles

#: Tiles that are encoded at a time on a GPU; a processor computes them as fast one by one, in less memory.
_BATCH = 8


def model_encoder(model: str, device: Device) -> TileEncoder:
    """The image encoder of a model file.

    Raises:
        ModelFileError: If the file cannot be read.
    """
    loaded, card = load_model(model)
    network = cast(TwoStreamNetwork, _placed(loaded, device))
    return _tile_encoder(network.image_features, card.tile_size, device)


def pretrained_encoder(
    values: NDArray[np.float32], dtype: str, side: int, device: Device
) -> TileEncoder:
    """An encoder with ImageNet's weights, which sees the bands scaled as in a training.

    Args:
        values: A sample of the pixels (C, N) of all images, from which the range of their bands is taken.
        dtype: Data type of the images.
        side: Side of a tile of the encoder, px.
        device: Device of the encoder.

    Raises:
        JobError: If the weights are not installed.
    """
    scaling = Scaling(*value_range(values, dtype), (), ())
    normalisation = Normalisation(len(values))
    normalisation.set(scaling.image_mean, scaling.image_std)
    encoder = build_encoder(CPU_ENCODER, len(values), IMAGENET)
    network = _placed(nn.Sequential(normalisation, encoder).eval(), device)

    def encode(tiles: Tensor) -> Tensor:
        last: Tensor = network(tiles)[-1]
        return last.mean(dim=(2, 3))

    return _tile_encoder(encode, side, device)


def _tile_encoder(encode: Callable[[Tensor], Tensor], side: int, device: Device) -> TileEncoder:
    """``encode``, which makes features (B, D) of physical values (B, C, T, T), for arrays."""
    target = device.torch_device

    @torch.inference_mode()
    def of_arrays(tiles: Tiles) -> NDArray[np.float32]:
        batch = torch.from_numpy(tiles).to(target, memory_format=torch.channels_last)
        with device.autocast():
            encoded = encode(batch)
        return nn.functional.normalize(encoded.float(), dim=1).cpu().numpy()

    return TileEncoder(of_arrays, side, 1 if target.type == "cpu" else _BATCH)


def _placed(network: nn.Module, device: Device) -> nn.Module:
    """A network on its device, in the memory layout in which convolutions take half the time."""
    target = device.torch_device
    if target.type == "cpu":
        keep_freed_memory()
    # torch's annotations know this argument for tensors only.
    return network.to(target, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
