"""Measures bare forward passes: what the network alone costs, on tiles in memory.

    python -m benchmarks.segment.bare RUNTIME job.json TILES [--precision bf16]

``torch`` and ``onnxruntime`` are the plain libraries, on which the peers run; ``engine:NAME`` is the engine's
backend for runtime NAME, with its own batch size.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from engine.compute.cpu_lanes import lane_executor

from .cases import starts
from .job import Job, Scene, Tiles, onnx_session, torch_network
from .null_model import install

#: Number of different tiles in memory; number of tiles before the measurement, which warm up the network.
_SAMPLES, _WARM_UP = 16, 4

#: One batch: image (B, C, T, T) and second stream (B, Ca, t, t) or None.
Batch = tuple[torch.Tensor, "torch.Tensor | None"]
Forward = Callable[[torch.Tensor, "torch.Tensor | None"], Any]


def sample_tiles(job: Job) -> list[Batch]:
    """Returns some tiles of the scene, each as a batch of one."""
    scene, step = Scene(job), job.tile // 2
    rows, cols = (starts(side, job.tile, step) for side in (scene.height, scene.width))
    corners = islice(((row, col) for row in rows for col in cols), _SAMPLES)
    read = (scene.read(row, col) for row, col in corners)
    return [
        (torch.from_numpy(image)[None], None if second is None else torch.from_numpy(second)[None])
        for image, second in read
    ]


def batches(tiles: list[Batch], size: int, count: int) -> list[Batch]:
    """Returns ``count`` tiles in batches; it repeats the same few tiles."""
    result: list[Batch] = []
    for first in range(0, count, size):
        chosen = [tiles[i % len(tiles)] for i in range(first, min(first + size, count))]
        second = None
        if chosen[0][1] is not None:
            second = torch.cat([air for _, air in chosen if air is not None])
        result.append((torch.cat([image for image, _ in chosen]), second))
    return result


def plain_torch(job: Job) -> Forward:
    """Returns the forward pass of plain torch."""
    network = torch_network(job, Tiles(), probable=True).network

    def forward(image: torch.Tensor, second: torch.Tensor | None) -> Any:
        from engine.models.logits import probabilities

        with torch.inference_mode():
            return probabilities(network(image, second)["logits"])

    return forward


def plain_onnx(job: Job) -> Forward:
    """Returns the forward pass of plain ONNX Runtime."""
    session = onnx_session(job)

    def forward(image: torch.Tensor, second: torch.Tensor | None) -> Any:
        inputs = {"image": image.numpy()}
        if second is not None:
            inputs["auxiliary"] = second.numpy()
        return session.run(None, inputs)

    return forward


def engine_forward(job: Job, runtime: str, tiles: int, precision: str) -> Any:
    """Returns the forward pass that the engine itself runs."""
    from engine.compute.devices import choose_device
    from engine.runtimes.loaded_networks import get_network

    install()
    chosen = choose_device("cpu", precision)
    fused = bool(job.auxiliary_bands)
    return get_network(job.model, chosen, runtime, 0, tiles, fused, lambda event: None)


def fastest_batch(forward: Forward, tiles: list[Batch]) -> int:
    """Returns the faster batch size on this machine: 1 or 4."""
    seconds = {}
    for size in (1, 4):
        sample = batches(tiles, size, _WARM_UP)
        for batch in sample:
            forward(*batch)
        start = time.perf_counter()
        for batch in sample:
            forward(*batch)
        seconds[size] = time.perf_counter() - start
    return min(seconds, key=seconds.__getitem__)


def timed(forward: Forward, batches: list[Batch], device: str, lanes: int = 1) -> dict[str, float]:
    """Returns wall and CPU seconds of all batches; on a GPU, CUDA events measure the wall seconds."""
    wall, cpu = time.monotonic(), time.process_time()
    if not device.startswith("cuda"):

        def compute(batch: Batch) -> None:
            forward(*batch)

        with lane_executor(lanes) as pool:
            list(pool.map(compute, batches))
        return {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for batch in batches:
        forward(*batch)
    end.record()
    torch.cuda.synchronize()
    return {"wall": begin.elapsed_time(end) / 1000, "cpu": time.process_time() - cpu}


def main() -> None:
    """Runs the forward passes and prints their seconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runtime")
    parser.add_argument("job", type=Path)
    parser.add_argument("tiles", type=int)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    job = Job(**json.loads(options.job.read_text("utf-8")))
    lanes = 1
    tiles = sample_tiles(job)
    if options.runtime.startswith("engine:"):
        name = options.runtime.removeprefix("engine:")
        forward = engine_forward(job, name, options.tiles, options.precision)
        size, lanes = forward.batch, forward.lanes
    else:
        forward = plain_torch(job) if options.runtime == "torch" else plain_onnx(job)
        size = fastest_batch(forward, tiles) if options.runtime == "torch" else 1
    timed(forward, batches(tiles, size, max(_WARM_UP, size, lanes)), "cpu", lanes)
    seconds = timed(forward, batches(tiles, size, options.tiles), "cpu", lanes)
    print("\n" + json.dumps({**seconds, "tiles": options.tiles, "batch": size}), flush=True)


if __name__ == "__main__":
    main()
