"""Checks of forward passes alone: memory formats, torch.compile, and what the autotuner chooses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.contract.errors import DeviceError, first_line
from engine.contract.protocol import Event, Metric
from engine.runtimes.loaded_networks import get_network
from engine.runtimes.runtime_config import COMPILED, TORCH, RuntimeConfig
from engine.runtimes.timings import read_timings
from tests.gpu.forward_passes import seconds_per_tile
from tests.gpu.inputs import model_file, null_model
from tests.gpu.setting import DeviceMemory, Setting
from tests.gpu.table import Value, at_least, required

pytestmark = pytest.mark.gpu

#: Tiles of a run that is worth measuring all runtimes for.
_MANY_TILES = 1_000_000


def test_layouts(setting: Setting, found: list[Value]) -> None:
    """Channels last and torch.compile."""
    model, precision = model_file(setting), setting.choose().precision
    for channels_last in (False, True):
        config = RuntimeConfig(TORCH, setting.batch, channels_last, precision)
        name = "channels last" if channels_last else "contiguous"
        with DeviceMemory(setting) as memory:
            seconds = seconds_per_tile(setting, model, config)
        found.append(Value(f"{name}, {precision}", 1000 * seconds, "ms a tile"))
        found.append(Value(f"{name}: device memory", memory.mib, "MiB"))
    # Compiling for a processor takes minutes; a network of one layer shows that it works.
    compiled = null_model(setting) if setting.is_small else model
    config = RuntimeConfig(COMPILED, setting.batch, True, precision)
    try:
        seconds = seconds_per_tile(setting, compiled, config)
    except DeviceError as error:  # a sentence for the user, as where there is no compiler
        found.append(Value("torch.compile", first_line(error)))
    else:
        found.append(Value("torch.compile", 1000 * seconds, "ms a tile"))


def test_autotuner(setting: Setting, found: list[Value]) -> None:
    """What the autotuner chooses of the configurations that it measures."""
    events: list[Event] = []
    # On a processor the graphs for ONNX Runtime would take most of the time, and need no card.
    runtime = "auto" if setting.is_gpu else TORCH
    model, device = str(model_file(setting)), setting.choose()
    network = get_network(model, device, runtime, 0, _MANY_TILES, True, events.append)
    told = [event.message for event in events if isinstance(event, Metric)]
    measured = _timings(Path(os.environ["DUALSTREAM_CACHE"]))
    choice = RuntimeConfig.from_record(network.record())
    fastest = min(measured.values(), default=0.0)
    found += [
        at_least("measured configurations", len(measured), 2),
        *(Value(name, 1000 * seconds, "ms a tile") for name, seconds in measured.items()),
        Value("chosen", str(choice)),
        required(
            "the fastest was chosen",
            measured.get(str(choice), float("inf")) <= 1.05 * fastest,
            "within 5 % of the fastest",
        ),
        Value("told", told[-1] if told else "nothing"),
    ]


def _timings(cache: Path) -> dict[str, float]:
    """Seconds of a tile by configuration, from the newest measurement in the cache."""
    files = sorted(cache.glob("speed-*.json"), key=lambda path: path.stat().st_mtime)
    found = read_timings(files[-1].name).seconds if files else {}
    return {str(config): seconds for config, seconds in found.items() if seconds < float("inf")}
