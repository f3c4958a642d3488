"""The land of the sample scenes: synthetic hills, woods, fields, a river, a town and roads.

All values are reflectance from 0 to 1 in the band order blue, green, red, near infrared, on a grid of
10 m pixels. The code is pure numpy and draws from a seeded generator: equal seeds give equal land.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # the oldest QGIS has a numpy without NDArray
    from numpy.typing import ArrayLike, NDArray

#: Floating-point numbers (H, W) or (H, W, C).
Field = np.ndarray

FOREST = (0.022, 0.042, 0.028, 0.29)
MEADOW = (0.040, 0.078, 0.055, 0.36)
WATER = (0.055, 0.060, 0.042, 0.020)
ROAD = (0.120, 0.130, 0.140, 0.180)
#: Reflectance of crops and soils, from dense vegetation to bare soil; in early summer most fields are green.
CROPS = np.array(
    [
        (0.035, 0.070, 0.042, 0.43),
        (0.042, 0.082, 0.055, 0.38),
        (0.050, 0.090, 0.070, 0.33),
        (0.046, 0.105, 0.080, 0.36),
        (0.062, 0.110, 0.120, 0.29),
        (0.075, 0.120, 0.150, 0.26),
        (0.085, 0.115, 0.150, 0.21),
        (0.062, 0.082, 0.105, 0.15),
        (0.060, 0.140, 0.150, 0.38),
    ]
)
CROP_SHARES = np.array([0.17, 0.17, 0.14, 0.10, 0.12, 0.10, 0.08, 0.07, 0.05])
ROOFS = np.array(
    [
        (0.085, 0.095, 0.150, 0.20),
        (0.130, 0.140, 0.150, 0.18),
        (0.190, 0.195, 0.200, 0.22),
        (0.290, 0.290, 0.285, 0.30),
        (0.035, 0.062, 0.045, 0.28),
        (0.045, 0.075, 0.060, 0.30),
    ]
)
ROOF_SHARES = np.array([0.24, 0.20, 0.10, 0.04, 0.24, 0.18])


def fractal(
    rng: np.random.Generator, shape: tuple[int, ...], slope: float, max_length: float
) -> Field:
    """Returns noise with a power-law spectrum, mean 0 and standard deviation 1.

    Args:
        rng: The random number generator.
        shape: Length of every axis.
        slope: Exponent with which the power falls with the frequency: 1 is rough, 4 is smooth.
        max_length: The longest wavelength, px.
    """
    axes = [np.fft.fftfreq(side) for side in shape]
    frequency = np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij")))
    gain = np.maximum(frequency, 1 / max_length) ** (-slope / 2)
    gain.flat[0] = 0
    noise = np.fft.ifftn(np.fft.fftn(rng.standard_normal(shape)) * gain).real
    return np.asarray(noise / noise.std())


def paint(ground: Field, where: Field, colour: ArrayLike) -> None:
    """Blends ``colour`` into ``ground`` in place.

    Args:
        ground: Reflectance (H, W, 4).
        where: The share of ``colour`` in each pixel (H, W), 0 to 1.
        colour: Reflectance of four bands, or of every pixel (H, W, 4).
    """
    ground += where[..., None] * (np.asarray(colour) - ground)


def soft(values: Field, width: float = 1.0) -> Field:
    """Returns 0 below zero and 1 above, with a linear ramp of ``width`` between: an anti-aliased edge."""
    return np.clip(values / width + 0.5, 0, 1)


def generate_land(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Field, Field]:
    """Generates the ground without smoke or mist.

    Returns:
        Reflectance (H, W, 4), and the share of built-up area in each pixel (H, W).
    """
    rows, cols = np.meshgrid(*(np.arange(side, dtype=float) for side in shape), indexing="ij")
    height = fractal(rng, shape, 3.4, 500)
    ground = _fields(rng, rows, cols)
    woods = height + 0.35 * fractal(rng, shape, 2.2, 120) - 0.75
    paint(ground, soft(woods, 0.08), _textured(rng, shape, FOREST, 0.22))
    river, bank = _river(rng, rows, cols)
    paint(ground, 0.75 * bank, _textured(rng, shape, MEADOW, 0.15))
    paint(ground, soft(bank + 0.5 * fractal(rng, shape, 2.0, 60) - 1.35, 0.2), FOREST)
    centre = (rng.uniform(0.3, 0.7) * shape[0], rng.uniform(0.35, 0.65) * shape[1])
    town = _town(rng, rows, cols, ground, centre)
    for target in [(0, rng.uniform(0, shape[1])), (shape[0], rng.uniform(0, shape[1])),
                   (rng.uniform(0, shape[0]), 0), (rng.uniform(0, shape[0]), shape[1])]:  # fmt: skip
        paint(ground, 0.8 * soft(1.0 - _road(rng, rows, cols, centre, target)), ROAD)
    paint(ground, river, _textured(rng, shape, WATER, 0.08))
    hills = fractal(rng, shape, 4.4, 400) + 0.3 * height
    ground *= (1 + _hillshade(hills) * (1 - river))[..., None]
    return ground, town


def _textured(
    rng: np.random.Generator, shape: tuple[int, int], colour: ArrayLike, amount: float
) -> Field:
    noise = fractal(rng, shape, 1.4, 30)
    return np.asarray(colour) * (1 + amount * np.clip(noise, -2, 2))[..., None]


def _hillshade(height: Field) -> Field:
    down, right = np.gradient(height)
    shade: Field = np.clip(2.6 * (down + right), -0.25, 0.2)
    return shade


def _nearest(rows: Field, cols: Field, points: Field) -> NDArray[np.intp]:
    """Returns the index of the nearest point for every pixel (H, W)."""
    best, index = np.full(rows.shape, np.inf), np.zeros(rows.shape, np.intp)
    for number, (row, col) in enumerate(points):
        distance = (rows - row) ** 2 + (cols - col) ** 2
        closer = distance < best
        best[closer], index[closer] = distance[closer], number
    return index


def _fields(rng: np.random.Generator, rows: Field, cols: Field) -> Field:
    """Returns the reflectance (H, W, 4) of long parcels side by side; every district has its own direction."""
    shape = rows.shape
    bend = [6 * fractal(rng, shape, 4.2, 300) for _ in range(2)]
    count = max(6, rows.size // 60_000)
    district = _nearest(
        rows + 6 * bend[0], cols + 6 * bend[1], rng.uniform(0, 1, (count, 2)) * shape
    )
    angle = rng.uniform(0, np.pi, count)[district]
    along = (rows + bend[0]) * np.sin(angle) + (cols + bend[1]) * np.cos(angle)
    across = (cols + bend[1]) * np.sin(angle) - (rows + bend[0]) * np.cos(angle)
    length, width = rng.uniform(34, 60, count)[district], rng.uniform(9, 24, count)[district]
    column = np.floor(along / length).astype(int)
    shift = rng.uniform(0, 1, 997)[(column * 31 + district * 57) % 997]
    row = np.floor(across / width + shift).astype(int)
    parcel = (column * 7919 + row * 104729 + district * 611953) % 4093
    crop = rng.choice(len(CROPS), 4093, p=CROP_SHARES)[parcel]
    tone = rng.uniform(0.82, 1.2, 4093)[parcel] + 0.06 * fractal(rng, shape, 2.0, 80)
    drills = 0.035 * np.sin(across * rng.uniform(1.2, 2.2, 4093)[parcel])
    ground: Field = CROPS[crop] * (tone + drills)[..., None]
    edge = np.minimum(
        np.abs((along / length) % 1 - 0.5) * -length + length / 2,
        np.abs((across / width + shift) % 1 - 0.5) * -width + width / 2,
    )
    hedge = (edge < 0.7) * (rng.uniform(0, 1, 4093)[parcel] < 0.6)
    paint(ground, 0.45 * hedge, FOREST)
    return ground


def _river(rng: np.random.Generator, rows: Field, cols: Field) -> tuple[Field, Field]:
    """Returns the share of water (H, W), and a number (H, W) that falls from 1 at the bank to 0 at 400 m."""
    height, width = rows.shape
    across = np.arange(width)
    tiling_progress = height * rng.uniform(0.35, 0.65) + rng.choice(
        [-1, 1]
    ) * 0.22 * height * np.cos(np.pi * across / width)
    wander = fractal(rng, (4 * width,), 4.0, 260)[:width]
    tiling_progress = tiling_progress + 32 * wander
    slant = np.hypot(1, np.gradient(tiling_progress))
    half = 4.5 + 1.2 * fractal(rng, (4 * width,), 2.5, 150)[:width]
    distance = np.abs(rows - tiling_progress) / slant - np.maximum(half, 2.5)
    return soft(-distance, 1.5), np.clip(1 - distance / 40, 0, 1)


def _town(
    rng: np.random.Generator, rows: Field, cols: Field, ground: Field, centre: tuple[float, float]
) -> Field:
    """Paints houses, streets and gardens around ``centre``; returns their share in each pixel (H, W)."""
    shape = rows.shape
    down, right = rows - centre[0], cols - centre[1]
    reach = 0.10 * min(shape)
    density = np.exp(-((np.hypot(down, 0.8 * right) / reach) ** 2))
    town = soft(density + 0.16 * fractal(rng, shape, 2.4, 90) - 0.46, 0.12)
    turn = rng.uniform(0, np.pi / 2)
    u, v = down * np.cos(turn) + right * np.sin(turn), right * np.cos(turn) - down * np.sin(turn)
    u = u + 2.5 * fractal(rng, shape, 3.0, 80)
    house = (np.floor(u / 2.2).astype(int) * 92821 + np.floor(v / 2.6).astype(int) * 68917) % 5081
    roofs = ROOFS[rng.choice(len(ROOFS), 5081, p=ROOF_SHARES)[house]]
    roofs = roofs * rng.uniform(0.8, 1.2, 5081)[house][..., None]
    paint(ground, town, roofs)
    street = ((u % 13) < 1.1) | ((v % 17) < 1.1)
    paint(ground, 0.7 * town * street, ROAD)
    return town


def _road(
    rng: np.random.Generator,
    rows: Field,
    cols: Field,
    start: tuple[float, float],
    stop: tuple[float, float],
) -> Field:
    """Returns the distance (H, W) to a slightly curved road, px; infinite far from it."""
    ends = np.array([start, stop])
    middle = ends.mean(axis=0) + rng.normal(0, 0.12, 2) * np.abs(ends[1] - ends[0]).max()
    t = np.linspace(0, 1, 25)[:, None]
    points = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * middle + t**2 * ends[1]
    best = np.full(rows.shape, np.inf)
    for (r0, c0), (r1, c1) in zip(points[:-1], points[1:]):
        dr, dc = r1 - r0, c1 - c0
        top, bottom = int(min(r0, r1)) - 4, int(max(r0, r1)) + 5
        left, right = int(min(c0, c1)) - 4, int(max(c0, c1)) + 5
        box = np.s_[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        y, x = rows[box] - r0, cols[box] - c0
        share = np.clip((y * dr + x * dc) / (dr * dr + dc * dc + 1e-9), 0, 1)
        best[box] = np.minimum(best[box], np.hypot(y - share * dr, x - share * dc))
    return best
