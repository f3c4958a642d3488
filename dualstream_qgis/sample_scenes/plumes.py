"""The plumes of the sample scenes: smoke and mist, and the air pollution that distinguishes them.

The same code draws both from the same distribution, so the image shows where a plume is, and never
which of the two it is. Smoke pollutes the air and mist does not. The pollution is known on a grid
about ten times coarser, and towns pollute the air too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .land import Field, fractal, paint, soft

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Reflectance of thick haze: blue, green, red, near infrared.
HAZE = (0.335, 0.325, 0.320, 0.320)
HOURS = 8
#: Number of Gaussian puffs in a plume.
PUFFS = 130
#: Width of the pollution over the width of the visible smoke.
SPREAD = 2.1
#: For each pollutant: background, increase per thickness of smoke, increase in a town, noise (umol/m2; PM25 in
#: ug/m3; AER_AI without a unit).
POLLUTANTS = {
    "NO2": (38.0, 95.0, 42.0, 3.0),
    "SO2": (12.0, 120.0, 6.0, 5.0),
    "CO": (32_000.0, 9_000.0, 3_000.0, 500.0),
    "O3": (140_000.0, -9_000.0, -4_000.0, 900.0),
    "PM25": (11.0, 60.0, 9.0, 2.0),
    "AER_AI": (-0.4, 1.9, 0.15, 0.12),
}


@dataclass(frozen=True)
class Source:
    """A chimney that emits smoke, or a cooling tower that emits mist.

    Attributes:
        row: Position, px from the top.
        col: Position, px from the left.
        smoke: Whether it emits smoke, which pollutes.
        strength: Relative emission, about 1.
        reach: Length of the visible plume, px.
        seed: Seed of the plume's shape.
    """

    row: float
    col: float
    smoke: bool
    strength: float
    reach: float
    seed: int


def place_sources(
    rng: np.random.Generator, shape: tuple[int, int], wind: tuple[float, float], count: int
) -> list[Source]:
    """Draws sources apart from each other, so far upwind that most of each plume is inside the scene."""
    found: list[Source] = []
    middle = np.array(shape) / 2 - 80 * np.array(wind)
    apart = 0.85 * float(np.sqrt(shape[0] * shape[1] / count))
    while len(found) < count:
        row, col = middle + rng.uniform(-0.5, 0.5, 2) * (np.array(shape) - 150)
        if all(np.hypot(row - s.row, col - s.col) > apart for s in found):
            smoke = len(found) % 2 == 0
            strength, reach = rng.uniform(0.75, 1.35), rng.uniform(190, 360)
            found.append(Source(row, col, smoke, strength, reach, int(rng.integers(1 << 30))))
        apart *= 0.999
    return found


def plume(
    source: Source,
    wind: tuple[float, float],
    shape: tuple[int, int],
    scale: float = 1.0,
    spread: float = 1.0,
) -> Field:
    """Returns the optical thickness (H, W) of one plume: puffs that drift downwind, meander and grow.

    Args:
        source: The source of the plume.
        wind: Unit vector of the wind: components down and right.
        shape: Rows and columns of the result.
        scale: Pixels of the result per image pixel, 1 or less.
        spread: Factor on the plume's width; its total mass stays the same.
    """
    rng = np.random.default_rng(source.seed)
    wander = np.cumsum(fractal(rng, (4 * PUFFS,), 2.6, 160)[:PUFFS])
    bursts = np.clip(1 + 0.5 * fractal(rng, (4 * PUFFS,), 1.8, 50)[:PUFFS], 0.15, None)
    thickness = np.zeros(shape)
    for index in range(PUFFS):
        age = source.reach * (index + 0.5) / PUFFS
        aside = 0.9 * (age / source.reach) * wander[index]
        row = (source.row + wind[0] * age - wind[1] * aside) * scale
        col = (source.col + wind[1] * age + wind[0] * aside) * scale
        width = spread * (2.0 + 0.20 * age**0.83)
        fade = np.clip(1.6 * (1 - index / PUFFS), 0, 1)
        mass = 0.8 * source.strength * bursts[index] * fade * spread / width**0.85
        _add_puff(thickness, row, col, width * scale, mass)
    return thickness


def _add_puff(thickness: Field, row: float, col: float, sigma: float, mass: float) -> None:
    size = 3.2 * sigma + 1
    top, left = max(0, int(row - size)), max(0, int(col - size))
    box = np.s_[top : max(top, int(row + size) + 1), left : max(left, int(col + size) + 1)]
    height, width = thickness[box].shape
    down, right = np.arange(top, top + height) - row, np.arange(left, left + width) - col
    thickness[box] += mass * np.exp(-(down[:, None] ** 2 + right**2) / (2 * sigma**2))


def opacity(rng: np.random.Generator, thickness: Field) -> Field:
    """Returns the opacity (H, W), 0 to 0.9, of a thickness (H, W), with turbulence added."""
    billows = np.exp(0.42 * fractal(rng, thickness.shape, 2.9, 50))
    return 0.9 * (1 - np.exp(-np.clip(thickness * billows - 0.05, 0, None)))


def add_haze(rng: np.random.Generator, ground: Field, hidden: Field) -> Field:
    """Returns what a satellite sees: haze over the ground, the haze's shadow, and a thin atmosphere.

    Args:
        rng: The random number generator.
        ground: Reflectance of the ground (H, W, 4).
        hidden: Opacity of all plumes (H, W).

    Returns:
        Reflectance (H, W, 4).
    """
    shadow = np.roll(hidden, (-9, 7), axis=(0, 1))
    scene = ground * (1 - 0.5 * shadow)[..., None]
    light = 0.94 + 0.05 * fractal(rng, hidden.shape, 2.6, 50) + 0.16 * (hidden - 0.5)
    paint(scene, hidden, np.asarray(HAZE) * light[..., None])
    scene += np.array([0.012, 0.007, 0.004, 0.002])
    scene = blurred(scene, 1)
    return np.clip(scene + rng.normal(0, 0.0025, scene.shape), 0.0001, 1)


def blurred(values: Field, times: int) -> Field:
    """Smooths ``values`` by a 1-2-1 filter along rows and columns, ``times`` times."""
    for axis in (0, 1) * times:
        before, after = np.roll(values, 1, axis), np.roll(values, -1, axis)
        before[(slice(None),) * axis + (0,)] = values[(slice(None),) * axis + (0,)]
        after[(slice(None),) * axis + (-1,)] = values[(slice(None),) * axis + (-1,)]
        values = 0.5 * values + 0.25 * (before + after)
    return values


def paint_site(ground: Field, source: Source) -> None:
    """Paints the buildings and the yard at a source; both kinds of sources look the same."""
    rng = np.random.default_rng(source.seed)
    top, left = max(0, int(source.row) - 14), max(0, int(source.col) - 14)
    box = ground[top : top + 28, left : left + 28]
    rows, cols = np.indices(box.shape[:2]) + np.array([top, left])[:, None, None]
    yard = np.maximum(np.abs(rows - source.row), np.abs(cols - source.col))
    paint(box, 0.8 * soft(8.0 - yard), (0.11, 0.115, 0.12, 0.15))
    for _ in range(6):
        row, col = source.row + rng.uniform(-6, 6), source.col + rng.uniform(-6, 6)
        hall = np.maximum(np.abs(rows - row) / rng.uniform(1, 3), np.abs(cols - col) / 2.0)
        paint(box, soft(1.0 - hall, 0.5), rng.uniform(0.18, 0.32) * np.ones(4))


def air_quality(
    rng: np.random.Generator,
    sources: list[Source],
    wind: tuple[float, float],
    town: Field,
    scale: float,
) -> NDArray[np.float32]:
    """Returns the air pollution (pollutants x hours, H, W); the image was taken in the last hour.

    Args:
        rng: The random number generator.
        sources: All sources; only smoke sources pollute.
        wind: The wind of the last hour; its direction changes from hour to hour.
        town: Share of built-up area (H, W) on the grid of the result.
        scale: Pixels of that grid per image pixel.
    """
    town = blurred(town, 6)
    smoke = np.zeros((HOURS, *town.shape))
    for hour in range(HOURS):
        turn = np.deg2rad(7.0 * (HOURS - 1 - hour))
        cosine, sine = np.cos(turn), np.sin(turn)
        now = (wind[0] * cosine - wind[1] * sine, wind[0] * sine + wind[1] * cosine)
        for source in sources:
            if source.smoke:
                smoke[hour] += plume(source, now, town.shape, scale, SPREAD)
    bands = []
    for background, per_smoke, per_town, noise in POLLUTANTS.values():
        for hour in range(HOURS):
            drift = noise * fractal(rng, town.shape, 3.0, 120)
            bands.append(background + per_smoke * smoke[hour] + per_town * town + drift)
    return np.array(bands, dtype=np.float32)
