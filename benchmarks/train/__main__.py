"""Measures how much of its time training spends in the steps themselves.

    python -m benchmarks.train [--quick] [--rounds 5] [--steps 6] [--side 8192] [--networks ...]
        [--data small big] [--device cuda --precision bf16] [--tile 256] [--batch 4]

It compares the windows per second of the whole loop (reading, augmentation, forward, backward, step) with those of the
bare step: the same network, optimizer and averaging on batches that are already on the device, without augmentation.
Each round runs all loops one after another; every share is the median of the rounds' own ratios, so that other
programs on the machine matter less. .95 is the goal. "Cold" is the first epoch, which decodes blocks; "warm" is every
later one. The first step of each turn is not measured. "By CPU" is the same share by CPU seconds; on a CPU it is valid
even if other programs use the cores. The other columns are

- "bare/s": windows per second of the bare step;
- "augmented": the share of the bare step with augmentation of the ready batches, by CPU: what reading leaves over;
- "reading/s": windows per second of reading alone, without a network, cold and warm;
- "outside s": CPU seconds per window of the whole loop beyond those of the bare step;
- "blocks": number of decoded blocks and windows in the first epoch, and in the second.

The scenes are synthetic, see ``data_sets.py``, and stay in the folder of ``--cache``.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import torch

from engine.compute.devices import choose_device
from engine.compute.malloc import keep_freed_memory
from engine.contract.architectures import Architecture, with_recipe
from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.layouts import find_scenes
from engine.sampling.augmentation import Augmentation
from engine.sampling.data_loader import WindowLoader
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import TrainingWindows
from tools.locations import cache_folder

from ..processes import emit
from ..segment.table import format_aligned
from .data_sets import data_sets
from .loop import Batch, Loop, Turn

#: The job fields of each network; below, the tile size of each on a CPU and on a GPU, px.
NETWORKS: dict[str, dict[str, Any]] = {
    "dualstream-b1": {"architecture": "dualstream-dformer", "encoder": "mit-b1"},
    "unet": {"architecture": "smp:Unet:resnet18"},
}
_TILES = {"dualstream-b1": (256, 512), "unet": (224, 224)}
_BATCHES = {"cpu": 4, "cuda": 16}
_DATA = ("small", "big")

#: Number of different ready batches; time limit for the measurement of reading alone, s.
_READY_BATCHES, _READING_SECONDS = 4, 20.0


@dataclass
class Measured:
    """The measurements of one network on one data set.

    Attributes:
        turns: The turns of each kind of loop.
        reading: The turns of reading alone, cold and warm.
        blocks: Number of decoded blocks and of windows, cold and warm.
    """

    turns: dict[str, list[Turn]] = field(default_factory=dict)
    reading: dict[str, Turn] = field(default_factory=dict)
    blocks: list[tuple[int, int]] = field(default_factory=list)

    def rate(self, name: str) -> float:
        """Returns the median rate of a loop, windows per second."""
        return median(turn.rate for turn in self.turns[name])

    def share(self, name: str) -> float:
        """Returns the median share of a loop's rate in that of the bare step."""
        pairs = zip(self.turns[name], self.turns["bare"], strict=True)
        return median(turn.rate / bare.rate for turn, bare in pairs)

    def cpu_share(self, name: str) -> float:
        """Returns the same share by CPU seconds."""
        pairs = zip(self.turns[name], self.turns["bare"], strict=True)
        return median(bare.window_cpu / turn.window_cpu for turn, bare in pairs)

    def outside(self, name: str) -> float:
        """Returns the median CPU seconds per window beyond those of the bare step."""
        pairs = zip(self.turns[name], self.turns["bare"], strict=True)
        return median(turn.window_cpu - bare.window_cpu for turn, bare in pairs)


def read_alone(windows: TrainingWindows, loop: Loop) -> Turn:
    """Reads an epoch's windows without a network, or as many as the time limit allows."""
    turn, start, cpu = Turn(), time.perf_counter(), time.process_time()
    for batch in WindowLoader(windows, loop.job.batch_size, loop.device.torch_device):
        turn.windows += len(batch["target"])
        if time.perf_counter() - start > _READING_SECONDS:
            break
    turn.wall, turn.cpu = time.perf_counter() - start, time.process_time() - cpu
    return turn


def measure(loop: Loop, rounds: int, steps: int) -> Measured:
    """Measures a network on a data set."""
    result, size, device = Measured(), loop.job.batch_size, loop.device.torch_device
    warm = TrainingWindows(loop.job, loop.data)
    for name in ("cold", "warm"):
        made = warm.reader.block_cache.made
        result.reading[name] = read_alone(warm, loop)
        result.blocks.append((warm.reader.block_cache.made - made, result.reading[name].windows))
        warm.start_epoch(1)
    ready = [*itertools.islice(iter(WindowLoader(warm, size, device)), _READY_BATCHES)]
    no_augmentation = Augmentation([])
    for number in range(rounds):
        warm.start_epoch(2 + number)
        turns: dict[str, Callable[[], Turn]] = {
            "bare": lambda: loop.turn(itertools.cycle(ready), steps, no_augmentation),
            "augmented": lambda: loop.turn(itertools.cycle(ready), steps, loop.augment),
            "warm": lambda: loop.turn(WindowLoader(warm, size, device), steps, loop.augment),
            "cold": lambda: loop.turn(cold_batches(loop), steps, loop.augment),
        }
        for name, turn in turns.items():
            result.turns.setdefault(name, []).append(turn())
    return result


def cold_batches(loop: Loop) -> Iterator[Batch]:
    """Yields the batches of an epoch from a new reader, which has no decoded blocks."""
    data = Survey(**vars(loop.data))  # a copy, because decoded blocks are kept per survey
    windows = TrainingWindows(loop.job, data)
    windows.start_epoch(2)
    yield from WindowLoader(windows, loop.job.batch_size, loop.device.torch_device)


def cells(name: str, data: str, found: Measured) -> list[str]:
    """Returns a row of the table."""
    best, ways = found.rate("bare"), ("cold", "warm")
    reading = [found.reading[way].rate for way in ways]
    blocks = [f"{made}/{windows}" for made, windows in found.blocks]
    return [
        f"{name}, {data}",
        f"{best:.2f}",
        *(f"{found.share(way):.3f}" for way in ways),
        *(f"{found.cpu_share(way):.3f}" for way in (*ways, "augmented")),
        *(f"{found.outside(way):.3f}" for way in ways),
        *(f"{rate:.1f}" for rate in reading),
        ", ".join(blocks),
        "reading" if reading[1] < best else "the network",
    ]


_TITLES = [
    *("", "bare/s", "loop cold", "loop warm", "by CPU cold", "by CPU warm", "augmented"),
    *("outside s cold", "outside s warm", "reading/s cold", "reading/s warm", "blocks", "bound by"),
]


def main() -> None:
    """Runs the measurements that the command line selects."""
    options = _options()
    keep_freed_memory()
    device = choose_device(options.device, options.precision)
    is_gpu = device.kind == "cuda"
    size = options.batch or _BATCHES["cuda" if is_gpu else "cpu"]
    rounds, steps = (1, 2) if options.quick else (options.rounds, options.steps)
    side, tiles = (1024, 8) if options.quick else (options.side, options.tiles)
    sets = dict(zip(_DATA, data_sets(options.cache, side, tiles).items()))
    emit(f"{device.name}, {device.precision}, torch {torch.__version__}, batches of {size}")
    lines = []
    for name, (key, (title, fields)) in itertools.product(options.networks, sets.items()):
        if key not in options.data:
            continue
        tile = 128 if options.quick else options.tile or _TILES[name][is_gpu]
        common = {"batch_size": size, "tile_size": tile, "output": "unused"}
        job, network = with_recipe(TrainJob(**NETWORKS[name], **fields, **common))
        share_grid = network.streams_share_grid
        data = survey(job, _scenes(job, network), streams_share_grid=share_grid)
        lines.append(
            cells(f"{name} {tile} px", title, measure(Loop(job, data, device), rounds, steps))
        )
        emit(format_aligned(_TITLES, lines[-1:]))
    emit("\n" + format_aligned(_TITLES, lines))


def _scenes(job: TrainJob, network: Architecture) -> list[Scene]:
    """The job's scenes, without the second stream where the network takes none."""
    scenes = find_scenes(job)
    if network.takes_auxiliary:
        return scenes
    return [replace(scene, auxiliary=()) for scene in scenes]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small, one round: to try it out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6, help="steps a turn")
    parser.add_argument("--side", type=int, default=8192, help="of the big raster, px")
    parser.add_argument("--tiles", type=int, default=48, help="small scenes")
    parser.add_argument("--tile", type=int, default=0, help="of the networks, px")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--data", nargs="+", choices=_DATA, default=list(_DATA))
    parser.add_argument("--cache", type=Path, default=cache_folder())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="auto")
    return parser.parse_args()


if __name__ == "__main__":
    main()
