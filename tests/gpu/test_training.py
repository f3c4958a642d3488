"""Checks of trainings: the command ``train``, the loss beside that of the processor, hidden streams."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest
import torch

from benchmarks.train.loop import Loop
from engine.contract.protocol import Metric
from engine.sampling.data_loader import Batch, WindowLoader
from engine.sampling.window_dataset import TrainingWindows, auxiliary_of
from engine.training.epoch_loop import EpochLoop
from tests.gpu.inputs import TRAINED_PRECISION, make_loop, trained
from tests.gpu.setting import Setting
from tests.gpu.table import Value, at_least, at_most, required

pytestmark = pytest.mark.gpu

#: Steps whose losses are compared; the largest relative difference.
_STEPS, _TOLERANCE = 20, 0.02

#: Number of windows and probability of a hidden stream.
_WINDOWS, _HIDDEN = 32, 0.5


@pytest.mark.parametrize(
    ("network", "precision"), [("dualstream-b1", TRAINED_PRECISION), ("cmx-b2", "fp16")]
)
def test_command(setting: Setting, found: list[Value], network: str, precision: str) -> None:
    """The command train."""
    training = trained(setting, network, precision)
    done, job = training.done, training.job
    losses = [
        event.values["loss"]
        for event in training.events
        if isinstance(event, Metric) and "loss" in event.values
    ]
    found += [
        Value("device", str(done.outputs["device_used"])),
        Value("precision", str(done.outputs["precision"])),
        Value("duration", float(done.outputs["seconds"]), "s"),
        at_least("epochs with a finite loss", sum(map(math.isfinite, losses)), job.epochs),
        at_most("last loss over first", losses[-1] / losses[0], 1.0),
        at_least("mIoU", float(done.outputs["miou"]), 0.05),
        Value("peak device memory", training.peak_memory, "MiB"),
    ]


def test_losses_are_those_of_the_processor(setting: Setting, found: list[Value]) -> None:
    """Loss of 20 steps in fp32 as on the processor."""
    small = replace(setting, is_small=True)
    # In full precision: by default cuDNN computes convolutions in TF32.
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        on_device = _losses(small)
    on_cpu = _losses(replace(small, device="cpu"))
    differences = [abs(a - b) / max(abs(b), 1e-6) for a, b in zip(on_device, on_cpu, strict=True)]
    found += [
        at_least("steps", len(on_device), _STEPS),
        Value("first loss", on_cpu[0]),
        Value("last loss", on_cpu[-1]),
        at_most("largest relative difference", max(differences), _TOLERANCE),
    ]


def _losses(setting: Setting) -> list[float]:
    """The loss of each of the first steps, without dropout, which draws other numbers on every device."""
    loop = make_loop(setting, "dualstream-b1", "fp32")
    for module in loop.network.modules():
        if hasattr(module, "drop_prob"):
            module.drop_prob = 0.0
        if isinstance(module, (torch.nn.Dropout, torch.nn.Dropout2d)):
            module.p = 0.0
    generator = torch.Generator().manual_seed(0)
    batches = islice(_batches(loop), _STEPS)
    return [_step(loop, batch, generator) for batch in batches]


def _batches(loop: Loop) -> Iterator[Batch]:
    """The batches of one epoch after another."""
    windows = TrainingWindows(loop.job, loop.data)
    for epoch in range(1, _STEPS + 1):
        windows.start_epoch(epoch)
        yield from WindowLoader(windows, loop.job.batch_size, loop.device.torch_device)


def _step(loop: Loop, batch: Batch, generator: torch.Generator) -> float:
    """Trains on one batch and returns its loss."""
    epoch = EpochLoop(
        loop.network, loop.optimizer, loop.ema_model, loop.loss, loop.augment, loop.accelerator
    )
    return epoch.run([batch], 1, lambda step: 1.0, generator, lambda share: None)


def test_hidden_streams(setting: Setting, found: list[Value]) -> None:
    """Training on windows of which half have no second stream."""
    loop = make_loop(setting, "dualstream-b1", "auto", stream_dropout=_HIDDEN)
    generator = torch.Generator().manual_seed(0)
    losses, hidden, windows = [], 0, 0
    for batch in islice(_batches(loop), max(1, _WINDOWS // loop.job.batch_size)):
        hidden += int(batch["auxiliary"].isnan().flatten(1).all(dim=1).sum())
        windows += len(batch["target"])
        losses.append(_step(loop, batch, generator))
    share = hidden / windows
    loop.network.eval()
    with torch.inference_mode(), loop.device.autocast():
        alone = loop.network(batch["image"], None)["logits"]
        masked = loop.network(batch["image"], torch.full_like(auxiliary_of(batch), torch.nan))
    difference = (alone - masked["logits"]).abs().max().item()
    found += [
        required("all losses finite", all(map(math.isfinite, losses)), "each of them"),
        Value("hidden windows", share, "of all", "0.15 to 0.85", 0.15 <= share <= 0.85),
        at_most("largest difference of a hidden and a missing stream", difference, 0.05, "logits"),
    ]
