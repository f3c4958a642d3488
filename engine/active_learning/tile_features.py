"""The features of a square by an encoder: those of one tile in its middle, as a vector of unit length.

The encoder is a network (``network_encoders``), or statistics of the pixels where there is no PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compute.tile_transforms import resize_tile
from ..inference.sliding_window import OnProgress
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window
from ..sampling.band_statistics import Scaling, value_range

#: Every how many rows and columns of a tile are looked at for the range of its bands.
_STEP = 4

#: Percentiles of each band, and the distances in px of the pixels whose differences measure the texture.
_PERCENTILES, _DISTANCES = (10, 50, 90), (1, 4, 16)

Features = NDArray[np.float32]

#: Physical values (B, C, T, T) of tiles, NaN where a value is missing.
Tiles = NDArray[np.float32]


@dataclass(frozen=True)
class TileEncoder:
    """An encoder with the tiles that it takes.

    Attributes:
        encode: Function from tiles (B, C, T, T) to features (B, D) of unit length.
        tile_size: Side of a tile of the encoder, T px.
        batch: Number of tiles that it encodes at a time, B.
    """

    encode: Callable[[Tiles], Features]
    tile_size: int
    batch: int = 1

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
        for begin in range(0, len(windows), self.batch):
            pixels = [self._read(image, window) for window in windows[begin : begin + self.batch]]
            known += [float(np.isfinite(tile).any(axis=0).mean()) for tile in pixels]
            found.append(self.encode(np.stack(pixels)))
            on_progress(begin + len(pixels), len(windows))
        return np.concatenate(found), np.array(known)

    def _read(self, image: Raster, window: Window) -> Pixels:
        pixels: Pixels = resize_tile(image.read_reflected(window), self.tile_size)
        return pixels


def statistics_encoder(values: NDArray[np.float32], dtype: str, side: int) -> TileEncoder:
    """An encoder without a network: brightness and texture of each band, scaled by its range.

    Args:
        values: A sample of the pixels (C, N) of all images, from which the range of their bands is taken.
        dtype: Data type of the images.
        side: Side of a tile of the encoder, px.
    """
    scaling = Scaling(*value_range(values, dtype), (), ())
    mean = np.array(scaling.image_mean, np.float32)[:, None, None]
    std = np.array(scaling.image_std, np.float32)[:, None, None]

    def encode(tiles: Tiles) -> Features:
        return _of_unit_length(np.stack([_statistics((tile - mean) / std) for tile in tiles]))

    return TileEncoder(encode, side)


def sampled_values(image: Raster, windows: Sequence[Window]) -> NDArray[np.float32]:
    """A part of the pixels (C, N) of some windows of an image.

    Raises:
        RasterError: If the image is damaged.
    """
    pixels = [image.read_reflected(window)[:, ::_STEP, ::_STEP] for window in windows]
    return np.concatenate([tile.reshape(image.bands, -1) for tile in pixels], axis=1)


def _statistics(tile: Pixels) -> Features:
    """Percentiles of each band of a scaled tile (C, T, T), and the mean differences of pixels at some distances."""
    parts: list[float] = []
    for band in tile:
        known = band[np.isfinite(band)]
        parts += map(float, np.percentile(known, _PERCENTILES) if known.size else [0.0] * 3)
        for distance in _DISTANCES:
            steps = (band[distance:] - band[:-distance], band[:, distance:] - band[:, :-distance])
            parts += (_mean_of_known(np.abs(step)) for step in steps)
    return np.array(parts, np.float32)


def _mean_of_known(values: NDArray[np.float32]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else 0.0


def _of_unit_length(vectors: Features) -> Features:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Features = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
