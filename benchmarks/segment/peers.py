"""Maps a scene with other tools, each in its own process and environment.

    python -m benchmarks.segment.peers TOOL job.json    # started by benchmarks.segment

All tools run the same network, as a torch module or as ONNX. The measured time is the tool's own work, from
opening the raster to the written mask, without imports and the loading of the network. Tools that take one
raster get both streams in one; a wrapper separates them again. The tools keep their default settings except
for tile, overlap and batch size, which the job gives.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .cases import grid, starts
from .job import Job, Scene, Tiles, onnx_session, repeated, torch_network, write_mask


def loop(job: Job, tiles: Tiles) -> Callable[[], None]:
    """Prepares the usual rasterio loop: read, predict, add up, divide, write at the end."""
    import torch

    network = torch_network(job, tiles, probable=True)

    def work() -> None:
        """Segments the scene and writes the mask."""
        scene = Scene(job)
        total = np.zeros((job.classes, scene.height, scene.width), np.float32)
        count = np.zeros((scene.height, scene.width), np.float32)
        for row in starts(scene.height, job.tile, job.step):
            for col in starts(scene.width, job.tile, job.step):
                image, second = scene.read(row, col)
                if second is not None:
                    image = np.concatenate([image, repeated(second, job.tile // second.shape[1])])
                with torch.no_grad():
                    found = network(torch.from_numpy(image)[None])[0].numpy()
                tile = (slice(row, row + job.tile), slice(col, col + job.tile))
                total[(slice(None), *tile)] += found
                count[tile] += 1
        write_mask(job, (total / count).argmax(axis=0).astype(np.uint8), scene.profile)

    return work


def onnx(job: Job, tiles: Tiles) -> Callable[[], None]:
    """Prepares ONNX Runtime in a window loop that keeps each tile's centre, as the plugin Deepness does.

    The grid starts at the upper left; the last tiles reach beyond the raster, where the loop reads zeros.
    """
    session = onnx_session(job)

    def work() -> None:
        """Segments the scene and writes the mask."""
        scene = Scene(job)
        rows, cols = (grid(side, job.tile, job.step) for side in (scene.height, scene.width))
        mask = np.zeros((rows[-1] + job.tile, cols[-1] + job.tile), np.uint8)
        for row in rows:
            for col in cols:
                image, second = scene.read(row, col)
                inputs = {"image": image[None]}
                if second is not None:
                    inputs["auxiliary"] = second[None]
                found = session.run(None, inputs)[0][0]
                tiles.seen += 1
                index = found.argmax(axis=0) if len(found) > 1 else found[0] > 0.5
                above, below = _centre(row, rows, job)
                left, right = _centre(col, cols, job)
                kept = index[above:below, left:right]
                mask[row + above : row + below, col + left : col + right] = kept
        write_mask(job, mask[: scene.height, : scene.width], scene.profile)

    return work


def _centre(start: int, grid: list[int], job: Job) -> tuple[int, int]:
    """Returns which pixels of a tile are kept along one axis: all but half the overlap; all at the raster's edges."""
    half = job.overlap // 2
    first = 0 if start == grid[0] else half
    return first, job.tile if start == grid[-1] else job.tile - half


def geoai(job: Job, tiles: Tiles) -> Callable[[], None]:
    """Prepares geoai's ``semantic_inference_on_geotiff``, which divides pixels of any type by 255."""
    import torch
    from geoai.train import semantic_inference_on_geotiff

    network = torch_network(job, tiles, scale=255.0)

    def work() -> None:
        """Segments the scene and writes the mask."""
        semantic_inference_on_geotiff(
            network,
            job.stacked,
            job.output,
            window_size=job.tile,
            overlap=job.overlap,
            batch_size=job.batch,
            num_channels=job.bands + job.auxiliary_bands,
            num_classes=job.classes,
            device=torch.device("cpu"),
            quiet=True,
        )

    return work


def terratorch(job: Job, tiles: Tiles) -> Callable[[], None]:
    """Prepares terratorch's ``tiled_inference``, which takes the whole scene as a tensor."""
    import torch
    from terratorch.tasks.tiled_inference import tiled_inference

    network = torch_network(job, tiles, probable=True)

    def work() -> None:
        """Segments the scene and writes the mask."""
        scene = Scene(job)
        found = tiled_inference(
            network,
            torch.from_numpy(scene.whole())[None],
            crop=job.tile,
            stride=job.step,
            batch_size=job.batch,
        )
        write_mask(job, found[0].argmax(dim=0).numpy().astype(np.uint8), scene.profile)

    return work


TOOLS = {"loop": loop, "geoai": geoai, "terratorch": terratorch, "onnx": onnx}


def main() -> None:
    """Runs one tool on one job and prints its seconds as JSON."""
    job = Job(**json.loads(Path(sys.argv[2]).read_text("utf-8")))
    tiles = Tiles()
    work = TOOLS[sys.argv[1]](job, tiles)
    wall, cpu = time.monotonic(), time.process_time()
    work()
    used = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    print("\n" + json.dumps({**used, "tiles": tiles.seen}), flush=True)


if __name__ == "__main__":
    main()
