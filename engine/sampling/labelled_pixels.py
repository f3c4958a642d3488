"""Single labelled pixels with the bands of both streams, for a model that sees no neighbourhood."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.tile_transforms import resize_tile
from ..contract.clean_up import CleanUp
from ..rasters.windows import Window
from .sample_reader import Sample, WindowReader
from .spatial_split import Block
from .survey import Survey
from .window_dataset import ValidationWindows

#: Maximum number of blocks or tiles that are read; each takes some milliseconds.
_MAX_TILES = 256


class LabelledPixels(NamedTuple):
    """Pixels and their classes.

    Attributes:
        bands: The bands of the image, then the auxiliary ones on its grid (N, C), NaN where missing.
        target: Class indices (N,).
    """

    bands: NDArray[np.float32]
    target: NDArray[np.int64]

    @classmethod
    def join(cls, parts: Sequence[LabelledPixels]) -> LabelledPixels:
        """The pixels of all parts; there is at least one."""
        bands, targets = zip(*parts, strict=True)
        return cls(np.concatenate(bands), np.concatenate(targets))


def pixels_of_blocks(
    survey: Survey, blocks: Sequence[Block], tile_size: int, most: int, seed: int
) -> Iterator[LabelledPixels]:
    """Draws pixels of blocks at random, block by block; the order of the blocks is random too.

    Args:
        survey: The surveyed data.
        blocks: Some of its blocks; of very many only a random part is read.
        tile_size: Side of a tile, px; no block is larger.
        most: About the largest number of pixels.
        seed: Seed of the draws.
    """
    reader, generator = WindowReader.of(survey), np.random.default_rng(seed)
    drawn = [blocks[index] for index in generator.permutation(len(blocks))[:_MAX_TILES]]
    share = most / max(1, sum(block.labelled for block in drawn))
    with CleanUp(reader.close_files):
        for block in drawn:
            inside = block.window
            window = Window(inside.row, inside.col, tile_size, tile_size)
            sample = reader.read(block.scene, window)
            # Pixels of other blocks may be held out.
            target = sample["target"][: inside.height, : inside.width]
            yield _draw({**sample, "target": target}, share, generator)


def pixels_of_tiles(windows: ValidationWindows, most: int, seed: int) -> Iterator[LabelledPixels]:
    """Draws labelled pixels of validation tiles at random, tile by tile; very many tiles are thinned evenly.

    Args:
        windows: The validation windows.
        most: About the largest number of pixels.
        seed: Seed of the draws.
    """
    generator, total = np.random.default_rng(seed), len(windows)
    count = min(total, _MAX_TILES)
    share = most / max(1, count * windows.mean_labelled)
    with CleanUp(windows.close_files):
        for number in range(count):
            yield _draw(dict(windows[total * number // count]), share, generator)


def _draw(sample: Sample, share: float, generator: np.random.Generator) -> LabelledPixels:
    """Some labelled pixels of a sample, whose target may be the upper left part of its bands."""
    image = sample["image"]
    auxiliary = sample["auxiliary"]
    target = sample["target"]
    places = np.flatnonzero(target >= 0)
    drawn = generator.permutation(places)[: math.ceil(share * len(places))]
    rows, cols = np.unravel_index(drawn, target.shape)
    streams = [image, resize_tile(auxiliary, image.shape[-1])] if len(auxiliary) else [image]
    bands = np.concatenate([stream[:, rows, cols] for stream in streams]).T
    return LabelledPixels(bands.astype(np.float32), target[rows, cols].astype(np.int64))
