"""Checks of segmenting a large scene: speed over bare forward passes, decoding, memory, copies to the device."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest

from engine.compute.memory import measure_peak_memory
from engine.contract.protocol import Done
from engine.rasters.raster import Raster
from engine.rasters.row_prefetch import RowPrefetcher
from engine.runtimes.runtime_config import TORCH, RuntimeConfig
from engine.sampling.data_loader import WindowLoader
from engine.sampling.window_dataset import TrainingWindows
from tests.gpu.forward_passes import seconds_per_tile
from tests.gpu.inputs import (
    compared_scene,
    large_scene,
    make_loop,
    model_file,
    null_model,
    run_engine,
)
from tests.gpu.setting import DeviceMemory, Setting, cores
from tests.gpu.table import Value, at_least
from tests.gpu.trace import Trace, trace

pytestmark = pytest.mark.gpu

#: The goal: wall seconds over those of the bare passes; or the share of the wall that all but the network takes alone.
_GOAL, _BOUND = 1.25, 0.8

#: Decoding threads of the engine for a card; rows and bytes that are decoded at a time.
_THREADS, _ROWS, _BYTES = 8, 512, 256 * 2**20

#: Training steps that are traced.
_STEPS = 4


def test_speed(setting: Setting, found: list[Value]) -> None:
    """Speed of segmenting a large scene, beside that of a network of one layer and of bare passes."""
    _, _, side = large_scene(setting)
    model, null = model_file(setting), null_model(setting)
    grown: list[int] = []
    done: list[tuple[Done, float]] = []
    _run(setting, model, **compared_scene(setting))  # loads the network and warms it up
    with DeviceMemory(setting) as memory:
        grown.append(measure_peak_memory(lambda: done.append(_segment(setting, model))))
    result, wall = done[0]
    _run(setting, null, **compared_scene(setting))
    _, rest = _segment(setting, null)
    tiles, precision = int(result.outputs["tiles"]), str(result.outputs["precision"])
    config = RuntimeConfig(TORCH, _batch(setting), True, precision)
    bare = tiles * seconds_per_tile(setting, model, config)
    decoding = _decode(setting)
    is_bound = rest >= _BOUND * wall
    has_goal = setting.is_gpu and not setting.is_small
    is_good = wall <= _GOAL * bare or is_bound or not has_goal
    goal = f"at most {_GOAL}, or all but the network takes {_BOUND} of the wall" * has_goal
    found += [
        Value("scene", f"{side} x {side} px, {tiles} tiles, {precision}"),
        Value("wall", wall, "s"),
        Value("speed", side * side / 1e6 / wall, "Mpx/s"),
        Value("bare passes", bare, "s"),
        Value("wall over bare passes", wall / bare, "", goal, is_good),
        Value("all but the network", rest, "s"),
        Value("decoding alone", decoding, "s"),
        Value("decoding alone", decoding / wall, "of the wall"),
        Value("bound by", "reading and writing" if is_bound else "the network"),
        Value("host memory, growth", grown[0] / 2**20, "MiB"),
        Value("peak device memory", memory.mib, "MiB"),
        Value("cores", cores()),
    ]


def _batch(setting: Setting) -> int:
    return 16 if setting.is_small else 8


def _run(setting: Setting, model: Path, **fields: Any) -> Done:
    """Segments with a fixed batch, so that nothing is measured meanwhile."""
    common = {"device": setting.device, "runtime": TORCH, "batch_size": _batch(setting)}
    output = str(setting.folder / "large.tif")
    return run_engine("segment", model=(str(model),), output=output, **common, **fields)[0]


def _segment(setting: Setting, model: Path) -> tuple[Done, float]:
    """Segments the large scene; returns the result and the wall seconds."""
    image, air, _ = large_scene(setting)
    start = time.perf_counter()
    done = _run(setting, model, image=str(image), auxiliary=(str(air),))
    return done, time.perf_counter() - start


def _decode(setting: Setting) -> float:
    """Seconds of decoding the large scene alone, as segmenting does."""
    image, _, side = large_scene(setting)
    threads = min(_THREADS, cores()) if setting.is_gpu else 1
    start = time.perf_counter()
    with (
        Raster(str(image)) as raster,
        RowPrefetcher(raster, raster.grid.bounds, _BYTES, threads) as rows,
    ):
        for first in range(0, side, _ROWS):
            rows.release_rows(first)
            rows.prefetch_rows(first, min(first + _ROWS, side))
    return time.perf_counter() - start


def test_transfers(setting: Setting, found: list[Value]) -> None:
    """Copies to the device beside its work, in segmenting and in training."""
    model, scene = model_file(setting), compared_scene(setting)
    _run(setting, model, **scene)  # its weights are copied now
    segmenting = trace(lambda: _run(setting, model, **scene))
    loop = make_loop(setting, "dualstream-b1", "auto")
    windows = TrainingWindows(loop.job, loop.data)
    batches = itertools.chain.from_iterable(
        WindowLoader(windows, loop.job.batch_size, loop.device.torch_device) for _ in range(3)
    )
    loop.turn(itertools.islice(batches, _STEPS + 1), _STEPS, loop.augment)
    training = trace(lambda: loop.turn(batches, _STEPS, loop.augment))
    found += _transfers(setting, "segmenting", segmenting)
    found += _transfers(setting, "training", training)


def _transfers(setting: Setting, name: str, traced: Trace) -> list[Value]:
    """The values of a trace; on a CPU there are no copies, and nothing has a limit."""
    copies = max(traced.copies, 1e-9)
    pinned = traced.pinned / copies
    share = f"{name}: from page-locked memory"
    return [
        Value(f"{name}: copies to the device", traced.count),
        Value(f"{name}: copying", traced.copies, "s"),
        at_least(share, pinned, 0.9, "of it") if setting.is_gpu else Value(share, pinned, "of it"),
        Value(f"{name}: while a kernel runs", traced.overlapped / copies, "of it"),
        Value(f"{name}: kernels", traced.kernels, "s"),
    ]
