"""Makes synthetic scenes, the same every time, about as hard to compress as satellite images.

    python -m benchmarks.segment.scenes FOLDER SIDE

Hills and moisture (noise with a power-law spectrum) define four land cover classes; each has its colours, texture
and noise. The coarse stack shows mixtures of hills and moisture.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window

from .cases import AIR_BANDS, COARSE, RASTERS

#: Reflectance x 10000 in red, green, blue and near infrared: water, forest, bare soil, fields.
COLOURS = np.array(
    [[350, 500, 600, 200], [350, 600, 400, 2800], [2200, 1800, 1500, 2700], [900, 1000, 700, 3200]],
    np.float32,
)
_NOISE, _TEXTURE = 45.0, 0.12
_BLOCK, _PIXEL = 512, 10.0
_LEFT, _TOP, _CRS = 500_000.0, 3_050_000.0, "EPSG:32645"

#: Side of the scene that large scenes are mirrored from, and of their coarse stack. The stack has the same size
#: for all scenes because the engine keeps it in memory; only the image differs between two sizes.
SEED_SIDE, _LARGE_AIR = 2048, 256

Floats = NDArray[np.float32]


def fractal(side: int, seed: int, length: float, slope: float = 2.6) -> Floats:
    """Returns noise (side, side) of mean 0 and standard deviation 1, with features up to ``length`` px.

    It filters in the frequency domain; lattice noise has columns that differ from others, as seams do.
    """
    white = np.random.default_rng(seed).standard_normal((side, side), np.float32)
    squared = np.fft.fftfreq(side)[:, np.newaxis] ** 2 + np.fft.rfftfreq(side) ** 2
    weights = ((squared + length**-2) ** (-slope / 2)).astype(np.float32)
    waves = np.fft.irfft2(np.fft.rfft2(white) * weights, (side, side)).astype(np.float32)
    found: Floats = (waves - waves.mean()) / waves.std()
    return found


def make_scene(
    side: int, seed: int
) -> tuple[NDArray[np.uint16], NDArray[np.uint8], NDArray[np.uint16]]:
    """Returns image (4, side, side), land cover (side, side) and coarse stack (48, side / 8, side / 8)."""
    hills, moisture = (fractal(side, seed + index, 80.0) for index in range(2))
    land = np.select([hills < -0.7, moisture > 0.5, hills > 0.6], [0, 1, 2], 3).astype(np.uint8)
    rng = np.random.default_rng(seed + 2)
    image = np.empty((4, side, side), np.uint16)
    for band in range(4):
        value = COLOURS[land, band] * (1 + _TEXTURE * fractal(side, seed + 3 + band, 6.0))
        value += rng.normal(scale=_NOISE, size=value.shape).astype(np.float32)
        image[band] = value.clip(1, 10_000)
    cells = [_cell_means(field) for field in (hills, moisture)]
    angles = np.linspace(0, np.pi, AIR_BANDS)
    air = np.stack([np.cos(a) * cells[0] + np.sin(a) * cells[1] for a in angles])
    air += rng.normal(scale=0.1, size=air.shape)
    return image, land, (1000 + 150 * air).clip(1, 4000).astype(np.uint16)


def rgb(image: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Returns the first three bands in 8 bits."""
    return (image[:3] // 12).clip(1, 255).astype(np.uint8)


def _cell_means(field: Floats) -> Floats:
    side = len(field) // COARSE
    cells: Floats = field.reshape(side, COARSE, side, COARSE).mean(axis=(1, 3))
    return cells


def write_all(folder: Path, side: int, seed: int = 7) -> None:
    """Writes every raster of one side into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    image, land, air = make_scene(side, seed)
    tiled = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK, "compress": "deflate"}
    for name in RASTERS:
        pixels = image if name.startswith("uint16") else rgb(image)
        write(folder / f"{name}.tif", pixels, _PIXEL, **tiled)
    write(folder / "air.tif", air, _PIXEL * COARSE, **tiled)
    write(folder / "land.tif", land[np.newaxis], _PIXEL, **tiled)
    _write_stacked(folder / "stacked-uint16-tiled.tif", image, air, tiled)


def write(path: Path, pixels: NDArray[Any], metres: float, **options: Any) -> None:
    """Writes pixels (C, H, W), each ``metres`` wide, as a GeoTIFF."""
    shape = {"height": pixels.shape[1], "width": pixels.shape[2]}
    profile = _profile(len(pixels), pixels.dtype, metres) | shape
    with rasterio.open(path, "w", **profile, **options) as file:
        file.write(pixels)


def _profile(bands: int, dtype: Any, metres: float) -> dict[str, Any]:
    place = Affine(metres, 0, _LEFT, 0, -metres, _TOP)
    return {"driver": "GTiff", "count": bands, "dtype": dtype, "crs": _CRS, "transform": place}


def _write_stacked(
    path: Path, image: NDArray[np.uint16], air: NDArray[np.uint16], options: dict[str, Any]
) -> None:
    """Writes image and coarse stack into one raster, in rows of blocks because the whole takes gigabytes."""
    side = image.shape[1]
    profile = _profile(len(image) + len(air), "uint16", _PIXEL) | {"height": side, "width": side}
    with rasterio.open(path, "w", **profile, **options, interleave="band") as file:
        for row in range(0, side, _BLOCK):
            rows = image[:, row : row + _BLOCK]
            coarse = air[:, row // COARSE : (row + _BLOCK) // COARSE]
            wide = coarse.repeat(COARSE, axis=1).repeat(COARSE, axis=2)
            window = Window(0, row, side, rows.shape[1])
            file.write(np.concatenate([rows, wide]), window=window)


def write_large(folder: Path, side: int) -> None:
    """Writes a tiled 16-bit image, which need not fit into memory, and its coarse stack."""
    folder.mkdir(parents=True, exist_ok=True)
    image, _, air = make_scene(SEED_SIDE, 7)
    profile = _profile(4, "uint16", _PIXEL) | {"height": side, "width": side, "bigtiff": "yes"}
    options = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK, "compress": "deflate"}
    cols = mirrored(np.arange(side), SEED_SIDE)
    with rasterio.open(folder / "uint16-tiled.tif", "w", **profile, **options) as file:
        for row in range(0, side, _BLOCK):
            rows = mirrored(np.arange(row, min(row + _BLOCK, side)), SEED_SIDE)
            window = Window(0, row, side, len(rows))
            file.write(image[:, rows][:, :, cols], window=window)
    coarse = air[:, :_LARGE_AIR, :_LARGE_AIR]
    write(folder / "air.tif", coarse, _PIXEL * side / _LARGE_AIR, compress="deflate")


def mirrored(positions: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Maps positions on an endless line to positions on a side of ``length`` px, mirrored at its ends."""
    turned = positions % (2 * length)
    return np.minimum(turned, 2 * length - 1 - turned)


def main() -> None:
    """Writes what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("side", type=int, help="a multiple of 512")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    write_all(options.folder, options.side, options.seed)


if __name__ == "__main__":
    main()
