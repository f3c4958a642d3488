"""The side of a tile where the user leaves it open: chosen from the images and the device."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract.model_card import MIN_TILE_SIZE, TILE_STEP
from ..contract.scene import Scene
from ..rasters.raster import open_image

#: Largest automatic side of a tile with a GPU and without one, px. A CPU computes a pixel of a smaller tile as fast, and
#: takes more steps in the same time.
_MAX_SIDE, _MAX_SIDE_ON_CPU = 512, 256

#: Share of the area whose images are at least as large as a tile: a sliver at a border does not decide for all.
_AREA_SHARE = 0.9


def choose_tile_size(scenes: Sequence[Scene], has_gpu: bool, maximum: int = 0) -> tuple[int, int]:
    """Chooses a side that hardly any image is smaller than, so that tiles are not padded.

    Args:
        scenes: The scenes.
        has_gpu: Whether the training runs on a GPU.
        maximum: The recipe's side of a tile, px; 0: depends on the device.

    Returns:
        The side of a tile and the smallest side of an image, px.

    Raises:
        EngineError: If an image cannot be opened.
    """
    sizes = sorted(map(_image_size, scenes))
    left = sum(area for _, area in sizes)
    total, fitting = left, sizes[0][0]
    for side, area in sizes:
        if left < _AREA_SHARE * total:
            break
        fitting, left = side, left - area
    largest = maximum or (_MAX_SIDE if has_gpu else _MAX_SIDE_ON_CPU)
    return max(MIN_TILE_SIZE, min(largest, fitting // TILE_STEP * TILE_STEP)), sizes[0][0]


def _image_size(scene: Scene) -> tuple[int, int]:
    """The shorter side and the area of an image, px."""
    with open_image(scene.image, scene.image_bands) as image:
        return min(image.grid.width, image.grid.height), image.grid.width * image.grid.height
