"""Compares an imported ONNX network with its own package: the same masks, and how long both take.

    OMP_NUM_THREADS=1 python -m benchmarks.cloud_network [--package FOLDER]

The network is the one for four bands of ``ukis-csmask`` (clouds and their shadows; Apache 2.0), which must be
installed, or lie unpacked in FOLDER. It is imported with the package's own means and deviations and applied to the two
scenes of ``clouds/scenes`` (DUALSTREAM_DATA, default ../shared/data). The scenes are pictures: red, green and blue are
taken for reflectances of 2.5 times less, the near infrared for one of 0 to 1. Whether the clouds are right does not
matter here.

Three comparisons with the package's mask: (1) the package cuts and blends the tiles, our model file computes them; (2)
our ``segment`` with the package's tiles, which blends by straight ramps instead of cosines; (3) ``segment`` as it is,
whose tiles lie elsewhere. Then the CPU seconds of a scene with one thread: of the package, which loads its network for
every scene; of ``segment``, with loading and without; in brackets as multiples of the package's. Last the IoU of our
clouds with those of the scene's own classification (SCL 8, 9 and 10) and, in brackets, that of the package's.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray

from engine.commands.import_model import import_model
from engine.commands.segment import segment
from engine.compute.devices import choose_device
from engine.contract.file_jobs import ImportJob
from engine.contract.jobs import SegmentJob
from engine.runtimes.loaded_networks import get_network
from tools.locations import DATA

#: The package's tiles: side, margin around the image and step, px, at its overlap of a fifth.
TILE, MARGIN, STEP, SHARE = 256, 51, 204, 0.2
BANDS = ["blue", "green", "red", "nir"]
CLASSES = ("0=background", "1=cloud=#d55e00", "2=cloud shadow=#0072b2")


def main() -> None:
    """Prints a row for each scene."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--package", default="", help="folder with the unpacked package")
    if folder := parser.parse_args().package:
        sys.path.insert(0, folder)
    if importlib.util.find_spec("ukis_csmask") is None:
        print("Skipped: the Python package ukis-csmask is not installed here; give --package.")
        return
    package = importlib.import_module("ukis_csmask.mask")
    torch.set_num_threads(1)
    print(
        "| scene | same tiles and blending | same tiles | all ours | theirs | ours | ours, loaded | clouds as SCL |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as target:
        model = _import(Path(package.__file__).parent / "model_4b_l1c.onnx", Path(target))
        for scene in sorted((DATA / "clouds" / "scenes").iterdir()):
            print(_row(package, model, scene, Path(target)), flush=True)


def _import(weights: Path, target: Path) -> str:
    """The model file of the package's network."""
    statistics = json.loads(weights.with_suffix(".json").read_text())["data"]["dataset_statistics"]
    mean, std = statistics["img"]
    output = str(target / "clouds.safetensors")
    job = ImportJob(
        weights=str(weights),
        class_names=CLASSES,
        mean=tuple(mean),
        std=tuple(std),
        maximum=1.0,
        output=output,
    )
    import_model(job, _ignore)
    return output


def _row(package: Any, model: str, scene: Path, target: Path) -> str:
    pixels, profile = _reflectances(scene)
    image = np.ascontiguousarray(np.moveaxis(pixels, 0, -1))
    rows, cols = image.shape[:2]

    def run_package() -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = package.CSmask(
            image.copy(),
            BANDS,
            "l1c",
            intra_op_num_threads=1,
            inter_op_num_threads=1,
            providers=["CPUExecutionProvider"],
        ).csm[..., 0]
        return found

    theirs, (_, their_seconds) = _timed(run_package, 2)
    whole = _write(target / "whole.tif", pixels, profile)
    # Another file is loaded again, as the package loads its network for every scene.
    copy = str(shutil.copy(model, target / f"{scene.name}.safetensors"))
    files = iter([model, copy, copy])
    ours, (_, *seconds) = _timed(lambda: _segment(next(files), whole, target, -1), 3)
    # The part of the image, with its margins mirrored, that the package's tiles cover.
    margins = [(MARGIN, -(-(size - TILE + MARGIN) // STEP) * STEP + TILE - size - MARGIN)
               for size in (rows, cols)]  # fmt: skip
    padded = _write(target / "padded.tif", np.pad(pixels, [(0, 0), *margins], "symmetric"), profile)
    inner = slice(MARGIN, MARGIN + rows), slice(MARGIN, MARGIN + cols)
    same_tiles = _segment(model, padded, target, TILE - STEP)[inner]
    same_all = _by_their_tiles(model, image)
    shares = (np.mean(mask == theirs) for mask in (same_all, same_tiles, ours))
    cells = [f"{100 * share:.3f} %" for share in shares]
    times = [f"{value:.2f} ({value / their_seconds:.2f})" for value in seconds]
    clouds = f"{_cloud_iou(ours, scene):.2f} ({_cloud_iou(theirs, scene):.2f})"
    return f"| {scene.name} | {' | '.join([*cells, f'{their_seconds:.2f}', *times, clouds])} |"


def _cloud_iou(mask: NDArray[np.uint8], scene: Path) -> float:
    """The IoU of a mask's clouds with those of the scene classification: thick, medium, and cirrus."""
    with rasterio.open(scene / "SCL.tif") as file:
        clouds = np.isin(file.read(1), (8, 9, 10))
    found = mask == 1
    return float((found & clouds).sum() / max((found | clouds).sum(), 1))


def _by_their_tiles(model: str, image: NDArray[np.float32]) -> NDArray[np.int64]:
    """The mask by our model file, with the package's functions for tiles."""
    tools = importlib.import_module("ukis_csmask.utils")
    device = choose_device("cpu", "fp32")
    network = get_network(model, device, "onnxruntime", 1, 0, False, _ignore)
    tiles = np.moveaxis(tools.tile_array(image, TILE, TILE, SHARE), -1, 1)
    found = [np.asarray(network(tile[None].copy()))[0] for tile in tiles]
    shape = (*image.shape[:2], len(CLASSES))
    blended = tools.untile_array(np.moveaxis(np.stack(found), 1, -1), shape, SHARE, True)
    mask: NDArray[np.int64] = blended.argmax(axis=2)
    return mask


def _segment(model: str, image: str, target: Path, overlap: int) -> NDArray[np.uint8]:
    output = target / "mask.tif"
    output.unlink(missing_ok=True)
    job = SegmentJob(
        model=(model,), image=image, output=str(output), overlap=overlap, match_resolution=False
    )
    segment(job, _ignore)
    with rasterio.open(output) as file:
        mask: NDArray[np.uint8] = file.read(1)
    return mask


def _reflectances(scene: Path) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Blue, green, red and near infrared (4, H, W) of a scene, about from 0 to 1."""
    with rasterio.open(scene / "RGB.tif") as file:
        rgb, profile = file.read().astype(np.float32) / (255 * 2.5), dict(file.profile)
    with rasterio.open(scene / "B08.tif") as file:
        infrared = file.read(1).astype(np.float32) / 65535
    kept = {name: profile[name] for name in ("crs", "transform")}
    return np.stack([*rgb[::-1], infrared]), kept


def _write(path: Path, pixels: NDArray[np.float32], profile: dict[str, Any]) -> str:
    count, height, width = pixels.shape
    size = {"count": count, "height": height, "width": width}
    with rasterio.open(path, "w", driver="GTiff", dtype="float32", **size, **profile) as file:
        file.write(pixels)
    return str(path)


def _timed(
    run: Callable[[], NDArray[np.uint8]], count: int
) -> tuple[NDArray[np.uint8], list[float]]:
    """The last result and the CPU seconds of each of some calls, without the system's, which others can double."""
    seconds = []
    for _ in range(count):
        start = os.times().user
        result = run()
        seconds.append(os.times().user - start)
    return result, seconds


def _ignore(_: object) -> None:
    """Ignores events."""


if __name__ == "__main__":
    main()
