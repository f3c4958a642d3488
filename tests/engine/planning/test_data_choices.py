"""The automatic side of a tile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.contract.scene import Scene
from engine.planning.data_choices import fitting_tile_size


@pytest.mark.parametrize(
    ("sizes", "has_gpu", "maximum", "side"),
    [
        ([(128, 128)], False, 0, 128),
        ([(128, 128)], True, 0, 128),
        ([(900, 700)], False, 0, 256),
        ([(900, 700)], True, 0, 512),
        ([(900, 700)], True, 224, 224),
        ([(700, 700), (150, 900), (150, 900)], True, 0, 128),
        ([(1024, 1024)] * 4 + [(1024, 4)], True, 0, 512),
        ([(20, 900)], False, 0, 32),
    ],
)
def test_no_tile_is_larger_than_an_image(
    sizes: list[tuple[int, int]],
    has_gpu: bool,
    maximum: int,
    side: int,
    write_raster: Callable[..., str],
) -> None:
    paths = (
        write_raster(f"{n}.tif", np.ones((1, *size), np.uint8)) for n, size in enumerate(sizes)
    )
    scenes = [Scene(path) for path in paths]
    smallest = min(min(size) for size in sizes)
    assert fitting_tile_size(scenes, has_gpu, maximum) == (side, smallest)
