"""What an encoder sees in a square: one tile in its middle, as a vector of unit length.

The encoder is that of a trained model, or one with ImageNet's weights where there is none yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.devices import Device
from ..compute.malloc import keep_freed_memory
from ..compute.tile_transforms import resize_tile
from ..contract.encoders import CPU_ENCODER, IMAGENET
from ..inference.sliding_window import OnProgress
from ..models.image_encoders import build_encoder
from ..models.model_file import load_model
from ..models.normalisation import Normalisation
from ..models.two_stream_network import TwoStreamNetwork
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window
from ..sampling.band_statistics import Scaling, value_range

#: Tiles that are encoded at a time on a GPU; a processor computes them as fast one by one, in less memory.
_BATCH = 8

#: Every how many rows and columns of a tile are looked at for the range of its bands.
_STEP = 4

Features = NDArray[np.float32]


@dataclass(frozen=True)
class TileEncoder:
    """An encoder with the tiles that it takes.

    Attributes:
        encode: Function from physical values (B, C, T, T) to features (B, D).
        tile_size: Side of a tile of the encoder, T px.
        device: Device of the encoder.
    """

    encode: Callable[[Tensor], Tensor]
    tile_size: int
    device: Device

    @torch.inference_mode()
    def features(
        self, image: Raster, windows: Sequence[Window], on_progress: OnProgress
    ) -> tuple[Features, NDArray[np.float64]]:
        """Reads and encodes tiles.

        Args:
            image: The image.
            windows: The tiles (N,), squares of any size.
            on_progress: Callback after each batch.

        Returns:
            Features (N, D) of unit length, and the share (N,) of each tile's pixels that have a value.

        Raises:
            RasterError: If the image is damaged.
        """
        found, known = [], []
        step = 1 if self.device.kind == "cpu" else _BATCH
        for begin in range(0, len(windows), step):
            pixels = [self._read(image, window) for window in windows[begin : begin + step]]
            known += [float(np.isfinite(tile).any(axis=0).mean()) for tile in pixels]
            batch = torch.from_numpy(np.stack(pixels)).to(
                self.device.torch_device, memory_format=torch.channels_last
            )
            with self.device.autocast():
                encoded = self.encode(batch)
            features = nn.functional.normalize(encoded.float(), dim=1)
            found.append(features.cpu().numpy())
            on_progress(begin + len(pixels), len(windows))
        return np.concatenate(found), np.array(known)

    def _read(self, image: Raster, window: Window) -> Pixels:
        pixels: Pixels = resize_tile(image.read_reflected(window), self.tile_size)
        return pixels


def model_encoder(model: str, device: Device) -> TileEncoder:
    """The image encoder of a model file.

    Raises:
        ModelFileError: If the file cannot be read.
    """
    loaded, card = load_model(model)
    network = cast(TwoStreamNetwork, _placed(loaded, device))
    return TileEncoder(network.image_features, card.tile_size, device)


def pretrained_encoder(
    values: NDArray[np.float32], dtype: str, side: int, device: Device
) -> TileEncoder:
    """An encoder with ImageNet's weights, which sees the bands scaled as in a training.

    Args:
        values: A sample of the pixels (C, N) of all images, which tells the range of their bands.
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

    return TileEncoder(encode, side, device)


def sampled_values(image: Raster, windows: Sequence[Window]) -> NDArray[np.float32]:
    """A part of the pixels (C, N) of some windows of an image.

    Raises:
        RasterError: If the image is damaged.
    """
    pixels = [image.read_reflected(window)[:, ::_STEP, ::_STEP] for window in windows]
    return np.concatenate([tile.reshape(image.bands, -1) for tile in pixels], axis=1)


def _placed(network: nn.Module, device: Device) -> nn.Module:
    """A network on its device, in the memory layout in which convolutions take half the time."""
    if device.kind == "cpu":
        keep_freed_memory()
    # torch's annotations know this argument for tensors only.
    return network.to(device.torch_device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
