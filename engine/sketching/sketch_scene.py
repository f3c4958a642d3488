"""The rasters of a sketch, in tiles that lie on the same lattice whatever the extent, and the scaling of their bands."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..contract.file_identity import file_identity
from ..contract.model_card import TILE_STEP
from ..contract.scene import Scene
from ..rasters.alignment import AlignedRasters
from ..rasters.raster import Pixels, Raster, open_image
from ..rasters.windows import Window
from ..sampling.band_statistics import Scaling, mean_and_std, value_range

#: Side of a tile, px, and of the border that its neighbours cover too: there the encoder sees half of the surroundings.
TILE, BORDER = 320, 32

#: Windows in each direction, and their side in px, from which the scaling of the bands is measured.
_SAMPLES, _SAMPLE_SIDE = 6, 64

#: The scalings of the last images.
_SCALINGS: OrderedDict[tuple[Any, ...], Scaling] = OrderedDict()
_REMEMBERED = 16


@dataclass(frozen=True)
class SketchScene:
    """An image with its auxiliary stack.

    Attributes:
        image: The image.
        stack: The auxiliary stack; None: there is none.
        key: What identifies the files and their bands, as long as these do not change.
    """

    image: Raster
    stack: AlignedRasters | None
    key: tuple[Any, ...]

    @cached_property
    def tile(self) -> int:
        """Side of a tile, px: a small image is one tile."""
        longest = max(self.image.grid.height, self.image.grid.width)
        return TILE if longest > TILE else -(-longest // TILE_STEP) * TILE_STEP

    @property
    def border(self) -> int:
        """Border of a tile, px."""
        return BORDER if self.tile == TILE else 0

    @property
    def core(self) -> int:
        """Side of the square in the middle of a tile that the tile decides, px."""
        return self.tile - 2 * self.border

    @cached_property
    def auxiliary_tile(self) -> int:
        """Side of a tile in auxiliary pixels; 0 without a stack."""
        if self.stack is None:
            return 0
        tile = Window(0, 0, self.tile, self.tile)
        resolved = -(-round(self.stack.pixels_across(tile)) // 8) * 8
        return max(8, self.tile // 8, min(resolved, self.tile // 2))

    @cached_property
    def scaling(self) -> Scaling:
        """The scaling of both streams, measured on windows spread over the image."""
        if self.key not in _SCALINGS:
            _SCALINGS[self.key] = _measure(self)
            while len(_SCALINGS) > _REMEMBERED:
                _SCALINGS.popitem(last=False)
        return _SCALINGS[self.key]

    def cores(self, region: Window) -> list[Window]:
        """The squares of the lattice that a part of the image touches, row by row."""
        side = self.core
        rows = range(region.row // side, -(-region.row_stop // side))
        cols = range(region.col // side, -(-region.col_stop // side))
        return [Window(row * side, col * side, side, side) for row in rows for col in cols]

    def read(self, core: Window) -> tuple[Pixels, Pixels | None]:
        """Physical values (C, T, T) and (Ca, t, t) of the tile around a square, NaN where missing.

        Raises:
            RasterError: If a raster is damaged.
        """
        window = core.shift(-self.border, -self.border)
        window = Window(window.row, window.col, self.tile, self.tile)
        pixels, side = self.image.read_reflected(window), self.auxiliary_tile
        if self.stack is None:
            return pixels, None
        return pixels, self.stack.read_reflected(window, side, side)


@contextmanager
def open_sketch_scene(scene: Scene) -> Iterator[SketchScene]:
    """Opens the rasters of a scene.

    Raises:
        RasterError: If a raster cannot be opened, or not aligned with the image.
    """
    with open_image(scene.image, scene.image_bands) as image:
        stack = None
        if scene.auxiliary:
            stack = AlignedRasters(scene.auxiliary, image.grid, bands=scene.auxiliary_bands)
        rasters = [image, *(stack.rasters if stack else ())]
        files = tuple(_identity(path) for raster in rasters for path in raster.files)
        key = (scene.image, scene.auxiliary, *files, scene.image_bands, scene.auxiliary_bands)
        yield SketchScene(image, stack, key)


def _identity(path: str) -> tuple[Any, ...]:
    try:
        return file_identity(path)
    except OSError:  # inside an archive
        return (path,)


def _measure(scene: SketchScene) -> Scaling:
    """Measures the scaling on windows spread over the image."""
    grid, side = scene.image.grid, _SAMPLE_SIDE
    rows, cols = (np.linspace(0, max(0, n - side), _SAMPLES) for n in (grid.height, grid.width))
    corners = {(int(row), int(col)) for row in rows for col in cols}
    windows = [Window(row, col, side, side) for row, col in sorted(corners)]
    pixels = [scene.image.read(window).reshape(scene.image.bands, -1) for window in windows]
    low, high = value_range(np.concatenate(pixels, axis=1), str(scene.image.dtype))
    if scene.stack is None:
        return Scaling(low, high, (), ())
    values = [scene.stack.read(window, 4, 4).reshape(scene.stack.bands, -1) for window in windows]
    return Scaling(low, high, *mean_and_std(np.concatenate(values, axis=1)))
