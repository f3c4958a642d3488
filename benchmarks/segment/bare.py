"""Bare forward passes: what the network alone costs, on tiles in memory.

    python -m benchmarks.segment.bare RUNTIME job.json TILES [--device cuda] [--precision bf16]

``torch`` and ``onnxruntime`` are these libraries as they come, what the peers run on; ``engine:NAME`` is what
the engine makes of runtime NAME, with its own batch size. On a GPU, seconds are those of CUDA events.
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

from engine.lanes import threads_of

from .cases import starts
from .job import Job, Scene, Tiles, onnx_session, torch_network
from .null_model import install

#: Different tiles held in memory, seen in turn; tiles that are run first, unmeasured.
_HELD, _WARM = 16, 4

#: One batch: image (B, C, T, T) and second stream (B, Ca, t, t) or None.
Batch = tuple[torch.Tensor, "torch.Tensor | None"]
Forward = Callable[[torch.Tensor, "torch.Tensor | None"], Any]


def held_tiles(job: Job) -> list[Batch]:
    """Some tiles of the scene, each a batch of one."""
    scene, step = Scene(job), job.tile // 2
    rows, cols = (starts(side, job.tile, step) for side in (scene.height, scene.width))
    places = islice(((row, col) for row in rows for col in cols), _HELD)
    read = (scene.read(*place) for place in places)
    return [
        (torch.from_numpy(image)[None], None if second is None else torch.from_numpy(second)[None])
        for image, second in read
    ]


def batched(tiles: list[Batch], size: int, count: int, place: str) -> list[Batch]:
    """``count`` tiles in batches on the device, the same few tiles again and again."""
    found: list[Batch] = []
    for first in range(0, count, size):
        chosen = [tiles[i % len(tiles)] for i in range(first, min(first + size, count))]
        second = None
        if chosen[0][1] is not None:
            second = torch.cat([air for _, air in chosen if air is not None]).to(place)
        found.append((torch.cat([image for image, _ in chosen]).to(place), second))
    return found


def plain_torch(job: Job) -> Forward:
    """The network as it is loaded."""
    network = torch_network(job, Tiles(), probable=True).network

    def forward(image: torch.Tensor, second: torch.Tensor | None) -> Any:
        from engine.models import probabilities

        with torch.inference_mode():
            return probabilities(network(image, second)["logits"])

    return forward


def plain_onnx(job: Job) -> Forward:
    """A session on the ONNX file."""
    session = onnx_session(job)

    def forward(image: torch.Tensor, second: torch.Tensor | None) -> Any:
        inputs = {"image": image.numpy()}
        if second is not None:
            inputs["auxiliary"] = second.numpy()
        return session.run(None, inputs)

    return forward


def of_engine(job: Job, runtime: str, tiles: int, device: str, precision: str) -> Any:
    """What the engine itself runs, ready."""
    from engine.devices import choose_device
    from engine.runtimes import ready

    install()
    chosen = choose_device(device, precision)
    fused = bool(job.auxiliary_bands)
    return ready(job.model, chosen, runtime, 0, tiles, fused, lambda event: None)


def fastest_batch(forward: Forward, tiles: list[Batch], place: str) -> int:
    """1 or 4 tiles at a time, whichever is faster here."""
    seconds = {}
    for size in (1, 4):
        some = batched(tiles, size, _WARM, place)
        for batch in some:
            forward(*batch)
        start = time.perf_counter()
        for batch in some:
            forward(*batch)
        seconds[size] = time.perf_counter() - start
    return min(seconds, key=seconds.__getitem__)


def timed(forward: Forward, batches: list[Batch], device: str, lanes: int = 1) -> dict[str, float]:
    """Wall and CPU seconds of all batches; on a GPU the wall seconds are the GPU's own."""
    wall, cpu = time.monotonic(), time.process_time()
    if not device.startswith("cuda"):

        def look(batch: Batch) -> None:
            forward(*batch)

        with threads_of(lanes) as pool:
            list(pool.map(look, batches))
        return {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for batch in batches:
        forward(*batch)
    end.record()
    torch.cuda.synchronize()
    return {"wall": begin.elapsed_time(end) / 1000, "cpu": time.process_time() - cpu}


def main() -> None:
    """Runs the forward passes and prints what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runtime")
    parser.add_argument("job", type=Path)
    parser.add_argument("tiles", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="auto")
    asked = parser.parse_args()
    job = Job(**json.loads(asked.job.read_text("utf-8")))
    lanes = 1
    held = held_tiles(job)
    if asked.runtime.startswith("engine:"):
        name = asked.runtime.removeprefix("engine:")
        forward = of_engine(job, name, asked.tiles, asked.device, asked.precision)
        size, lanes = forward.batch, forward.lanes
    else:
        forward = plain_torch(job) if asked.runtime == "torch" else plain_onnx(job)
        size = fastest_batch(forward, held, asked.device) if asked.runtime == "torch" else 1
    warm = batched(held, size, max(_WARM, size, lanes), asked.device)
    timed(forward, warm, asked.device, lanes)
    found = timed(forward, batched(held, size, asked.tiles, asked.device), asked.device, lanes)
    print("\n" + json.dumps({**found, "tiles": asked.tiles, "batch": size}), flush=True)


if __name__ == "__main__":
    main()
