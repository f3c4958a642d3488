"""Does memory grow with the scene? Peak memory of segmenting a 10000 x 10000 and a 20000 x 20000 px image.

    python -m benchmarks.memory [--sides 10000 20000] [--tile 256] [--runs 3]

Four bands of uint16, as a tiled GeoTIFF. The network is one convolution, so that minutes suffice and the
peak is that of reading, blending and writing alone, not of activations, which depend on the tile only.
Each run is a process of its own; the peak is the most that process ever held in memory (RSS), the median
of the runs counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.windows import Window

ROOT = Path(__file__).resolve().parents[1]
BLOCK = 512


def main() -> None:
    """Measures every side and prints the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[10_000, 20_000])
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        return _segment_one(Path(options.one), options.tile)
    peaks = [_measured(side, options.tile, options.runs) for side in options.sides]
    print(f"Peak of the largest over the smallest scene: {peaks[-1] / peaks[0]:.3f}")
    return None


def _measured(side: int, tile: int, runs: int) -> float:
    """Median over the runs of the peak memory of one scene, in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "scene.tif"
        _write_scene(image, side)
        command = [
            sys.executable,
            "-m",
            "benchmarks.memory",
            "--one",
            str(image),
            "--tile",
            str(tile),
        ]
        environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
        found = [_run(command, environment) for _ in range(runs)]
    peaks, seconds = (sorted(run[name] for run in found) for name in ("peak", "seconds"))
    print(
        f"{side} x {side} px, tile {tile} px: peak {', '.join(f'{p:.0f}' for p in peaks)} MiB, "
        f"{side * side / 1e6 / statistics.median(seconds):.1f} Mpx/s",
        flush=True,
    )
    return statistics.median(peaks)


def _run(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def _write_scene(path: Path, side: int) -> None:
    noise = np.random.default_rng(0).integers(1, 4000, (4, BLOCK, BLOCK + side), dtype=np.uint16)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=side,
        width=side,
        count=4,
        dtype="uint16",
        tiled=True,
        blockxsize=BLOCK,
        blockysize=BLOCK,
        nodata=0,
        bigtiff="yes",
        crs="EPSG:32645",
        transform=Affine(10, 0, 500_000, 0, -10, 3_050_000),
    ) as file:
        for row in range(0, side, BLOCK):
            height, shift = min(BLOCK, side - row), row % BLOCK + row // BLOCK
            rows = noise[:, :height, shift : shift + side]
            file.write(rows, window=Window(0, row, side, height))


def _segment_one(image: Path, tile: int) -> None:
    import resource

    import torch

    from engine import segment as verb
    from engine.classes import class_table
    from engine.config import SegmentJob
    from engine.model_file import AuxiliaryCard, Card, ImageCard

    class OneConvolution(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(4, 1, 3, padding=1)

        def forward(
            self, pixels: torch.Tensor, air: torch.Tensor | None
        ) -> dict[str, torch.Tensor]:
            return {"logits": self.layer(pixels / 2000 - 1)}

    classes = class_table({0: "land", 1: "water"})
    card = Card("one convolution", "", 1, tile, ImageCard(4), AuxiliaryCard(), classes)
    verb.load_model = lambda path: (OneConvolution().eval(), card)  # type: ignore[assignment]
    verb.file_hash = lambda path: ""  # type: ignore[assignment]
    output = image.with_name("mask.tif")
    start = time.monotonic()
    verb.segment(SegmentJob(("model",), str(image), output=str(output)), lambda event: None)
    seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak": peak, "seconds": seconds}))


if __name__ == "__main__":
    main()
