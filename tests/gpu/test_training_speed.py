"""Checks of the speed of training: windows per second of the whole loop, of its parts, and what bounds it."""

from __future__ import annotations

import time

import pytest
import torch

from benchmarks.train.__main__ import measure
from engine.sampling.data_loader import Batch, WindowLoader
from engine.sampling.window_dataset import TrainingWindows
from tests.gpu.inputs import make_loop
from tests.gpu.setting import DeviceMemory, Setting, cores
from tests.gpu.table import Value, at_least

pytestmark = pytest.mark.gpu

#: The goal: share of the rate on synthetic batches that are on the device already, with so many cores.
_GOAL, _GOAL_CORES = 0.95, 16

#: Copies of a batch that are timed.
_COPIES = 20


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("network", ["dualstream-b1", "cmx-b2"])
def test_speed(setting: Setting, found: list[Value], network: str, precision: str) -> None:
    """Speed of training."""
    loop = make_loop(setting, network, precision)
    rounds, steps = (1, 2) if setting.is_small else (3, 5)
    with DeviceMemory(setting) as memory:
        measured = measure(loop, rounds, steps)
    windows = TrainingWindows(loop.job, loop.data)
    batch = next(iter(WindowLoader(windows, loop.job.batch_size, torch.device("cpu"))))
    copying = _copy_rate(setting, batch)
    whole, synthetic = measured.rate("warm"), measured.rate("augmented")
    reading = measured.reading["warm"].rate
    rates = {"reading": reading, "copying": copying, "the network": synthetic}
    share = whole / synthetic
    is_goal = setting.is_gpu and not setting.is_small and cores() >= _GOAL_CORES
    told = Value("share of synthetic batches", share)
    found += [
        Value("batch", loop.job.batch_size),
        Value("whole loop", whole, "samples/s"),
        Value("whole loop, first epoch", measured.rate("cold"), "samples/s"),
        Value("synthetic batches, augmented on the device", synthetic, "samples/s"),
        Value("bare step", measured.rate("bare"), "samples/s"),
        at_least("share of synthetic batches", share, _GOAL) if is_goal else told,
        Value("share of the bare step", whole / measured.rate("bare")),
        Value("reading alone", reading, "samples/s"),
        Value("copying alone", copying, "samples/s"),
        Value("bound by", min(rates, key=rates.__getitem__)),
        Value("peak device memory", memory.mib, "MiB"),
        Value("cores", cores()),
    ]


def _copy_rate(setting: Setting, batch: Batch) -> float:
    """Windows per second of copying a batch from page-locked memory."""
    device = setting.choose().torch_device
    if setting.is_gpu:
        batch = {name: tensor.pin_memory() for name, tensor in batch.items()}
    setting.wait()
    start = time.perf_counter()
    for _ in range(_COPIES):
        for tensor in batch.values():
            tensor.to(device, non_blocking=True, copy=True)
    setting.wait()
    return _COPIES * len(batch["target"]) / (time.perf_counter() - start)
