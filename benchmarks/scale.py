"""Measures many scenes on a local Ray pool: speed, the cost of killed workers, and whether the masks are equal.

    python -m benchmarks.scale [--scenes 200] [--workers 2] [--cores 1]

It runs ``segment-folder`` from a shell on synthetic scenes of 512 x 512 px with a small network:

1. in one process with as many threads as a worker has: all other masks must equal these, byte for byte;
2. in one process with as many threads as all workers together;
3. on a pool;
4. on a pool of which two workers are killed, after a third and after two thirds of the masks;
5. the last once more, when nothing is left to do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil
import rasterio

from engine.contract.errors import format_count

from .locations import ROOT
from .segment.cases import Model
from .segment.models import write_model
from .segment.scenes import make_scene, rgb, write

SIDE = 512

#: Side of the synthetic scene that all scenes are windows of, px; its seed.
_LAND, _SEED = 2048, 11

_MODEL = Model(
    "small",
    "LinkNet with MobileNetV3",
    "smp:Linknet:timm-mobilenetv3_small_minimal_100",
    steps=60,
)

#: Ray's name of a worker process that computes.
_WORKER = "ray::Actor"


def make_scenes(folder: Path, count: int) -> None:
    """Writes scenes on one grid, so that they have a mosaic."""
    image = rgb(make_scene(_LAND, _SEED)[0])
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(count):
        row, col = rng.integers(0, _LAND - SIDE, 2)
        pixels = image[:, row : row + SIDE, col : col + SIDE]
        write(folder / f"scene-{number:04}.tif", pixels, 10.0, compress="deflate")


def run(
    work: Path, name: str, threads: int, options: Sequence[str] = (), kills: Sequence[int] = ()
) -> float:
    """Segments all scenes into a folder of the run's name.

    Args:
        work: The folder of scenes and model.
        name: Name of the run.
        threads: Number of threads, if no pool computes.
        options: Further options of ``segment-folder``.
        kills: A worker is killed whenever so many masks are finished.

    Returns:
        Seconds from start to end.
    """
    command = [sys.executable, "-m", "engine", "segment-folder"]
    command += ["--model", str(work / "model.safetensors"), "--scenes", str(work / "scenes")]
    command += ["--output_folder", str(work / name), "--runtime", "torch", "--batch_size", "1"]
    settings = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
    start = time.monotonic()
    with (work / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=settings, stdout=log, stderr=log
        )
        for masks in kills:
            _kill_one(process, lambda masks=masks: len(read_masks(work / name)) >= masks)  # type: ignore[misc]
        if process.wait():
            raise SystemExit((work / f"{name}.log").read_text()[-2000:])
    return time.monotonic() - start


def _kill_one(process: subprocess.Popen[bytes], is_time: Callable[[], bool]) -> None:
    """Kills one worker while it computes, as soon as ``is_time`` says so."""
    while process.poll() is None:
        workers = [
            child
            for child in psutil.Process(process.pid).children(recursive=True)
            if _title(child).startswith(f"{_WORKER}.run")
        ]
        if is_time() and workers:
            print(f"  killing {_title(workers[0])}, process {workers[0].pid}", flush=True)
            workers[0].kill()
            return
        time.sleep(0.05)
    raise SystemExit("The run has ended before a worker could be killed.")


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


def read_masks(folder: Path) -> dict[str, Path]:
    """Returns the masks of a run by file name."""
    return {path.name: path for path in sorted(folder.glob("scene-*.tif"))}


def differences(folder: Path, reference: Path) -> tuple[int, int]:
    """Returns how many masks are missing or differ from the reference's, and how many pixels differ."""
    masks, pixels = 0, 0
    for name, path in read_masks(reference).items():
        if not (folder / name).is_file():
            masks += 1
            continue
        with rasterio.open(path) as one, rasterio.open(folder / name) as other:
            differing = int((one.read() != other.read()).sum())
        masks, pixels = masks + (differing > 0), pixels + differing
    return masks, pixels


def main() -> None:
    """Measures, prints a table, and fails if a mask of the pool differs from that of one process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cores", type=int, default=1)
    options = parser.parse_args()
    pool = ["--on", "ray", "--workers", str(options.workers), "--cores", str(options.cores)]
    third, both = options.scenes // 3, options.workers * options.cores
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        write_model(_MODEL, work / "model.safetensors")
        make_scenes(work / "scenes", options.scenes)
        seconds = {
            f"one process, {format_count(options.cores, '{} thread', '{} threads')}": run(
                work, "one", options.cores
            ),
            f"one process, {format_count(both, '{} thread', '{} threads')}": run(
                work, "both", both
            ),
            f"pool of {options.workers} x {options.cores}": run(work, "pool", options.cores, pool),
            "the same, two workers killed": run(
                work, "killed", options.cores, pool, (third, 2 * third)
            ),
            "the same once more": run(work, "killed", options.cores, pool),
        }
        rows = zip(("one", "both", "pool", "killed", "killed"), seconds.items(), strict=True)
        print(f"\n{options.scenes} scenes of {SIDE} x {SIDE} px, {_MODEL.title}")
        for folder, (what, taken) in rows:
            masks, pixels = differences(work / folder, work / "one")
            print(
                f"{what:32} {taken:7.1f} s   {masks} masks and {pixels} pixels unlike the first's"
            )
        one, on_pool = list(seconds.values())[1:3]
        print(f"The pool is {one / on_pool:.2f} times as fast as one process on as many cores.")
        wrong = [differences(work / folder, work / "one")[0] for folder in ("pool", "killed")]
    if any(wrong):
        raise SystemExit("Masks of the pool differ from those of one process.")


if __name__ == "__main__":
    main()
