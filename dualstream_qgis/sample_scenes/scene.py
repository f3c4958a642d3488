"""A sample scene: a site of given size, place, wind and number of plumes, computed as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .land import Field, generate_land
from .plumes import (
    Source,
    add_haze,
    air_quality,
    blurred,
    opacity,
    paint_site,
    place_sources,
    plume,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Air pixels per image pixel while the pollution is computed; it is then warped to its own grid.
AIR_SCALE = 0.25
#: A pixel belongs to a plume from this opacity on.
VISIBLE = 0.16


@dataclass(frozen=True)
class SampleSpec:
    """Describes one sample scene.

    Attributes:
        name: Name of the scene's folder.
        seed: Seed of the random number generator.
        shape: Rows and columns of the image.
        west: Easting of the left edge, m.
        north: Northing of the upper edge, m.
        wind: Unit vector of the wind: components down and right.
        plumes: Number of sources; every second one emits smoke, the others mist.
    """

    name: str
    seed: int
    shape: tuple[int, int]
    west: float
    north: float
    wind: tuple[float, float]
    plumes: int


#: The two sites lie side by side, so that one view of the map shows both.
TRAINING = SampleSpec("training", 11, (1152, 1152), 318_000.0, 5_574_000.0, (0.42, 0.91), 20)
UNSEEN = SampleSpec("unseen", 5, (768, 1024), 331_000.0, 5_572_000.0, (-0.34, 0.94), 8)


@dataclass(frozen=True)
class SampleScene:
    """One sample scene in memory.

    Attributes:
        spec: The description it was generated from.
        image: Reflectance x 10000 (4, H, W).
        pollution: Air pollution (48, H, W) on the image's grid, scaled by ``AIR_SCALE``.
        hidden: Opacity of smoke and of mist (2, H, W).
    """

    spec: SampleSpec
    image: NDArray[np.uint16]
    pollution: NDArray[np.float32]
    hidden: Field

    @property
    def classes(self) -> NDArray[np.uint8]:
        """The ground truth (H, W): 0 clear, 1 smoke, 2 mist."""
        smooth = np.array([blurred(hidden, 4) for hidden in self.hidden])
        thicker = 1 + np.argmax(smooth, axis=0)
        return np.where(smooth.max(axis=0) > VISIBLE, thicker, 0).astype(np.uint8)


def generate_scene(spec: SampleSpec) -> SampleScene:
    """Generates a scene; equal specs give equal scenes."""
    rng = np.random.default_rng(spec.seed)
    ground, town = generate_land(rng, spec.shape)
    sources = place_sources(rng, spec.shape, spec.wind, spec.plumes)
    for source in sources:
        paint_site(ground, source)
    hidden = np.array([_opacity_of(rng, spec, sources, smoke) for smoke in (True, False)])
    reflectance = add_haze(rng, ground, 1 - (1 - hidden[0]) * (1 - hidden[1]))
    step = int(1 / AIR_SCALE)
    coarse_town = town.reshape(spec.shape[0] // step, step, -1, step).mean(axis=(1, 3))
    pollution = air_quality(rng, sources, spec.wind, coarse_town, AIR_SCALE)
    image = np.round(reflectance * 10_000).astype(np.uint16).transpose(2, 0, 1)
    return SampleScene(spec, np.ascontiguousarray(image), pollution, hidden)


def _opacity_of(
    rng: np.random.Generator, spec: SampleSpec, sources: list[Source], smoke: bool
) -> Field:
    """Returns the opacity (H, W) of all plumes of smoke, or of all plumes of mist."""
    plumes = [plume(source, spec.wind, spec.shape) for source in sources if source.smoke == smoke]
    return opacity(rng, np.sum(plumes, axis=0))
