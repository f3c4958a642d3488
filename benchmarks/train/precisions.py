"""Measures whether networks train faster on this CPU in bf16 than in fp32.

    OMP_NUM_THREADS=1 python -m benchmarks.train.precisions [--networks smp:Unet:resnet18 cmx-b0 ...] [--rounds 7]

A step is what ``EpochLoop`` does with a batch: forward, loss, backward, clipping, optimizer. It trains on synthetic
windows of three image bands and four auxiliary ones. The steps alternate, fp32, bf16, fp32 ..., and the ratios are medians
of neighbours, so that other programs on the machine matter less; the first step of each precision is not measured.
``training_device`` holds the rule that these numbers gave.
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import median

import torch

from engine.compute.devices import choose_device
from engine.compute.malloc import keep_freed_memory
from engine.compute.processor import processor_name
from engine.contract.architectures import with_recipe
from engine.contract.encoders import CPU_ENCODER
from engine.contract.jobs import AUTOMATIC, TrainJob
from engine.losses.segmentation_loss import parse_loss
from engine.models.factory import build_model
from engine.training.epoch_loop import MAX_GRADIENT_NORM
from engine.training.optimizer import build_optimizer
from engine.training.trainer import place_network

from ..processes import emit
from ..segment.table import format_aligned

#: Architecture and encoder of the networks that are measured; without an encoder the name determines it.
NETWORKS = {
    "dualstream-dformer EfficientNet-lite0 (default)": ("dualstream-dformer", CPU_ENCODER),
    "cmx EfficientNet-lite0": ("cmx", CPU_ENCODER),
    "smp:Unet EfficientNet-lite0": (f"smp:Unet:tu-{CPU_ENCODER}", ""),
    "dualstream-dformer ResNet-50": ("dualstream-dformer", "resnet50.a1_in1k"),
    "dualstream-dformer mit-b1": ("dualstream-dformer", "mit-b1"),
    "cmx-b0": ("cmx-b0", ""),
    "segformer mit-b0": ("segformer:mit-b0:256", ""),
    "smp:Unet:resnet18": ("smp:Unet:resnet18", ""),
    "smp:Unet:resnet34": ("smp:Unet:resnet34", ""),
    "smp:Linknet:resnet18": ("smp:Linknet:resnet18", ""),
    "smp:Linknet:resnet34": ("smp:Linknet:resnet34", ""),
    "unet-resnet50": ("unet-resnet50", ""),
    "pspnet-densenet161": ("pspnet-densenet161", ""),
    "deeplabv3plus-mobilenetv3": ("deeplabv3plus-mobilenetv3", ""),
}
_BANDS, _AUXILIARY_BANDS, _COARSE = 3, 4, 16
_PRECISIONS = ("fp32", "bf16")

#: Wall and CPU seconds of a step.
Seconds = tuple[float, float]


class Steps:
    """A network in training on synthetic windows, in either precision.

    Args:
        architecture: Its name.
        encoder: Its encoder; empty if the name determines it.
        tile: Side of a window, px.
        batch: Windows in a step.
    """

    def __init__(self, architecture: str, encoder: str, tile: int, batch: int) -> None:
        torch.manual_seed(0)
        job, chosen = with_recipe(
            TrainJob(architecture=architecture, encoder=encoder or AUTOMATIC, output="unused")
        )
        bands = _AUXILIARY_BANDS if chosen.takes_auxiliary else 0
        coarse = tile if chosen.streams_share_grid else tile // _COARSE
        sizes = {"tile_size": tile, "auxiliary_tile_size": coarse}
        streams = {"bands": _BANDS, "auxiliary_bands": bands, "encoder": job.encoder}
        self.network = build_model(architecture, **streams, **sizes)
        self._devices = {name: choose_device("cpu", name) for name in _PRECISIONS}
        place_network(self.network, self._devices["fp32"])
        self.network.train()
        self._optimizer = build_optimizer(self.network, job)
        self._loss = parse_loss(job.loss).build(1)
        self._image = torch.randn(batch, _BANDS, tile, tile)
        self._auxiliary = torch.randn(batch, bands, coarse, coarse) if bands else None
        coarse_target = torch.randint(0, 2, (batch, tile // _COARSE, tile // _COARSE))
        self._target = coarse_target.repeat_interleave(_COARSE, 1).repeat_interleave(_COARSE, 2)

    def step(self, precision: str) -> Seconds:
        """Trains one step and measures it."""
        wall, cpu = time.perf_counter(), time.process_time()
        with self._devices[precision].autocast():
            outputs = self.network(self._image, self._auxiliary)
        self._loss(outputs, self._target).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), MAX_GRADIENT_NORM)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return time.perf_counter() - wall, time.process_time() - cpu


def cells(name: str, steps: Steps, rounds: int) -> list[str]:
    """A row of the table."""
    for precision in _PRECISIONS:
        steps.step(precision)
    turns = [[steps.step(precision) for precision in _PRECISIONS] for _ in range(rounds)]
    numbers = [
        f"{median(turn[index][kind] for turn in turns):.2f}" for kind in (0, 1) for index in (0, 1)
    ]
    ratios = [median(turn[0][kind] / turn[1][kind] for turn in turns) for kind in (0, 1)]
    return [name, *numbers, *(f"{ratio:.2f}" for ratio in ratios)]


_TITLES = ["", "fp32 wall s", "bf16 wall s", "fp32 CPU s", "bf16 CPU s", "wall", "by CPU"]


def main() -> None:
    """Measures the networks that the command line selects."""
    options = _options()
    keep_freed_memory()
    threads, load = torch.get_num_threads(), os.getloadavg()[0]
    emit(f"{processor_name()}, threads {threads}, load {load:.1f}, torch {torch.__version__}")
    lines = []
    for name in options.networks:
        steps = Steps(*NETWORKS[name], options.tile, options.batch)
        lines.append(cells(name, steps, options.rounds))
        emit(format_aligned(_TITLES, lines[-1:]))
    emit("\n" + format_aligned(_TITLES, lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--batch", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    main()
