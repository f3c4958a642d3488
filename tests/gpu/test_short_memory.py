"""Checks that training and segmenting go on with smaller batches when memory runs out.

On a card the memory of this process is limited. On a CPU, where running out of memory would end the process, every
network refuses larger batches, as a full device does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import rasterio
import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from engine.contract.protocol import Event, Warned
from engine.models.two_stream_network import TwoStreamNetwork
from tests.gpu.inputs import compared_scene, model_file, run_engine, segment, train_job
from tests.gpu.setting import Setting, begin_training
from tests.gpu.table import Value, at_least, required

pytestmark = pytest.mark.gpu

#: The batch that has to fit, and the batch that has not; memory left beyond what the first one takes.
_FITS, _TOO_LARGE, _SPARE = 2, 8, 1.15


def test_training(setting: Setting, found: list[Value]) -> None:
    """Batches halve when memory runs out."""
    output = str(setting.folder / "short.safetensors")

    def train(size: int) -> tuple[int, list[Event]]:
        begin_training()
        fields = {"batch_size": size, "epochs": 1, "output": output, "resume": False}
        done, events = run_engine("train", train_job(setting, "dualstream-b1", "fp32", **fields))
        return int(done.outputs["batch_size"]), events

    with limited_memory(setting, lambda: train(_FITS)):
        size, events = train(_TOO_LARGE)
    found += _halved(size, events)


def test_segmenting(setting: Setting, found: list[Value]) -> None:
    """Tiles halve when memory runs out, and the mask stays."""
    model, scene = model_file(setting), compared_scene(setting)
    fields = {**scene, "precision": "fp32"}

    def expected() -> Any:
        return segment(setting, [model], batch_size=_FITS, **fields)

    mask, output = expected(), str(setting.folder / "short.tif")
    with limited_memory(setting, expected):
        options = {"device": setting.device, "runtime": "torch", "batch_size": _TOO_LARGE}
        _, events = run_engine("segment", **fields, **options, model=(str(model),), output=output)
        sizes = [event.values["batch"] for event in events if "batch" in _values(event)]
    with rasterio.open(output) as file:
        equal = float((file.read(1) == mask).mean())
    found += [*_halved(sizes[0], events), at_least("equal pixels", equal, 0.999, "of all")]


def _values(event: Event) -> dict[str, Any]:
    return getattr(event, "values", {})


def _halved(size: int, events: list[Event]) -> list[Value]:
    """What a run that had to halve its batches told."""
    warnings = [event.message for event in events if isinstance(event, Warned)]
    halvings = [text for text in warnings if "memory" in text]
    return [
        required("batches halved", bool(halvings), "a warning says so"),
        Value("first warning", halvings[0] if halvings else "none"),
        Value("batch at first or in the end", size),
    ]


@contextmanager
def limited_memory(setting: Setting, fits: Callable[[], object]) -> Iterator[None]:
    """Limits the memory within a ``with`` block to what a call takes, with a little to spare."""
    if not setting.is_gpu:
        with _refused_batches(_FITS):
            yield
        return
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    fits()
    total = torch.cuda.get_device_properties(setting.device).total_memory
    share = min(1.0, _SPARE * torch.cuda.max_memory_reserved() / total)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(share)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()


@contextmanager
def _refused_batches(most: int) -> Iterator[None]:
    """Makes every network refuse batches of more than ``most`` tiles, as a device without memory does."""

    def refuse(module: torch.nn.Module, inputs: Any) -> None:
        if isinstance(module, TwoStreamNetwork) and len(inputs[0]) > most:
            raise torch.OutOfMemoryError(f"out of memory: {len(inputs[0])} tiles")

    handle = register_module_forward_pre_hook(refuse)
    try:
        yield
    finally:
        handle.remove()
